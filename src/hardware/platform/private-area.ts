// Bytes of the platform that no address reaches, in private pages of the store: checkpoints and snapshots hold them.
import { PAGE_WORDS } from "../memory/memory.ts";
import type { Store } from "../memory/store.ts";

export class PrivateArea {
  readonly #store: Store;
  readonly #first: number;

  /** `pages`: 4 KiB each, all zero. */
  constructor(store: Store, pages: number) {
    this.#store = store;
    this.#first = store.addPrivate(pages);
  }

  /** The 32-bit word at a word offset, unsigned. */
  word(at: number): number {
    return (this.#store.words[this.#first * PAGE_WORDS + at] ?? 0) >>> 0;
  }

  setWord(at: number, value: number): void {
    const place = this.#first * PAGE_WORDS + at;
    if (this.#store.words[place] === (value | 0)) return;
    this.#store.touch(Math.floor(place / PAGE_WORDS));
    this.#store.words[place] = value;
  }

  byte(at: number): number {
    return (this.word(at >> 2) >>> (8 * (at & 3))) & 0xff;
  }

  setByte(at: number, value: number): void {
    const shift = 8 * (at & 3);
    this.setWord(at >> 2, (this.word(at >> 2) & ~(0xff << shift)) | ((value & 0xff) << shift));
  }

  /** 1 to 4 bytes at any offset, little-endian, unsigned. */
  read(at: number, size: number): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.byte(at + i);
    return value;
  }

  write(at: number, size: number, value: number): void {
    for (let i = 0; i < size; i++) this.setByte(at + i, Math.floor(value / 256 ** i) & 0xff);
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += 4) {
      const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(i, i + 4);
      this.setWord(i >> 2, a | (b << 8) | (c << 16) | (d << 24));
    }
  }
}
