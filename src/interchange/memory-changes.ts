// Which words of memory an operation changed: all pages before it, compared with all pages after it.
import { join64 } from "../base/words.ts";
import { PAGE_WORDS, type Store } from "../hardware/memory/store.ts";

/** The first slot that can belong to a page of memory; the two before it are zeros. */
const FIRST_SLOT = 2;

/** For small machines: every page in use is copied. Private slots (registers, caches) are not memory and not looked at. */
export class MemoryChanges {
  readonly #store: Store;
  #before = new Int32Array(0);
  #used = FIRST_SLOT;

  constructor(store: Store) {
    this.#store = store;
  }

  /** From here on changes are counted. */
  mark(): void {
    const { words, used, pages } = this.#store;
    if (this.#before.length < used * PAGE_WORDS) {
      this.#before = new Int32Array(2 * used * PAGE_WORDS);
    }
    for (let slot = FIRST_SLOT; slot < used; slot++) {
      if (!isMemory(pages[slot])) continue;
      const at = slot * PAGE_WORDS;
      this.#before.set(words.subarray(at, at + PAGE_WORDS), at);
    }
    this.#used = used;
  }

  /** Words that differ from what they were, with their new values. */
  since(): Map<bigint, bigint> {
    const { words, used, pages } = this.#store;
    const changed = new Map<bigint, bigint>();
    for (let slot = FIRST_SLOT; slot < used; slot++) {
      const page = pages[slot];
      if (!isMemory(page)) continue;
      for (let i = 0; i < PAGE_WORDS; i += 2) {
        const at = slot * PAGE_WORDS + i;
        if (words[at] === this.#was(slot, at) && words[at + 1] === this.#was(slot, at + 1))
          continue;
        const address = BigInt(page) * 4096n + BigInt(4 * i);
        changed.set(address, join64(words[at + 1] ?? 0, words[at] ?? 0));
      }
    }
    return changed;
  }

  /** Pages without a slot of their own read as zero. */
  #was(slot: number, at: number): number {
    return slot < this.#used ? (this.#before[at] ?? 0) : 0;
  }
}

/** Slots without an address have negative page numbers, or none. */
const isMemory = (page: number | undefined): page is number => page !== undefined && page >= 0;
