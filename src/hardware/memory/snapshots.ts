// Snapshots of a store that can be gone to in any order, forwards and backwards.
//
// Taking one copies nothing: a page is copied when it is first written after it, and of that page only those parts of 512 bytes
// that differ from the page in the snapshot before. Lists of pages are shared in chunks. So a snapshot costs what is really
// changed until the next one, however large memory is. Nothing has to be released: what no snapshot holds any more is garbage.
// Going to a snapshot copies the parts that differ from the state at hand, and nothing else.
//
// For time travel: take one every so many operations; where there are too many, drop some of the older ones. To go to a moment,
// restore the nearest snapshot at or before it and repeat the operations after it with tracing off. Checkpoints may be taken,
// restored and forgotten between, before and after: to them a restored snapshot is a series of writes, so that a checkpoint
// taken before still leads back.
import { PAGE_WORDS } from "./memory.ts";

const PARTS = 8;
const PART_WORDS = PAGE_WORDS / PARTS;
const ZERO = new Int32Array(PART_WORDS);
/** Slots of one chunk: chunks without a change are shared as a whole. */
const CHUNK = 64;
const EMPTY: readonly (SavedPage | null)[] = Array.from({ length: CHUNK }, () => null);
/** First slot with contents. */
const FIRST = 2;

interface SavedPage {
  readonly page: number;
  /** Slot that the page number led to before it had this one. */
  readonly under: number;
  /** Null while the store still has the contents. */
  parts: readonly Int32Array[] | null;
  /** What the slot held in the snapshot before, until `parts` are there. */
  previous: SavedPage | null;
}

type Chunk = readonly (SavedPage | null)[];

/** Ranges of memory that were added after snapshots came into use, newest first. */
export interface Added {
  readonly first: number;
  readonly end: number;
  readonly before: Added | null;
  readonly depth: number;
}

/** The state of a whole store. Belongs to the store that made it. */
export interface StoreSnapshot {
  readonly chunks: readonly Chunk[];
  readonly used: number;
  readonly added: Added | null;
}

/** What snapshots see of the store. */
interface Slots {
  readonly words: Int32Array;
  readonly pages: Float64Array;
  readonly under: Uint8Array;
  used: number;
  touch(slot: number): void;
  mapPage(page: number, slot: number): void;
  makeRoom(slots: number): void;
  absentPages(first: number, end: number, present: boolean): void;
}

export class Snapshots {
  /** Whether there was ever a snapshot: only then are changes noted. */
  on = false;
  added: Added | null = null;
  readonly #store: Slots;
  /** Contents of the slots that are not in `#changed`. */
  #chunks: Chunk[] = [];
  #changed: number[] = [];
  #flags = new Uint8Array(0);

  constructor(store: Slots) {
    this.#store = store;
  }

