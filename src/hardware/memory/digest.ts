// A digest of memory that does not depend on which slot a page happens to lie in.
import { PAGE_WORDS } from "./memory.ts";

/**
 * 16 hex digits over (page number, contents) of all slots from 2 to `used` whose contents are not all zero (scratch slots, page NaN, apart).
 * Not cryptographic: it tells states of one machine apart.
 */
export function digestOf(words: Int32Array, pages: Float64Array, used: number): string {
  const sums = new Int32Array(2);
  for (let slot = 2; slot < used; slot++) {
    const page = pages[slot] ?? 0;
    const at = slot * PAGE_WORDS;
    if (!Number.isNaN(page) && !isZero(words, at)) addPage(words, at, page, sums);
  }
  const digits = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
  return digits(sums[0] ?? 0) + digits(sums[1] ?? 0);
}

function isZero(words: Int32Array, from: number): boolean {
  for (let at = from; at < from + PAGE_WORDS; at += 4) {
    if (fourOf(words, at) !== 0) return false;
  }
  return true;
}

const fourOf = (words: Int32Array, at: number): number =>
  (words[at] as number) |
  (words[at | 1] as number) |
  (words[at | 2] as number) |
  (words[at | 3] as number);

/** Four lanes, so that no multiplication waits for the one before. */
function addPage(words: Int32Array, from: number, page: number, sums: Int32Array): void {
  let a = Math.imul(page | 0, 0x85ebca77) ^ Math.floor(page / 2 ** 32);
  let b = ~a;
  let c = a ^ 0x27d4eb2f;
  let d = a ^ 0x165667b1;
  for (let at = from; at < from + PAGE_WORDS; at += 4) {
    a = Math.imul(((a << 13) | (a >>> 19)) ^ (words[at] as number), 0x85ebca6b);
    b = Math.imul(((b << 15) | (b >>> 17)) ^ (words[at | 1] as number), 0xc2b2ae35);
    c = Math.imul(((c << 11) | (c >>> 21)) ^ (words[at | 2] as number), 0x9e3779b1);
    d = Math.imul(((d << 17) | (d >>> 15)) ^ (words[at | 3] as number), 0x27d4eb2d);
  }
  const first = finish(finish(a) + b) ^ finish(c);
  sums[0] = (sums[0] as number) + finish(first + d);
  sums[1] = (sums[1] as number) + finish(finish(first ^ d) + Math.imul(a, 0x9e3779b1) + c);
}

function finish(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
}
