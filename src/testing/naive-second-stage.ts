// Second-stage tables of 3, 4 and 5 levels as the naive walker sees them (sections 3.7 and 9.8).
import {
  bit,
  bits,
  fetch,
  type NaiveRequest,
  type NaiveWalk,
  needsRead,
  needsWrite,
  ones,
  refuse,
} from "./naive-request.ts";

/** Fault codes that depend on who walks. */
export interface SecondStageCodes {
  readonly topUnreadable: number;
  readonly unreadable: number;
  readonly reserved: number;
  /** An entry with neither right. */
  readonly empty: number;
}

export interface UsedEntry {
  readonly address: bigint;
  readonly word: bigint;
  readonly leaf: boolean;
}

export interface SecondStageResult {
  readonly address: bigint;
  readonly mask: bigint;
  /** Rights that every entry on the way grants. */
  readonly read: boolean;
  readonly write: boolean;
  readonly entries: readonly UsedEntry[];
}

export const SCALABLE_PAGE: SecondStageCodes = {
  topUnreadable: 0x7b,
  unreadable: 0x78,
  reserved: 0x7a,
  empty: 0x79,
};

/** Levels of the tables that AW names. */
export const levelsOf = (aw: bigint): bigint => aw + 2n;

/** Input addresses have this many bits. */
export const secondStageWidth = (walk: NaiveWalk, aw: bigint): bigint => {
  const tables = 30n + 9n * aw;
  const unit = walk.machine.capabilities.guestWidth;
  return tables < unit ? tables : unit;
};

export const widthSupported = (walk: NaiveWalk, aw: bigint): boolean =>
  aw >= 1n && aw <= 3n && bit(walk.machine.capabilities.sagaw, aw);

function reservedBits(walk: NaiveWalk, level: bigint, leaf: boolean): bigint {
  const { capabilities, haw } = walk.machine;
  let mask = ones(51n, haw) | ones(62n, 62n);
  if (!leaf || !capabilities.snoopControl) mask |= ones(11n, 11n);
  // Whatever is no leaf above level 1 must have the page-size bit clear: level 4, 5 and sizes the unit lacks.
  if (!leaf) mask |= ones(7n, 7n);
  if (leaf && level > 1n) mask |= ones(12n + 9n * (level - 1n) - 1n, 12n);
  return mask;
}

function isLeaf(walk: NaiveWalk, level: bigint, word: bigint): boolean {
  const { secondStage1G, secondStage2M } = walk.machine.capabilities;
  if (level === 1n) return true;
  if (level === 2n) return bit(word, 7n) && secondStage2M;
  return level === 3n && bit(word, 7n) && secondStage1G;
}

/** Walks down to the page of `input`, beginning at `root`. Rights are added up and left to the caller to judge. */
export function walkSecondStage(
  walk: NaiveWalk,
  root: bigint,
  levels: bigint,
  input: bigint,
  codes: SecondStageCodes,
): SecondStageResult {
  const entries: UsedEntry[] = [];
  let table = root;
  let read = true;
  let write = true;
  for (let level = levels; ; level -= 1n) {
    const shift = 12n + 9n * (level - 1n);
    const address = table + bits(input, shift + 8n, shift) * 8n;
    const unreadable = level === levels ? codes.topUnreadable : codes.unreadable;
    const [word = 0n] = fetch(walk, address, 1, unreadable);
    if (!bit(word, 0n) && !bit(word, 1n)) refuse(codes.empty);
    const leaf = isLeaf(walk, level, word);
    if ((word & reservedBits(walk, level, leaf)) !== 0n) refuse(codes.reserved);
    read &&= bit(word, 0n);
    write &&= bit(word, 1n);
    entries.push({ address, word, leaf });
    const target = word & ones(51n, 12n);
    if (leaf) {
      const mask = (1n << shift) - 1n;
      return { address: target + (input & mask), mask, read, write, entries };
    }
    table = target;
  }
}

/** A read of no bytes may find a page that can only be written. */
const zeroLengthPasses = (walk: NaiveWalk, found: SecondStageResult): boolean =>
  walk.machine.capabilities.zeroLengthRead &&
  walk.request.access === "read" &&
  walk.request.length === 0 &&
  found.write;

/** Legacy mode: one code for a missing write right, one for a missing read right. */
export function checkLegacyRights(walk: NaiveWalk, found: SecondStageResult): void {
  if (zeroLengthPasses(walk, found)) return;
  if (needsWrite(walk.request) && !found.write) refuse(0x05);
  if (needsRead(walk.request) && !found.read) refuse(0x06);
}

export function checkScalableRights(walk: NaiveWalk, found: SecondStageResult): void {
  if (!found.read && !found.write) refuse(0x79);
  if (zeroLengthPasses(walk, found)) return;
  if (needsWrite(walk.request) && !found.write) refuse(0x85);
  if (needsRead(walk.request) && !found.read) refuse(0x86);
}

/** The code of an entry with neither right in legacy mode. */
export const legacyEmptyCode = (request: NaiveRequest): number =>
  needsWrite(request) ? 0x05 : 0x06;
