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

/** The checks of a scenario that are asked after this operation; `AT_END` for those at the end. */
export const checksAt = (scenario: Scenario, at: string): readonly DeclaredCheck[] =>
  scenario.checks.filter((check) => check.at === at);

/** Asks one declared check of the session's present moment. */
export function askCheck(session: Session, declared: DeclaredCheck): Result<PlayedCheck> {
  const { id, at, check, arguments: given } = declared;
  const found = session.check(check, given ?? {});
  if (!found.ok) return problem(id, "check", found.problem.message);
  const { value } = found;
  return ok({ id, at, declared: declared.declared, got: value.outcome, finding: value });
}

/** Plays everything. A problem names the operation that could not be run. `watch` is told of each operation that was. */
export function playScenario(
  scenario: Scenario,
  watch: (operation: NamedOperation, moment: Moment) => void = () => undefined,
): Result<Played> {
  const opened = Session.openScenario(scenario);
  if (!opened.ok) return opened;
  const session = opened.value;
  const checks: PlayedCheck[] = [];
  const ask = (at: string): Result<null> => {
    for (const declared of checksAt(scenario, at)) {
      const asked = askCheck(session, declared);
      if (!asked.ok) return asked;
      checks.push(asked.value);
    }
    return ok(null);
  };
  let events = 0;
  for (const operation of scenario.operations) {
    const moment = session.run(operation);
    if (!moment.ok) return problem(scenario.id, operation.id, moment.problem.message);
    events += moment.value.events.length;
    watch(operation, moment.value);
    const asked = ask(operation.id);
    if (!asked.ok) return asked;
  }
  const asked = ask(AT_END);
  if (!asked.ok) return asked;
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
