// Second-stage tables of 3, 4 and 5 levels, alone or under a first stage (sections 3.7, 3.8 and 9.8 of the specification).

import { exceeds, offsetMask, tableIndex } from "./address.ts";
import type { Core } from "./core.ts";
import { pagingMask } from "./entry-masks.ts";
import { FAULT } from "./fault-codes.ts";
import { findTable, levelOfTable, rightsOfTable } from "./paging-cache.ts";
import { ACCESSED } from "./pasid-table.ts";
import { FLAG } from "./request.ts";
import { CACHE, DECISION, TABLE } from "./trace.ts";
import { KIND_BIT, STAGE, WALK } from "./walk-record.ts";

/** What a second-stage walk is for: the page itself, or the fetch of a first-stage table. */
export const FOR = { PAGE: 0, TOP_TABLE: 1, LOWER_TABLE: 2 } as const;

const decisionOf = (leaf: boolean, level: number): number =>
  leaf ? DECISION.PAGE_4K + level - 1 : DECISION.NEXT;

/** The walk of an address space of its own: legacy tables, or PGTT second-stage. */
export function walkSecondStage(core: Core): number {
  const { words } = core.store;
  const record = core.walk;
  const width = (words[record + WALK.WIDTH] ?? 0) & 0xff;
  if (exceeds(core.high, core.low, width)) return core.code(FAULT.SGN_5, FAULT.LGN_1);
  const levels = ((words[record + WALK.KIND] ?? 0) >> 4) & 0xf;
  return translateSecondStage(
    core,
    core.high,
    core.low,
    words[record + WALK.ROOT_HIGH] ?? 0,
    words[record + WALK.ROOT_LOW] ?? 0,
    levels,
    rightsNeeded(core),
    FOR.PAGE,
  );
}

/** The rights a request asks for; a zero-length read of a write-only page passes on a unit with ZLR. */
export function rightsNeeded(core: Core): number {
  const need = core.flags & FLAG.ATOMIC;
  return core.capabilities.zlr && (core.flags & FLAG.ZERO_LENGTH) !== 0 && need === FLAG.READ
    ? 0
    : need;
}

/**
 * Walks the tables under a root for an address. Leaves `core.out*`: address, level of the leaf, rights gathered.
 * `need`: rights asked for. Returns 0 or the fault.
 */
export function translateSecondStage(
  core: Core,
  high: number,
  low: number,
  rootHigh: number,
  rootLow: number,
  levels: number,
  need: number,
  purpose: number,
): number {
  const { masks, switches, trace } = core;
  const record = core.walk;
  const kind = core.store.words[record + WALK.KIND] ?? 0;
  const domain = core.store.words[record + WALK.DOMAIN] ?? 0;
  const updates = (kind & KIND_BIT.SSADE) !== 0;
  let tableHigh = rootHigh;
  let tableLow = rootLow;
  let level = levels;
  let rights: number = FLAG.ATOMIC;
  if (core.paging.size > 0) {
    const at = findTable(core, STAGE.SECOND, levels, high, low, domain, 0);
    if (trace.on === 1) trace.lookup(CACHE.PAGING, at < 0 ? -1 : core.paging.slotOf(at));
    if (at >= 0) {
      const { words } = core.store;
      level = levelOfTable(words[at] ?? 0);
      rights = rightsOfTable(words[at] ?? 0) & FLAG.ATOMIC;
      tableHigh = words[at + 5] ?? 0;
      tableLow = words[at + 6] ?? 0;
    }
  }
  for (; ; level--) {
    const index = tableIndex(high, low, level);
    const entryLow = tableLow | (index << 3);
    const backed = core.readEntry(tableHigh, entryLow);
    const l = core.entryLow;
    const h = core.entryHigh;
    const leaf = level === 1 || (level <= 3 && (l & 0x80) !== 0);
    let fault = 0;
    if (!backed || (switches.allOnesIsFailedRead && (l & h) === -1)) {
      fault =
        level === levels
          ? core.code(FAULT.SSL_4, FAULT.LCT_4)
          : core.code(FAULT.SSL_1, FAULT.LSL_1);
    } else if ((l & FLAG.ATOMIC) === 0) fault = missing(core, FAULT.SSL_2, need, purpose);
    else if (switches.rightsPerLevel && (l & need) !== need)
      fault = missing(core, rightCode(l, need), need, purpose);
    else {
      const mask = pagingMask(2, level, leaf);
      if (((l & (masks.paging[mask] ?? 0)) | (h & (masks.paging[mask + 1] ?? 0))) !== 0) {
        fault = core.code(FAULT.SSL_3, FAULT.LSL_2);
      }
    }
    core.traceRead(
      TABLE.SECOND_STAGE,
      level,
      fault,
      decisionOf(leaf, level),
      index,
      tableHigh,
      entryLow,
      core.entryAt,
      backed ? 2 : 0,
    );
    if (fault !== 0) return fault;
    rights &= l;
    if (updates) {
      const dirty = leaf && purpose === FOR.PAGE && (core.flags & FLAG.WRITE) !== 0;
      const bits = ACCESSED.SECOND | (dirty ? ACCESSED.SECOND_DIRTY : 0);
      core.updates.note(tableHigh, entryLow, l, bits, false);
    }
    if (leaf) {
      core.leafHigh = tableHigh;
      core.leafLow = entryLow;
      core.leafEntry = l;
      break;
    }
    tableHigh = h & 0xf_ffff;
    tableLow = l & 0xffff_f000;
    if (core.paging.size > 0) {
      core.tables.note(STAGE.SECOND, level - 1, high, low, domain, 0, tableHigh, tableLow, rights);
    }
  }
  if (rights === 0) return missing(core, FAULT.SSL_2, need, purpose);
  if ((rights & need) !== need) return missing(core, rightCode(rights, need), need, purpose);
  const offset = offsetMask(level);
  core.outHigh = core.entryHigh & 0xf_ffff;
  core.outLow = (core.entryLow & 0xffff_f000 & ~offset) | (low & offset);
  core.outLevel = level;
  core.outRights = rights;
  core.outDirty =
    !updates ||
    ((core.leafEntry | (core.flags & FLAG.WRITE ? ACCESSED.SECOND_DIRTY : 0)) &
      ACCESSED.SECOND_DIRTY) !==
      0;
  return 0;
}

/** SGN.6 when the write right is missing, else SGN.7. */
const rightCode = (rights: number, need: number): number =>
  (need & ~rights & FLAG.WRITE) !== 0 ? FAULT.SGN_6 : FAULT.SGN_7;

/** The code for a missing right: every denied fetch of a first-stage table is SFL.6 or SFL.7. */
function missing(core: Core, code: number, need: number, purpose: number): number {
  if (purpose === FOR.TOP_TABLE) return FAULT.SFL_6;
  if (purpose === FOR.LOWER_TABLE) return FAULT.SFL_7;
  const write = code === FAULT.SSL_2 ? (need & FLAG.WRITE) !== 0 : code === FAULT.SGN_6;
  return core.code(code, write ? FAULT.LGN_2 : FAULT.LGN_3);
}
