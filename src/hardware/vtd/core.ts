// What the files of the remapping unit share: configuration, places in the store, the request at hand and its result.
import { PAGE_WORDS } from "../memory/memory.ts";
import type { Store } from "../memory/store.ts";
import { CacheArea } from "./cache-area.ts";
import { DescriptorMasks } from "./descriptor-masks.ts";
import { EntryMasks } from "./entry-masks.ts";
import type { MessageListener } from "./message-listener.ts";
import type { CoreOptions } from "./options.ts";
import type { Switches } from "./profile.ts";
import { REG, REGISTER_PAGES } from "./registers.ts";
import { ROWS } from "./rows.ts";
import { DECISION, Trace } from "./trace.ts";
import type { Capabilities } from "./types.ts";
import { TablesMet, Updates } from "./walk-notes.ts";

/** Words of the state page. */
export const STATE = {
  /** RTADDR as SRTP took it over. */
  ROOT_LOW: 0,
  ROOT_HIGH: 1,
  /** Recording register that the next fault goes to. */
  CURSOR: 2,
  /** IQA as QIE took it over. */
  QUEUE_LOW: 8,
  QUEUE_HIGH: 9,
  /** Type of the descriptor that the queue fetched last. */
  LAST_COMMAND: 10,
  /** Entries in the IOTLB by level of the leaf, 1 .. 3. */
  IOTLB_COUNT: 4,
} as const;

/** Words of the scratch page: entries under construction when their cache is off. */
export const SCRATCH = { CONTEXT: 0, PASID: 32, ENTRY: 64 } as const;

export class Core {
  readonly store: Store;
  readonly capabilities: Capabilities;
  readonly haw: number = 0;
  readonly switches: Switches;
  readonly masks: EntryMasks;
  readonly descriptors: DescriptorMasks;
  /** Domain id bits that the unit has. */
  readonly domainMask: number = 0;
  /** Whether requests without PASID use the RID_PASID field. */
  readonly ridPasid: boolean = false;
  /** QEMU 10.0 records RID_PASID for requests without PASID. */
  readonly recordsRidPasid: boolean = false;
  readonly trace = new Trace();

  /** Address bits 63:32 below the host address width. */
  readonly hawHigh: number = 0;

  /** First word of the register file, of the state page and of the scratch page. */
  readonly registers: number = 0;
  readonly state: number = 0;
  readonly scratch: number = 0;

  readonly contexts: CacheArea;
  readonly pasids: CacheArea;
  readonly iotlb: CacheArea;
  readonly paging: CacheArea;

  /** Host address (page and offset), level of the leaf, how, number of the record written or -1. */
  readonly result = new Int32Array(5);

  /** Address bits beyond the page index. */
  farHigh = 0;
  farLow = 0;
  /** The store whose arrays these bits belong to. */
  storeVersion = 0;
  /** 1: neither translations nor paging structures are cached, so that the quick walk may answer. */
  readonly walksFirst: number = 0;

  /** Rows of the quick walk; those of an older generation do not count. */
  readonly ready = new Int32Array(8 * ROWS);
  /** Slot of the context entry of each row. */
  readonly readyContexts = new Int32Array(ROWS);
  generation = 0x1_0000;

  // The request at hand.
  requester = 0;
  pasid = -1;
  high = 0;
  low = 0;
  flags = 0;

  // What is known about it so far.
  /** Root table in scalable mode. */
  scalable = false;
  /** An entry met on the way has FPD set. */
  fpd = false;
  /** The PASID that stands for the request; -1 in legacy mode. */
  effectivePasid = -1;
  supervisor = false;
  /** The context entry came from its cache. */
  contextCached = false;
  /** FPD of the PASID directory entry. */
  directoryFpd = false;
  /** The paging walk has begun. */
  walking = false;
  /** Words at which the context and the PASID entry in use stand. */
  context = 0;
  walk = 0;

  /** The entry read last, and where it stands in `words`. */
  entryHigh = 0;
  entryLow = 0;
  entryAt = 0;

  /** Result of a walk: address, level of the leaf, rights (FLAG.READ, FLAG.WRITE), whether writes may hit. */
  outHigh = 0;
  outLow = 0;
  outLevel = 0;
  outRights = 0;
  outDirty = false;
  /** Where the last second-stage leaf stands, and its lower half. */
  leafHigh = 0;
  leafLow = 0;
  leafEntry = 0;
  /** Accessed and dirty bits to set, and tables to cache, when the request is let through. */
  readonly updates = new Updates();
  readonly tables = new TablesMet();

  /** Whom messages and events are told to; nobody at first. */
  listener: MessageListener | null = null;

