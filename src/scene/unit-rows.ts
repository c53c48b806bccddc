// Rows of the remapping unit: an entry of the function in focus, and all the tables of another function in one.
import { pasidHex } from "../base/hex.ts";
import type { Actor, Slot } from "./cast.ts";
import { patterned } from "./marks.ts";
import { type Box, type Item, rect, type Shape, text } from "./shapes.ts";
import { textWidth } from "./text.ts";
import { countWord, pasidWord } from "./words.ts";

export const entryRowId = (slot: Slot): string => `entry-${slot.id}`;

/** The entry that names the address space of `slot`: in a PASID table, or the context entry in legacy mode. */
export function entryRow(slot: Slot, actor: Actor, box: Box, scalable: boolean): Item {
  const entry = slot.entry;
  const number = scalable
    ? pasidHex(entry?.pasid ?? slot.pasid ?? 0)
    : `[${(actor.requester & 0xff).toString(16).padStart(2, "0")}]`;
  const says = entry?.stage ?? (entry ? "not usable" : "not present");
  const domain = entry?.stage ? `DID ${entry.domain}` : "";
  const table = scalable ? "PASID table entry" : "context entry";
  const what = scalable ? `PASID table entry ${number}` : `Context entry ${number}`;
  return {
    id: entryRowId(slot),
    column: 1,
    box,
    shapes: [
      rect(box, 4, entry?.stage ? "row" : "row refused"),
      ...ownerBar(slot, box),
      ...rowText(box, number, says, domain, entry?.stage ? "ink" : "fault"),
    ],
    target: {
      label: `${what}: ${[says, domain, slot.problem].filter(Boolean).join(", ")}`,
      selection: entry
        ? { kind: "entry", table, level: null, address: entry.address }
        : { kind: "pasid", requester: actor.requester, pasid: slot.pasid },
    },
  };
}

/** Every table of a function that is not in focus. */
export function functionRow(actor: Actor, box: Box): Item {
  const slots = actor.slots.filter((slot) => slot.shares === null && slot.entry);
  const only = slots.length === 1 ? slots[0] : undefined;
  const usable = slots.some((slot) => slot.entry?.stage);
  const several = usable ? countWord(slots.length, "entry", "entries") : "not usable";
  const says = only?.entry?.stage ?? several;
  const domain = only?.entry?.stage ? `DID ${only.entry.domain}` : "";
  const tag = only ? pasidWord(only.pasid) : "";
  const why = actor.surveyed?.problem ?? (only ?? actor.slots[0])?.problem ?? "";
  return {
    id: `tables-${actor.id}`,
    column: 1,
    box,
    shapes: [
      rect(box, 4, usable ? "row" : "row refused"),
      ...(slots[0] ? ownerBar(slots[0], box) : []),
      ...rowText(box, actor.bdf, says, domain, usable ? "ink" : "fault"),
    ],
    target: {
      label: `Tables of ${actor.name || actor.bdf}: ${[tag, says, domain, why].filter(Boolean).join(", ")}`,
      selection: { kind: "requester", requester: actor.requester },
    },
  };
}

/** Number, kind and domain of an entry; the domain goes first where the room is short. */
function rowText(box: Box, number: string, says: string, domain: string, look: string): Shape[] {
  const y = box.y + 16;
  const left = box.x + 17 + textWidth(number, "bdf");
  const right = box.x + box.w - 6;
  const shapes = [text(box.x + 11, y, number, "bdf", look), text(left, y, says, "note", look)];
  const fits = left + textWidth(says, "note") + 6 + textWidth(domain, "note") <= right;
  return fits && domain ? [...shapes, text(right, y, domain, "note", "ink-2", "end")] : shapes;
}

function ownerBar(slot: Slot, box: Box): Shape[] {
  const bar = { x: box.x, y: box.y + 2, w: 4, h: box.h - 4 };
  if (!slot.owner) return [rect(bar, 2, "bar-refused")];
  const { hue } = slot.owner;
  return patterned(bar, 2, hue);
}
