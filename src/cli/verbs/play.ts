// `play`: plays scenarios and compares the outcome of each check with what the file declares.
import { createWriteStream, type WriteStream } from "node:fs";
import { canonical } from "../../base/canonical.ts";
import { describeProblem, type Problem } from "../../base/result.ts";
import { readScenario, scenarioFrom } from "../../interchange/scenario.ts";
import { type Played, playScenario } from "../../session/play.ts";
import type { Scenario } from "../../session/scenario.ts";
import { SHIPPED } from "../../walkthroughs/shipped.ts";
import { readText, resolvePath } from "../files.ts";
import { readOptions, single } from "../options.ts";
import { asUsageError, EXIT, type ExitCode, print, table, UsageError } from "../output.ts";

const VERB = "play";

export async function runPlay(args: readonly string[]): Promise<ExitCode> {
  const options = readOptions(VERB, args, {
    all: { type: "boolean" },
    trace: { type: "string" },
    json: { type: "boolean" },
  });
  const all = options.has("all") ? [...SHIPPED.keys()] : [];
  const named = [...all, ...options.files];
  if (named.length === 0) {
    throw new UsageError(`${VERB}: no scenario is named: give files or ids, or --all`);
  }
  // Everything is read before anything is played.
  const scenarios: Scenario[] = [];
  for (const name of named) scenarios.push(await load(name));
  const trace = await openTrace(single(VERB, "trace", options.values("trace")));
  const json = options.has("json");
  let checks = 0;
  let failed = 0;
  for (const scenario of scenarios) {
    const { played, problem } = await playOne(scenario, trace);
    checks += scenario.checks.length;
    if (!played?.ok) failed++;
    if (json)
      await print(JSON.stringify(played ? jsonOf(played) : jsonOfProblem(scenario, problem)));
    else await print(played ? report(scenario, played) : `${scenario.id}: ${describe(problem)}`);
  }
  await closeTrace(trace);
  const total = { scenarios: scenarios.length, checks, failed };
  if (json) await print(JSON.stringify(total));
  else await print(`${total.scenarios} scenarios, ${checks} checks, ${failed} failed`);
  return failed === 0 ? EXIT.expected : EXIT.differs;
}

/** A shipped scenario by id, else a file. */
async function load(name: string): Promise<Scenario> {
  const shipped = SHIPPED.get(name);
  if (shipped) {
    const read = scenarioFrom(name, await shipped.load());
    if (!read.ok) throw asUsageError(read.problem);
    return read.value;
  }
  const text = await readText(name);
  if (!text.ok) {
    const hint = /[/.]/.test(name) ? "" : ", and no shipped scenario has this id";
    throw asUsageError({ ...text.problem, message: `${text.problem.message}${hint}` });
  }
  const read = readScenario(name, text.value);
  if (!read.ok) throw asUsageError(read.problem);
  return read.value;
}

async function playOne(
  scenario: Scenario,
  trace: WriteStream | null,
): Promise<{ readonly played: Played | null; readonly problem: Problem | null }> {
  let lines: string[] = [];
  const played = playScenario(scenario, ({ id }, { events }) => {
    if (!trace) return;
    for (const event of events) {
      lines.push(canonical({ scenario: scenario.id, operation: id, event }));
    }
    trace.write(lines.map((line) => `${line}\n`).join(""));
    lines = [];
  });
  return played.ok
    ? { played: played.value, problem: null }
    : { played: null, problem: played.problem };
}

/** Opens the file before anything is played, so that a wrong path is told at once. */
async function openTrace(given: string | undefined): Promise<WriteStream | null> {
  if (given === undefined) return null;
  const stream = createWriteStream(resolvePath(given));
  await new Promise<void>((resolve, reject) => {
    stream.once("open", () => resolve());
    stream.once("error", () => reject(new UsageError(`${given}: the file cannot be written`)));
  });
  return stream;
}

const closeTrace = (trace: WriteStream | null): Promise<void> =>
  new Promise((resolve, reject) => {
    if (!trace) return resolve();
    trace.once("error", reject);
    trace.end(() => resolve());
  });

const jsonOf = ({ id, operations, events, traceSha256, stateSha256, checks, ok }: Played) => ({
  id,
  operations,
  events,
  trace_sha256: traceSha256,
  state_sha256: stateSha256,
  checks: checks.map(({ id: check, at, declared, got }) => ({ id: check, at, declared, got })),
  ok,
});

const describe = (problem: Problem | null): string => (problem ? describeProblem(problem) : "");

const jsonOfProblem = ({ id, operations }: Scenario, problem: Problem | null) => ({
  id,
  operations: operations.length,
  events: 0,
  trace_sha256: "",
  state_sha256: "",
  checks: [],
  ok: false,
  error: describe(problem),
});

function report({ title }: Scenario, played: Played): string {
  const head = `${played.id}: ${title} (${played.operations} operations, ${played.events} events)`;
  const rows = played.checks.map(({ id, at, declared, got }) => [
    `  ${id}`,
    at,
    got,
    declared === got ? "as declared" : `declared: ${declared}`,
  ]);
  const wrong = played.checks
    .filter(({ declared, got }) => declared !== got)
    .flatMap(({ id, finding }) => [
      `  ${id}: ${finding.summary}`,
      ...finding.evidence.map(({ text }) => `    ${text}`),
    ]);
  return [head, ...(rows.length > 0 ? [table(rows)] : []), ...wrong].join("\n");
}
