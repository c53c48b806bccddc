// `check`: tells whether scenario files are right, without playing them: every problem with its place.
import { describeProblem } from "../../base/result.ts";
import { readScenario, scenarioProblems } from "../../interchange/scenario.ts";
import { stepsOf } from "../../session/scenario.ts";
import { jsonFilesIn, readText } from "../files.ts";
import { readOptions } from "../options.ts";
import { asUsageError, EXIT, type ExitCode, print, UsageError } from "../output.ts";

const VERB = "check";

export async function runCheckFiles(args: readonly string[]): Promise<ExitCode> {
  const { files } = readOptions(VERB, args, {});
  if (files.length === 0) throw new UsageError(`${VERB}: no file is named`);
  let wrong = 0;
  for (const file of await filesOf(files)) {
    const text = await readText(file);
    if (!text.ok) throw asUsageError(text.problem);
    const problems = scenarioProblems(file, text.value);
    if (problems.length > 0) wrong++;
    for (const problem of problems) await print(describeProblem(problem));
    if (problems.length === 0) await print(right(file, text.value));
  }
  return wrong === 0 ? EXIT.expected : EXIT.differs;
}

/** What a right file holds, and which of its steps the page labels. */
function right(file: string, text: string): string {
  const read = readScenario(file, text);
  if (!read.ok) return describeProblem(read.problem);
  const { operations, checks } = read.value;
  const steps = stepsOf(read.value);
  const labelled = steps.filter((step) => step.labelled === true).map(({ id }) => id);
  const parts = [
    `${operations.length} operations`,
    `${checks.length} checks`,
    ...(steps.length > 0 ? [`${steps.length} steps`] : []),
    ...(labelled.length > 0 ? [`labelled as reading or memory: ${labelled.join(", ")}`] : []),
  ];
  return `${file}: right (${parts.join("; ")})`;
}

/** A directory stands for the scenario files in it. */
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