  /** Contents or page of a slot are about to change, or the slot comes or goes. */
  changed(slot: number): void {
    if (!this.on || this.#flags[slot] === 1) return;
    if (slot >= this.#flags.length) {
      const flags = new Uint8Array(Math.max(this.#store.pages.length, slot + 1));
      flags.set(this.#flags);
      this.#flags = flags;
    }
    this.#flags[slot] = 1;
    this.#changed.push(slot);
    const saved = this.#pageOf(this.#chunks, slot);
    if (saved) this.#keep(slot, saved);
  }

  /** Absent pages from `first` to before `end` have become memory. */
  memoryAdded(first: number, end: number): void {
    if (!this.on) return;
    const before = this.added;
    this.added = { first, end, before, depth: (before?.depth ?? 0) + 1 };
  }

  take(): StoreSnapshot {
    const store = this.#store;
    if (!this.on) {
      this.on = true;
      for (let slot = FIRST; slot < store.used; slot++) this.changed(slot);
    }
    const fresh = new Map<number, (SavedPage | null)[]>();
    for (const slot of this.#changed) {
      const number = Math.floor(slot / CHUNK);
      let chunk = fresh.get(number);
      if (!chunk) {
        chunk = [...(this.#chunks[number] ?? EMPTY)];
        fresh.set(number, chunk);
      }
      chunk[slot % CHUNK] = slot < store.used ? this.#page(slot) : null;
    }
    for (const [number, chunk] of fresh) {
      while (this.#chunks.length <= number) this.#chunks.push(EMPTY);
      this.#chunks[number] = chunk;
    }
    this.#settle();
    return { chunks: [...this.#chunks], used: store.used, added: this.added };
  }

  restore(snapshot: StoreSnapshot): void {
    const store = this.#store;
    const written = new Set(this.#changed);
    const slots = this.#differing(snapshot);
    const { used } = store;
    const targetOf = (slot: number): SavedPage | null =>
      slot < snapshot.used ? this.#pageOf(snapshot.chunks, slot) : null;
    const moved = (slot: number): boolean =>
      slot >= used || !Object.is(targetOf(slot)?.page, store.pages[slot]);
    const remapped = slots.filter(moved);
    for (const slot of slots) if (slot < used) store.touch(slot);
    for (const slot of remapped) {
      const page = store.pages[slot] ?? -1;
      if (slot < used && page >= 0) store.mapPage(page, store.under[slot] ?? 0);
    }
    this.#moveMemory(snapshot.added);
    store.makeRoom(snapshot.used);
    for (const slot of slots) {
      const target = targetOf(slot);
      if (!target) continue;
      const known = slot >= used || written.has(slot) ? null : this.#pageOf(this.#chunks, slot);
      this.#load(slot, target, known);
    }
    store.used = snapshot.used;
    for (const slot of remapped) {
      const target = targetOf(slot);
      if (!target) continue;
      store.pages[slot] = target.page;
      store.under[slot] = target.under;
      if (target.page >= 0) store.mapPage(target.page, slot);
    }
    this.#chunks = [...snapshot.chunks];
    this.#settle();
  }

  /** Slots that may differ between the state at hand and a snapshot. */
  #differing(snapshot: StoreSnapshot): number[] {
    const slots = [...this.#changed];
    const mine = this.#chunks;
    const count = Math.max(mine.length, snapshot.chunks.length);
    for (let number = 0; number < count; number++) {
      const a = mine[number] ?? EMPTY;
      const b = snapshot.chunks[number] ?? EMPTY;
      if (a === b) continue;
      for (let i = 0; i < CHUNK; i++) {
        const slot = number * CHUNK + i;
        if (a[i] !== b[i] && this.#flags[slot] !== 1) slots.push(slot);
      }
    }
    return slots;
  }

  /** Takes memory away and adds it until the list is the wanted one. */
  #moveMemory(wanted: Added | null): void {
    const back: Added[] = [];
    const forth: Added[] = [];
    let [mine, theirs] = [this.added, wanted];
    while (mine !== theirs) {
      const deeper = (mine?.depth ?? 0) >= (theirs?.depth ?? 0);
      if (mine && deeper) {
        back.push(mine);
        mine = mine.before;
      } else if (theirs) {
        forth.push(theirs);
        theirs = theirs.before;
      }
    }
    for (const { first, end } of back) this.#store.absentPages(first, end, false);
    for (const { first, end } of forth.reverse()) this.#store.absentPages(first, end, true);
    this.added = wanted;
  }

  #settle(): void {
    for (const slot of this.#changed) this.#flags[slot] = 0;
    this.#changed = [];
  }

  #pageOf(chunks: readonly Chunk[], slot: number): SavedPage | null {
    return chunks[Math.floor(slot / CHUNK)]?.[slot % CHUNK] ?? null;
  }

  #page(slot: number): SavedPage {
    const { pages, under } = this.#store;
    const previous = this.#pageOf(this.#chunks, slot);
    return { page: pages[slot] ?? 0, under: under[slot] ?? 0, parts: null, previous };
  }

  /** Copies the contents of a slot that is about to change; parts that are as in the snapshot before are shared. */
  #keep(slot: number, saved: SavedPage): void {
    if (saved.parts) return;
    const { words } = this.#store;
    const parts: Int32Array[] = [];
    for (let n = 0; n < PARTS; n++) {
      const at = slot * PAGE_WORDS + n * PART_WORDS;
      const before = saved.previous?.parts?.[n];
      if (before && equal(words, at, before)) parts.push(before);
      else parts.push(equal(words, at, ZERO) ? ZERO : words.slice(at, at + PART_WORDS));
    }
    saved.parts = parts;
    saved.previous = null;
  }

  /** `known`: what the slot holds now, when that is known. */
  #load(slot: number, target: SavedPage, known: SavedPage | null): void {
    const { words } = this.#store;
    for (let n = 0; n < PARTS; n++) {
      const part = target.parts?.[n] ?? ZERO;
      if (known?.parts?.[n] !== part) words.set(part, slot * PAGE_WORDS + n * PART_WORDS);
    }
  }
}

function equal(words: Int32Array, at: number, part: Int32Array): boolean {
  for (let i = 0; i < PART_WORDS; i++) if (words[at + i] !== part[i]) return false;
  return true;
}
