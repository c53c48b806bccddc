// The fast path: a request whose context and PASID entry are cached and whose walk has nothing to refuse or to update.
// Whatever is unusual is left to careful.ts, which starts anew; both give the same result for what both can answer.
// Sums are cut to 32 bits so that the compiler need not watch for overflow.
import { tableIndex } from "./address.ts";
import { type Core, STATE } from "./core.ts";
import { CONTEXT_BIT, findContext, findPasid } from "./entry-caches.ts";
import { FIRST_MASKS, PS, SECOND_MASKS } from "./fast-masks.ts";
import { fillIotlb } from "./iotlb.ts";
import { keepRow } from "./quick-walk.ts";
import { REG } from "./registers.ts";
import { FLAG, HOW, RESULT } from "./request.ts";
import { KIND } from "./trace.ts";
import { KIND_BIT, STAGE, WALK } from "./walk-record.ts";

/** Bits of the high half that a page number inside the page index can have. */
const NEAR = 0xf;

/** Walks for one request. 1: `core.result` holds the answer. 0: it is for the careful path, and nothing was changed. */
export function fastWalk(
  core: Core,
  requester: number,
  pasid: number,
  high: number,
  low: number,
  flags: number,
): number {
  const { store } = core;
  if (store.version !== core.storeVersion) core.adopt();
  const { index, words } = store;
  // Remapping is on; reads and writes of user requests; no interrupt range; a root table in a mode that is known.
  if ((words[(core.registers + REG.GSTS / 4) | 0] as number) >= 0) return 0;
  if ((flags - 1) >>> 0 > 2) return 0;
  if (low >>> 20 === 0xfee && high === 0 && pasid < 0) return 0;
  const scalable = (words[(core.state + STATE.ROOT_LOW) | 0] as number) & 0xc80;
  if (scalable === 0 ? pasid >= 0 : scalable !== core.scalableMode) return 0;

  let record = findContext(core, requester, scalable);
  if (record < 0) return 0;
  if (scalable !== 0) {
    const bits = words[record + 1] as number;
    let effective = words[record + 2] as number;
    if (pasid < 0) {
      if ((bits & CONTEXT_BIT.RID_PRIV) !== 0) return 0;
    } else {
      const limit = ((bits >> 12) & 7) + 13;
      if ((bits & CONTEXT_BIT.PASIDE) === 0 || pasid === effective) return 0;
      if (((pasid >>> limit) | (pasid >>> core.pasidBits)) !== 0) return 0;
      effective = pasid;
    }
    record = findPasid(core, requester, effective);
    if (record < 0) return 0;
  }

  const kind = words[(record + WALK.KIND) | 0] as number;
  if ((kind & KIND_BIT.PLAIN) === 0) return 0;
  const width = (words[(record + WALK.WIDTH) | 0] as number) & 0xff;
  const kept = words[(record + WALK.KEPT) | 0] as number;
  const first = (kind & 7) === STAGE.FIRST;
  let need = flags;
  if (first) {
    const sign = high >> (width - 33);
    if (sign !== 0 && sign !== -1) return 0;
    need = 5 | (flags & FLAG.WRITE);
  } else if (high >>> (width - 32) !== 0) return 0;
  need |= kept & 0xffff;
  // Without a branch: reads and writes come in no order.
  const needLeaf = need | ((kept >>> 16) & -((flags >> 1) & 1));

  const { fast } = core;
  const masks = first ? FIRST_MASKS : SECOND_MASKS;
  /** What no entry that leads to a table may have: reserved bits, PS, bits beyond the page index. */
  const notLow = fast[masks] as number;
  const notHigh = fast[masks + 1] as number;
  const rootHigh = words[(record + WALK.ROOT_HIGH) | 0] as number;
  const rootLow = words[(record + WALK.ROOT_LOW) | 0] as number;
  if (((rootHigh & core.farHigh) | (rootLow & core.farLow)) !== 0) return 0;
  let at = (index[((rootHigh & NEAR) << 20) | (rootLow >>> 12)] as number) << 10;
  let l = 0;
  let h = 0;
  const levels = (kind >> 4) & 0xf;
  if (levels >= 4) {
    if (levels === 5) {
      at = (at + ((high >>> 15) & 0x3fe)) | 0;
      l = words[at] as number;
      h = words[(at + 1) | 0] as number;
      if (((~l & need) | (l & notLow) | (h & notHigh)) !== 0) return 0;
      at = (index[((h & NEAR) << 20) | (l >>> 12)] as number) << 10;
    }
    at = (at + ((high >>> 6) & 0x3fe)) | 0;
    l = words[at] as number;
    h = words[(at + 1) | 0] as number;
    if (((~l & need) | (l & notLow) | (h & notHigh)) !== 0) return 0;
    at = (index[((h & NEAR) << 20) | (l >>> 12)] as number) << 10;
  }

  let level = 3;
  let offset = 0x3fff_ffff;
  at = (at + (((high & 0x7f) << 3) | ((low >>> 30) << 1))) | 0;
  l = words[at] as number;
  h = words[(at + 1) | 0] as number;
  if (((~l & need) | (l & notLow) | (h & notHigh)) === 0) {
    level = 2;
    offset = 0x1f_ffff;
    at = ((index[((h & NEAR) << 20) | (l >>> 12)] as number) << 10) | ((low >>> 20) & 0x3fe);
    l = words[at] as number;
    h = words[(at + 1) | 0] as number;
    if (((~l & need) | (l & notLow) | (h & notHigh)) === 0) {
      level = 1;
      offset = 0xfff;
      at = ((index[((h & NEAR) << 20) | (l >>> 12)] as number) << 10) | ((low >>> 11) & 0x3fe);
      l = words[at] as number;
      h = words[(at + 1) | 0] as number;
    } else if ((l & PS) === 0) return 0;
  } else if ((l & PS) === 0) return 0;
  const leaf = masks + (level << 1);
  const wrong = (~l & needLeaf) | (l & (fast[leaf] as number)) | (h & (fast[leaf + 1] as number));
  if (wrong !== 0) return 0;
  const outHigh = h & 0xf_ffff;
  const outLow = (l & 0xffff_f000 & ~offset) | (low & offset);
  // In the interrupt range, with a large page near it, the careful path looks closer. One comparison: addresses come in no order.
  const near = level === 1 ? (outLow >>> 20) ^ 0xfee : (outLow >>> 30) ^ 3;
  if ((outHigh | near) === 0) return 0;

  const { result } = core;
  result[RESULT.HIGH] = outHigh;
  result[RESULT.LOW] = outLow;
  result[RESULT.LEVEL] = level;
  result[RESULT.HOW] = HOW.WALK;
  keepRow(core, requester, pasid, record);
  if (core.notesWalks === 1) noteWalk(core, record, requester, pasid, high, low, flags);
  return 1;
}

