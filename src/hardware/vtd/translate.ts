// The entry of every request: the IOTLB, then the fast walk, then the careful one.
import { offsetMask } from "./address.ts";
import { translateCarefully } from "./careful.ts";
import { type Core, STATE } from "./core.ts";
import { fastWalk } from "./fast-walk.ts";
import { hashOf, keyWord, NO_PASID } from "./iotlb.ts";
import { REG } from "./registers.ts";
import { FLAG, HOW, RESULT, STATUS } from "./request.ts";
import { CACHE } from "./trace.ts";

/**
 * Translates one request that stays in one 4 KiB page. Allocates nothing.
 * `pasid` -1: none. `flags`: FLAG. Returns 0 (`core.result` is set), a fault code, or a STATUS.
 */
export function translate(
  core: Core,
  requester: number,
  pasid: number,
  high: number,
  low: number,
  flags: number,
): number {
  const { store } = core;
  if (store.version !== core.storeVersion) core.adopt();
  const { words } = store;
  const off = (words[core.registers + REG.GSTS / 4] as number) >= 0;
  const towardsInterrupts = pasid < 0 && high === 0 && low >>> 20 === 0xfee;
  if (off || towardsInterrupts || (flags & ~(FLAG.ATOMIC | FLAG.PRIVILEGED)) !== 0) {
    core.ask(requester, pasid, high, low, flags);
    return translateCarefully(core);
  }
  core.result[RESULT.RECORD] = -1;
  if (core.iotlb.size !== 0) {
    const at = findTranslation(core, requester, pasid, high, low, flags);
    if (core.trace.on) core.trace.lookup(CACHE.IOTLB, at < 0 ? -1 : core.iotlb.slotOf(at));
    if (at >= 0) {
      // A write needs the right, and D in memory already.
      const need = (flags & FLAG.ATOMIC) | ((flags & FLAG.WRITE) << 1);
      const entry = words[at + 4] as number;
      if ((entry & need) === need) {
        const offset = offsetMask(((words[at] as number) >> 1) & 3);
        const { result } = core;
        result[RESULT.HIGH] = words[at + 3] as number;
        result[RESULT.LOW] = (entry & ~offset) | (low & offset);
        result[RESULT.LEVEL] = ((words[at] as number) >> 1) & 3;
        result[RESULT.HOW] = HOW.IOTLB;
        return 0;
      }
      if (core.switches.deniedHitBlocks) return STATUS.BLOCKED;
    }
  }
  if (core.fastPossible && flags <= FLAG.ATOMIC && flags !== 0) {
    const root = words[core.state + STATE.ROOT_LOW] as number;
    const mode = root & 0xc80;
    const usable = mode === 0 ? pasid < 0 : mode === 0x400 && core.capabilities.smts;
    if (usable && fastWalk(core, requester, pasid, high, low, flags, mode !== 0)) return 0;
  }
  core.ask(requester, pasid, high, low, flags);
  return translateCarefully(core);
}

/** The word of the IOTLB entry that answers, or -1. Sizes of which there is no entry are not looked for. */
function findTranslation(
  core: Core,
  requester: number,
  pasid: number,
  high: number,
  low: number,
  flags: number,
): number {
  const { iotlb } = core;
  const { words } = core.store;
  const field = pasid < 0 ? NO_PASID : pasid;
  const key2 = (requester << 16) | (field & 0xffff);
  const privileged = (flags & FLAG.PRIVILEGED) !== 0;
  const counts = core.state + STATE.IOTLB_COUNT;
  for (let level = 1; level <= 3; level++) {
    if (words[counts + level] === 0) continue;
    const key0 = keyWord(low, level, field, privileged);
    let at = iotlb.setOf(hashOf(key0, high, key2));
    for (let way = 0; way < 4; way++) {
      if (words[at] === key0 && words[at + 1] === high && words[at + 2] === key2) return at;
      at += 8;
    }
  }
  return -1;
}
