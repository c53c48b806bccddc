// Whose a page of memory is: one byte per page, numbers of names that stand beside them. Hardware never looks at it.
import { PAGE_SIZE } from "../memory/memory.ts";
import type { Store } from "../memory/store.ts";
import { PrivateArea } from "./private-area.ts";

/** Names are kept in so many bytes, the first of which is their length. */
const NAME_BYTES = 64;
/** Names there can be besides "free", which is number 0. */
const NAMES = 255;

interface Range {
  readonly first: number;
  readonly pages: number;
}

export class PageTags {
  readonly #names: PrivateArea;
  readonly #tags: PrivateArea;
  readonly #ranges: readonly Range[];

  constructor(store: Store, ranges: readonly Range[]) {
    this.#ranges = ranges;
    const pages = ranges.reduce((sum, range) => sum + range.pages, 0);
    this.#names = new PrivateArea(store, ((NAMES + 1) * NAME_BYTES) / PAGE_SIZE);
    this.#tags = new PrivateArea(store, Math.ceil(pages / PAGE_SIZE));
  }

  /** Pages that are no memory have no owner and take none. Names longer than 63 characters are cut. */
  set(page: number, owner: string): void {
    const place = this.#placeOf(page);
    if (place >= 0) this.#tags.setByte(place, this.#numberOf(owner));
  }

  /** "free" for memory that nobody was named for and for pages that are no memory. */
  get(page: number): string {
    const place = this.#placeOf(page);
    return place < 0 ? "free" : this.#nameOf(this.#tags.byte(place));
  }

  /** Every page that is not free, in rising order. */
  all(): Map<number, string> {
    const owners = new Map<number, string>();
    const names = new Map<number, string>();
    let place = 0;
    for (const { first, pages } of this.#ranges) {
      for (let i = 0; i < pages; i++, place++) {
        if ((place & 3) === 0 && i + 3 < pages && this.#tags.word(place >> 2) === 0) {
          place += 3;
          i += 3;
          continue;
        }
        const number = this.#tags.byte(place);
        if (number === 0) continue;
        const name = names.get(number) ?? this.#nameOf(number);
        names.set(number, name);
        owners.set(first + i, name);
      }
    }
    return owners;
  }

  #placeOf(page: number): number {
    let before = 0;
    for (const { first, pages } of this.#ranges) {
      if (page >= first && page < first + pages) return before + page - first;
      before += pages;
    }
    return -1;
  }

  #nameOf(number: number): string {
    if (number === 0) return "free";
    const at = number * NAME_BYTES;
    let name = "";
    for (let i = 0; i < this.#names.byte(at); i++) {
      name += String.fromCharCode(this.#names.byte(at + 1 + i));
    }
    return name;
  }

  /** Number of a name; a new one takes the next free number. */
  #numberOf(owner: string): number {
    if (owner === "free") return 0;
    const wanted = owner.slice(0, NAME_BYTES - 1).replace(/[^\x20-\x7e]/g, "?");
    for (let number = 1; number <= NAMES; number++) {
      const at = number * NAME_BYTES;
      if (this.#names.byte(at) === 0) {
        this.#names.setByte(at, wanted.length);
        for (let i = 0; i < wanted.length; i++) {
          this.#names.setByte(at + 1 + i, wanted.charCodeAt(i));
        }
        return number;
      }
      if (this.#nameOf(number) === wanted) return number;
    }
    throw new RangeError(`pages can have ${NAMES} owners; "${owner}" is one more`);
  }
}
