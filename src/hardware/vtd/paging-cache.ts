// The paging-structure caches: intermediate tables of earlier walks (section 6.2.5 of the specification).
// Entry: [0] valid [0], stage [2:1], level of the table it leads to [5:3], U/S [8], rights [7:6]; [1] address bits 63:32 and
// [2] 31:12 of the region; [3] domain; [4] PASID (first stage; second-stage entries are tagged by domain alone); [5] table
// 63:32; [6] table 31:12.
import type { Core } from "./core.ts";
import { FLAG } from "./request.ts";
import { CACHE } from "./trace.ts";

/** U/S in the rights that are kept beside FLAG.READ and FLAG.WRITE. */
export const USER = 4;

/** Region that a table of a level covers: level 1 covers 2 MiB. Low half, then high half of the mask. */
function regionMask(level: number): readonly [number, number] {
  const bits = 12 + 9 * level;
  return bits < 32 ? [-1 << bits, -1] : [0, -1 << (bits - 32)];
}
const MASKS: readonly (readonly [number, number])[] = [1, 2, 3, 4].map(regionMask);

const tag = (stage: number, level: number): number => 1 | (stage << 1) | (level << 3);

const hash = (low: number, high: number, domain: number, pasid: number, level: number): number =>
  Math.imul(
    (low + Math.imul(high, 0x85ebca6b) + Math.imul(domain ^ (pasid << 8) ^ level, 0xc2b2ae35)) | 0,
    0x9e3779b1,
  );

/**
 * The deepest cached table for an address: the word of its entry, or -1. Levels from `levels` - 1 down to 1.
 * `pasid` is 0 for the second stage.
 */
export function findTable(
  core: Core,
  stage: number,
  levels: number,
  high: number,
  low: number,
  domain: number,
  pasid: number,
): number {
  const { words } = core.store;
  for (let level = 1; level < levels; level++) {
    const at = locate(core, stage, level, high, low, domain, pasid);
    if (at >= 0 && words[at] !== 0) return at;
  }
  return -1;
}

function locate(
  core: Core,
  stage: number,
  level: number,
  high: number,
  low: number,
  domain: number,
  pasid: number,
): number {
  const { words } = core.store;
  const [maskLow, maskHigh] = MASKS[level - 1] ?? [0, 0];
  const keyLow = low & maskLow;
  const keyHigh = high & maskHigh;
  const set = core.paging.setOf(hash(keyLow, keyHigh, domain, pasid, level));
  for (let at = set; at < set + 32; at += 8) {
    const same =
      ((words[at] ?? 0) & 0x3f) === tag(stage, level) &&
      words[at + 1] === keyHigh &&
      words[at + 2] === keyLow &&
      words[at + 3] === domain &&
      words[at + 4] === pasid;
    if (same) return at;
  }
  return -1 - set;
}

export const levelOfTable = (word: number): number => (word >> 3) & 7;
export const rightsOfTable = (word: number): number =>
  ((word >> 6) & 3) | ((word >> 8) & 1 ? USER : 0);

/** Remembers a table that a walk went through, with the rights gathered above it. */
export function fillTable(
  core: Core,
  stage: number,
  level: number,
  high: number,
  low: number,
  domain: number,
  pasid: number,
  tableHigh: number,
  tableLow: number,
  rights: number,
): void {
  const { paging, store, trace } = core;
  let at = locate(core, stage, level, high, low, domain, pasid);
  if (at >= 0) return;
  at = paging.victim(-1 - at);
  const { words } = store;
  if (words[at] !== 0 && trace.on === 1) trace.drop(CACHE.PAGING, paging.slotOf(at));
  const [maskLow, maskHigh] = MASKS[level - 1] ?? [0, 0];
  paging.touch(at);
  words[at] =
    tag(stage, level) | ((rights & FLAG.ATOMIC) << 6) | ((rights & USER) !== 0 ? 1 << 8 : 0);
  words[at + 1] = high & maskHigh;
  words[at + 2] = low & maskLow;
  words[at + 3] = domain;
  words[at + 4] = pasid;
  words[at + 5] = tableHigh;
  words[at + 6] = tableLow;
  if (trace.on === 1) trace.fill(CACHE.PAGING, paging.slotOf(at), words, at, 8);
}
