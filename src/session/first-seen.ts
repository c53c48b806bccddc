// Who has been seen in a document, in order of first appearance: a fold over its operations.
// Positions and owners follow from it, so that a link and a live session look alike and nothing is re-dealt.
import type { FirstSeen, Survey } from "./types.ts";

export const NOBODY_SEEN: FirstSeen = { requesters: [], spaces: [] };

/** Adds what `survey` shows for the first time. The same object when there is nothing new. */
export function extendSeen(seen: FirstSeen, survey: Survey): FirstSeen {
  const requesters = withNew(
    seen.requesters,
    survey.requesters.map((one) => one.requester),
  );
  const spaces = withNew(
    seen.spaces,
    survey.spaces.map((one) => one.id),
  );
  const same = requesters === seen.requesters && spaces === seen.spaces;
  return same ? seen : { requesters, spaces };
}

function withNew<T>(known: readonly T[], seen: readonly T[]): readonly T[] {
  const have = new Set(known);
  const added = seen.filter((one) => !have.has(one) && have.add(one));
  return added.length === 0 ? known : [...known, ...added];
}
