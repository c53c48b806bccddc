// PASID directory and PASID table: from the PASID to the entry that says which stages translate (sections 3.4, 9.5 and 9.6).
import { type Core, SCRATCH } from "./core.ts";
import { fillPasid, findPasid, VALID } from "./entry-caches.ts";
import { FAULT } from "./fault-codes.ts";
import { FLAG } from "./request.ts";
import { CACHE, DECISION, TABLE } from "./trace.ts";
import { KIND_BIT, STAGE, WALK } from "./walk-record.ts";

const P = 1;
const FPD = 2;

/** Accessed and dirty bits of first-stage and second-stage entries; EA goes with A under EAFE. */
export const ACCESSED = {
  FIRST: 0x20,
  EXTENDED: 0x400,
  DIRTY: 0x40,
  SECOND: 0x100,
  SECOND_DIRTY: 0x200,
} as const;

/**
 * Finds the PASID table entry of the request at hand, cached or read, and judges the request by it.
 * `core.walk` is the word of the entry that holds the walk record. Returns 0 or the fault.
 */
export function resolvePasid(core: Core): number {
  const cached = findPasid(core, core.requester, core.effectivePasid);
  if (core.trace.on === 1 && core.pasids.size > 0) {
    core.trace.lookup(CACHE.PASID, cached < 0 ? -1 : core.pasids.slotOf(cached));
  }
  if (cached >= 0) {
    core.walk = cached;
    const kind = core.store.words[cached + WALK.KIND] ?? 0;
    if ((kind & KIND_BIT.FPD) !== 0) core.fpd = true;
    return judge(core, kind);
  }
  core.walk = core.scratch + SCRATCH.PASID;
  const fault = readDirectory(core) || readPasidEntry(core);
  if (fault !== 0) return fault;
  const refused = judge(core, core.store.words[core.walk + WALK.KIND] ?? 0);
  if (refused === 0) core.walk = fillPasid(core);
  return refused;
}

function judge(core: Core, kind: number): number {
  if ((core.flags & FLAG.EXECUTE) !== 0) return FAULT.SPT_5;
  if (core.supervisor && (kind & KIND_BIT.SRE) === 0) return FAULT.SPT_6;
  return 0;
}

/** Leaves the directory entry in `core.entryHigh`, `core.entryLow`. */
function readDirectory(core: Core): number {
  const { words } = core.store;
  const index = core.effectivePasid >> 6;
  const high = words[core.context + 12] ?? 0;
  const start = words[core.context + 13] ?? 0;
  // The directory may be longer than a page; the carry out of 32 bits is 0 or 1.
  const low = (start + index * 8) | 0;
  const carried = (high + (low >>> 0 < start >>> 0 ? 1 : 0)) & 0xf_ffff;
  const backed = core.readEntry(carried, low);
  const at = core.entryAt;
  const bits = core.entryLow;
  let fault = 0;
  const fpd = backed && (bits & FPD) !== 0;
  if (fpd && !core.switches.fpdOfPasidOnlyWhenFound) core.fpd = true;
  if (!backed) fault = FAULT.SPD_1;
  else if ((bits & P) === 0) fault = FAULT.SPD_2;
  else if (!core.switches.pasidReservedUnchecked && core.anyOf(core.masks.directory, 0, at, 2)) {
    fault = FAULT.SPD_3;
  }
  core.directoryFpd = fpd;
  core.traceRead(TABLE.DIRECTORY, 0, fault, DECISION.NEXT, index, carried, low, at, backed ? 2 : 0);
  return fault;
}

function readPasidEntry(core: Core): number {
  const { switches } = core;
  const index = core.effectivePasid & 0x3f;
  // Bits that nobody judged count as address: no memory answers beyond 52 bits.
  const beyond = core.entryHigh >>> 20 !== 0;
  const high = core.entryHigh & 0xf_ffff;
  const low = (core.entryLow & 0xffff_f000) | (index << 6);
  const backed = core.readEntry(high, low) && !beyond;
  const at = core.entryAt;
  const bits = core.entryLow;
  let fault = 0;
  if (backed && (bits & FPD) !== 0 && !switches.fpdOfPasidOnlyWhenFound) core.fpd = true;
  const present = (bits & P) !== 0;
  const stage = (bits >> 6) & 7;
  if (!backed) fault = FAULT.SPT_1;
  else if (switches.pasidEntryTypeBeforePresent) {
    const presenceCounts = !switches.pasidPresenceWithContextOnly || !core.contextCached;
    fault = judgeProgramming(core, at);
    if (fault === 0 && !present && presenceCounts) fault = FAULT.SPT_2;
  } else if (!present) fault = FAULT.SPT_2;
  else if (!switches.pasidReservedUnchecked && core.anyOf(core.masks.pasid, 0, at, 16)) {
    fault = FAULT.SPT_3;
  } else fault = judgeProgramming(core, at);
  if (fault === 0) {
    if (core.directoryFpd || (bits & FPD) !== 0) core.fpd = true;
    build(core, at);
  }
  const decision = DECISION.FIRST_STAGE + stage - 1;
  core.traceRead(TABLE.PASID, 0, fault, decision, index, high, low, at, backed ? 16 : 0);
  return fault;
}

