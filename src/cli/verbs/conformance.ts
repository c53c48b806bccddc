// `conformance`: plays recorded cases and prints how many steps come out as recorded, by feature.

import type { RecordedCase, RefusedCase } from "../../interchange/case-form.ts";
import {
  CasePlayer,
  type CaseScore,
  type StepFailure,
  scoreRefused,
} from "../../interchange/conformance.ts";
import { readRecordedCases } from "../../interchange/recorded-cases.ts";
import { jsonFilesIn, readText } from "../files.ts";
import { profileOption, readOptions } from "../options.ts";
import { asUsageError, EXIT, type ExitCode, print, table, UsageError } from "../output.ts";

const VERB = "conformance";
const FAILURES_SHOWN = 100;
/** Case files may be larger than other texts. */
const FILE_LIMIT = 256 * 2 ** 20;

export async function runConformance(args: readonly string[]): Promise<ExitCode> {
  const options = readOptions(VERB, args, {
    profile: { type: "string" },
    json: { type: "boolean" },
  });
  const profile = profileOption(VERB, options.values("profile"));
  if (options.files.length === 0) throw new UsageError(`${VERB}: no file of cases is named`);
  const cases: RecordedCase[] = [];
  const refused: RefusedCase[] = [];
  for (const file of await filesOf(options.files)) {
    const text = await readText(file, FILE_LIMIT);
    if (!text.ok) throw asUsageError(text.problem);
    const found = readRecordedCases(file, text.value);
    if (!found.ok) throw asUsageError(found.problem);
    for (const one of found.value.cases) cases.push(one);
    for (const one of found.value.refused) refused.push(one);
  }
  const player = new CasePlayer();
  const scores = [...refused.map(scoreRefused), ...cases.map((one) => player.play(one, profile))];
  const total = sum(scores);
  const failures = scores.flatMap((score) => score.failures).slice(0, FAILURES_SHOWN);
  if (options.has("json")) {
    await print(JSON.stringify({ cases: scores.length, ...total, failures }));
  } else {
    await print(report(scores, failures));
  }
  return total.failed === 0 ? EXIT.expected : EXIT.differs;
}

/** A directory stands for the case files in it. */
async function filesOf(named: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of named) {
    const inside = await jsonFilesIn(name);
    if (inside?.length === 0) {
      throw new UsageError(`${name}: there is no .json file in this directory`);
    }
    files.push(...(inside ?? [name]));
  }
  return files;
}

interface Counts {
  readonly counted: number;
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

function sum(scores: readonly CaseScore[]): Counts {
  const add = (of: (score: CaseScore) => number) => scores.reduce((n, score) => n + of(score), 0);
  const counted = add((score) => score.counted);
  const passed = add((score) => score.passed);
  return { counted, passed, failed: counted - passed, ignored: add((score) => score.ignored) };
}

/** A table with a row for each feature (its first word; the whole of it where steps fail), then what failed. */
function report(scores: readonly CaseScore[], failures: readonly StepFailure[]): string {
  const row = (name: string, group: readonly CaseScore[]) => {
    const { counted, passed, failed, ignored } = sum(group);
    return [name, group.length, counted, passed, failed, ignored];
  };
  const rows: (string | number)[][] = [
    ["feature", "cases", "counted", "passed", "failed", "ignored"],
  ];
  for (const [name, group] of groupBy(scores, (score) => score.feature.split(".")[0] ?? "")) {
    rows.push(row(name, group));
    const failing = group.filter((score) => score.failures.length > 0);
    for (const [feature, part] of groupBy(failing, (score) => score.feature)) {
      rows.push(row(`  ${feature}`, part));
    }
  }
  rows.push(row("all", scores));
  const lines = failures.map(
    ({ id, op, want, got }) =>
      `${id} ${typeof op === "number" ? `ops[${op}]` : op}: want ${JSON.stringify(want)} got ${JSON.stringify(got)}`,
  );
  return [table(rows), ...lines].join("\n");
}

function groupBy<T>(items: readonly T[], name: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(name(item));
    if (group) group.push(item);
    else groups.set(name(item), [item]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
