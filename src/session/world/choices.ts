// Which runnable task goes on: a schedule of the document, and beyond its end a choice that follows from the seed.
import type { Choose } from "../../linux/kernel/scheduler.ts";

/** A number 0 .. 2^32 - 1 for the n-th choice of an operation. Nothing is kept between choices. */
export function choiceOf(seed: number, operation: number, ordinal: number): number {
  let h = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b);
  h = mix(h ^ Math.imul(operation + 1, 0xc2b2_ae35));
  h = mix(h ^ Math.imul(ordinal + 1, 0x27d4_eb2f));
  return h >>> 0;
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x7feb_352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846c_a68b);
  return h ^ (h >>> 16);
}

/** Chooser of one operation, the `operation`-th of the document from 0. */
export function chooser(seed: number, operation: number, schedule: readonly number[] = []): Choose {
  let ordinal = 0;
  return (count) => {
    const told = schedule[ordinal];
    const chosen = told ?? choiceOf(seed, operation, ordinal);
    ordinal++;
    return ((chosen % count) + count) % count;
  };
}
