// The IOTLB: finished translations by requester, PASID and page (section 6.2.4.1 of the specification).
// Entry: [0] key: page bits, PASID [20:16] in [8:4], privileged [3], level [2:1], valid [0]; [1] address bits 63:32;
// [2] requester << 16 | PASID [15:0]; [3] host address 63:32; [4] host address 31:12, stage [6:4], writes may hit [2],
// rights [1:0]; [5] domain; [6] PASID for invalidation (NO_PASID: none); [7] free.

import { offsetMask } from "./address.ts";
import type { CacheArea } from "./cache-area.ts";
import { type Core, STATE } from "./core.ts";
import { FLAG } from "./request.ts";
import { CACHE } from "./trace.ts";
import { WALK } from "./walk-record.ts";

/** PASID field of requests without one. */
export const NO_PASID = 0x1f_ffff;

/** The first key word of a page at a level. `pasid` 0 .. 2^20 - 1, NO_PASID for none. */
const keyWord = (low: number, level: number, pasid: number, flags: number): number =>
  (low & ~offsetMask(level)) |
  ((pasid >> 16) << 4) |
  ((flags & FLAG.PRIVILEGED) << 1) |
  (level << 1) |
  1;

export const hashOf = (key0: number, key1: number, key2: number): number =>
  Math.imul((key0 + Math.imul(key2, 0x85ebca6b) + Math.imul(key1, 0xc2b2ae35)) | 0, 0x9e3779b1);

/**
 * The word of the entry that answers the request at hand, or -1. Sizes of which there is no entry are not looked for.
 */
export function findTranslation(core: Core): number {
  const { flags, high, low } = core;
  const pasid = core.pasid & NO_PASID;
  const key2 = (core.requester << 16) | (pasid & 0xffff);
  for (let level = 1; level <= 3; level++) {
    if (core.getState(STATE.IOTLB_COUNT + level) === 0) continue;
    const key0 = keyWord(low, level, pasid, flags);
    const at = findKey(core.iotlb, core.store.words, key0, high, key2);
    if (at >= 0) return at;
  }
  return -1;
}

export function traceHit(core: Core, at: number): void {
  core.trace.lookup(CACHE.IOTLB, core.iotlb.slotOf(at));
}

/** The way of its set that a key is put into when that is free. */
export const homeOf = (hash: number): number => (hash >>> 11) & 0x18;

function findKey(
  iotlb: CacheArea,
  words: Int32Array,
  key0: number,
  key1: number,
  key2: number,
): number {
  const set = iotlb.setOf(hashOf(key0, key1, key2));
  for (let at = set; at < set + 32; at += 8) {
    if (words[at] === key0 && words[at + 1] === key1 && words[at + 2] === key2) return at;
  }
  return -1;
}

/** Caches the translation that `core.out*` holds for the request at hand. */
export function fillIotlb(core: Core): void {
  const { iotlb, store } = core;
  if (iotlb.size === 0) return;
  const level = core.outLevel;
  const pasid = core.pasid & NO_PASID;
  const key0 = keyWord(core.low, level, pasid, core.flags);
  const key1 = core.high;
  const key2 = (core.requester << 16) | (pasid & 0xffff);
  const { words } = store;
  let at = findKey(iotlb, words, key0, key1, key2);
  if (at < 0) {
    const hash = hashOf(key0, key1, key2);
    const set = iotlb.setOf(hash);
    const home = set + homeOf(hash);
    at = words[home] === 0 ? home : iotlb.victim(set);
    if (words[at] !== 0) dropIotlb(core, at);
    count(core, level, 1);
  }
  iotlb.touch(at);
  const kind = words[core.walk + WALK.KIND] ?? 0;
  words[at] = key0;
  words[at + 1] = key1;
  words[at + 2] = key2;
  words[at + 3] = core.outHigh;
  words[at + 4] =
    (core.outLow & ~offsetMask(level)) |
    ((kind & 7) << 4) |
    (core.outDirty ? 4 : 0) |
    core.outRights;
  words[at + 5] = words[core.walk + WALK.DOMAIN] ?? 0;
  words[at + 6] = core.effectivePasid < 0 ? NO_PASID : core.effectivePasid;
  if (core.trace.on === 1) core.trace.fill(CACHE.IOTLB, iotlb.slotOf(at), words, at, 8);
}

/** Empties an entry that is in use. */
export function dropIotlb(core: Core, at: number): void {
  const key0 = core.store.words[at] ?? 0;
  count(core, (key0 >> 1) & 3, -1);
  core.iotlb.empty(at);
  if (core.trace.on === 1) core.trace.drop(CACHE.IOTLB, core.iotlb.slotOf(at));
}

function count(core: Core, level: number, change: number): void {
  core.setState(STATE.IOTLB_COUNT + level, core.getState(STATE.IOTLB_COUNT + level) + change);
}
