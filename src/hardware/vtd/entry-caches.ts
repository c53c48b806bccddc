// The context cache and the PASID cache (table 17 of the specification). An entry has 32 words:
// context: [0] scalable << 17 | valid << 16 | requester, [1] flags, [2] PASID of requests without one, [3] domain (legacy), [4..11] entry,
//   [12..13] PASID directory (high, low), [24..31] walk record (legacy);
// PASID: [0] valid << 16 | requester, [1] PASID, [2] domain, [4..19] entry, [24..31] walk record.
import type { CacheArea } from "./cache-area.ts";
import { type Core, SCRATCH } from "./core.ts";
import { CACHE } from "./trace.ts";

export const ENTRY_WORDS = 32;
export const VALID = 1 << 16;
/** In word 0 of a context entry: read under a root table in scalable mode. */
export const OF_SCALABLE_ROOT = 1 << 17;

/** Flags of a cached context entry. PDTS stands in [14:12]. */
export const CONTEXT_BIT = {
  FPD: 2,
  DTE: 4,
  PASIDE: 8,
  PRE: 16,
  EPTR: 64,
  RID_PRIV: 128,
  /** Legacy: translation type 01, device TLB allowed. */
  DEVICE_TLB: 256,
} as const;

export const hashContext = (requester: number): number =>
  Math.imul((requester + 1) | 0, 0x9e3779b1);

export const hashPasid = (requester: number, pasid: number): number =>
  Math.imul((requester + 1 + Math.imul(pasid, 0x85ebca6b)) | 0, 0x9e3779b1);

export const contextTag = (scalable: boolean, requester: number): number =>
  VALID | (scalable ? OF_SCALABLE_ROOT : 0) | requester;

/** The word at which the cached context entry of a requester stands, or -1. `scalable`: 0 under a legacy root table. */
export function findContext(core: Core, requester: number, scalable: number): number {
  if (core.contexts.size === 0) return -1;
  const set = core.contexts.setOf(hashContext(requester));
  return find(core, set, contextTag(scalable !== 0, requester), -1);
}

/** The word at which the cached PASID table entry of a requester and PASID stands, or -1. */
export function findPasid(core: Core, requester: number, pasid: number): number {
  if (core.pasids.size === 0) return -1;
  const set = core.pasids.setOf(hashPasid(requester, pasid));
  return find(core, set, VALID | requester, pasid);
}

function find(core: Core, set: number, tag: number, pasid: number): number {
  const { words } = core.store;
  for (let at = set; at < set + 4 * ENTRY_WORDS; at += ENTRY_WORDS) {
    if (words[at] === tag && (pasid < 0 || words[at + 1] === pasid)) return at;
  }
  return -1;
}

/** Moves the context entry built in scratch into its cache; where it stands now. */
export const fillContext = (core: Core): number =>
  fill(core, CACHE.CONTEXT, core.contexts, SCRATCH.CONTEXT, hashContext(core.requester));

/** Moves the PASID table entry built in scratch into its cache; where it stands now. */
export const fillPasid = (core: Core): number =>
  fill(
    core,
    CACHE.PASID,
    core.pasids,
    SCRATCH.PASID,
    hashPasid(core.requester, core.effectivePasid),
  );

function fill(core: Core, cache: number, area: CacheArea, scratch: number, hash: number): number {
  const from = core.scratch + scratch;
  if (area.size === 0) return from;
  const at = area.victim(area.setOf(hash));
  const { words } = core.store;
  if (words[at] !== 0 && core.trace.on === 1) core.trace.drop(cache, area.slotOf(at));
  area.touch(at);
  core.forgetRows();
  words.copyWithin(at, from, from + ENTRY_WORDS);
  if (core.trace.on === 1) core.trace.fill(cache, area.slotOf(at), words, at, ENTRY_WORDS);
  return at;
}
