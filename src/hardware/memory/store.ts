// Host-physical memory as one array of 4 KiB page slots and a page index, in little-endian 32-bit words.
// The walk reads `words` and `index` directly and unchecked; everybody else goes through the Memory port.
import { type Hpa, hpa } from "../../base/brand.ts";
import { high32, join64, low32 } from "../../base/words.ts";
import { Checkpoints } from "./checkpoints.ts";
import { digestOf } from "./digest.ts";
import { type Memory, PAGE_SIZE, PAGE_WORDS } from "./memory.ts";
import { Snapshots, type StoreSnapshot } from "./snapshots.ts";

export { PAGE_WORDS } from "./memory.ts";
export type { StoreSnapshot } from "./snapshots.ts";

/** Slot of every page that is no memory: zeros that nobody writes. */
export const ABSENT = 0;
/** Slot of every page that is memory and was never written: the same zeros, taken apart on the first write. */
export const UNTOUCHED = 1;

/** Pages that the index can hold: 64 GiB. Pages beyond are found through a map. */
const DIRECT_PAGES = 2 ** 24;
/** Slots kept free beyond what was reserved, for units and first writes: 2 MiB. */
const ROOM = 512;

/** What a worker hands over. `words`, `index` and `pages` can be transferred instead of copied. */
export interface StoreParts {
  readonly words: Int32Array<ArrayBuffer>;
  readonly index: Int32Array<ArrayBuffer>;
  /** Page number of each slot. */
  readonly pages: Float64Array<ArrayBuffer>;
  readonly used: number;
  /** Pages beyond the index that were never written. */
  readonly untouched: readonly number[];
}

export class Store implements Memory {
  /** All page slots, 1024 words each. Replaced when it grows: never keep it across calls. */
  words: Int32Array<ArrayBuffer>;
  /** Page number -> slot; its length is a power of two. Replaced when it grows. */
  index: Int32Array<ArrayBuffer>;
  /** Changes whenever `words` or `index` was replaced, or went back to a checkpoint. */
  version = 1;
  /** Page number of each slot; -1 - n for the n-th private slot. */
  pages: Float64Array<ArrayBuffer>;
  /** Slot that the page of each slot had before: ABSENT or UNTOUCHED. */
  under: Uint8Array<ArrayBuffer>;
  /** Slots in use. */
  used = 2;
  /** Slots of pages beyond the index. */
  readonly #far = new Map<number, number>();
  #bytes: Uint8Array<ArrayBuffer>;
  readonly #snapshots: Snapshots;
  readonly #checkpoints: Checkpoints;

  constructor(parts?: StoreParts) {
    this.words = parts?.words ?? new Int32Array(ROOM * PAGE_WORDS);
    this.index = parts?.index ?? new Int32Array(1024);
    this.pages = parts?.pages ?? new Float64Array(ROOM);
    this.under = new Uint8Array(this.pages.length);
    this.used = parts?.used ?? 2;
    this.#bytes = new Uint8Array(this.words.buffer);
    for (let slot = 2; slot < this.used; slot++) {
      const page = this.pages[slot] ?? 0;
      if (page >= this.index.length) this.#far.set(page, slot);
    }
    for (const page of parts?.untouched ?? []) this.#far.set(page, UNTOUCHED);
    this.#snapshots = new Snapshots(this);
    this.#checkpoints = new Checkpoints(this, this.#snapshots);
  }

  static fromParts(parts: StoreParts): Store {
    return new Store(parts);
  }

