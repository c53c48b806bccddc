// Positions and owners follow from the order of first appearance, which the session keeps.
import type { FirstSeen } from "../session/types.ts";
import { type Owner, ownerAt } from "./owners.ts";

/** The position of an address space is its owner. */
export type Roster = FirstSeen;

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
