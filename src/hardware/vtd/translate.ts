// The entry of every request: the quick walk or a page in the IOTLB first, then the careful walk.
import { offsetMask } from "./address.ts";
import { inInterruptRange, reached, translateByTables } from "./careful.ts";
import type { Core } from "./core.ts";
import { refuse } from "./faults.ts";
import { interruptRange, tableMode } from "./front-end.ts";
import { findTranslation, hashOf, homeOf, NO_PASID, traceHit } from "./iotlb.ts";
import { quickWalk } from "./quick-walk.ts";
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
  if (core.walksFirst !== 0 && quickWalk(core, requester, pasid, high, low, flags) !== 0) return 0;
  const { words } = core.store;
  const key0 = (low & ~0xfff) | ((pasid & NO_PASID & ~0xffff) >> 12) | ((flags & 4) << 1) | 3;
  const key1 = high | 0;
  const key2 = (requester << 16) | (pasid & 0xffff);
  const hash = hashOf(key0, key1, key2);
  const at = (core.iotlb.setOf(hash) + homeOf(hash)) | 0;
  if (words[at] === key0 && words[(at + 1) | 0] === key1 && words[(at + 2) | 0] === key2) {
    const entry = words[(at + 4) | 0] as number;
    const need = neededOf(flags);
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
  return translateOtherwise(core, requester, pasid, high, low, flags);
}

/** Bits of an entry that a request asks for: its rights, D for a write; other flags ask for what no entry has. */
const neededOf = (flags: number): number =>
  (flags & 3) | ((flags & 2) << 1) | ((flags & 0x78) << 4);

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
  core.fpd = false;
  core.walking = false;
  core.updates.count = 0;
  core.tables.count = 0;
  const translated = (flags & FLAG.TRANSLATED) !== 0;
  if (!core.remapping) {
    return translated ? STATUS.UNSUPPORTED : reached(core, high, low, 0, HOW.OFF);
  }
  if (pasid < 0 && !translated && inInterruptRange(high, low)) return interruptRange(core);
  if ((flags & ~(FLAG.ATOMIC | FLAG.PRIVILEGED)) === 0) {
    if (core.iotlb.size !== 0) {
      const at = findTranslation(core);
      if (core.trace.on === 1) core.trace.lookup(CACHE.IOTLB, at < 0 ? -1 : core.iotlb.slotOf(at));
      if (at >= 0) {
        const need = neededOf(flags);
        const entry = words[at + 4] as number;
        const level = ((words[at] as number) >> 1) & 3;
        const offset = offsetMask(level);
        if ((entry & need) === need) {
          return reached(
            core,
            words[at + 3] as number,
            (entry & ~offset) | (low & offset),
            level,
            HOW.IOTLB,
          );
        }
        if (core.switches.deniedHitBlocks) return STATUS.BLOCKED;
      }
    }
  }
  const refused = tableMode(core);
  if (refused === STATUS.UNSUPPORTED) return refused;
  const fault = refused || translateByTables(core);
  return fault === 0 ? 0 : refuse(core, fault);
}
