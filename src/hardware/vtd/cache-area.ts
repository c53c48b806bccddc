// Where the entries of one cache lie in the unit's private pages, and which entry makes room for a new one.
import { PAGE_WORDS } from "../memory/memory.ts";
import type { Store } from "../memory/store.ts";

/** Entries that a key can be in. */
export const WAYS = 4;

/**
 * A set-associative cache; within a set the oldest entry makes room. Word 0 of an entry is 0 when it is empty.
 * Numbers start as 0, so that the compiler knows them as integers.
 */
export class CacheArea {
  readonly size: number = 0;
  readonly sets: number = 0;
  readonly entryWords: number = 0;
  /** First word of entry 0. */
  readonly base: number = 0;
  /** The word behind the last entry. */
  readonly end: number = 0;
  readonly #setWords: number = 0;
  /** First word of the cursors, one per set: the way that is filled next. */
  readonly #cursors: number = 0;
  readonly #store: Store;

  /** `size` is a multiple of 4; 0 switches the cache off. RangeError otherwise. */
  constructor(store: Store, size: number, entryWords: number) {
    if (!Number.isInteger(size) || size < 0 || size % WAYS !== 0 || size > 4 * 65536) {
      throw new RangeError(`a cache of ${size} entries: the size is 0 or a multiple of ${WAYS}`);
    }
    this.size = size;
    this.sets = (size / WAYS) | 0;
    this.entryWords = entryWords;
    this.#setWords = WAYS * entryWords;
    this.#store = store;
    const words = size * entryWords + this.sets;
    this.base = size === 0 ? 0 : store.addPrivate(Math.ceil(words / PAGE_WORDS)) * PAGE_WORDS;
    this.end = this.base + size * entryWords;
    this.#cursors = this.base + size * entryWords;
  }

  /** First word of the set that a hash selects. */
  setOf(hash: number): number {
    const set = Math.imul(hash >>> 16, this.sets) >>> 16;
    return (this.base + Math.imul(set, this.#setWords)) | 0;
  }

  /** First word of an entry of the set at `set` that is empty, or of the one that has to go. Moves the cursor. */
  victim(set: number): number {
    const { words } = this.#store;
    const { entryWords } = this;
    for (let way = 0; way < WAYS; way++) {
      const at = set + way * entryWords;
      if (words[at] === 0) return at;
    }
    const cursor = this.#cursors + (set - this.base) / (WAYS * entryWords);
    const way = words[cursor] ?? 0;
    this.#store.touch(Math.floor(cursor / PAGE_WORDS));
    words[cursor] = (way + 1) % WAYS;
    return set + way * entryWords;
  }

  /** Position 0 .. size - 1 of the entry at a word. */
  slotOf(at: number): number {
    return Math.floor((at - this.base) / this.entryWords);
  }

  wordOf(slot: number): number {
    return this.base + slot * this.entryWords;
  }

  /** Must be called before words of the entry at `at` are written. */
  touch(at: number): void {
    this.#store.touch(Math.floor(at / PAGE_WORDS));
  }

  empty(at: number): void {
    this.touch(at);
    this.#store.words.fill(0, at, at + this.entryWords);
  }
}
