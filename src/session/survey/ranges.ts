// Mapped ranges: neighbours in I/O address, target and rights become one.
import { hpa, iova } from "../../base/brand.ts";
import type { MappedRange } from "../types.ts";
import { type Allowance, LIMITS } from "./limits.ts";
import { READ, WRITE } from "./paging-tables.ts";

/** A range as plain numbers. */
export interface NumberRange {
  start: number;
  length: number;
  target: number;
  rights: number;
  pageSize: number;
}

/** Collects mapped pages in rising order of address, up to the limits. */
export class RangeBuilder {
  readonly ranges: NumberRange[] = [];
  readonly #allowance: Allowance;
  /** Addresses above the canonical hole start here: no range reaches across. */
  readonly #split: number;
  #last: NumberRange | null = null;

  constructor(allowance: Allowance, split: number) {
    this.#allowance = allowance;
    this.#split = split;
  }

  /** False when no further range may be listed. */
  add(start: number, length: number, target: number, rights: number, pageSize = length): boolean {
    const last = this.#last;
    if (
      last !== null &&
      last.rights === rights &&
      last.start + last.length === start &&
      last.target + last.length === target &&
      start !== this.#split
    ) {
      last.length += length;
      if (pageSize > last.pageSize) last.pageSize = pageSize;
      return true;
    }
    if (this.ranges.length === LIMITS.rangesPerSpace) {
      this.#allowance.note("rangesPerSpace");
      return false;
    }
    if (!this.#allowance.take("ranges")) return false;
    this.#last = { start, length, target, rights, pageSize };
    this.ranges.push(this.#last);
    return true;
  }
}

/** For people: addresses from `signBit` on are sign-extended to 64 bits (first stage). */
export function toMappedRange(range: NumberRange, signBit: number | null): MappedRange {
  const start = BigInt(range.start);
  const upper = signBit !== null && range.start >= 2 ** signBit;
  return {
    start: iova(upper ? BigInt.asUintN(64, BigInt.asIntN(signBit + 1, start)) : start),
    length: BigInt(range.length),
    target: hpa(BigInt(range.target)),
    read: (range.rights & READ) !== 0,
    write: (range.rights & WRITE) !== 0,
    pageSize: range.pageSize,
  };
}

/** Index of the first of the sorted ranges that ends above `address`. */
export function firstRangeAbove(ranges: readonly NumberRange[], address: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle] as NumberRange;
    if (range.start + range.length > address) high = middle;
    else low = middle + 1;
  }
  return low;
}
