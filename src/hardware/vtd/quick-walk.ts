// The usual miss: a walk of four levels to a 4 KiB page for a requester and PASID that walked before. Everything that does
// not change between their requests is kept ready in one row. Whatever is unusual is left to careful.ts, which starts anew.
// Kept small, so that it is compiled into the loops that call it; sums are cut to 32 bits so that nothing watches for overflow.
import type { Core } from "./core.ts";
import { pagingMask } from "./entry-masks.ts";
import { HOW, RESULT } from "./request.ts";
import { KIND } from "./trace.ts";
import { KIND_BIT, STAGE, WALK } from "./walk-record.ts";

const ROW_SHIFT = 3;
const HASH_SHIFT = 20;

/**
 * Words of a row. OWNER: generation << 16 | requester. PASID: or -1. CHECK: shift of the width check [4:0], 1 for a first
 * stage [8], SNP of the leaf when it is reserved [11]. KEPT, DIRTY: bits that every entry, and the leaf of a write, must
 * have. ROOT: page number. HIGH: bits 63:32 that are reserved. SLOT: of the
 * PASID table entry in its cache, -1 in legacy mode.
 */
const ROW = { OWNER: 0, PASID: 1, CHECK: 2, KEPT: 3, DIRTY: 4, ROOT: 5, HIGH: 6, SLOT: 7 } as const;
const SNP = 0x800;
/** At levels 2 and 3 the entry maps a page. */
const PS = 0x80;

/** Bits of the high half that a page number inside the page index can have. */
const NEAR = 0xf;

const rowOf = (requester: number, pasid: number): number =>
  (Math.imul((requester + 1) ^ Math.imul(pasid, 0x85ebca6b), 0x9e3779b1) >>> HASH_SHIFT) <<
  ROW_SHIFT;

/** 1: `core.result` holds the answer. 0: nothing was changed. */
export function quickWalk(
  core: Core,
  requester: number,
  pasid: number,
  high: number,
  low: number,
  flags: number,
): number {
  const { ready, store } = core;
  const { index, words } = store;
  const row = rowOf(requester | 0, pasid | 0);
  if (ready[row] !== (core.generation | requester)) return 0;
  if (ready[row | ROW.PASID] !== pasid || store.version !== core.storeVersion) return 0;
  if (low >>> 20 === 0xfee && high === 0 && pasid < 0) return 0;
  const check = ready[row | ROW.CHECK] as number;
  const first = (check >> 8) & 1;
  // Bits above the width are all 0, or all alike where the first stage asks for it.
  if (((high >> (check & 31)) + first) >>> 0 > first || (flags - 1) >>> 0 > 2) return 0;
  const need = (ready[row | ROW.KEPT] as number) | (flags & (3 - first));
  const leafHigh = ready[row | ROW.HIGH] as number;
  const notHigh = leafHigh | core.farHigh;
  const notLow = core.farLow | PS | ((1 - first) << 11);

  let at = ((index[ready[row | ROW.ROOT] as number] as number) << 10) | ((high >>> 6) & 0x3fe);
  const l4 = words[at] as number;
  const h4 = words[at | 1] as number;
  if (((~l4 & need) | (l4 & notLow) | (h4 & notHigh)) !== 0) return 0;
  at =
    ((index[((h4 & NEAR) << 20) | (l4 >>> 12)] as number) << 10) |
    ((high & 0x7f) << 3) |
    ((low >>> 30) << 1);
  const l3 = words[at] as number;
  const h3 = words[at | 1] as number;
  if (((~l3 & need) | (l3 & notLow) | (h3 & notHigh)) !== 0) return 0;
  at = ((index[((h3 & NEAR) << 20) | (l3 >>> 12)] as number) << 10) | ((low >>> 20) & 0x3fe);
  const l2 = words[at] as number;
  const h2 = words[at | 1] as number;
  if (((~l2 & need) | (l2 & notLow) | (h2 & notHigh)) !== 0) return 0;
  at = ((index[((h2 & NEAR) << 20) | (l2 >>> 12)] as number) << 10) | ((low >>> 11) & 0x3fe);
  const l = words[at] as number;
  const h = words[at | 1] as number;
  // Without a branch: reads and writes come in no order.
  const needLeaf = need | ((ready[row | ROW.DIRTY] as number) & -((flags >> 1) & 1));
  if (((~l & needLeaf) | (l & check & SNP) | (h & leafHigh)) !== 0) return 0;
  const outHigh = h & 0xf_ffff;
  if ((outHigh | ((l >>> 20) ^ 0xfee)) === 0) return 0;
  const { result } = core;
  result[RESULT.HIGH] = outHigh;
  result[RESULT.LOW] = (l & ~0xfff) | (low & 0xfff);
  result[RESULT.LEVEL] = 1;
  result[RESULT.HOW] = HOW.WALK;
  if (core.trace.on === 1) traceRow(core, row, high, low, l4, h4, l3, h3, l2, h2, l, h);
  return 1;
}

