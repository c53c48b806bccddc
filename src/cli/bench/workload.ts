// The benchmark's tables and request list: scalable mode, one PASID table entry per context, 4 KiB pages through four levels.
// Everything lies below 32 MiB, so that the plain-C walks can hold the same tables in one flat array.
import { hpa } from "../../base/brand.ts";
import { Store } from "../../hardware/memory/store.ts";
import { FLAG } from "../../hardware/vtd/request.ts";

export type WalkedStage = "first-stage" | "second-stage";

/** 32-bit words of one request: requester, PASID, address high and low, context number, access (FLAG.READ or FLAG.WRITE). */
export const REQUEST_WORDS = 6;
/** Requests of one pass over the list. */
export const REQUESTS = 65_536;

export interface Workload {
  readonly stage: WalkedStage;
  readonly contexts: number;
  readonly store: Store;
  readonly rootTable: bigint;
  /** Root of the paging tables of each context. */
  readonly tops: readonly number[];
  /** End of everything, bytes. */
  readonly end: number;
  readonly requests: Int32Array<ArrayBuffer>;
}

const TABLES_START = 0x10_0000;
const TABLES_LIMIT = 0x200_0000;
const PAGES = 4096;
const DEVICES = 8;
/** Pages are handed out downwards from 4 GiB, as the kernel's allocator does. */
const IOVA_END = 0x1_0000_0000;
/** Pages that are mapped are spread over 16 GiB of memory above 4 GiB; below are tables and the range of devices. */
const FIRST_TARGET = 2 ** 20;
const TARGETS = 2 ** 22;

const PRESENT = 1n;
/** First stage: present, writable, user. Second stage: read, write. */
const FIRST_STAGE = { table: 0x7n, leaf: 0x7n, type: 1n };
const SECOND_STAGE = { table: 0x3n, leaf: 0x3n, type: 2n };
const DOMAIN = 1n;
/** PASID table entry, word 1: page walks are snooped (bit 23), which accessed and dirty bits ask for. */
const SNOOPED_WALK = 1n << 23n;

/** A repeatable sequence of 32-bit numbers (Numerical Recipes' constants). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

class Tables {
  readonly store = new Store();
  end = TABLES_START;

  constructor() {
    this.store.addRange(hpa(BigInt(TABLES_START)), BigInt(TABLES_LIMIT - TABLES_START));
  }

  page(): bigint {
    const at = this.end;
    this.end += 4096;
    if (this.end > TABLES_LIMIT) throw new RangeError("the benchmark's tables do not fit");
    return BigInt(at);
  }

  put(address: bigint, word: bigint): void {
    this.store.writeWord(hpa(address), word);
  }

  /** The table that the entry at `address` leads to, made on first use. */
  below(address: bigint, flags: bigint): bigint {
    const word = this.store.readWord(hpa(address));
    if (word !== 0n) return word & ~0xfffn;
    const table = this.page();
    this.put(address, table | flags);
    return table;
  }

  map(top: bigint, address: number, target: bigint, stage: typeof FIRST_STAGE): void {
    const index = (shift: number) => BigInt(Math.floor(address / 2 ** shift) % 512) * 8n;
    let table = top;
    for (const shift of [39, 30, 21]) table = this.below(table + index(shift), stage.table);
    this.put(table + index(12), target | stage.leaf);
  }
}

/** Requester of a context: eight devices on bus 0 share the contexts. */
const requesterOf = (context: number): number => ((context % DEVICES) + 1) << 3;
const pasidOf = (context: number): number => Math.floor(context / DEVICES) + 1;

/** The root table's entry, context entry and PASID tables of one context. Returns the address of its PASID table entry. */
function placeContext(tables: Tables, rootTable: bigint, context: number): bigint {
  const requester = requesterOf(context);
  const contextTable = tables.below(rootTable + BigInt(requester >> 8) * 16n, PRESENT);
  const entry = contextTable + BigInt(requester & 0x7f) * 32n;
  // PASIDE (bit 3): requests with PASID are allowed.
  const directory = tables.below(entry, PRESENT | 0x8n);
  const pasid = pasidOf(context);
  const pasidTable = tables.below(directory + BigInt(pasid >> 6) * 8n, PRESENT);
  return pasidTable + BigInt(pasid & 0x3f) * 64n;
}

/** Tables of `contexts` contexts that share 4096 pages evenly, and a list of requests to all of them in mixed order. */
export function makeWorkload(stage: WalkedStage, contexts: number): Workload {
  const tables = new Tables();
  const next = sequence(contexts);
  const form = stage === "first-stage" ? FIRST_STAGE : SECOND_STAGE;
  const rootTable = tables.page();
  const share = PAGES / contexts;
  const base = IOVA_END - share * 4096;
  const tops: number[] = [];
  for (let context = 0; context < contexts; context++) {
    const entry = placeContext(tables, rootTable, context);
    const top = tables.page();
    tops.push(Number(top));
    // AW 2: 48 bits, four levels.
    const common = PRESENT | (form.type << 6n) | (stage === "second-stage" ? 2n << 2n : 0n);
    tables.put(entry, stage === "second-stage" ? common | top : common);
    tables.put(entry + 8n, DOMAIN + BigInt(context) + SNOOPED_WALK);
    if (stage === "first-stage") tables.put(entry + 16n, top);
    for (let page = 0; page < share; page++) {
      const frame = FIRST_TARGET + (next() % TARGETS);
      tables.map(top, base + page * 4096, BigInt(frame) << 12n, form);
    }
  }
  const requests = new Int32Array(REQUESTS * REQUEST_WORDS);
  for (let at = 0; at < requests.length; at += REQUEST_WORDS) {
    const context = (next() >>> 8) % contexts;
    const address = base + ((next() >>> 8) % share) * 4096 + ((next() >>> 8) % 512) * 8;
    const flags = (next() >>> 16) & 1 ? FLAG.WRITE : FLAG.READ;
    requests.set([requesterOf(context), pasidOf(context), 0, address | 0, context, flags], at);
  }
  return { stage, contexts, store: tables.store, rootTable, tops, end: tables.end, requests };
}
