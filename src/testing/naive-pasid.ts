// What a PASID table entry leads to: first stage, second stage, both, or neither, with accessed and dirty bits
// (sections 3.6 to 3.9 and 9.6), as the naive walker sees it.
import { type FirstStageResult, walkFirstStage } from "./naive-first-stage.ts";
import {
  bit,
  bits,
  inInterruptRange,
  type NaiveOutcome,
  type NaiveUpdate,
  type NaiveWalk,
  needsWrite,
  ones,
  PASS_THROUGH_MASK,
  refuse,
} from "./naive-request.ts";
import {
  checkScalableRights,
  levelsOf,
  SCALABLE_PAGE,
  type SecondStageResult,
  secondStageWidth,
  walkSecondStage,
} from "./naive-second-stage.ts";

const ACCESSED = 1n << 5n;
const DIRTY = 1n << 6n;
const EXTENDED_ACCESSED = 1n << 10n;
const SS_ACCESSED = 1n << 8n;
const SS_DIRTY = 1n << 9n;

/** The fields of a checked PASID table entry. */
export interface PasidFields {
  readonly type: bigint;
  readonly aw: bigint;
  readonly ssptptr: bigint;
  readonly ssade: boolean;
  readonly snooped: boolean;
  readonly fspm: bigint;
  readonly fsptptr: bigint;
  readonly writeProtect: boolean;
  readonly eafe: boolean;
}

export function pasidFields(walk: NaiveWalk, entry: readonly bigint[]): PasidFields {
  const [q0 = 0n, q1 = 0n, q2 = 0n] = entry;
  return {
    type: bits(q0, 8n, 6n),
    aw: bits(q0, 4n, 2n),
    ssptptr: q0 & ones(63n, 12n),
    ssade: bit(q0, 9n),
    snooped: walk.machine.capabilities.coherentWalks && bit(q1, 23n),
    fspm: bits(q2, 3n, 2n),
    fsptptr: q2 & ones(63n, 12n),
    writeProtect: bit(q2, 4n),
    eafe: bit(q2, 7n),
  };
}

export function translateByPasidEntry(
  walk: NaiveWalk,
  fields: PasidFields,
  supervisor: boolean,
): NaiveOutcome {
  if (fields.type === 1n) return firstStageOnly(walk, fields, supervisor);
  if (fields.type === 2n) return secondStageOnly(walk, fields);
  if (fields.type === 3n) return nested(walk, fields, supervisor);
  const address = walk.request.address;
  if (address >> walk.machine.haw !== 0n) refuse(0x83);
  if (inInterruptRange(address)) refuse(0x87);
  const mask = PASS_THROUGH_MASK;
  return { kind: "reached", address, walked: true, mask, read: true, write: true, updates: [] };
}

/** Bits that this request still has to set in the first-stage entries it used, entry by entry. */
function firstStageUpdates(
  walk: NaiveWalk,
  fields: PasidFields,
  found: FirstStageResult,
): NaiveUpdate[] {
  return found.entries.map(({ address, word, leaf }) => {
    let wanted = ACCESSED;
    if (fields.eafe) wanted |= EXTENDED_ACCESSED;
    if (leaf && needsWrite(walk.request)) wanted |= DIRTY;
    return { address, bits: wanted & ~word };
  });
}

/** Flags can only be set by a walk that snoops caches. */
function checkSnooped(fields: PasidFields, updates: readonly NaiveUpdate[], code: number): void {
  if (!fields.snooped && updates.some((update) => update.bits !== 0n)) refuse(code);
}

/** The same for one second-stage walk; `written` asks for the dirty bit of its page. */
function secondStageUpdates(
  fields: PasidFields,
  found: SecondStageResult,
  written: boolean,
): NaiveUpdate[] {
  if (!fields.ssade) return [];
  const updates = found.entries.map(({ address, word, leaf }) => ({
    address,
    bits: (leaf && written ? SS_ACCESSED | SS_DIRTY : SS_ACCESSED) & ~word,
  }));
  checkSnooped(fields, updates, 0x7c);
  return updates;
}

