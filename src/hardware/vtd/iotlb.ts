// The IOTLB: finished translations by requester, PASID and page (section 6.2.4 of the specification).
// Entry: [0] key: page bits, PASID [20:16] in [8:4], privileged [3], level [2:1], valid [0]; [1] address bits 63:32;
// [2] requester << 16 | PASID [15:0]; [3] host address 63:32; [4] host address 31:12, stage [6:4], writes may hit [2],
// rights [1:0]; [5] domain; [6] PASID for invalidation (1 << 20: none); [7] free.

import { offsetMask } from "./address.ts";
import { type Core, STATE } from "./core.ts";
import { FLAG } from "./request.ts";
import { CACHE } from "./trace.ts";
import { WALK } from "./walk-record.ts";

/** PASID field of requests without one. */
export const NO_PASID = 1 << 20;

/** The first key word of a page at a level. `pasid` 0 .. 2^20, NO_PASID for none. */
export const keyWord = (low: number, level: number, pasid: number, privileged: boolean): number =>
  (low & ~offsetMask(level)) | ((pasid >> 16) << 4) | (privileged ? 8 : 0) | (level << 1) | 1;

export const hashOf = (key0: number, key1: number, key2: number): number =>
  Math.imul((key0 + Math.imul(key2, 0x85ebca6b) + Math.imul(key1, 0xc2b2ae35)) | 0, 0x9e3779b1);

/** Caches the translation that `core.out*` holds for the request at hand. */
export function fillIotlb(core: Core): void {
  const { iotlb, store } = core;
  if (iotlb.size === 0) return;
  const level = core.outLevel;
  const pasid = core.pasid < 0 ? NO_PASID : core.pasid;
  const key0 = keyWord(core.low, level, pasid, (core.flags & FLAG.PRIVILEGED) !== 0);
  const key1 = core.high;
  const key2 = (core.requester << 16) | (pasid & 0xffff);
  const set = iotlb.setOf(hashOf(key0, key1, key2));
  const { words } = store;
  let at = -1;
  for (let way = set; way < set + 32; way += 8) {
    if (words[way] === key0 && words[way + 1] === key1 && words[way + 2] === key2) at = way;
  }
  if (at < 0) {
    at = iotlb.victim(set);
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
  if (core.trace.on) core.trace.fill(CACHE.IOTLB, iotlb.slotOf(at), words, at, 8);
}

/** Empties an entry that is in use. */
export function dropIotlb(core: Core, at: number): void {
  const key0 = core.store.words[at] ?? 0;
  count(core, (key0 >> 1) & 3, -1);
  core.iotlb.empty(at);
  if (core.trace.on) core.trace.drop(CACHE.IOTLB, core.iotlb.slotOf(at));
}

function count(core: Core, level: number, change: number): void {
  core.setState(STATE.IOTLB_COUNT + level, core.getState(STATE.IOTLB_COUNT + level) + change);
}
