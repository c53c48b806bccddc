// The trace ring: what the unit does, in fixed records of 32-bit words, written without allocation.
// trace-events.ts decodes them for readers. The oldest records are lost when nobody takes them.

/** Words of one record. */
export const RECORD = 16;
/** Records in the ring. */
const CAPACITY = 8192;

/** Kind of a record, in bits [7:0] of its first word. */
export const KIND = {
  /** The rest of a record that did not fit. */
  MORE: 0,
  REQUEST: 1,
  LOOKUP: 2,
  READ: 3,
  UPDATE: 4,
  FILL: 5,
  DROP: 6,
  REFUSED: 7,
  RECORD: 8,
  NO_RECORD: 9,
  REACHED: 10,
  INTERRUPT: 11,
  DESCRIPTOR: 12,
  STATUS_WRITE: 13,
  REGISTER_WRITE: 14,
  /** A whole walk that found nothing to do or refuse: entries only, addresses follow from them. */
  WALK: 15,
} as const;

export const TABLE = {
  ROOT: 0,
  CONTEXT: 1,
  DIRECTORY: 2,
  PASID: 3,
  FIRST_STAGE: 4,
  SECOND_STAGE: 5,
} as const;

export const DECISION = {
  NEXT: 0,
  PAGE_4K: 1,
  PAGE_2M: 2,
  PAGE_1G: 3,
  FIRST_STAGE: 4,
  SECOND_STAGE: 5,
  NESTED: 6,
  PASS_THROUGH: 7,
  REFUSED: 8,
} as const;

export const CACHE = { CONTEXT: 0, PASID: 1, IOTLB: 2, PAGING: 3 } as const;

export class Trace {
  /** 1: on, 0: off. */
  on = 0;
  readonly ring = new Int32Array(CAPACITY * RECORD);
  /** Word at which the next record starts. */
  position = 0;
  /** Records not taken yet, at most the capacity. */
  count = 0;

  /** Starts a record and returns the word at which it stands; the caller fills words +1 .. +15. */
  next(kind: number): number {
    const at = this.position;
    this.position = (at + RECORD) & (CAPACITY * RECORD - 1);
    if (this.count < CAPACITY) this.count++;
    this.ring[at] = kind;
    return at;
  }

  put(kind: number, a: number, b = 0, c = 0, d = 0, e = 0, f = 0): void {
    const at = this.next(kind);
    const { ring } = this;
    ring[at + 1] = a;
    ring[at + 2] = b;
    ring[at + 3] = c;
    ring[at + 4] = d;
    ring[at + 5] = e;
    ring[at + 6] = f;
  }

  /** `slot` -1: the cache had no answer. */
  lookup(cache: number, slot: number): void {
    this.put(KIND.LOOKUP | (cache << 8), slot);
  }

  drop(cache: number, slot: number): void {
    this.put(KIND.DROP | (cache << 8), slot);
  }

  /** An entry of `count` 32-bit words (0: it could not be read) that stands at `at` in `words`. */
  read(
    table: number,
    level: number,
    decision: number,
    index: number,
    addressHigh: number,
    addressLow: number,
    words: Int32Array,
    from: number,
    count: number,
  ): void {
    let at = this.next(KIND.READ | (table << 8) | (level << 12) | (decision << 16) | (count << 24));
    const { ring } = this;
    ring[at + 1] = index;
    ring[at + 2] = addressHigh;
    ring[at + 3] = addressLow;
    let place = 4;
    for (let i = 0; i < count; i++) {
      if (place === RECORD) {
        at = this.next(KIND.MORE);
        place = 1;
      }
      ring[at + place++] = words[from + i] ?? 0;
    }
  }

  update(
    addressHigh: number,
    addressLow: number,
    beforeHigh: number,
    beforeLow: number,
    afterHigh: number,
    afterLow: number,
  ): void {
    this.put(KIND.UPDATE, addressHigh, addressLow, beforeHigh, beforeLow, afterHigh, afterLow);
  }

  /** Copies an entry of `count` words of a cache. */
  fill(cache: number, slot: number, words: Int32Array, from: number, count: number): void {
    let at = this.next(KIND.FILL | (cache << 8) | (count << 16));
    this.ring[at + 1] = slot;
    let place = 2;
    for (let i = 0; i < count; i++) {
      if (place === RECORD) {
        at = this.next(KIND.MORE);
        place = 1;
      }
      this.ring[at + place++] = words[from + i] ?? 0;
    }
  }
}