  constructor(store: Store, options: CoreOptions) {
    this.store = store;
    this.capabilities = options.capabilities;
    this.haw = options.haw;
    this.hawHigh = options.haw >= 64 ? -1 : 2 ** (options.haw - 32) - 1;
    this.switches = options.switches;
    this.masks = new EntryMasks(options);
    this.descriptors = new DescriptorMasks(options);
    this.domainMask = Math.min(0xffff, 2 ** (4 + 2 * options.capabilities.nd) - 1);
    this.ridPasid = options.capabilities.rps || options.ridPasidHonoured;
    this.recordsRidPasid = options.ridPasidHonoured && options.switches.recordsKeepTypeOnly;
    this.registers = store.addPrivate(REGISTER_PAGES) * PAGE_WORDS;
    this.state = store.addPrivate(1) * PAGE_WORDS;
    this.scratch = store.addScratch() * PAGE_WORDS;
    const { caches, switches } = options;
    this.contexts = new CacheArea(store, caches.context, 32);
    this.pasids = new CacheArea(store, switches.pasidEntriesUncached ? 0 : caches.pasid, 32);
    this.iotlb = new CacheArea(store, caches.iotlb, 8);
    this.paging = new CacheArea(store, switches.nothingKeptByDomain ? 0 : caches.paging, 8);

    this.walksFirst = this.iotlb.size + this.paging.size === 0 && this.contexts.size > 0 ? 1 : 0;
  }

  /** Takes over the size of the page index. */
  adopt(): void {
    this.storeVersion = this.store.version;
    const bits = 12 + Math.log2(this.store.index.length);
    this.farLow = bits >= 32 ? 0 : -1 << bits;
    this.farHigh = bits >= 32 ? 0xf_ffff & (-1 << (bits - 32)) : 0xf_ffff;
    this.forgetRows();
  }

  /** Something that rows of the quick walk were made of has changed. */
  forgetRows(): void {
    this.generation = (this.generation + 0x1_0000) | 0;
    if (this.generation === 0) {
      this.ready.fill(0);
      this.generation = 0x1_0000;
    }
  }

  /** The request that the next steps are about. */
  ask(requester: number, pasid: number, high: number, low: number, flags: number): void {
    this.requester = requester;
    this.pasid = pasid;
    this.high = high;
    this.low = low;
    this.flags = flags;
  }

  /** The word of a register, by byte offset. */
  register(offset: number): number {
    return this.store.words[this.registers + (offset >> 2)] ?? 0;
  }

  setRegister(offset: number, value: number): void {
    const at = this.registers + (offset >> 2);
    this.store.touch(Math.floor(at / PAGE_WORDS));
    this.store.words[at] = value;
  }

  getState(word: number): number {
    return this.store.words[this.state + word] ?? 0;
  }

  setState(word: number, value: number): void {
    this.store.touch(this.state / PAGE_WORDS);
    this.store.words[this.state + word] = value;
  }

  /** Reads the 8 bytes at an aligned address into `entryHigh`, `entryLow`; false when there is no memory. */
  readEntry(high: number, low: number): boolean {
    const { store } = this;
    const slot = store.slotAt(high, low);
    const at = slot * PAGE_WORDS + ((low & 0xff8) >> 2);
    this.entryAt = at;
    this.entryLow = store.words[at] ?? 0;
    this.entryHigh = store.words[at + 1] ?? 0;
    return slot !== 0;
  }

  /** Whether any of `count` words from `at` has a bit that `masks`, from `from` on, reserves. */
  anyOf(masks: Int32Array, from: number, at: number, count: number): boolean {
    const { words } = this.store;
    let any = 0;
    for (let i = 0; i < count; i++) any |= (words[at + i] ?? 0) & (masks[from + i] ?? 0);
    return any !== 0;
  }

  /** Whether the unit walks second-stage tables of this AW: 1 is 39-bit, 2 is 48-bit, 3 is 57-bit. */
  secondStageWidth(aw: number): boolean {
    return aw >= 1 && aw <= 3 && ((this.capabilities.sagaw >> aw) & 1) === 1;
  }

  /** Puts a read of an entry of `count` words (0: there was no memory) into the trace. */
  traceRead(
    table: number,
    level: number,
    fault: number,
    decision: number,
    index: number,
    high: number,
    low: number,
    at: number,
    count: number,
  ): void {
    const { trace } = this;
    if (trace.on === 0) return;
    const led = fault === 0 ? decision : DECISION.REFUSED;
    trace.read(table, level, led, index, high, low, this.store.words, at, count);
  }

  /** Sets bits in the low half of the entry at an address that was read before. */
  setBits(high: number, low: number, bits: number): void {
    const { store } = this;
    const slot = store.writableSlot((high & 0xf_ffff) * 0x10_0000 + (low >>> 12));
    if (slot === 0) return;
    const at = slot * PAGE_WORDS + ((low & 0xff8) >> 2);
    const before = store.words[at] ?? 0;
    const upper = store.words[at + 1] ?? 0;
    if ((before | bits) === before) return;
    store.words[at] = before | bits;
    if (this.trace.on === 1) this.trace.update(high, low, upper, before, upper, before | bits);
  }

  get remapping(): boolean {
    return this.register(REG.GSTS) < 0;
  }

  /** The code of scalable mode, or the one of legacy mode where that applies. */
  code(scalable: number, legacy: number): number {
    return this.scalable && !this.switches.legacyCodesInScalableMode ? scalable : legacy;
  }
}
