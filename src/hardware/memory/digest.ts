// A digest of memory that does not depend on which slot a page happens to lie in.
import { PAGE_WORDS } from "./memory.ts";

/**
 * 16 hex digits over (page number, contents) of all slots from 2 to `used` whose contents are not all zero (scratch slots, page NaN, apart).
 * Not cryptographic: it tells states of one machine apart.
 */
export function digestOf(words: Int32Array, pages: Float64Array, used: number): string {
  let sumA = 0;
  let sumB = 0;
  for (let slot = 2; slot < used; slot++) {
    const page = pages[slot] ?? 0;
    if (Number.isNaN(page)) continue;
    let a = Math.imul(Math.floor(page / 0x1_0000) | 0, 0x9e3779b1) ^ (page & 0xffff);
    let b = Math.imul(page | 0, 0x85ebca77) ^ 0x27d4eb2f;
    let any = 0;
    const end = (slot + 1) * PAGE_WORDS;
    for (let i = slot * PAGE_WORDS; i < end; i++) {
      const word = words[i] ?? 0;
      any |= word;
      a = Math.imul(a ^ word, 0x01000193) + 0x7f4a7c15;
      b = Math.imul(((b << 13) | (b >>> 19)) ^ word, 0x85ebca6b);
    }
    if (any === 0) continue;
    sumA = (sumA + finish(a)) | 0;
    sumB = (sumB + finish(b ^ a)) | 0;
  }
  const digits = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
  return digits(sumA) + digits(sumB);
}

function finish(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
}
