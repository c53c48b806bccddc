// The stage as a table: one row for each way a function can send, from its number to the memory it reaches.

import { hex, pasidHex } from "../base/hex.ts";
import type { AddressSpace } from "../session/types.ts";
import {
  type Actor,
  type Cast,
  castOf,
  isSingle,
  ridesOn,
  type SceneInput,
  type Slot,
} from "./cast.ts";
import type { Owner } from "./owners.ts";
import type { Selection } from "./selection.ts";
import { actorSelection } from "./sender-words.ts";
import { spaceName } from "./spaces.ts";
import { bytesWord, countWord, digitsWord, processTitle, stageWord } from "./words.ts";
import { shortUuid } from "./world-facts.ts";

export interface TableRow {
  readonly id: string;
  readonly owner: Owner | null;
  readonly requester: string;
  readonly name: string;
  /** Of an IOMMU group; empty in an image. */
  readonly group: string;
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

const HEADINGS = ["Function", "PASID", "Entry", "Domain", "Address space", "Mapped"] as const;

/** One for each column; groups stand behind the function where a kernel made some. */
export const tableHeadings = (input: SceneInput): readonly string[] =>
  input.world ? [HEADINGS[0], "Group", ...HEADINGS.slice(1)] : HEADINGS;

export function tableOf(input: SceneInput): TableRow[] {
  const cast = castOf(input);
  return cast.actors.flatMap((actor) =>
    actor.slots.length === 0
      ? [rowOf(actor, null, cast)]
      : actor.slots.map((slot) => rowOf(actor, slot, cast)),
  );
}

function rowOf(actor: Actor, slot: Slot | null, cast: Cast): TableRow {
  const { scalable } = cast;
  const mdev = slot?.mdev ?? null;
  const group = (mdev ?? actor.fact)?.group ?? null;
  const rides = slot !== null && ridesOn(actor, slot) !== null;
  const entry = slot?.entry ?? null;
  const space = slot?.space ?? null;
  const number = entry?.pasid === null || entry?.pasid === undefined ? "" : pasidHex(entry.pasid);
  const carried = slot?.pasid ?? null;
  return {
    id: slot?.id ?? actor.id,
    owner: slot?.owner ?? null,
    requester: mdev ? `mdev ${shortUuid(mdev.uuid)}` : actor.bdf || actor.name,
    name: mdev ? joinedWords(actor.bdf, mdev.type, mdev.process) : actor.bdf ? actor.name : "",
    group: group ? String(group.number) : "",
    pasid: carried !== null ? pasidHex(carried) : number ? `none, uses ${number}` : "none",
    entry: entry ? (entry.stage ?? "not usable") : rides ? "none, sends as its parent" : "none",
    entryAddress: entry ? hex(entry.address) : "",
    domain: entry ? String(entry.domain) : "",
    space: space ? spaceWords(space, cast) : "",
    mapped: space
      ? space.stage === "pass-through"
        ? "everything"
        : space.mapped === 0n
          ? "nothing"
          : `${bytesWord(space.mapped)} in ${countWord(space.ranges.length, "range")}`
      : "",
    problem:
      slot?.problem ??
      actor.surveyed?.problem ??
      (actor.surveyed || actor.fact ? "" : "not in the tables"),
    // As on the stage: what sends in one way only is one thing.
    sender: mdev
      ? { kind: "object", id: `mdev ${mdev.uuid}` }
      : slot && !isSingle(actor)
        ? { kind: "pasid", requester: actor.requester, pasid: slot.pasid }
        : actorSelection(actor),
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

const joinedWords = (bdf: string, type: string, process: string | null): string =>
  [bdf, type, process === null ? "" : processTitle(process)].filter(Boolean).join(", ");

/** Stage and levels, behind the owner's name where there is one. */
const spaceWords = (space: AddressSpace, cast: Cast): string =>
  cast.world ? `${spaceName(space, cast)}, ${stageWord(space)}` : stageWord(space);

/** "14 functions, 17 entries in use, 9 address spaces". */
export function tableCaption(input: SceneInput): string {
  const { requesters, spaces } = input.survey;
  const functions = input.world?.functions.length ?? requesters.length;
  const entries = requesters.reduce((sum, one) => sum + one.entries.length, 0);
  const spacesWord = countWord(spaces.length, "address space");
  return `${countWord(functions, "function")}, ${digitsWord(entries)} ${entries === 1 ? "entry" : "entries"} in use, ${spacesWord}`;
}
