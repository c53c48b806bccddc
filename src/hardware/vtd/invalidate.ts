// What each invalidation removes from which cache (section 6.5.2 and table 24 of the specification).
import { offsetMask } from "./address.ts";
import type { CacheArea } from "./cache-area.ts";
import type { Core } from "./core.ts";
import { OF_SCALABLE_ROOT } from "./entry-caches.ts";
import { dropIotlb } from "./iotlb.ts";
import { levelOfTable } from "./paging-cache.ts";
import { CACHE } from "./trace.ts";
import { STAGE } from "./walk-record.ts";

/** Function bits of a requester id that FM 0 .. 3 leaves out of the comparison. */
const FUNCTION_MASKS = [0xffff, 0xfffb, 0xfff9, 0xfff8];

/** Pages 2^AM from an address on, in halves. */
export interface PageRange {
  readonly high: number;
  readonly low: number;
  /** 0 .. 63. */
  readonly am: number;
  /** Only leaf entries changed: paging-structure caches may stay. */
  readonly leafOnly: boolean;
}

function drop(core: Core, cache: number, area: CacheArea, at: number): void {
  area.empty(at);
  core.forgetRows();
  if (core.trace.on === 1) core.trace.drop(cache, area.slotOf(at));
}

function each(area: CacheArea, words: Int32Array, visit: (at: number) => void): void {
  for (let slot = 0; slot < area.size; slot++) {
    const at = area.wordOf(slot);
    if (words[at] !== 0) visit(at);
  }
}

/** `domain` -1 and `requester` -1: whatever it is. */
export function dropContexts(core: Core, requester: number, fm: number, domain: number): void {
  const { words } = core.store;
  const mask = FUNCTION_MASKS[fm] ?? 0xffff;
  each(core.contexts, words, (at) => {
    const ofRequester = requester < 0 || (((words[at] ?? 0) ^ requester) & mask) === 0;
    const legacy = ((words[at] ?? 0) & OF_SCALABLE_ROOT) === 0;
    const ofDomain = domain < 0 || !legacy || words[at + 3] === domain;
    if (ofRequester && ofDomain) drop(core, CACHE.CONTEXT, core.contexts, at);
  });
}

export function dropPasids(core: Core, domain: number, pasid: number): void {
  const { words } = core.store;
  each(core.pasids, words, (at) => {
    const matches =
      (domain < 0 || words[at + 2] === domain) && (pasid < 0 || words[at + 1] === pasid);
    if (matches) drop(core, CACHE.PASID, core.pasids, at);
  });
}

/** IOTLB and paging-structure caches: everything, or everything of a domain. */
export function dropTranslations(core: Core, domain: number): void {
  const { words } = core.store;
  each(core.iotlb, words, (at) => {
    if (domain < 0 || words[at + 5] === domain) dropIotlb(core, at);
  });
  each(core.paging, words, (at) => {
    if (domain < 0 || words[at + 3] === domain) drop(core, CACHE.PAGING, core.paging, at);
  });
}

const ofFirstStage = (stage: number): boolean => stage === STAGE.FIRST || stage === STAGE.NESTED;

/** Page-selective in a domain: first-stage and nested entries of the domain go whatever their address. */
export function dropDomainPages(core: Core, domain: number, range: PageRange): void {
  const { words } = core.store;
  each(core.iotlb, words, (at) => {
    if (words[at + 5] !== domain) return;
    const stage = ((words[at + 4] ?? 0) >> 4) & 7;
    if (ofFirstStage(stage) || touchesPage(words, at, range)) dropIotlb(core, at);
  });
  each(core.paging, words, (at) => {
    if (words[at + 3] !== domain) return;
    const stage = ((words[at] ?? 0) >> 1) & 3;
    const goes = stage === STAGE.FIRST || (!range.leafOnly && touchesRegion(words, at, range));
    if (goes) drop(core, CACHE.PAGING, core.paging, at);
  });
}

/** All of one PASID in a domain; second-stage paging-structure caches stay. */
export function dropPasidTranslations(core: Core, domain: number, pasid: number): void {
  const { words } = core.store;
  each(core.iotlb, words, (at) => {
    if (words[at + 5] === domain && words[at + 6] === pasid) dropIotlb(core, at);
  });
  each(core.paging, words, (at) => {
    if (isFirstStageTable(words, at, domain, pasid)) drop(core, CACHE.PAGING, core.paging, at);
  });
}

/** Pages of one PASID in a domain: first-stage and nested entries only. */
export function dropPasidPages(core: Core, domain: number, pasid: number, range: PageRange): void {
  const { words } = core.store;
  each(core.iotlb, words, (at) => {
    if (words[at + 5] !== domain || words[at + 6] !== pasid) return;
    const stage = ((words[at + 4] ?? 0) >> 4) & 7;
    if (ofFirstStage(stage) && touchesPage(words, at, range)) dropIotlb(core, at);
  });
  if (range.leafOnly) return;
  each(core.paging, words, (at) => {
    if (isFirstStageTable(words, at, domain, pasid) && touchesRegion(words, at, range)) {
      drop(core, CACHE.PAGING, core.paging, at);
    }
  });
}

function isFirstStageTable(words: Int32Array, at: number, domain: number, pasid: number): boolean {
  const stage = ((words[at] ?? 0) >> 1) & 3;
  return stage === STAGE.FIRST && words[at + 3] === domain && words[at + 4] === pasid;
}

export const dropAll = (core: Core): void => {
  dropContexts(core, -1, 0, -1);
  dropPasids(core, -1, -1);
  dropTranslations(core, -1);
};

/** Whether a cached page and a range, both of a power of two, overlap: the coarser of both decides. */
function touchesPage(words: Int32Array, at: number, range: PageRange): boolean {
  const level = ((words[at] ?? 0) >> 1) & 3;
  const low = (words[at] ?? 0) & ~offsetMask(level);
  return overlaps(words[at + 1] ?? 0, low, 3 + 9 * level, range);
}

function touchesRegion(words: Int32Array, at: number, range: PageRange): boolean {
  const bits = 12 + 9 * levelOfTable(words[at] ?? 0);
  return overlaps(words[at + 1] ?? 0, words[at + 2] ?? 0, bits, range);
}

function overlaps(high: number, low: number, bits: number, range: PageRange): boolean {
  const shift = Math.max(bits, 12 + range.am);
  if (shift >= 64) return true;
  if (shift >= 32) return (high ^ range.high) >>> (shift - 32) === 0;
  return high === range.high && (low ^ range.low) >>> shift === 0;
}
