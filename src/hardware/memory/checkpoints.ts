// Nested checkpoints of a store: the first write to a page after a checkpoint saves the old page.
import { PAGE_WORDS } from "./memory.ts";
import type { Added, Snapshots } from "./snapshots.ts";

/** What checkpoints see of the store. */
interface Slots {
  readonly words: Int32Array;
  readonly pages: Float64Array;
  readonly under: Uint8Array;
  used: number;
  setPage(page: number, slot: number): void;
}

interface Saved {
  readonly words: Int32Array;
  readonly page: number;
  readonly under: number;
}

interface Layer {
  readonly id: number;
  readonly used: number;
  /** Contents that slots had when the checkpoint was taken. */
  readonly saved: Map<number, Saved>;
  /** Page number and the slot it had, in the order of change. */
  readonly mapped: [number, number][];
  readonly added: Added | null;
}

export class Checkpoints {
  readonly #store: Slots;
  readonly #snapshots: Snapshots;
  readonly #layers: Layer[] = [];
  /** Slot -> serial number under which it was last found saved. */
  #stamps = new Int32Array(0);
  /** 0: no checkpoint, nothing to save. */
  #serial = 0;
  #count = 0;

  constructor(store: Slots, snapshots: Snapshots) {
    this.#store = store;
    this.#snapshots = snapshots;
  }

  /** Called before a slot is written. */
  touch(slot: number): void {
    if (this.#serial !== 0 && this.#stamps[slot] !== this.#serial) this.#save(slot);
  }

  /** A slot was taken: it had no contents before. */
  fresh(slot: number): void {
    if (this.#serial === 0) return;
    this.#snapshots.changed(slot);
    this.#stamp(slot);
  }

  /** A page number led to another slot before. */
  mapped(page: number, before: number): void {
    this.#layers.at(-1)?.mapped.push([page, before]);
  }

  take(): number {
    const id = ++this.#count;
    const { used } = this.#store;
    const { added } = this.#snapshots;
    this.#layers.push({ id, used, saved: new Map(), mapped: [], added });
    this.renew();
    return id;
  }

  restore(id: number): void {
    const depth = this.#depth(id);
    const store = this.#store;
    for (let i = this.#layers.length - 1; i >= depth; i--) {
      const layer = this.#layers[i] as Layer;
      const [least, most] = [Math.min(store.used, layer.used), Math.max(store.used, layer.used)];
      for (let slot = least; slot < most; slot++) this.#snapshots.changed(slot);
      for (const [slot, { words, page, under }] of layer.saved) {
        this.#snapshots.changed(slot);
        store.words.set(words, slot * PAGE_WORDS);
        store.pages[slot] = page;
        store.under[slot] = under;
      }
      for (const [page, slot] of layer.mapped.reverse()) store.setPage(page, slot);
      store.used = layer.used;
      this.#snapshots.added = layer.added;
      layer.saved.clear();
      layer.mapped.length = 0;
    }
    this.#layers.length = depth + 1;
    this.renew();
  }

  forget(id: number): void {
    const depth = this.#depth(id);
    const [layer] = this.#layers.splice(depth, 1);
    const below = this.#layers[depth - 1];
    if (layer && below) {
      for (const [slot, saved] of layer.saved) {
        if (slot < below.used && !below.saved.has(slot)) below.saved.set(slot, saved);
      }
      below.mapped.push(...layer.mapped);
    }
    this.renew();
  }

  #depth(id: number): number {
    const depth = this.#layers.findIndex((layer) => layer.id === id);
    if (depth < 0) throw new RangeError(`no checkpoint ${id}`);
    return depth;
  }

  /** From here on each slot is looked at anew. */
  renew(): void {
    this.#serial = this.#layers.length === 0 && !this.#snapshots.on ? 0 : ++this.#count;
  }

  #save(slot: number): void {
    const top = this.#layers.at(-1);
    if (top && slot < top.used && !top.saved.has(slot)) {
      const at = slot * PAGE_WORDS;
      top.saved.set(slot, {
        words: this.#store.words.slice(at, at + PAGE_WORDS),
        page: this.#store.pages[slot] ?? 0,
        under: this.#store.under[slot] ?? 0,
      });
    }
    this.#snapshots.changed(slot);
    this.#stamp(slot);
  }

  #stamp(slot: number): void {
    if (slot >= this.#stamps.length) {
      const stamps = new Int32Array(Math.max(this.#store.words.length / PAGE_WORDS, slot + 1));
      stamps.set(this.#stamps);
      this.#stamps = stamps;
    }
    this.#stamps[slot] = this.#serial;
  }
}