const onlyReal = (updates: readonly NaiveUpdate[]): NaiveUpdate[] =>
  updates.filter((update) => update.bits !== 0n);

function firstStageOnly(walk: NaiveWalk, fields: PasidFields, supervisor: boolean): NaiveOutcome {
  const found = walkFirstStage(walk, {
    root: fields.fsptptr,
    levels: 4n + fields.fspm,
    locate: (address) => address,
    guestWidth: null,
    supervisor,
    writeProtect: fields.writeProtect,
  });
  if (inInterruptRange(found.address)) refuse(0x87);
  const updates = onlyReal(firstStageUpdates(walk, fields, found));
  checkSnooped(fields, updates, 0x90);
  const { address, mask, write } = found;
  return { kind: "reached", address, walked: true, mask, read: true, write, updates };
}

function secondStageOnly(walk: NaiveWalk, fields: PasidFields): NaiveOutcome {
  const input = walk.request.address;
  if (input >> secondStageWidth(walk, fields.aw) !== 0n) refuse(0x84);
  const found = walkSecondStage(walk, fields.ssptptr, levelsOf(fields.aw), input, SCALABLE_PAGE);
  checkScalableRights(walk, found);
  if (inInterruptRange(found.address)) refuse(0x87);
  const updates = onlyReal(secondStageUpdates(fields, found, needsWrite(walk.request)));
  const { address, mask, read, write } = found;
  return { kind: "reached", address, walked: true, mask, read, write, updates };
}

function nested(walk: NaiveWalk, fields: PasidFields, supervisor: boolean): NaiveOutcome {
  const levels = levelsOf(fields.aw);
  const tableWalks: SecondStageResult[] = [];
  const first = walkFirstStage(walk, {
    root: fields.fsptptr,
    levels: 4n + fields.fspm,
    locate: (guest, top) => {
      const denied = top ? 0x75 : 0x76;
      const codes = { ...SCALABLE_PAGE, empty: denied };
      const found = walkSecondStage(walk, fields.ssptptr, levels, guest, codes);
      // With accessed and dirty flags on, tables must be mapped for writing too.
      if (!found.read || (fields.ssade && !found.write)) refuse(denied);
      tableWalks.push(found);
      return found.address;
    },
    guestWidth: secondStageWidth(walk, fields.aw),
    supervisor,
    writeProtect: fields.writeProtect,
  });
  const page = walkSecondStage(walk, fields.ssptptr, levels, first.address, SCALABLE_PAGE);
  checkScalableRights(walk, page);
  if (inInterruptRange(page.address)) refuse(0x87);

  const firstUpdates = firstStageUpdates(walk, fields, first);
  firstUpdates.forEach((update, n) => {
    if (update.bits !== 0n && tableWalks[n]?.write !== true) refuse(0x77);
  });
  // Which of several updates that cannot be made is reported is open: here the first in the order of the walk.
  tableWalks.forEach((found, n) => {
    secondStageUpdates(fields, found, false);
    checkSnooped(fields, firstUpdates.slice(n, n + 1), 0x90);
  });
  // Setting flags in a first-stage table writes to the page that the second stage maps there.
  const tableUpdates = tableWalks.flatMap((found, n) =>
    secondStageUpdates(fields, found, firstUpdates[n]?.bits !== 0n),
  );
  const pageUpdates = secondStageUpdates(fields, page, needsWrite(walk.request));
  return {
    kind: "reached",
    address: page.address,
    walked: true,
    mask: page.mask < first.mask ? page.mask : first.mask,
    read: page.read,
    write: page.write && first.write,
    updates: onlyReal([...firstUpdates, ...tableUpdates, ...pageUpdates]),
  };
}
