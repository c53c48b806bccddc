// SHA-256 over a state and over what happened: equal digests mean equal runs, on every machine.
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { canonical } from "../base/canonical.ts";
import { PAGE_WORDS } from "../hardware/memory/memory.ts";
import type { Store } from "../hardware/memory/store.ts";

const digits = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
};

/** 64 hex digits of one text. */
export const digestOfText = (text: string): string => digits(sha256(utf8ToBytes(text)));

/** 64 hex digits of a value as canonical JSON. */
export const digestOf = (value: unknown): string => digestOfText(canonical(value));

/**
 * 64 hex digits over every page that is not all zero, registers and caches included, in order of page number, and over `rest` as canonical JSON.
 * It does not depend on which slot a page lies in.
 */
export function digestOfState(store: Store, rest: unknown): string {
  const { words, pages, used } = store;
  const slots: number[] = [];
  for (let slot = 2; slot < used; slot++) if (!Number.isNaN(pages[slot])) slots.push(slot);
  slots.sort((a, b) => (pages[a] ?? 0) - (pages[b] ?? 0));
  const sum = sha256.create();
  const head = new Float64Array(1);
  for (const slot of slots) {
    const page = words.subarray(slot * PAGE_WORDS, (slot + 1) * PAGE_WORDS);
    if (page.every((word) => word === 0)) continue;
    head[0] = pages[slot] ?? 0;
    sum.update(new Uint8Array(head.buffer.slice(0)));
    sum.update(new Uint8Array(page.buffer, page.byteOffset, page.byteLength));
  }
  sum.update(utf8ToBytes(canonical(rest)));
  return digits(sum.digest());
}

/** A digest that grows by lines. */
export class TraceDigest {
  readonly #sum = sha256.create();

  add(event: unknown): void {
    this.#sum.update(utf8ToBytes(`${canonical(event)}\n`));
  }

  /** 64 hex digits over everything added. */
  digest(): string {
    return digits(this.#sum.clone().digest());
  }
}
