// The roster of an open session: who has been seen, operation by operation, remembered per session.
import { EMPTY_ROSTER, extendRoster, type Roster } from "../../scene/roster.ts";
import type { Operation, SessionPort } from "../../session/types.ts";

interface History {
  /** After so many operations; entry 0 is the machine as it was opened. */
  readonly rosters: Roster[];
  /** The operations they belong to. */
  operations: readonly Operation[];
}

const histories = new WeakMap<SessionPort, History>();

/** Positions and owners as they are after the session's operations, the same for a link and for a live session. */
export function rosterOf(session: SessionPort): Roster {
  const { operations } = session;
  const known = histories.get(session) ?? begin(session);
  histories.set(session, known);
  let same = 0;
  while (
    same < operations.length &&
    same < known.operations.length &&
    operations[same] === known.operations[same]
  ) {
    same++;
  }
  const exact = same === operations.length ? known.rosters[same] : undefined;
  if (exact) return exact;
  const before = known.rosters[Math.min(same, known.rosters.length - 1)] ?? EMPTY_ROSTER;
  known.rosters.length = Math.min(known.rosters.length, same + 1);
  while (known.rosters.length < operations.length) known.rosters.push(before);
  const now = extendRoster(before, session.survey());
  known.rosters[operations.length] = now;
  known.operations = [...operations];
  return now;
}

/** A session that comes with operations (from a link) is gone through once, so that nobody is forgotten. */
function begin(session: SessionPort): History {
  const count = session.operations.length;
  const edits = session.operations.some((operation) => operation.op !== "dma");
  if (count === 0 || !edits) {
    const roster = extendRoster(EMPTY_ROSTER, session.survey());
    return {
      rosters: Array.from({ length: count + 1 }, () => roster),
      operations: [...session.operations],
    };
  }
  for (let step = 0; step < count; step++) session.undo();
  const rosters = [extendRoster(EMPTY_ROSTER, session.survey())];
  for (let step = 0; step < count; step++) {
    session.redo();
    rosters.push(extendRoster(rosters[step] ?? EMPTY_ROSTER, session.survey()));
  }
  return { rosters, operations: [...session.operations] };
}
