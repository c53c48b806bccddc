// What cards and rows say about functions and mdevs of a running kernel: group, driver, PASID, who works with them.

import { pasidHex } from "../base/hex.ts";
import type { Actor, Cast, Slot } from "./cast.ts";
import { markWord } from "./owners.ts";
import type { Selection } from "./selection.ts";
import { countWord, pasidWord, processTitle } from "./words.ts";
import { type GroupFact, type MdevFact, NO_FUNCTION, shortUuid } from "./world-facts.ts";

export const groupWord = (group: GroupFact | null): string =>
  group ? `group ${group.number}` : "no group";

const joined = (...words: (string | false | null | undefined)[]): string =>
  words.filter(Boolean).join(", ");

/** Wordings of the line under a card's title, the longest first. */
export function factWordings({ fact }: Actor, also = ""): string[] {
  const group = groupWord(fact?.group ?? null);
  return [
    joined(group, fact?.driver, also),
    joined(group, also),
    joined(group, fact?.driver),
    group,
  ];
}

/** How the groups of mdevs and the group of their parent stand to each other. */
export function groupSentences({ actors }: Cast): string[] {
  return actors.flatMap(({ fact }) => {
    const groups = (fact?.mdevs ?? []).flatMap((mdev) => mdev.group ?? []);
    const own = fact?.group?.number;
    if (groups.length === 0 || own === undefined) return [];
    if (groups.some((one) => one.devices > 1 || one.number === own)) return [];
    return [`Each mdev is alone in a group of its own. Group ${own} does not list it.`];
  });
}

/** Names of a slot, the longest first. */
export function slotTitles(slot: Slot, actor: Actor): string[] {
  if (slot.mdev) return [`mdev ${shortUuid(slot.mdev.uuid)}`, shortUuid(slot.mdev.uuid)];
  if (slot.pasid === null && actor.fact?.parent) return ["Parent's own DMA", "Its own DMA"];
  return [pasidWord(slot.pasid)];
}

/** Wordings of a slot's second line. The whole story is in its label. */
export function slotWordings(slot: Slot): string[] {
  const { mdev, pasid, entry, problem } = slot;
  const domain = entry ? `domain ${entry.domain}` : "";
  if (!mdev) return [problem ?? joined(pasid === null && "no PASID", domain), "not usable"];
  const group = groupWord(mdev.group);
  if (problem !== null) return [`${pasidWord(pasid)}, detached`];
  if (pasid !== null) return [`${pasidWord(pasid)}, ${group}`, `${pasidHex(pasid)}, ${group}`];
  if (mdev.queue === null) return [`${group}, no DMA`];
  if (mdev.isolation === "vendor") {
    return [`vendor isolation, ${group}`, `vendor, ${group}`];
  }
  return [`queue ${mdev.queue} off, ${group}`, group];
}

/** PASID or who isolates it, its group, and who works with it. */
export function mdevNote(slot: Slot): string {
  const { mdev, pasid } = slot;
  if (!mdev) return "";
  const vendor = mdev.isolation === "vendor";
  return joined(
    pasid === null ? (vendor ? "vendor isolation" : "no PASID yet") : pasidWord(pasid),
    groupWord(mdev.group),
    mdev.process !== null && processTitle(mdev.process),
  );
}

/** Everything about an mdev in one line. */
export function mdevWords(slot: Slot): string {
  const mdev = slot.mdev as MdevFact;
  const vendor = mdev.isolation === "vendor";
  const queue = mdev.queue === null ? "" : `queue ${mdev.queue}${mdev.on ? "" : " off"}`;
  return joined(
    mdev.uuid,
    mdev.type,
    groupWord(mdev.group),
    queue,
    slot.sends
      ? joined(pasidWord(slot.pasid), slot.problem ?? (slot.entry && `domain ${slot.entry.domain}`))
      : mdev.queue !== null && (vendor ? "no PASID, sends as its parent" : "no PASID yet"),
    vendor ? "vendor isolation" : "isolated by the IOMMU",
    mdev.process !== null && `works for ${processTitle(mdev.process)}`,
    slot.owner && `mark ${markWord(slot.owner)}`,
  );
}

/** Everything about a function in one line. */
export function actorWords(actor: Actor): string {
  const { fact, bdf, name, surveyed, slots } = actor;
  const own = slots.filter((slot) => slot.entry !== null).length;
  return joined(
    name,
    bdf,
    groupWord(fact?.group ?? null),
    fact?.driver && `driver ${fact.driver}`,
    fact?.parent && `parent of ${countWord(fact.mdevs.length, "mdev")}`,
    actor.requester !== NO_FUNCTION &&
      (surveyed ? (surveyed.problem ?? countWord(own, "entry", "entries")) : "no tables name it"),
  );
}

export const actorSelection = (actor: Actor): Selection =>
  actor.requester === NO_FUNCTION
    ? { kind: "object", id: `parent ${actor.name}` }
    : { kind: "requester", requester: actor.requester };