/** SPT.4: a stage the unit has, a width and a paging mode it can walk. */
function judgeProgramming(core: Core, at: number): number {
  const { capabilities } = core;
  const { words } = core.store;
  const word0 = words[at] ?? 0;
  const aw = (word0 >> 2) & 7;
  const mode = ((words[at + 4] ?? 0) >> 2) & 3;
  const first = () => mode === 0 || (mode === 1 && capabilities.fs5lp);
  switch ((word0 >> 6) & 7) {
    case STAGE.FIRST:
      return capabilities.fsts && first() ? 0 : FAULT.SPT_4;
    case STAGE.SECOND:
      return capabilities.ssts && core.secondStageWidth(aw) ? 0 : FAULT.SPT_4;
    case STAGE.NESTED: {
      if (!capabilities.nest || !core.secondStageWidth(aw) || !first()) return FAULT.SPT_4;
      const width = Math.min(capabilities.mgaw, 30 + 9 * aw);
      return ((words[at + 5] ?? 0) & 0xf_ffff) >>> (width - 32) === 0 ? 0 : FAULT.SPT_4;
    }
    case STAGE.PASS_THROUGH:
      return capabilities.pt ? 0 : FAULT.SPT_4;
    default:
      return FAULT.SPT_4;
  }
}

/** The walk record, from the entry at a word. */
function build(core: Core, from: number): void {
  const { capabilities, switches, walk } = core;
  const { words } = core.store;
  const word0 = words[from] ?? 0;
  const word2 = words[from + 2] ?? 0;
  const word4 = words[from + 4] ?? 0;
  const stage = (word0 >> 6) & 7;
  const aw = (word0 >> 2) & 7;
  const first = stage === STAGE.FIRST || stage === STAGE.NESTED;
  const second = stage === STAGE.SECOND || stage === STAGE.NESTED;
  const secondLevels = aw + 2;
  const secondWidth = Math.min(capabilities.mgaw, 30 + 9 * aw);
  let firstWidth = (word4 & 4) !== 0 ? 57 : 48;
  if (switches.firstStageWidthFromAw) firstWidth = Math.min(30 + 9 * aw, core.haw);
  const extended = first && capabilities.eafs && (word4 & 0x80) !== 0;
  const secondUpdates = second && capabilities.ssads && (word0 & (1 << 9)) !== 0;
  words.fill(0, walk, walk + 32);
  words[walk] = VALID | core.requester;
  words[walk + 1] = core.effectivePasid;
  words[walk + 2] = word2 & 0xffff;
  words.copyWithin(walk + 4, from, from + 16);
  words[walk + WALK.KIND] =
    stage |
    ((first ? ((word4 & 4) !== 0 ? 5 : 4) : secondLevels) << 4) |
    (secondLevels << 8) |
    ((word4 & 1) !== 0 ? KIND_BIT.SRE : 0) |
    (first && (word4 & 0x10) !== 0 ? KIND_BIT.WPE : 0) |
    (extended ? KIND_BIT.EAFE : 0) |
    (secondUpdates ? KIND_BIT.SSADE : 0) |
    ((capabilities.smpwcs && (word2 & (1 << 23)) !== 0) || switches.updatesUnsnooped
      ? KIND_BIT.SNOOPED
      : 0) |
    (core.directoryFpd || (word0 & FPD) !== 0 ? KIND_BIT.FPD : 0) |
    (stage <= STAGE.SECOND && (first ? firstWidth : secondWidth) > 33 ? KIND_BIT.PLAIN : 0);
  words[walk + WALK.DOMAIN] = word2 & 0xffff;
  const rootAt = first ? 4 : 0;
  const rootHigh = words[from + rootAt + 1] ?? 0;
  // Bits that nobody judged count as address: beyond 52 bits there is no memory, as at the top of the 52 bits.
  words[walk + WALK.ROOT_HIGH] = rootHigh >>> 20 === 0 ? rootHigh : 0xf_ffff;
  words[walk + WALK.ROOT_LOW] = (words[from + rootAt] ?? 0) & 0xffff_f000;
  words[walk + WALK.SECOND_HIGH] = (words[from + 1] ?? 0) & 0xf_ffff;
  words[walk + WALK.SECOND_LOW] = word0 & 0xffff_f000;
  words[walk + WALK.WIDTH] = (first ? firstWidth : secondWidth) | (secondWidth << 8);
  const accessed = first
    ? ACCESSED.FIRST | (extended ? ACCESSED.EXTENDED : 0)
    : secondUpdates
      ? ACCESSED.SECOND
      : 0;
  const dirty = switches.dirtyOnlyWithAccessed
    ? 0
    : first
      ? ACCESSED.DIRTY
      : secondUpdates
        ? ACCESSED.SECOND_DIRTY
        : 0;
  words[walk + WALK.KEPT] = accessed | ((accessed | dirty) << 16);
}
