// First-stage tables of 4 and 5 levels, alone or over a second stage (sections 3.6, 3.8 and 9.7 of the specification).

import { exceeds, isCanonical, offsetMask, tableIndex } from "./address.ts";
import type { Core } from "./core.ts";
import { pagingMask } from "./entry-masks.ts";
import { FAULT } from "./fault-codes.ts";
import { findTable, levelOfTable, rightsOfTable, USER } from "./paging-cache.ts";
import { ACCESSED } from "./pasid-table.ts";
import { FLAG } from "./request.ts";
import { FOR, rightsNeeded, translateSecondStage } from "./second-stage.ts";
import { CACHE, DECISION, TABLE } from "./trace.ts";
import { KIND_BIT, STAGE, WALK } from "./walk-record.ts";

const P = 1;
const RW = 2;
const US = 4;

/**
 * Walks the first stage for the request at hand, and the second stage under it when PGTT is nested.
 * Leaves `core.out*` and returns 0, or the fault.
 */
export function walkFirstStage(core: Core): number {
  const { masks, switches, trace } = core;
  const record = core.walk;
  const read = (word: number) => core.store.words[record + word] ?? 0;
  const kind = read(WALK.KIND);
  const widths = read(WALK.WIDTH);
  const nested = (kind & 7) === STAGE.NESTED;
  const levels = (kind >> 4) & 0xf;
  const domain = read(WALK.DOMAIN);
  const { high, low } = core;
  if (!isCanonical(high, low, widths & 0xff)) return FAULT.SGN_1;

  const user = !core.supervisor;
  const write = (core.flags & FLAG.WRITE) !== 0;
  /** Writes need R/W in every entry. */
  const bound = user || (kind & KIND_BIT.WPE) !== 0;
  const accessed = ACCESSED.FIRST | ((kind & KIND_BIT.EAFE) !== 0 ? ACCESSED.EXTENDED : 0);

  let tableHigh = read(WALK.ROOT_HIGH);
  let tableLow = read(WALK.ROOT_LOW);
  let level = levels;
  let rights = RW | US;
  if (core.paging.size > 0 && !nested) {
    const at = findTable(core, STAGE.FIRST, levels, high, low, domain, core.effectivePasid);
    if (trace.on === 1) trace.lookup(CACHE.PAGING, at < 0 ? -1 : core.paging.slotOf(at));
    if (at >= 0) {
      const { words } = core.store;
      const known = rightsOfTable(words[at] ?? 0);
      level = levelOfTable(words[at] ?? 0);
      rights = (known & FLAG.WRITE ? RW : 0) | (known & USER ? US : 0);
      tableHigh = words[at + 5] ?? 0;
      tableLow = words[at + 6] ?? 0;
    }
  }
  for (; ; level--) {
    const index = tableIndex(high, low, level);
    let entryHigh = tableHigh;
    let entryLow = tableLow | (index << 3);
    let denied = false;
    if (nested) {
      const fault = translateTable(core, entryHigh, entryLow, level === levels, kind, widths);
      if (fault !== 0) return fault;
      entryHigh = core.outHigh;
      entryLow = core.outLow;
      denied = (core.outRights & FLAG.WRITE) === 0;
    }
    const backed = core.readEntry(entryHigh, entryLow);
    const l = core.entryLow;
    const h = core.entryHigh;
    const leaf = level === 1 || (level <= 3 && (l & 0x80) !== 0);
    let fault = 0;
    if (!backed || (switches.allOnesIsFailedRead && (l & h) === -1))
      fault = level === levels ? FAULT.SFL_4 : FAULT.SFL_1;
    else if ((l & P) === 0) fault = FAULT.SFL_2;
    else if (switches.rightsPerLevel && user && (l & US) === 0) fault = FAULT.SGN_2;
    else if (switches.rightsPerLevel && write && bound && (l & RW) === 0) fault = FAULT.SGN_6;
    else {
      const mask = pagingMask(1, level, leaf);
      if (((l & (masks.paging[mask] ?? 0)) | (h & (masks.paging[mask + 1] ?? 0))) !== 0) {
        fault = FAULT.SFL_3;
      } else if (nested && exceeds(h & 0xf_ffff, l & 0xffff_f000, widths >> 8)) {
        fault = FAULT.SFL_5;
      }
    }
    core.traceRead(
      TABLE.FIRST_STAGE,
      level,
      fault,
      leaf ? DECISION.PAGE_4K + level - 1 : DECISION.NEXT,
      index,
      entryHigh,
      entryLow,
      core.entryAt,
      backed ? 2 : 0,
    );
    if (fault !== 0) return fault;
    rights &= l;
    noteAccess(core, entryHigh, entryLow, l, accessed, leaf && write, nested, denied);
    if (leaf) {
      core.outHigh = h & 0xf_ffff;
      core.outLow = (l & 0xffff_f000 & ~offsetMask(level)) | (low & offsetMask(level));
      core.outDirty = write || switches.dirtyOnlyWithAccessed || (l & ACCESSED.DIRTY) !== 0;
      break;
    }
    tableHigh = h & 0xf_ffff;
    tableLow = l & 0xffff_f000;
    if (core.paging.size > 0 && !nested) {
      const known = FLAG.READ | (rights & RW ? FLAG.WRITE : 0) | (rights & US ? USER : 0);
      const pasid = core.effectivePasid;
      core.tables.note(
        STAGE.FIRST,
        level - 1,
        high,
        low,
        domain,
        pasid,
        tableHigh,
        tableLow,
        known,
      );
    }
  }
  if (user && (rights & US) === 0) return FAULT.SGN_2;
  if (write && bound && (rights & RW) === 0) return FAULT.SGN_6;
  core.outLevel = level;
  core.outRights = FLAG.READ | (!bound || (rights & RW) !== 0 ? FLAG.WRITE : 0);
  return nested ? translatePage(core, kind) : 0;
}

