// First-stage tables of 4 and 5 levels as the naive walker sees them (sections 3.6 and 9.7).
import { bit, bits, fetch, type NaiveWalk, needsWrite, ones, refuse } from "./naive-request.ts";
import type { UsedEntry } from "./naive-second-stage.ts";

export interface FirstStageTables {
  readonly root: bigint;
  readonly levels: bigint;
  /** Where the entry at a table address lies in host memory: the address itself, or through the second stage. */
  readonly locate: (address: bigint, top: boolean) => bigint;
  /** Nested: addresses in entries have at most this many bits. */
  readonly guestWidth: bigint | null;
  readonly supervisor: boolean;
  readonly writeProtect: boolean;
}

export interface FirstStageResult {
  readonly address: bigint;
  readonly mask: bigint;
  readonly write: boolean;
  readonly entries: readonly UsedEntry[];
}

/** Bits 63 down to the top bit of the tables' width are all equal. */
export function isCanonical(address: bigint, levels: bigint): boolean {
  const width = 12n + 9n * levels;
  const upper = address >> (width - 1n);
  return upper === 0n || upper === ones(64n - width, 0n);
}

function reservedBits(walk: NaiveWalk, level: bigint, leaf: boolean): bigint {
  let mask = ones(51n, walk.machine.haw);
  // Bit 7 is PAT at level 1; elsewhere it may only say "this maps a page".
  if (!leaf) mask |= ones(7n, 7n);
  if (leaf && level > 1n) mask |= ones(12n + 9n * (level - 1n) - 1n, 13n);
  return mask;
}

function isLeaf(walk: NaiveWalk, level: bigint, word: bigint): boolean {
  if (level === 1n) return true;
  if (level === 2n) return bit(word, 7n);
  return level === 3n && bit(word, 7n) && walk.machine.capabilities.firstStage1G;
}

/** Walks to the page of the request's address, then judges the rights that all entries grant together. */
export function walkFirstStage(walk: NaiveWalk, tables: FirstStageTables): FirstStageResult {
  const input = walk.request.address;
  if (!isCanonical(input, tables.levels)) refuse(0x80);
  const entries: UsedEntry[] = [];
  let table = tables.root;
  let user = true;
  let write = true;
  for (let level = tables.levels; ; level -= 1n) {
    const top = level === tables.levels;
    const shift = 12n + 9n * (level - 1n);
    const address = tables.locate(table + bits(input, shift + 8n, shift) * 8n, top);
    const [word = 0n] = fetch(walk, address, 1, top ? 0x73 : 0x70);
    if (!bit(word, 0n)) refuse(0x71);
    const leaf = isLeaf(walk, level, word);
    if ((word & reservedBits(walk, level, leaf)) !== 0n) refuse(0x72);
    const mask = (1n << shift) - 1n;
    const target = word & ones(51n, 12n) & (leaf ? ~mask : -1n);
    if (tables.guestWidth !== null && target >> tables.guestWidth !== 0n) refuse(0x74);
    write &&= bit(word, 1n);
    user &&= bit(word, 2n);
    entries.push({ address, word, leaf });
    if (leaf) {
      if (tables.supervisor) write ||= !tables.writeProtect;
      else if (!user) refuse(0x81);
      if (needsWrite(walk.request) && !write) refuse(0x85);
      return { address: target + (input & mask), mask, write, entries };
    }
    table = target;
  }
}
