// Builds tables as bytes with plain arithmetic, and remembers where each entry stands, so that tests can damage it.
import { addPage, type NaivePages, putWord, readPages } from "./naive-memory.ts";

export type EntryKind = "root" | "context" | "directory" | "pasid" | "first" | "second";

export interface BuiltEntry {
  readonly kind: EntryKind;
  readonly address: bigint;
  /** 64-bit words. */
  readonly count: number;
  readonly leaf: boolean;
}

/** Pages and entries of a machine under construction. Table pages lie scattered below 1 GiB and from `upper` on. */
export class TableBuilder {
  readonly upper: bigint;
  readonly pages: NaivePages = new Map();
  readonly entries: BuiltEntry[] = [];
  private tables = 0n;
  private blocks = 0n;

  constructor(upper = 1n << 37n) {
    this.upper = upper;
  }

  /** A fresh page for a table. */
  newTable(): bigint {
    const number = 0x100n + ((this.tables * 0x9e5n) % 0x4000n);
    const address = (number << 12n) | (this.tables % 3n === 2n ? this.upper : 0n);
    this.tables += 1n;
    addPage(this.pages, address);
    return address;
  }

  /** A fresh block for what a leaf maps: 1 GiB apart, aligned for every page size, from 66 GiB on. */
  newBlock(): bigint {
    this.blocks += 1n;
    return (this.blocks + 65n) << 30n;
  }

  put(kind: EntryKind, address: bigint, words: readonly bigint[], leaf = false): void {
    words.forEach((word, n) => {
      putWord(this.pages, address + 8n * BigInt(n), word);
    });
    this.entries.push({ kind, address, count: words.length, leaf });
  }

  word(address: bigint): bigint {
    return readPages(this.pages)(address, 1)?.[0] ?? 0n;
  }
}

/** A tree of paging tables. Table addresses are the tree's own: guest addresses when it lies behind a second stage. */
export interface RadixTree {
  readonly kind: "first" | "second";
  readonly root: bigint;
  readonly levels: number;
  readonly newTable: () => bigint;
  /** Where the table page at a table address lies in host memory. */
  readonly locate: (table: bigint) => bigint;
  /** Everything of an entry but its address and page-size bit. */
  readonly flags: () => bigint;
}

const shiftOf = (level: number): bigint => 12n + 9n * BigInt(level - 1);
const ADDRESS = 0x000f_ffff_ffff_f000n;

/**
 * Maps `input` by a leaf at `leafLevel` onto `target`, making tables where there are none, and returns where `input`
 * is now: elsewhere than asked when a larger page was there before.
 */
export function mapPage(
  builder: TableBuilder,
  tree: RadixTree,
  input: bigint,
  leafLevel: number,
  target: bigint,
): bigint {
  let table = tree.root;
  for (let level = tree.levels; ; level -= 1) {
    const shift = shiftOf(level);
    const address = tree.locate(table) + ((input >> shift) & 0x1ffn) * 8n;
    const mask = (1n << shift) - 1n;
    let word = builder.word(address);
    if (word === 0n) {
      const leaf = level === leafLevel;
      const size = leaf && level > 1 ? 1n << 7n : 0n;
      word = (leaf ? target & ~mask : tree.newTable()) | tree.flags() | size;
      builder.put(tree.kind, address, [word], leaf);
    }
    if (level === 1 || (level <= 3 && ((word >> 7n) & 1n) === 1n)) {
      return (word & ADDRESS & ~mask) | (input & mask);
    }
    table = word & ADDRESS;
  }
}
