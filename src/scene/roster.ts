// Who has been seen in this document, in order of first appearance: a fold over its operations.
// Positions and owners follow from it, so that a link and a live session look alike and nothing is re-dealt.
import type { RequesterId } from "../base/brand.ts";
import type { Survey } from "../session/types.ts";
import { type Owner, ownerAt } from "./owners.ts";

export interface Roster {
  readonly requesters: readonly RequesterId[];
  /** Ids of address spaces; the position is the owner. */
  readonly spaces: readonly string[];
}

export const EMPTY_ROSTER: Roster = { requesters: [], spaces: [] };

/** Adds what `survey` shows for the first time. The same object when there is nothing new. */
export function extendRoster(roster: Roster, survey: Survey): Roster {
  const requesters = withNew(
    roster.requesters,
    survey.requesters.map((one) => one.requester),
  );
  const spaces = withNew(
    roster.spaces,
    survey.spaces.map((one) => one.id),
  );
  const same = requesters === roster.requesters && spaces === roster.spaces;
  return same ? roster : { requesters, spaces };
}

function withNew<T>(known: readonly T[], seen: readonly T[]): readonly T[] {
  const have = new Set(known);
  const added = seen.filter((one) => !have.has(one) && have.add(one));
  return added.length === 0 ? known : [...known, ...added];
}

/** The owner of an address space; null for one that is not in the roster. */
export function ownerOf(roster: Roster, space: string | null): Owner | null {
  const index = space === null ? -1 : roster.spaces.indexOf(space);
  return index < 0 ? null : ownerAt(index);
}

/** `items` in the order of the roster; what it does not know comes last, in its own order. */
export function inOrder<T, Id>(
  items: readonly T[],
  order: readonly Id[],
  idOf: (item: T) => Id,
): T[] {
  const rank = new Map(order.map((id, at) => [id, at]));
  const place = (item: T) => rank.get(idOf(item)) ?? order.length;
  return [...items].sort((a, b) => place(a) - place(b));
}
