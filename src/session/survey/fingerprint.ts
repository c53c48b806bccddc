// Whether table pages still hold what a survey read: a 64-bit sum over their words.
import { ABSENT, PAGE_WORDS, type Store } from "../../hardware/memory/store.ts";
import type { TablePage } from "../types.ts";

/** Equal for equal contents of the pages, in order; different with near certainty otherwise. */
export function fingerprint(store: Store, pages: readonly TablePage[]): string {
  const { words } = store;
  let a = 0x811c9dc5 | 0;
  let b = 0x9e3779b1 | 0;
  for (const { address } of pages) {
    const slot = store.slotOfPage(Number(address >> 12n));
    if (slot === ABSENT) continue;
    const from = slot * PAGE_WORDS;
    for (let at = from; at < from + PAGE_WORDS; at++) {
      const word = words[at] as number;
      a = Math.imul(a ^ word, 0x01000193);
      b = Math.imul((b << 5) ^ (b >>> 27) ^ word, 0x85ebca6b);
    }
  }
  return `${a >>> 0} ${b >>> 0}`;
}
