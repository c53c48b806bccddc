// The entry of every request: a page in the IOTLB first, then the fast walk, then the careful one.
import { offsetMask } from "./address.ts";
import { translateCarefully } from "./careful.ts";
import type { Core } from "./core.ts";
import { fastWalk } from "./fast-walk.ts";
import { findTranslation, hashOf, homeOf, NO_PASID, traceHit } from "./iotlb.ts";
import { REG } from "./registers.ts";
import { FLAG, HOW, RESULT, STATUS } from "./request.ts";
import { CACHE } from "./trace.ts";

/**
 * Translates one request that stays in one 4 KiB page. Allocates nothing.
 * `pasid` -1: none. `flags`: FLAG. Returns 0 (`core.result` is set), a fault code, or a STATUS.
 *
 * Kept small, so that it is compiled into the loops that call it: it answers only for a 4 KiB page in its usual place of
 * the IOTLB. While remapping is off, or with the IOTLB off, no entry matches.
 */
export function translate(
  core: Core,
  requester: number,
  pasid: number,
  high: number,
  low: number,
  flags: number,
): number {
  const { words } = core.store;
  const key0 = (low & ~0xfff) | ((pasid & NO_PASID & ~0xffff) >> 12) | ((flags & 4) << 1) | 3;
  const key1 = high | 0;
  const key2 = (requester << 16) | (pasid & 0xffff);
  const hash = hashOf(key0, key1, key2);
  const at = (core.iotlb.setOf(hash) + homeOf(hash)) | 0;
  if (words[at] === key0 && words[(at + 1) | 0] === key1 && words[(at + 2) | 0] === key2) {
    const entry = words[(at + 4) | 0] as number;
    // A write needs the right, and D in memory already. Other flags ask for bits that no entry has.
    const need = (flags & FLAG.ATOMIC) | ((flags & FLAG.WRITE) << 1) | ((flags & 0x78) << 4);
    if ((entry & need) === need) {
      const { result } = core;
      result[RESULT.HIGH] = words[(at + 3) | 0] as number;
      result[RESULT.LOW] = (entry & ~0xfff) | (low & 0xfff);
      result[RESULT.LEVEL] = 1;
      result[RESULT.HOW] = HOW.IOTLB;
      if (core.trace.on === 1) traceHit(core, at);
      return 0;
    }
  }
  if (core.walksFirst === 1 && fastWalk(core, requester, pasid, high, low, flags) === 1) return 0;
  return translateOtherwise(core, requester, pasid, high, low, flags);
}

/** Everything that a 4 KiB page in its usual place does not answer. */
function translateOtherwise(
  core: Core,
  requester: number,
  pasid: number,
  high: number,
  low: number,
  flags: number,
): number {
  const { words } = core.store;
  core.ask(requester, pasid, high, low, flags);
  const off = (words[core.registers + REG.GSTS / 4] as number) >= 0;
  const towardsInterrupts = pasid < 0 && high === 0 && low >>> 20 === 0xfee;
  if (off || towardsInterrupts || (flags & ~(FLAG.ATOMIC | FLAG.PRIVILEGED)) !== 0) {
    return translateCarefully(core);
  }
  if (core.iotlb.size !== 0) {
    const at = findTranslation(core);
    if (core.trace.on === 1) core.trace.lookup(CACHE.IOTLB, at < 0 ? -1 : core.iotlb.slotOf(at));
    if (at >= 0) {
      const need = (flags & FLAG.ATOMIC) | ((flags & FLAG.WRITE) << 1);
      const entry = words[at + 4] as number;
      if ((entry & need) === need) return hit(core, at, entry);
      if (core.switches.deniedHitBlocks) return STATUS.BLOCKED;
    }
    if (core.fastPossible && fastWalk(core, requester, pasid, high, low, flags) === 1) return 0;
  }
  return translateCarefully(core);
}

/** The entry at a word answers the request at hand. */
function hit(core: Core, at: number, entry: number): number {
  const { result, store } = core;
  const level = ((store.words[at] as number) >> 1) & 3;
  const offset = offsetMask(level);
  result[RESULT.HIGH] = store.words[at + 3] as number;
  result[RESULT.LOW] = (entry & ~offset) | (core.low & offset);
  result[RESULT.LEVEL] = level;
  result[RESULT.HOW] = HOW.IOTLB;
  return 0;
}
