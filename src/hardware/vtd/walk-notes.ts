// What a walk notes for its end: bits to set in entries, and tables to cache, when the request is let through.

/** Entries of a 5-level walk over 5 levels: 30, and the dirty bits of second-stage leaves under first-stage tables. */
const UPDATES = 48;
export const UPDATE_WORDS = 4;

/** What the second stage allows for the table of a first-stage entry. */
export const DENIED = 1;
export const FIRST = 2;

export class Updates {
  readonly list = new Int32Array(UPDATES * UPDATE_WORDS);
  count = 0;

  /**
   * Notes bits to set in the entry at an address, whose lower half is `entry`. A first-stage entry of a nested walk whose
   * table may not be written is `denied`.
   */
  note(
    high: number,
    low: number,
    entry: number,
    bits: number,
    first: boolean,
    denied = false,
  ): void {
    if ((entry & bits) === bits) return;
    const at = this.count++ * UPDATE_WORDS;
    this.list[at] = high;
    this.list[at + 1] = low;
    this.list[at + 2] = bits;
    this.list[at + 3] = (first ? FIRST : 0) | (denied ? DENIED : 0);
  }
}

/** Tables of a 5-level walk over 5 levels, and some. */
const TABLES = 32;
export const TABLE_WORDS = 9;

export class TablesMet {
  readonly list = new Int32Array(TABLES * TABLE_WORDS);
  count = 0;

  /** A table of `level` that covers the region of an address, with the rights gathered on the way to it. */
  note(
    stage: number,
    level: number,
    high: number,
    low: number,
    domain: number,
    pasid: number,
    tableHigh: number,
    tableLow: number,
    rights: number,
  ): void {
    const { list } = this;
    const at = this.count++ * TABLE_WORDS;
    list[at] = stage;
    list[at + 1] = level;
    list[at + 2] = high;
    list[at + 3] = low;
    list[at + 4] = domain;
    list[at + 5] = pasid;
    list[at + 6] = tableHigh;
    list[at + 7] = tableLow;
    list[at + 8] = rights;
  }
}
