// A line was entered: reads what it asks, or runs the operations that it stands for.
import { parseCommandLine } from "../../../scene/console-parse.ts";
import { type Command, type Output, runCommandLine } from "../../../scene/console-run.ts";
import type { SessionPort } from "../../../session/types.ts";
import { actions } from "../../store.ts";
import { type ConsoleState, print, remember } from "./history.ts";

export const promptOf = (state: ConsoleState): string => `root:${state.shell.cwd}#`;

const failure = (text: string): readonly Output[] => [{ text, error: true }];

/** The console after `line`. */
export function enter(session: SessionPort, state: ConsoleState, line: string): ConsoleState {
  const { world, place } = session;
  const echoed = { text: `${promptOf(state)} ${line}`, error: false };
  const after = remember(print(state, [echoed], true), line);
  if (!world) return after;
  const parsed = parseCommandLine(line);
  if (!parsed.ok) return print(after, failure(parsed.error));
  const command = runCommandLine(parsed.line, state.shell, world, place.operation);
  switch (command.kind) {
    case "print":
      return print(after, command.lines);
    case "go":
      return { ...after, shell: { cwd: command.cwd } };
    case "clear":
      return { ...after, printed: [] };
    case "run":
      return print(after, run(command));
  }
}

/** Runs operations until one fails; what was opened is closed again. What went wrong is printed. */
function run({ operations, failed }: Extract<Command, { kind: "run" }>): readonly Output[] {
  const lines: Output[] = [];
  for (const [at, operation] of operations.entries()) {
    const moment = actions.run(operation);
    if (!moment) return [...lines, ...failure("sh: the operation was refused: see above")];
    const answer = moment.answers?.at(-1);
    if (!answer) return [...lines, ...failure("sh: the call waits inside the kernel")];
    if (answer.result >= 0 && answer.problem === null) continue;
    lines.push(...failure(wording(failed, answer.result, answer.problem, at)));
    if (at === 0) break;
  }
  return lines;
}

/** A program that gave up says why in words of its own. */
const wording = (
  failed: (result: number, operation: number) => string,
  result: number,
  problem: string | null,
  at: number,
): string => (result < 0 ? failed(result, at) : (problem ?? failed(result, at)));
