// Scenario files: text to scenario and back. Docs: docs/scenario-format.md. Nothing in a file is ever run as a program.
import { ok, type Problem, problem, type Result } from "../base/result.ts";
import type { MachineDescription } from "../session/document.ts";
import { PRESETS } from "../session/presets/presets.ts";
import type { NamedOperation, Scenario } from "../session/scenario.ts";
import { parseJson, validate } from "./json.ts";
import { readOperation, writeOperation } from "./scenario-convert.ts";
import { type ScenarioFile, scenarioForm } from "./scenario-form.ts";
import { SCENARIO_LIMITS } from "./scenario-parts.ts";
import { ruleProblems } from "./scenario-rules.ts";
import { layOut } from "./scenario-text.ts";

/** Reads a file; the problem is the first one. */
export function readScenario(source: string, text: string): Result<Scenario> {
  const read = readAllOf(source, text);
  return read.ok ? ok(read.value) : { ok: false, problem: read.problems[0] ?? noProblem(source) };
}

/** Everything that is wrong with a file, as far as it can be read; none: it plays. */
export function scenarioProblems(source: string, text: string): readonly Problem[] {
  const read = readAllOf(source, text);
  return read.ok ? [] : read.problems;
}

/** A value that was JSON already, such as a shipped file that a bundler loaded. */
export function scenarioFrom(source: string, value: unknown): Result<Scenario> {
  const read = fromValue(source, value);
  return read.ok ? ok(read.value) : { ok: false, problem: read.problems[0] ?? noProblem(source) };
}

const noProblem = (source: string): Problem => ({
  source,
  place: "",
  message: "the file cannot be read",
});

type Read =
  | { readonly ok: true; readonly value: Scenario }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const one = (result: Result<never>): Read => ({
  ok: false,
  problems: result.ok ? [] : [result.problem],
});

function readAllOf(source: string, text: string): Read {
  if (text.length > SCENARIO_LIMITS.bytes) {
    const most = `${SCENARIO_LIMITS.bytes / 2 ** 20} MiB`;
    return one(problem(source, "", `the file is larger than ${most}, the most that is read`));
  }
  const deep = tooDeep(text);
  if (deep !== null) return one(problem(source, deep, TOO_DEEP));
  const parsed = parseJson(source, text);
  return parsed.ok ? fromValue(source, parsed.value) : one(parsed);
}

function fromValue(source: string, value: unknown): Read {
  // Before the form looks at each of them: a file of millions is refused at once.
  const { operations } = (value ?? {}) as { readonly operations?: unknown };
  if (Array.isArray(operations) && operations.length > SCENARIO_LIMITS.operations) {
    const message = `expected at most ${SCENARIO_LIMITS.operations} operations, found a list of ${operations.length}`;
    return one(problem(source, "operations", message));
  }
  const form = validate(source, "", scenarioForm, value);
  if (!form.ok) return one(form);
  const file = form.value;
  const machine = typeof file.machine === "string" ? PRESETS.get(file.machine) : file.machine;
  if (!machine) {
    const message = `there is no preset "${file.machine}"; there are ${[...PRESETS.keys()].join(", ")}`;
    return one(problem(source, "machine", message));
  }
  const problems = ruleProblems(file, machine as MachineDescription);
  if (problems.length > 0) {
    return { ok: false, problems: problems.map((found) => ({ source, ...found })) };
  }
  return { ok: true, value: modelOf(file) };
}

const TOO_DEEP = `brackets stand more than ${SCENARIO_LIMITS.nesting} deep`;

/** Where brackets stand too deep, before anything is parsed; null: nowhere. */
function tooDeep(text: string): string | null {
  let depth = 0;
  let inText = false;
  let line = 1;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x0a) line++;
    if (inText) {
      if (character === 0x5c) at++;
      else if (character === 0x22) inText = false;
    } else if (character === 0x22) inText = true;
    else if (character === 0x5b || character === 0x7b) {
      if (++depth > SCENARIO_LIMITS.nesting) return `line ${line}`;
    } else if (character === 0x5d || character === 0x7d) depth--;
  }
  return null;
}

function modelOf(file: ScenarioFile): Scenario {
  const { faults = [], operations, ...head } = file;
  const striking = new Map<
    string,
    { point: (typeof faults)[number]["point"]; ordinal: number }[]
  >();
  for (const { operation, point, ordinal } of faults) {
    striking.set(operation, [...(striking.get(operation) ?? []), { point, ordinal }]);
  }
  return {
    ...(head as Omit<Scenario, "operations">),
    operations: operations.map((one) => readOperation(one, striking.get(one.id) ?? [])),
  };
}

/** The text of a file: keys in the order of the documentation, one operation, fault and check a line. */
export function writeScenario(scenario: Scenario): string {
  const { operations, ...head } = scenario;
  const faults = operations.flatMap(({ id, faults: of }: NamedOperation) =>
    (of ?? []).map((fault) => ({ operation: id, ...fault })),
  );
  return layOut({
    ...head,
    operations: operations.map(writeOperation),
    ...(faults.length > 0 ? { faults } : {}),
  });
}