  /** The arrays themselves: this store must not be used once they were transferred. */
  parts(): StoreParts {
    const { words, index, pages, used } = this;
    const untouched = [...this.#far].filter(([, slot]) => slot === UNTOUCHED).map(([page]) => page);
    return { words, index, pages, used, untouched };
  }

  /** Makes room for so many pages at once, so that loading an image of known size never copies. */
  reserve(pages: number): void {
    const wanted = this.used + pages + ROOM;
    if (wanted * PAGE_WORDS > this.words.length) this.#resize(wanted);
  }

  /** Memory with contents; whole or partial pages (the rest of a new page is zero). */
  addPages(start: Hpa, bytes: Uint8Array): void {
    let address = Number(start);
    let done = 0;
    while (done < bytes.length) {
      const page = Math.floor(address / PAGE_SIZE);
      const from = address - page * PAGE_SIZE;
      const count = Math.min(PAGE_SIZE - from, bytes.length - done);
      const slot = this.slotOfPage(page) === ABSENT ? this.#claim(page) : this.writableSlot(page);
      this.#bytes.set(bytes.subarray(done, done + count), slot * PAGE_SIZE + from);
      done += count;
      address += count;
    }
  }

  /**
   * Memory that reads as zero; slots are taken on the first write. Both numbers count whole pages.
   * Takes time and room for each page, beyond the index more.
   */
  addRange(start: Hpa, length: bigint): void {
    const first = Number(start / 4096n);
    const end = Number((start + length + 4095n) / 4096n);
    if (first < end) this.#growIndex(Math.min(end, DIRECT_PAGES) - 1);
    for (let page = first; page < end; page++) {
      if (this.slotOfPage(page) !== ABSENT) continue;
      const from = page;
      while (page < end && this.slotOfPage(page) === ABSENT) this.mapPage(page++, UNTOUCHED);
      this.#snapshots.memoryAdded(from, page);
    }
  }

  /** Makes pages that no slot holds memory that was never written, or no memory; for snapshots. */
  absentPages(first: number, end: number, present: boolean): void {
    for (let page = first; page < end; page++) this.mapPage(page, present ? UNTOUCHED : ABSENT);
  }

  /** Makes sure that so many slots fit. */
  makeRoom(slots: number): void {
    if (slots * PAGE_WORDS > this.words.length) this.#resize(slots + ROOM);
  }

  /** Zeroed slots that no address reaches, for registers and caches. The first slot; they are consecutive. */
  addPrivate(count: number): number {
    const first = this.used;
    let ordinal = 0;
    for (let slot = 2; slot < first; slot++) if ((this.pages[slot] ?? 0) < 0) ordinal++;
    for (let i = 0; i < count; i++) this.pages[this.#takeSlot()] = -1 - (ordinal + i);
    return first;
  }

  /** A private slot for intermediate values, left out of the digest. */
  addScratch(): number {
    const slot = this.#takeSlot();
    this.pages[slot] = Number.NaN;
    return slot;
  }

  /** Slot of a page number 0 .. 2^40 - 1. */
  slotOfPage(page: number): number {
    if (page < this.index.length) return this.index[page] ?? ABSENT;
    return this.#far.get(page) ?? ABSENT;
  }

  /** Slot of an address in halves; bits 63:52 are not looked at. */
  slotAt(high: number, low: number): number {
    return this.slotOfPage((high & 0xf_ffff) * 0x10_0000 + (low >>> 12));
  }

  /** Slot of a page that is about to be written, with its old contents saved; ABSENT when there is no memory. */
  writableSlot(page: number): number {
    const slot = this.slotOfPage(page);
    if (slot === UNTOUCHED) return this.#claim(page);
    if (slot !== ABSENT) this.#checkpoints.touch(slot);
    return slot;
  }

  /** To be called before a private slot is written. */
  touch(slot: number): void {
    this.#checkpoints.touch(slot);
  }

  mapPage(page: number, slot: number): void {
    this.#checkpoints.mapped(page, this.slotOfPage(page));
    this.setPage(page, slot);
  }

  /** Like mapPage, without a note for a checkpoint. */
  setPage(page: number, slot: number): void {
    if (page < DIRECT_PAGES) {
      this.#growIndex(page);
      this.index[page] = slot;
    } else if (slot === ABSENT) this.#far.delete(page);
    else this.#far.set(page, slot);
  }

  // The Memory port.

  isMemory(address: Hpa): boolean {
    return this.slotOfPage(Number(address >> 12n)) !== ABSENT;
  }

  readWord(address: Hpa): bigint {
    const slot = this.slotOfPage(Number(address >> 12n));
    if (slot === ABSENT) return 0xffff_ffff_ffff_ffffn;
    const at = slot * PAGE_WORDS + (Number(address & 0xff8n) >> 2);
    return join64(this.words[at + 1] ?? 0, this.words[at] ?? 0);
  }

  writeWord(address: Hpa, value: bigint): void {
    const slot = this.writableSlot(Number(address >> 12n));
    if (slot === ABSENT) return;
    const at = slot * PAGE_WORDS + (Number(address & 0xff8n) >> 2);
    this.words[at] = low32(value);
    this.words[at + 1] = high32(value);
  }

  readBytes(address: Hpa, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#pieces(address, length, (page, from, done, count) => {
      const slot = this.slotOfPage(page);
      if (slot === ABSENT) bytes.fill(0xff, done, done + count);
      else {
        const at = slot * PAGE_SIZE + from;
        bytes.set(this.#bytes.subarray(at, at + count), done);
      }
    });
    return bytes;
  }

  writeBytes(address: Hpa, bytes: Uint8Array): void {
    this.#pieces(address, bytes.length, (page, from, done, count) => {
      const slot = this.writableSlot(page);
      if (slot === ABSENT) return;
      this.#bytes.set(bytes.subarray(done, done + count), slot * PAGE_SIZE + from);
    });
  }

  ranges(): readonly { readonly start: Hpa; readonly length: bigint }[] {
    const runs: [number, number][] = [];
    for (let page = 0; page < this.index.length; page++) {
      if (this.index[page] === ABSENT) continue;
      const first = page;
      while (page < this.index.length && this.index[page] !== ABSENT) page++;
      runs.push([first, page - first]);
    }
    for (const page of [...this.#far.keys()].sort((a, b) => a - b)) {
      const last = runs.at(-1);
      if (last && page === last[0] + last[1]) last[1]++;
      else runs.push([page, 1]);
    }
    return runs.map(([first, count]) => ({
      start: hpa(BigInt(first) << 12n),
      length: BigInt(count) << 12n,
    }));
  }

  // Checkpoints and digest.

  /** Remembers the state of the whole machine from here on, page by page, as pages are first written. */
  checkpoint(): number {
    return this.#checkpoints.take();
  }

  /** Back to a checkpoint. It stays; later ones are gone. RangeError when there is none of that id. */
  restore(id: number): void {
    this.#checkpoints.restore(id);
    this.version++;
  }

  /** The checkpoint will not be restored any more; earlier and later ones stay. */
  forget(id: number): void {
    this.#checkpoints.forget(id);
  }

  /** The whole state, to be gone to from any other one; see snapshots.ts. */
  snapshot(): StoreSnapshot {
    const snapshot = this.#snapshots.take();
    this.#checkpoints.renew();
    return snapshot;
  }

  /** The state of a snapshot of this store. Checkpoints and other snapshots stay. */
  restoreSnapshot(snapshot: StoreSnapshot): void {
    this.#snapshots.restore(snapshot);
    this.#checkpoints.renew();
    this.version++;
  }

  /** 16 hex digits over the address and contents of all pages that are not all zero, private ones included. */
  digest(): string {
    return digestOf(this.words, this.pages, this.used);
  }

  #pieces(
    address: Hpa,
    length: number,
    piece: (page: number, from: number, done: number, count: number) => void,
  ): void {
    let page = Number(address >> 12n);
    let from = Number(address & 0xfffn);
    for (let done = 0; done < length; ) {
      const count = Math.min(PAGE_SIZE - from, length - done);
      piece(page, from, done, count);
      done += count;
      page++;
      from = 0;
    }
  }

  /** A zeroed slot for a page that has none yet. */
  #claim(page: number): number {
    const slot = this.#takeSlot();
    this.pages[slot] = page;
    this.under[slot] = this.slotOfPage(page);
    this.mapPage(page, slot);
    return slot;
  }

  #takeSlot(): number {
    if ((this.used + 1) * PAGE_WORDS > this.words.length) {
      this.#resize(this.used + Math.max(ROOM, this.used >> 1));
    }
    const slot = this.used++;
    this.words.fill(0, slot * PAGE_WORDS, (slot + 1) * PAGE_WORDS);
    this.#checkpoints.fresh(slot);
    return slot;
  }

  #resize(slots: number): void {
    const words = new Int32Array(slots * PAGE_WORDS);
    words.set(this.words.subarray(0, this.used * PAGE_WORDS));
    const pages = new Float64Array(slots);
    pages.set(this.pages.subarray(0, this.used));
    const under = new Uint8Array(slots);
    under.set(this.under.subarray(0, this.used));
    this.words = words;
    this.pages = pages;
    this.under = under;
    this.#bytes = new Uint8Array(words.buffer);
    this.version++;
  }

  #growIndex(page: number): void {
    if (page < this.index.length) return;
    let length = this.index.length;
    while (length <= page) length *= 2;
    const index = new Int32Array(length);
    index.set(this.index);
    this.index = index;
    this.version++;
  }
}
