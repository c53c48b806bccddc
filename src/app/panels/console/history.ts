// What the console of a session has printed, what was typed, and where it stands: kept while the session is open.
import type { Output, Shell } from "../../../scene/console-run.ts";
import type { SessionPort } from "../../../session/types.ts";

export interface Printed extends Output {
  /** Unique in the console. */
  readonly id: number;
  /** What was typed, with its prompt. */
  readonly typed: boolean;
}

export interface ConsoleState {
  readonly shell: Shell;
  /** Oldest first, at most `MOST_PRINTED`. */
  readonly printed: readonly Printed[];
  /** Oldest first, at most `MOST_TYPED`. */
  readonly typed: readonly string[];
  readonly nextId: number;
}

const MOST_PRINTED = 600;
const MOST_TYPED = 200;

const GREETING: readonly Output[] = [
  {
    text: "A shell of root on the modelled kernel. Type help for the commands; Tab completes.",
    error: false,
  },
];

const START: ConsoleState = print(
  { shell: { cwd: "/sys" }, printed: [], typed: [], nextId: 1 },
  GREETING,
);

const consoles = new WeakMap<SessionPort, ConsoleState>();

export const consoleOf = (session: SessionPort): ConsoleState => consoles.get(session) ?? START;

export const keepConsole = (session: SessionPort, state: ConsoleState): void => {
  consoles.set(session, state);
};

export function print(
  state: ConsoleState,
  lines: readonly Output[],
  typed: boolean = false,
): ConsoleState {
  const added = lines.map((line, at): Printed => ({ ...line, typed, id: state.nextId + at }));
  return {
    ...state,
    printed: [...state.printed, ...added].slice(-MOST_PRINTED),
    nextId: state.nextId + added.length,
  };
}

/** The same line twice in a row is remembered once. */
export const remember = (state: ConsoleState, line: string): ConsoleState =>
  line.trim() === "" || state.typed.at(-1) === line
    ? state
    : { ...state, typed: [...state.typed, line].slice(-MOST_TYPED) };