/** Puts the walk of a row into the trace, with the halves of its entries. */
function traceRow(
  core: Core,
  row: number,
  high: number,
  low: number,
  l4: number,
  h4: number,
  l3: number,
  h3: number,
  l2: number,
  h2: number,
  l1: number,
  h1: number,
): void {
  const { ready, trace } = core;
  const { ring } = trace;
  const stage = (ready[row | ROW.CHECK] as number) & 0x100 ? STAGE.FIRST : STAGE.SECOND;
  const place = trace.next(KIND.WALK | (stage << 16)) | 0;
  const root = ready[row | ROW.ROOT] as number;
  ring[place | 1] = core.readyContexts[row >> ROW_SHIFT] as number;
  ring[place | 2] = ready[row | ROW.SLOT] as number;
  ring[place | 3] = high;
  ring[place | 4] = low;
  ring[place | 7] = l4;
  ring[place | 8] = h4;
  ring[place | 9] = l3;
  ring[place | 10] = h3;
  ring[place | 11] = l2;
  ring[place | 12] = h2;
  ring[place | 13] = l1;
  ring[place | 14] = h1;
  ring[place | 15] = (root << 12) | (root >>> 20);
}

/** Makes a row for the requester and PASID of the request at hand, which the careful walk has just let through. */
export function keepRow(core: Core): void {
  const { pasid, requester, scalable, store } = core;
  const record = core.walk;
  const area = scalable ? core.pasids : core.contexts;
  if (record < area.base || record >= area.end) return;
  if (core.supervisor || (core.flags - 1) >>> 0 > 2) return;
  if (store.version !== core.storeVersion) core.adopt();
  const { ready } = core;
  const { words } = store;
  const kind = words[record + WALK.KIND] as number;
  const row = rowOf(requester, pasid);
  const kept = ready[row] === (core.generation | requester) && ready[row | ROW.PASID] === pasid;
  if (kept || (kind & KIND_BIT.PLAIN) === 0 || ((kind >> 4) & 0xf) !== 4) return;
  const stage = kind & 7;
  const first = stage === STAGE.FIRST;
  const masks = core.masks.paging;
  const leaf = pagingMask(stage, 1, true);
  const snp = masks[leaf] as number;
  const high = masks[leaf + 1] as number;
  // Rows hold the masks in short: those of the layout tables must have that form.
  let tableLow = core.farLow | PS;
  let tableHigh = core.farHigh;
  for (let level = 2; level <= 4; level++) {
    const mask = pagingMask(stage, level, false);
    tableLow |= masks[mask] as number;
    tableHigh |= masks[mask + 1] as number;
  }
  const usual =
    tableLow === (core.farLow | PS | (first ? 0 : SNP)) &&
    tableHigh === (high | core.farHigh) &&
    (snp & ~SNP) === 0;
  const rootHigh = words[record + WALK.ROOT_HIGH] as number;
  const rootLow = words[record + WALK.ROOT_LOW] as number;
  if (!usual || ((rootHigh & core.farHigh) | (rootLow & core.farLow)) !== 0) return;
  const width = (words[record + WALK.WIDTH] as number) & 0xff;
  const bits = words[record + WALK.KEPT] as number;
  ready[row] = core.generation | requester;
  ready[row | ROW.PASID] = pasid;
  ready[row | ROW.CHECK] = (first ? (width - 33) | 0x100 : width - 32) | snp;
  ready[row | ROW.KEPT] = (bits & 0xffff) | (first ? 5 : 0);
  ready[row | ROW.DIRTY] = bits >>> 16;
  ready[row | ROW.ROOT] = ((rootHigh & NEAR) << 20) | (rootLow >>> 12);
  ready[row | ROW.HIGH] = high;
  ready[row | ROW.SLOT] = scalable ? core.pasids.slotOf(record) : -1;
  core.readyContexts[row >> ROW_SHIFT] = core.contexts.slotOf(core.context);
}
