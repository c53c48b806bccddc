// Plays a scenario from start to end and asks its checks where they are declared. Command line, tests and page use it.
import { ok, problem, type Result } from "../base/result.ts";
import type { DeclaredCheck } from "./document.ts";
import type { Finding } from "./findings.ts";
import { AT_END, type NamedOperation, type Scenario } from "./scenario.ts";
import { Session } from "./session.ts";
import type { Moment } from "./types.ts";

export interface PlayedCheck {
  readonly id: string;
  readonly at: string;
  readonly declared: DeclaredCheck["declared"];
  readonly got: Finding["outcome"];
  /** What the check said, for people. */
  readonly finding: Finding;
}

export interface Played {
  readonly id: string;
  readonly operations: number;
  readonly events: number;
  /** SHA-256 over all events, and over memory, registers, caches and kernel at the end. */
  readonly traceSha256: string;
  readonly stateSha256: string;
  readonly checks: readonly PlayedCheck[];
  /** Every check came out as declared. */
  readonly ok: boolean;
}

/** Those asked after this operation; `AT_END` for those at the end. */
const checksAt = (scenario: Scenario, at: string): readonly DeclaredCheck[] =>
  scenario.checks.filter((check) => check.at === at);

/** Asks one declared check of the session's present moment. */
function askCheck(session: Session, declared: DeclaredCheck): Result<PlayedCheck> {
  const { id, at, check, arguments: given } = declared;
  const found = session.check(check, given ?? {});
  if (!found.ok) return problem(id, "check", found.problem.message);
  const { value } = found;
  return ok({ id, at, declared: declared.declared, got: value.outcome, finding: value });
}

/** Most that one document may cause, in events; a check counts as the events before it, which it looks through. */
export const EFFORT_LIMIT = 20_000_000;

/** What ran: the session at its end, and the answers of the checks. */
export interface Run {
  readonly session: Session;
  readonly events: number;
  readonly checks: readonly PlayedCheck[];
}

/**
 * Boots the machine and plays everything, pausing after each operation, whose number is given. Whoever drives it may stop
 * there for good. A problem names the operation that could not be run, or the limit that was met.
 */
export function* playing(
  scenario: Scenario,
  watch: (operation: NamedOperation, moment: Moment) => void = () => undefined,
  limit = EFFORT_LIMIT,
): Generator<number, Result<Run>> {
  const opened = Session.openScenario(scenario);
  if (!opened.ok) return opened;
  const session = opened.value;
  const checks: PlayedCheck[] = [];
  let events = 0;
  let effort = 0;
  function* ask(at: string, done: number): Generator<number, Result<null>> {
    for (const declared of checksAt(scenario, at)) {
      effort += events;
      if (effort > limit) return tooMuch(scenario, at);
      const asked = askCheck(session, declared);
      if (!asked.ok) return asked;
      checks.push(asked.value);
      yield done;
    }
    return ok(null);
  }
  for (const [index, operation] of scenario.operations.entries()) {
    const moment = session.run(operation);
    if (!moment.ok) return problem(scenario.id, operation.id, moment.problem.message);
    events += moment.value.events.length;
    effort += moment.value.events.length;
    watch(operation, moment.value);
    if (effort > limit) return tooMuch(scenario, operation.id);
    yield index + 1;
    const asked = yield* ask(operation.id, index + 1);
    if (!asked.ok) return asked;
  }
  const asked = yield* ask(AT_END, scenario.operations.length);
  return asked.ok ? ok({ session, events, checks }) : asked;
}

const tooMuch = ({ id }: Scenario, at: string): Result<never> =>
  problem(
    id,
    at,
    `stopped here: a document may cause ${EFFORT_LIMIT} events, and each check counts as the events before it`,
  );

/** Plays everything at once. `watch` is told of each operation that was run. */
export function playScenario(
  scenario: Scenario,
  watch: (operation: NamedOperation, moment: Moment) => void = () => undefined,
): Result<Played> {
  const run = playing(scenario, watch);
  let step = run.next();
  while (!step.done) step = run.next();
  if (!step.value.ok) return step.value;
  const { session, events, checks } = step.value.value;
  return ok({
    id: scenario.id,
    operations: scenario.operations.length,
    events,
    traceSha256: session.traceSha256(),
    stateSha256: session.stateSha256(),
    checks,
    ok: checks.every(({ declared, got }) => declared === got),
  });
}
