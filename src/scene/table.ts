// The stage as a table: one row for each way a function can send, from its number to the memory it reaches.
import { hex, pasidHex } from "../base/hex.ts";
import { type Actor, castOf, type SceneInput, type Slot } from "./cast.ts";
import type { Owner } from "./owners.ts";
import type { Selection } from "./selection.ts";
import { bytesWord, countWord, digitsWord, stageWord } from "./words.ts";

export interface TableRow {
  readonly id: string;
  readonly owner: Owner | null;
  readonly requester: string;
  readonly name: string;
  readonly pasid: string;
  readonly entry: string;
  readonly entryAddress: string;
  readonly domain: string;
  readonly space: string;
  readonly mapped: string;
  readonly problem: string;
  /** What the row's parts select: the sender, the entry, the address space. */
  readonly sender: Selection;
  readonly entrySelection: Selection | null;
  readonly spaceSelection: Selection | null;
}

export const TABLE_HEADINGS = [
  "Function",
  "PASID",
  "Entry",
  "Domain",
  "Address space",
  "Mapped",
] as const;

export function tableOf(input: SceneInput): TableRow[] {
  const cast = castOf(input);
  return cast.actors.flatMap((actor) =>
    actor.slots.length === 0
      ? [rowOf(actor, null, cast.scalable)]
      : actor.slots.map((slot) => rowOf(actor, slot, cast.scalable)),
  );
}

function rowOf(actor: Actor, slot: Slot | null, scalable: boolean): TableRow {
  const entry = slot?.entry ?? null;
  const space = slot?.space ?? null;
  const number = entry?.pasid === null || entry?.pasid === undefined ? "" : pasidHex(entry.pasid);
  const carried = slot?.pasid ?? null;
  return {
    id: slot?.id ?? actor.id,
    owner: slot?.owner ?? null,
    requester: actor.bdf,
    name: actor.name,
    pasid: carried !== null ? pasidHex(carried) : number ? `none, uses ${number}` : "none",
    entry: entry ? (entry.stage ?? "not usable") : "none",
    entryAddress: entry ? hex(entry.address) : "",
    domain: entry ? String(entry.domain) : "",
    space: space ? stageWord(space) : "",
    mapped: space
      ? space.stage === "pass-through"
        ? "everything"
        : space.mapped === 0n
          ? "nothing"
          : `${bytesWord(space.mapped)} in ${countWord(space.ranges.length, "range")}`
      : "",
    problem:
      slot?.problem ?? actor.surveyed?.problem ?? (actor.surveyed ? "" : "not in the tables"),
    // As on the stage: what sends in one way only is one thing.
    sender:
      slot && actor.slots.length > 1
        ? { kind: "pasid", requester: actor.requester, pasid: slot.pasid }
        : { kind: "requester", requester: actor.requester },
    entrySelection: entry
      ? {
          kind: "entry",
          table: scalable ? "PASID table entry" : "context entry",
          level: null,
          address: entry.address,
        }
      : null,
    spaceSelection: space ? { kind: "space", id: space.id } : null,
  };
}

/** "14 functions, 17 entries in use, 9 address spaces". */
export function tableCaption(input: SceneInput): string {
  const { requesters, spaces } = input.survey;
  const entries = requesters.reduce((sum, one) => sum + one.entries.length, 0);
  const spacesWord = countWord(spaces.length, "address space");
  return `${countWord(requesters.length, "function")}, ${digitsWord(entries)} ${entries === 1 ? "entry" : "entries"} in use, ${spacesWord}`;
}