/** The second-stage walk for the fetch of a first-stage entry: with SSADE it needs both rights (3.8.1). */
function translateTable(
  core: Core,
  high: number,
  low: number,
  top: boolean,
  kind: number,
  widths: number,
): number {
  const { words } = core.store;
  // The root was judged with the PASID table entry, every other table with the entry that led to it.
  if (exceeds(high, low, widths >> 8)) return FAULT.SFL_5;
  return translateSecondStage(
    core,
    high,
    low,
    words[core.walk + WALK.SECOND_HIGH] ?? 0,
    words[core.walk + WALK.SECOND_LOW] ?? 0,
    (kind >> 8) & 0xf,
    (kind & KIND_BIT.SSADE) !== 0 ? FLAG.ATOMIC : FLAG.READ,
    top ? FOR.TOP_TABLE : FOR.LOWER_TABLE,
  );
}

/** The second-stage walk of the page that the first stage reached: the smaller page and the common rights count. */
function translatePage(core: Core, kind: number): number {
  const { words } = core.store;
  const { outLevel, outRights, outDirty } = core;
  const fault = translateSecondStage(
    core,
    core.outHigh,
    core.outLow,
    words[core.walk + WALK.SECOND_HIGH] ?? 0,
    words[core.walk + WALK.SECOND_LOW] ?? 0,
    (kind >> 8) & 0xf,
    rightsNeeded(core),
    FOR.PAGE,
  );
  core.outLevel = Math.min(core.outLevel, outLevel);
  core.outRights &= outRights;
  core.outDirty = core.outDirty && outDirty;
  return fault;
}

/** QEMU sets A entry by entry, D only together with A; else both are noted for the end of the walk. */
function noteAccess(
  core: Core,
  high: number,
  low: number,
  entry: number,
  accessed: number,
  written: boolean,
  nested: boolean,
  denied: boolean,
): void {
  const bits = accessed | (written ? ACCESSED.DIRTY : 0);
  if (core.switches.accessedDuringWalk) {
    if (!core.switches.dirtyOnlyWithAccessed || (entry & bits) === 0) core.setBits(high, low, bits);
    return;
  }
  const missing = core.switches.dirtyOnlyWithAccessed && (entry & bits) !== 0 ? 0 : bits;
  if ((entry & missing) === missing) return;
  core.updates.note(high, low, entry, bits, true, nested && denied);
  // Writing the entry dirties the page it lies in.
  const kind = core.store.words[core.walk + WALK.KIND] ?? 0;
  if (nested && (kind & KIND_BIT.SSADE) !== 0) {
    const dirty = ACCESSED.SECOND | ACCESSED.SECOND_DIRTY;
    core.updates.note(core.leafHigh, core.leafLow, core.leafEntry, dirty, false);
  }
}
