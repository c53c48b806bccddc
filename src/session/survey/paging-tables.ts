// Paging tables of one stage, read without a walk: what they map, in order of address (sections 3.6 and 3.7).
// Tables may be shared, cyclic or huge: each (page, level, rights) is summed up once.
import { reservedMasks } from "../../hardware/layout/codec.ts";
import { FIRST_STAGE_ENTRY, pageShift, SECOND_STAGE_ENTRY } from "../../hardware/layout/paging.ts";
import type { Environment } from "../../hardware/layout/types.ts";
import type { Allowance } from "./limits.ts";
import { addressOf, type ReadableMemory, readTable, type TableList } from "./pages.ts";

export const READ = 1;
export const WRITE = 2;

/** One mapped page: false stops the listing. Addresses and sizes in bytes, below 2^57 and exact. */
export type MappedPage = (start: number, size: number, target: number, rights: number) => boolean;

interface LevelRules {
  /** Reserved bits of an entry that leads on and of one that maps a page, in halves. */
  readonly table: readonly [high: number, low: number];
  readonly leaf: readonly [high: number, low: number];
  readonly size: number;
}

export class PagingTables {
  readonly #memory: ReadableMemory;
  readonly #first: boolean;
  readonly #allowance: Allowance;
  readonly #tables: TableList;
  readonly #rules: readonly LevelRules[];
  /** Address bits of the upper half. */
  readonly #highMask: number;
  /** Where a table address leads in host memory; null: nowhere. The identity unless nested. */
  readonly #locate: (address: number) => number | null;
  readonly #mapped = new Map<number, number>();

  constructor(
    stage: "first-stage" | "second-stage",
    memory: ReadableMemory,
    environment: Environment,
    allowance: Allowance,
    tables: TableList,
    locate: (address: number) => number | null = (address) => address,
  ) {
    this.#first = stage === "first-stage";
    this.#memory = memory;
    this.#allowance = allowance;
    this.#tables = tables;
    this.#locate = locate;
    this.#highMask = 2 ** (environment.haw - 32) - 1;
    const structure = this.#first ? FIRST_STAGE_ENTRY : SECOND_STAGE_ENTRY;
    const halves = (level: number, leaf: boolean): readonly [number, number] => {
      const mask = reservedMasks(structure, { ...environment, level, leaf })[0] ?? 0n;
      return [Number(mask >> 32n) | 0, Number(mask & 0xffff_ffffn) | 0];
    };
    this.#rules = [1, 2, 3, 4, 5].map((level) => ({
      table: halves(level, false),
      leaf: halves(level, true),
      size: 2 ** pageShift(level),
    }));
  }

  /** Bytes that the table at `address` maps with any right, given the rights that led to it. */
  mapped(address: number, level: number, rights: number): number {
    const key = (address / 4096) * 32 + level * 4 + rights;
    const known = this.#mapped.get(key);
    if (known !== undefined) return known;
    let sum = 0;
    let present = 0;
    const place = this.#locate(address);
    const role = this.#first ? "first-stage table" : "second-stage table";
    const page =
      place === null || !this.#allowance.take("tables") ? null : readTable(this.#memory, place);
    if (page) {
      this.#scan(page.data, level, rights, (_, target, granted, leaf) => {
        if (leaf) sum += this.#sizeAt(level);
        else sum += this.mapped(target, level - 1, granted);
        return true;
      });
      for (let at = 0; at < 4096; at += 8) {
        if (this.#isPresent(page.data.getInt32(at, true))) present++;
      }
      this.#tables.add(page.address, role, level, present);
    }
    this.#mapped.set(key, sum);
    return sum;
  }

  /** Calls `each` for every mapped page of the table in order of address. False when it was stopped. */
  list(address: number, level: number, rights: number, base: number, each: MappedPage): boolean {
    if (this.mapped(address, level, rights) === 0) return true;
    if (!this.#allowance.take("visits")) return false;
    const place = this.#locate(address);
    const page = place === null ? null : readTable(this.#memory, place);
    if (!page) return true;
    const size = this.#sizeAt(level);
    return this.#scan(page.data, level, rights, (index, target, granted, leaf) =>
      leaf
        ? each(base + index * size, size, target, granted)
        : this.list(target, level - 1, granted, base + index * size, each),
    );
  }

  #sizeAt(level: number): number {
    return this.#rules[level - 1]?.size ?? 0;
  }

  #isPresent(low: number): boolean {
    return (low & (this.#first ? 1 : 3)) !== 0;
  }

  /** Entries that grant something. First stage: user requests, so U/S counts like a right. */
  #scan(
    data: DataView,
    level: number,
    rights: number,
    each: (index: number, target: number, granted: number, leaf: boolean) => boolean,
  ): boolean {
    const rules = this.#rules[level - 1];
    if (!rules) return true;
    for (let index = 0; index < 512; index++) {
      const low = data.getInt32(index * 8, true);
      if (!this.#isPresent(low)) continue;
      const own = this.#first ? ((low & 4) === 0 ? 0 : READ | (low & 2)) : low & 3;
      const granted = rights & own;
      if (granted === 0) continue;
      const high = data.getInt32(index * 8 + 4, true);
      const leaf = level === 1 || (level <= 3 && (low & 0x80) !== 0);
      const [reservedHigh, reservedLow] = leaf ? rules.leaf : rules.table;
      if ((high & reservedHigh) !== 0 || (low & reservedLow) !== 0) continue;
      const pageBits = leaf ? rules.size - 1 : 0xfff;
      const target = addressOf(high & this.#highMask, low & ~pageBits);
      if (!each(index, target, granted, leaf)) return false;
    }
    return true;
  }
}
