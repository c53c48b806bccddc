// Rows of the remapping unit: an entry of the function in focus, and all the tables of another function in one.
import { pasidHex } from "../base/hex.ts";
import type { Actor, Slot } from "./cast.ts";
import { patterned } from "./marks.ts";
import { type Box, type Item, rect, type Shape, text } from "./shapes.ts";
import { textWidth } from "./text.ts";
import { countWord, pasidWord } from "./words.ts";

export const entryRowId = (slot: Slot): string => `entry-${slot.id}`;

/** What a row says. */
interface RowWords {
  readonly number: string;
  /** Kind of an entry that can be used, or why there is none. */
  readonly says: string;
  /** Empty for an entry that cannot be used, and for several entries. */
  readonly domain: string;
}

/**
 * Whether rows of width `w` have room for the kind of entry beside its domain. Where one has not, the kind is left out
 * in all of them, so that rows look alike.
 */
export const kindsFit = (rows: readonly RowWords[], w: number): boolean =>
  rows.every(
    ({ number, says, domain }) =>
      domain === "" ||
      kindAt(number) + textWidth(says, "note") + 4 + textWidth(domain, "note") + 6 <= w,
  );

/** Where the kind stands in a row, from its left. */
const kindAt = (number: string): number => 17 + textWidth(number, "bdf");

export function entryWords({ entry, pasid }: Slot, actor: Actor, scalable: boolean): RowWords {
  return {
    number: scalable
      ? pasidHex(entry?.pasid ?? pasid ?? 0)
      : `[${(actor.requester & 0xff).toString(16).padStart(2, "0")}]`,
    says: entry?.stage ?? (entry ? "not usable" : "not present"),
    domain: entry?.stage ? `DID ${entry.domain}` : "",
  };
}

/** The entry that names the address space of `slot`: in a PASID table, or the context entry in legacy mode. */
export function entryRow(
  slot: Slot,
  actor: Actor,
  box: Box,
  scalable: boolean,
  kinds: boolean,
): Item {
  const entry = slot.entry;
  const words = entryWords(slot, actor, scalable);
  const { number, says, domain } = words;
  const table = scalable ? "PASID table entry" : "context entry";
  const what = scalable ? `PASID table entry ${number}` : `Context entry ${number}`;
  return {
    id: entryRowId(slot),
    column: 1,
    box,
    shapes: [
      rect(box, 4, entry?.stage ? "row" : "row refused"),
      ...ownerBar(slot, box),
      ...rowText(box, words, kinds, entry?.stage ? "ink" : "fault"),
    ],
    target: {
      label: `${what}: ${[says, domain, slot.problem].filter(Boolean).join(", ")}`,
      selection: entry
        ? { kind: "entry", table, level: null, address: entry.address }
        : { kind: "pasid", requester: actor.requester, pasid: slot.pasid },
    },
  };
}

/** Slots with an entry of their own. */
const entriesOf = (actor: Actor): readonly Slot[] =>
  actor.slots.filter((slot) => slot.shares === null && slot.entry);

export function functionWords(actor: Actor): RowWords {
  const slots = entriesOf(actor);
  const only = slots.length === 1 ? slots[0] : undefined;
  const usable = slots.some((slot) => slot.entry?.stage);
  const several = usable ? countWord(slots.length, "entry", "entries") : "not usable";
  return {
    number: actor.bdf,
    says: only?.entry?.stage ?? several,
    domain: only?.entry?.stage ? `DID ${only.entry.domain}` : "",
  };
}

/** Every table of a function that is not in focus. */
export function functionRow(actor: Actor, box: Box, kinds: boolean): Item {
  const slots = entriesOf(actor);
  const only = slots.length === 1 ? slots[0] : undefined;
  const usable = slots.some((slot) => slot.entry?.stage);
  const words = functionWords(actor);
  const { says, domain } = words;
  const tag = only ? pasidWord(only.pasid) : "";
  const why = actor.surveyed?.problem ?? (only ?? actor.slots[0])?.problem ?? "";
  return {
    id: `tables-${actor.id}`,
    column: 1,
    box,
    shapes: [
      rect(box, 4, usable ? "row" : "row refused"),
      ...(slots[0] ? ownerBar(slots[0], box) : []),
      ...rowText(box, words, kinds, usable ? "ink" : "fault"),
    ],
    target: {
      label: `Tables of ${actor.name || actor.bdf}: ${[tag, says, domain, why].filter(Boolean).join(", ")}`,
      selection: { kind: "requester", requester: actor.requester },
    },
  };
}

/** Number, kind and domain of an entry; without `kinds` the domain says enough. */
function rowText(box: Box, words: RowWords, kinds: boolean, look: string): Shape[] {
  const { number, says, domain } = words;
  const y = box.y + 16;
  const shapes = [text(box.x + 11, y, number, "bdf", look)];
  if (kinds || domain === "") shapes.push(text(box.x + kindAt(number), y, says, "note", look));
  if (domain !== "") shapes.push(text(box.x + box.w - 6, y, domain, "note", "ink-2", "end"));
  return shapes;
}

function ownerBar(slot: Slot, box: Box): Shape[] {
  const bar = { x: box.x, y: box.y + 2, w: 4, h: box.h - 4 };
  if (!slot.owner) return [rect(bar, 2, "bar-refused")];
  const { hue } = slot.owner;
  return patterned(bar, 2, hue);
}
