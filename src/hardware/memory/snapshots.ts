// Snapshots of a store that can be restored in any order. A page is copied when it is first written after a snapshot of it.
import { PAGE_WORDS } from "./memory.ts";

/** What snapshots see of the store. */
interface Slots {
  readonly words: Int32Array;
  readonly pages: Float64Array;
  used: number;
  setPage(page: number, slot: number): void;
}

/** Contents of one slot, while snapshots share them. Null: the store still has them. */
interface Contents {
  words: Int32Array | null;
}

export interface StoreSnapshot {
  /** By slot; null for scratch slots, which no snapshot holds. */
  readonly contents: readonly (Contents | null)[];
  readonly pages: Float64Array;
  readonly used: number;
}

/** Slot of memory that was never written, as in store.ts. */
const UNTOUCHED = 1;
const FIRST = 2;

export class Snapshots {
  readonly #store: Slots;
  /** By slot: what snapshots share of it now; null: nothing. */
  #contents: (Contents | null)[] = [];
  /** Whether a snapshot was ever taken. */
  taken = false;

  constructor(store: Slots) {
    this.#store = store;
  }

  /** Called before a slot is written, once after each snapshot at least. */
  touch(slot: number): void {
    const contents = this.#contents[slot];
    if (!contents) return;
    contents.words ??= this.#copy(slot);
    this.#contents[slot] = null;
  }

  /** A slot was taken: nobody shares it. */
  fresh(slot: number): void {
    if (this.taken) this.#contents[slot] = null;
  }

  take(): StoreSnapshot {
    this.taken = true;
    const { pages, used } = this.#store;
    for (let slot = FIRST; slot < used; slot++) {
      if (!Number.isNaN(pages[slot])) this.#contents[slot] ??= { words: null };
    }
    return { contents: this.#contents.slice(0, used), pages: pages.slice(0, used), used };
  }

  restore(snapshot: StoreSnapshot): void {
    const store = this.#store;
    const { contents, pages, used } = snapshot;
    for (let slot = store.used - 1; slot >= FIRST; slot--) {
      const same = slot < used && Object.is(store.pages[slot], pages[slot]);
      const page = store.pages[slot] ?? 0;
      if (slot >= used) this.touch(slot);
      if (!same && page >= 0) store.setPage(page, UNTOUCHED);
    }
    for (let slot = FIRST; slot < used; slot++) {
      const page = pages[slot] ?? 0;
      const same = slot < store.used && Object.is(store.pages[slot], page);
      if (!same) {
        store.pages[slot] = page;
        if (page >= 0) store.setPage(page, slot);
      }
      this.#put(slot, contents[slot] ?? null);
    }
    store.used = used;
  }

  #put(slot: number, wanted: Contents | null): void {
    if (!wanted || this.#contents[slot] === wanted) return;
    this.touch(slot);
    if (wanted.words) this.#store.words.set(wanted.words, slot * PAGE_WORDS);
    this.#contents[slot] = wanted;
  }

  #copy(slot: number): Int32Array {
    return this.#store.words.slice(slot * PAGE_WORDS, (slot + 1) * PAGE_WORDS);
  }
}