/** Puts a walk that has succeeded into the trace and the IOTLB: reads its entries once more. */
function noteWalk(
  core: Core,
  record: number,
  requester: number,
  pasid: number,
  high: number,
  low: number,
  flags: number,
): void {
  const { result, store, trace } = core;
  const { index, words } = store;
  const kind = words[record + WALK.KIND] as number;
  const kept = words[record + WALK.KEPT] as number;
  const levels = (kind >> 4) & 0xf;
  const leaf = result[RESULT.LEVEL] as number;
  let tableHigh = words[record + WALK.ROOT_HIGH] as number;
  let tableLow = words[record + WALK.ROOT_LOW] as number;
  // In legacy mode the record is the context entry itself and no PASID stands for the request.
  const scalable = record >= core.pasids.base && record < core.pasids.end;
  const head = KIND.WALK | (levels << 8) | (leaf << 12) | ((kind & 7) << 16);
  const place = trace.on === 1 ? trace.next(head) : -1;
  const { ring } = trace;
  if (place >= 0) {
    const context = scalable ? findContext(core, requester, 1) : record;
    ring[place + 1] = core.contexts.slotOf(context);
    ring[place + 2] = scalable ? core.pasids.slotOf(record) : -1;
    ring[place + 3] = high;
    ring[place + 4] = low;
    ring[place + 15] = tableLow | (tableHigh & NEAR);
  }
  let rights = -1;
  for (let level = levels; level >= leaf; level--) {
    const page = ((tableHigh & NEAR) << 20) | (tableLow >>> 12);
    const at = ((index[page] as number) << 10) | (tableIndex(high, low, level) << 1);
    tableLow = words[at] as number;
    tableHigh = words[at + 1] as number;
    rights &= tableLow;
    if (place >= 0) {
      const entry = place + 15 - 2 * level;
      ring[entry] = tableLow;
      ring[entry + 1] = tableHigh;
    }
  }
  if (core.iotlb.size === 0) return;
  const first = (kind & 7) === STAGE.FIRST;
  const dirty = (kept >>> 16) & ~kept;
  core.ask(requester, pasid, high, low, flags);
  core.outHigh = result[RESULT.HIGH] as number;
  core.outLow = result[RESULT.LOW] as number;
  core.outLevel = leaf;
  core.outRights = first ? FLAG.READ | (rights & FLAG.WRITE) : rights & FLAG.ATOMIC;
  core.outDirty = dirty === 0 || (tableLow & dirty) !== 0;
  core.walk = record;
  core.effectivePasid = scalable ? (words[record + 1] as number) : -1;
  fillIotlb(core);
}
