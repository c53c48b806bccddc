// The remapping unit: everything a machine needs of it, at its port.

import { high32, join64, low32 } from "../../base/words.ts";
import type { Store } from "../memory/store.ts";
import { cacheEntries } from "./cache-entries.ts";
import { decodeCapabilities } from "./capabilities.ts";
import { Core, STATE } from "./core.ts";
import { dma } from "./dma.ts";
import type { HardwareEvent } from "./events.ts";
import { dropAll } from "./invalidate.ts";
import { WAIT } from "./invalidation-queue.ts";
import type { MessageListener } from "./message-listener.ts";
import { type Switches, switchesOf } from "./profile.ts";
import { readRegister, writeRegister } from "./register-writes.ts";
import { REG, REGISTER_PAGES, RTPS, type WritableMasks, writableMasks } from "./registers.ts";
import { takeEvents } from "./trace-events.ts";
import { translate } from "./translate.ts";
import type {
  CacheEntry,
  CacheSizes,
  Capabilities,
  DmaOutcome,
  DmaRequest,
  Identification,
  ProfileName,
} from "./types.ts";

/** Small enough to be looked at as a whole. */
export const DEFAULT_CACHES: CacheSizes = { context: 16, pasid: 16, iotlb: 64, paging: 32 };

export interface UnitOptions {
  readonly identification: Identification;
  /** Host address width in bits, 32 .. 52. */
  readonly haw: number;
  readonly profile: ProfileName;
  /** Default: DEFAULT_CACHES. */
  readonly caches?: CacheSizes;
  /** RID_PASID counts although ECAP.RPS is clear, as in QEMU 10.0. */
  readonly ridPasidHonoured?: boolean;
  /** AW is reserved in PASID table entries of a unit without SSTS; default: as the profile has it. */
  readonly strictAw?: boolean;
  /** Single rows of the profile table that differ from the profile. */
  readonly overrides?: Partial<Switches>;
}

export class RemappingUnit {
  readonly capabilities: Capabilities;
  readonly profile: ProfileName;
  readonly haw: number;
  readonly cacheSizes: CacheSizes;
  /** Of the last translation: host address (high, low), level of the leaf (1 .. 3), how (HOW), record or -1 (RESULT). */
  readonly result: Int32Array;
  readonly #core: Core;
  readonly #writable: WritableMasks;

  constructor(store: Store, options: UnitOptions) {
    const { identification, profile } = options;
    const switches = switchesOf(profile, options.overrides);
    this.capabilities = decodeCapabilities(identification);
    this.profile = profile;
    this.haw = options.haw;
    this.#core = new Core(store, {
      capabilities: this.capabilities,
      haw: options.haw,
      switches,
      caches: options.caches ?? DEFAULT_CACHES,
      ridPasidHonoured: options.ridPasidHonoured ?? false,
      strictAw: options.strictAw ?? !switches.awOfFirstStageAccepted,
    });
    const core = this.#core;
    this.result = core.result;
    this.cacheSizes = {
      context: core.contexts.size,
      pasid: core.pasids.size,
      iotlb: core.iotlb.size,
      paging: core.paging.size,
    };
    const extendedInterrupts = (identification.ecap & 0x10n) !== 0n && profile === "spec";
    this.#writable = writableMasks(
      { capabilities: this.capabilities, haw: options.haw },
      extendedInterrupts,
    );
    core.setRegister(REG.VER, identification.ver);
    core.setRegister(REG.CAP, low32(identification.cap));
    core.setRegister(REG.CAP + 4, high32(identification.cap));
    core.setRegister(REG.ECAP, low32(identification.ecap));
    core.setRegister(REG.ECAP + 4, high32(identification.ecap));
    const { prs, qi } = this.capabilities;
    core.setRegister(REG.FECTL, 1 << 31);
    if (qi) core.setRegister(REG.IECTL, 1 << 31);
    if (prs && profile === "spec") core.setRegister(REG.PECTL, 1 << 31);
  }

  /** 4 or 8 bytes at a 4-byte-aligned offset. 0 where no register is, all ones beyond the register pages. */
  readRegister(offset: number, size: 4 | 8): bigint {
    return readRegister(this.#core, offset, size);
  }

  /** Stores what software may store and does what the register is for. */
  writeRegister(offset: number, size: 4 | 8, value: bigint): void {
    writeRegister(this.#core, this.#writable, offset, size, value);
  }

  /**
   * Takes over the registers of a running unit, as 32-bit words by byte offset: no command is carried out.
   * With RTPS set the root table is taken to be latched; the queue address always is.
   */
  restoreRegisters(listing: ReadonlyMap<number, number>): void {
    const core = this.#core;
    const { iro } = this.capabilities;
    const fixed = new Set<number>([REG.VER, REG.CAP, REG.CAP + 4, REG.ECAP, REG.ECAP + 4]);
    for (const [offset, value] of listing) {
      const inside = offset >= 0 && offset < REGISTER_PAGES * 4096 && (offset & 3) === 0;
      const commands = offset === REG.GCMD || offset === iro || offset === iro + 4;
      if (inside && !commands && !fixed.has(offset)) core.setRegister(offset, value | 0);
    }
    const status = core.register(REG.GSTS);
    if (status < 0 || (status & RTPS) !== 0) {
      core.setState(STATE.ROOT_LOW, core.register(REG.RTADDR));
      core.setState(STATE.ROOT_HIGH, core.register(REG.RTADDR + 4));
    }
    core.setState(STATE.QUEUE_LOW, core.register(REG.IQA));
    core.setState(STATE.QUEUE_HIGH, core.register(REG.IQA + 4));
    // Software ends every submission with a wait.
    core.setState(STATE.LAST_COMMAND, WAIT);
    core.forgetRows();
    const { fro, nfr } = this.capabilities;
    let cursor = 0;
    for (let i = 0; i < nfr; i++) if (core.register(fro + 16 * i + 12) < 0) cursor = (i + 1) % nfr;
    core.setState(STATE.CURSOR, cursor);
  }

  /** Carries out one request on memory. */
  dma(request: DmaRequest): DmaOutcome {
    return dma(this.#core, request);
  }

  /**
   * Translates one request inside one 4 KiB page, with faults recorded, and moves no data. Allocates nothing.
   * `pasid` -1: none. `flags`: FLAG of request.ts. 0: `result` is set; 1 .. 0xff: fault code; else a STATUS.
   */
  translate(
    requester: number,
    pasid: number,
    addressHigh: number,
    addressLow: number,
    flags: number,
  ): number {
    return translate(this.#core, requester, pasid, addressHigh, addressLow, flags);
  }

  /** Tells of event messages and interrupt requests as they happen; what the listener does must not enter the unit. */
  setListener(listener: MessageListener | null): void {
    this.#core.listener = listener;
  }

  /** Whether what the unit does is written into the trace ring; at first it is not. */
  setTrace(on: boolean): void {
    this.#core.trace.on = on ? 1 : 0;
  }

  /** RTADDR as the last SRTP took it over: what requests are translated by. */
  get rootPointer(): bigint {
    return join64(this.#core.getState(STATE.ROOT_HIGH), this.#core.getState(STATE.ROOT_LOW));
  }

  /** What happened since the last call, oldest first; the ring is bounded and loses its oldest records. */
  takeEvents(): HardwareEvent[] {
    return takeEvents(this.#core);
  }

  /** Every valid entry of every cache. */
  cacheEntries(): CacheEntry[] {
    return cacheEntries(this.#core);
  }

  /** Empties all caches, as if just switched on. */
  clearCaches(): void {
    dropAll(this.#core);
  }
}
