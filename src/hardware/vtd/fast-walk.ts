// The fast path: a request whose context and PASID entry are cached and whose walk has nothing to refuse or to update.
// Whatever is unusual is left to careful.ts, which starts anew; both give the same result for what both can answer.
import type { Core } from "./core.ts";
import { CONTEXT_BIT, hashContext, hashPasid, OF_SCALABLE_ROOT, VALID } from "./entry-caches.ts";
import { pagingMask } from "./entry-masks.ts";
import { fillIotlb } from "./iotlb.ts";
import { FLAG, HOW, RESULT } from "./request.ts";
import { KIND } from "./trace.ts";
import { KIND_BIT, STAGE, WALK } from "./walk-record.ts";

/** Places of the masks of an entry that leads to a table, by stage and level; two words later those of a leaf. */
const STAGE_STEP = pagingMask(2, 0, false) - pagingMask(1, 0, false);
const LEVEL_STEP = 4;
/** Bits of the high half that a page number inside the index can have. */
const NEAR = 0xf;

/**
 * Walks for a request of `flags` READ, WRITE or both. True: `core.result` holds the answer. False: nothing was changed.
 * `scalable`: table mode of the root.
 */
export function fastWalk(
  core: Core,
  requester: number,
  pasid: number,
  high: number,
  low: number,
  flags: number,
  scalable: boolean,
): boolean {
  const { fast, store } = core;
  const { index, words } = store;

  const context = findWord(
    words,
    core.contexts.setOf(hashContext(requester)),
    scalable ? VALID | OF_SCALABLE_ROOT | requester : VALID | requester,
  );
  if (context < 0) return false;
  let record = context;
  let effective = -1;
  if (scalable) {
    const bits = words[context + 1] as number;
    const ridPasid = words[context + 2] as number;
    if (pasid < 0) {
      if ((bits & CONTEXT_BIT.RID_PRIV) !== 0) return false;
      effective = ridPasid;
    } else {
      const limit = ((bits >> 12) & 7) + 13;
      if ((bits & CONTEXT_BIT.PASIDE) === 0 || pasid === ridPasid) return false;
      if (pasid >>> limit !== 0 || pasid >>> core.pasidBits !== 0) return false;
      effective = pasid;
    }
    record = findPair(
      words,
      core.pasids.setOf(hashPasid(requester, effective)),
      VALID | requester,
      effective,
    );
    if (record < 0) return false;
  }

  const kind = words[record + WALK.KIND] as number;
  if ((kind & KIND_BIT.PLAIN) === 0) return false;
  const width = (words[record + WALK.WIDTH] as number) & 0xff;
  const kept = words[record + WALK.KEPT] as number;
  const first = (kind & 7) === STAGE.FIRST;
  if (first) {
    const sign = high >> (width - 33);
    if (sign !== 0 && sign !== -1) return false;
  } else if (high >>> (width - 32) !== 0) return false;
  const asked = first ? 5 | (flags & FLAG.WRITE) : flags & FLAG.ATOMIC;
  const need = asked | (kept & 0xffff);
  const needLeaf = (flags & FLAG.WRITE) !== 0 ? asked | (kept >>> 16) : need;
  const m = first ? 0 : STAGE_STEP;

  const rootHigh = words[record + WALK.ROOT_HIGH] as number;
  const rootLow = words[record + WALK.ROOT_LOW] as number;
  if (((rootHigh & core.farHigh) | (rootLow & core.farLow)) !== 0) return false;
  let at = (index[((rootHigh & NEAR) << 20) | (rootLow >>> 12)] as number) << 10;
  let l5 = 0;
  let h5 = 0;
  let l4 = 0;
  let h4 = 0;
  let l2 = 0;
  let h2 = 0;
  let l1 = 0;
  let h1 = 0;
  let rights = -1;
  const levels = (kind >> 4) & 0xf;
  if (levels >= 4) {
    if (levels === 5) {
      at += ((high >>> 16) & 0x1ff) << 1;
      l5 = words[at] as number;
      h5 = words[at + 1] as number;
      if ((l5 & need) !== need) return false;
      if (
        ((l5 & (fast[m + 5 * LEVEL_STEP] as number)) |
          (h5 & (fast[m + 5 * LEVEL_STEP + 1] as number))) !==
        0
      ) {
        return false;
      }
      rights &= l5;
      at = (index[((h5 & NEAR) << 20) | (l5 >>> 12)] as number) << 10;
    }
    at += ((high >>> 7) & 0x1ff) << 1;
    l4 = words[at] as number;
    h4 = words[at + 1] as number;
    if ((l4 & need) !== need) return false;
    if (
      ((l4 & (fast[m + 4 * LEVEL_STEP] as number)) |
        (h4 & (fast[m + 4 * LEVEL_STEP + 1] as number))) !==
      0
    ) {
      return false;
    }
    rights &= l4;
    at = (index[((h4 & NEAR) << 20) | (l4 >>> 12)] as number) << 10;
  }

  at += ((high & 0x7f) << 3) | ((low >>> 30) << 1);
  const l3 = words[at] as number;
  const h3 = words[at + 1] as number;
  if ((l3 & need) !== need) return false;
  rights &= l3;
  let level = 3;
  let leafLow = l3;
  let leafHigh = h3;
  let offset = 0x3fff_ffff;
  if ((l3 & 0x80) === 0) {
    if (
      ((l3 & (fast[m + 3 * LEVEL_STEP] as number)) |
        (h3 & (fast[m + 3 * LEVEL_STEP + 1] as number))) !==
      0
    ) {
      return false;
    }
    at =
      ((index[((h3 & NEAR) << 20) | (l3 >>> 12)] as number) << 10) + (((low >>> 21) & 0x1ff) << 1);
    l2 = words[at] as number;
    h2 = words[at + 1] as number;
    if ((l2 & need) !== need) return false;
    rights &= l2;
    level = 2;
    leafLow = l2;
    leafHigh = h2;
    offset = 0x1f_ffff;
    if ((l2 & 0x80) === 0) {
      if (
        ((l2 & (fast[m + 2 * LEVEL_STEP] as number)) |
          (h2 & (fast[m + 2 * LEVEL_STEP + 1] as number))) !==
        0
      ) {
        return false;
      }
      at =
        ((index[((h2 & NEAR) << 20) | (l2 >>> 12)] as number) << 10) +
        (((low >>> 12) & 0x1ff) << 1);
      l1 = words[at] as number;
      h1 = words[at + 1] as number;
      rights &= l1;
      level = 1;
      leafLow = l1;
      leafHigh = h1;
      offset = 0xfff;
    }
  }
  const masks = m + level * LEVEL_STEP + 2;
  if ((leafLow & needLeaf) !== needLeaf) return false;
  if (((leafLow & (fast[masks] as number)) | (leafHigh & (fast[masks + 1] as number))) !== 0) {
    return false;
  }
  const outHigh = leafHigh & 0xf_ffff;
  const outLow = (leafLow & 0xffff_f000 & ~offset) | (low & offset);
  // Near the interrupt range the careful path looks closer.
  if (outHigh === 0 && outLow >>> 30 === 3) return false;

  const { result } = core;
  result[RESULT.HIGH] = outHigh;
  result[RESULT.LOW] = outLow;
  result[RESULT.LEVEL] = level;
  result[RESULT.HOW] = HOW.WALK;
  if (core.trace.on) {
    const { ring } = core.trace;
    const place = core.trace.next(KIND.WALK | (levels << 8) | (level << 12) | ((kind & 7) << 16));
    ring[place + 1] = context;
    ring[place + 2] = record;
    ring[place + 3] = high;
    ring[place + 4] = low;
    ring[place + 5] = l5;
    ring[place + 6] = h5;
    ring[place + 7] = l4;
    ring[place + 8] = h4;
    ring[place + 9] = l3;
    ring[place + 10] = h3;
    ring[place + 11] = l2;
    ring[place + 12] = h2;
    ring[place + 13] = l1;
    ring[place + 14] = h1;
    ring[place + 15] = rootLow | (rootHigh & NEAR);
  }
  if (core.iotlb.size !== 0) {
    const dirty = (kept >>> 16) & ~kept;
    core.outHigh = outHigh;
    core.outLow = outLow;
    core.outLevel = level;
    core.outRights = first ? FLAG.READ | (rights & FLAG.WRITE) : rights & FLAG.ATOMIC;
    core.outDirty = dirty === 0 || (leafLow & dirty) !== 0;
    core.walk = record;
    core.effectivePasid = effective;
    fillIotlb(core);
  }
  return true;
}

function findWord(words: Int32Array, set: number, tag: number): number {
  if (words[set] === tag) return set;
  if (words[set + 32] === tag) return set + 32;
  if (words[set + 64] === tag) return set + 64;
  if (words[set + 96] === tag) return set + 96;
  return -1;
}

function findPair(words: Int32Array, set: number, tag: number, second: number): number {
  for (let at = set; at < set + 128; at += 32) {
    if (words[at] === tag && words[at + 1] === second) return at;
  }
  return -1;
}
