// What the processor has of its own: simulated time, and the interrupt vectors that wait for it.
import type { Store } from "../memory/store.ts";
import { PrivateArea } from "./private-area.ts";

/** Words: time, then the vectors in the order of arrival. */
const AT = { TIME_LOW: 0, TIME_HIGH: 1, COUNT: 2, VECTORS: 4 } as const;
const TWO_32 = 2 ** 32;
/** Vectors below are the processor's own exceptions. */
const FIRST_VECTOR = 16;

export class Processor {
  readonly #area: PrivateArea;

  constructor(store: Store) {
    this.#area = new PrivateArea(store, 1);
  }

  /** Microseconds since power-on. */
  now(): number {
    return this.#area.word(AT.TIME_HIGH) * TWO_32 + this.#area.word(AT.TIME_LOW);
  }

  /** RangeError unless `microseconds` is a whole number from 0 on and time stays below 2^53. */
  advance(microseconds: number): void {
    const time = this.now() + microseconds;
    if (!Number.isInteger(microseconds) || microseconds < 0 || !Number.isSafeInteger(time)) {
      throw new RangeError(`time cannot move by ${microseconds} microseconds`);
    }
    this.#area.setWord(AT.TIME_LOW, time % TWO_32);
    this.#area.setWord(AT.TIME_HIGH, Math.floor(time / TWO_32));
  }

  /**
   * An interrupt message has arrived; whether it was one. A vector that waits already is not counted twice.
   * Address 0xFEExxxxx, whatever the destination; fixed and lowest-priority delivery only.
   */
  deliver(address: bigint, data: number): boolean {
    const vector = data & 0xff;
    const fixed = (data & 0x600) === 0;
    const inRange = (address & 0xfff0_0000n) === 0xfee0_0000n;
    if (!inRange || !fixed || vector < FIRST_VECTOR) return false;
    const count = this.#area.word(AT.COUNT);
    for (let i = 0; i < count; i++) {
      if (this.#area.word(AT.VECTORS + i) === vector) return true;
    }
    this.#area.setWord(AT.VECTORS + count, vector);
    this.#area.setWord(AT.COUNT, count + 1);
    return true;
  }

  take(): readonly number[] {
    const count = this.#area.word(AT.COUNT);
    const vectors = Array.from({ length: count }, (_, i) => this.#area.word(AT.VECTORS + i));
    for (let i = 0; i < count; i++) this.#area.setWord(AT.VECTORS + i, 0);
    this.#area.setWord(AT.COUNT, 0);
    return vectors;
  }
}
