// The emulated unit with a machine in it, programmed through its registers the way software does it.
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import { Store } from "../hardware/memory/store.ts";
import type { CacheSizes, DmaOutcome } from "../hardware/vtd/types.ts";
import { RemappingUnit } from "../hardware/vtd/unit.ts";
import type { NaivePages, ReadWords } from "./naive-memory.ts";
import type { NaiveRequest } from "./naive-request.ts";
import type { UnitRegisters } from "./units.ts";

const GCMD = 0x18;
const RTADDR = 0x20;
const FSTS = 0x34;
const TE = 1n << 31n;
const SRTP = 1n << 30n;
const QIE = 1n << 26n;

export const everyCache = (entries: number): CacheSizes => ({
  context: entries,
  pasid: entries,
  iotlb: entries,
  paging: entries,
});

export interface Loading {
  readonly registers: UnitRegisters;
  readonly pages: NaivePages;
  readonly rtaddr: bigint;
  readonly enabled: boolean;
  readonly caches: CacheSizes;
  /** Page of the invalidation queue, with descriptors of 128 or 256 bits; without it the queue stays off. */
  readonly queue?: { readonly page: bigint; readonly wide: boolean };
}

export class LoadedUnit {
  readonly store = new Store();
  readonly unit: RemappingUnit;
  readonly #recording: number;
  #command = 0n;

  constructor({ registers, pages, rtaddr, enabled, caches, queue }: Loading) {
    for (const [number, page] of pages) {
      this.store.addPages(hpa(number * 4096n), new Uint8Array(page.buffer));
    }
    const { ver, cap, ecap, haw } = registers;
    this.unit = new RemappingUnit(this.store, {
      identification: { ver, cap, ecap },
      haw,
      profile: "spec",
      caches,
    });
    this.#recording = Number((cap >> 24n) & 0x3ffn) * 16;
    if (queue !== undefined) {
      this.unit.writeRegister(0x90, 8, queue.page | (queue.wide ? 0x800n : 0n));
      this.#levels(QIE);
    }
    this.unit.writeRegister(RTADDR, 8, rtaddr);
    this.setRootPointer();
    if (enabled) this.#levels(this.#command | TE);
  }

  #levels(command: bigint): void {
    this.#command = command;
    this.unit.writeRegister(GCMD, 4, command);
  }

  setRootPointer(): void {
    this.unit.writeRegister(GCMD, 4, this.#command | SRTP);
  }

  /** Translation off and on again. */
  toggle(): void {
    this.#levels(this.#command & ~TE);
    this.#levels(this.#command | TE);
  }

  send(request: NaiveRequest, data: Uint8Array): DmaOutcome {
    const { requester, access, address, length, privileged, execute, translated } = request;
    return this.unit.dma({
      requester: requesterId(requester),
      pasid: request.pasid === null ? null : pasid(request.pasid),
      access,
      address: iova(address),
      length,
      ...(access === "read" ? {} : { data }),
      privileged,
      execute,
      addressType: translated ? "translated" : "untranslated",
    });
  }

  /** The fault record, null when its F bit is clear. */
  record(): readonly [bigint, bigint] | null {
    const high = this.unit.readRegister(this.#recording + 8, 8);
    return high >> 63n === 0n ? null : [this.unit.readRegister(this.#recording, 8), high];
  }

  faultStatus(): bigint {
    return this.unit.readRegister(FSTS, 4);
  }

  /** Software has seen the fault. */
  acknowledge(): void {
    this.unit.writeRegister(this.#recording + 12, 4, 0x8000_0000n);
    this.unit.writeRegister(FSTS, 4, 0x11n);
  }

  readonly read: ReadWords = (address, count) => {
    if (!this.store.isMemory(hpa(address))) return null;
    return Array.from({ length: count }, (_, n) =>
      this.store.readWord(hpa(address + 8n * BigInt(n))),
    );
  };

  page(number: bigint): Uint8Array {
    return this.store.readBytes(hpa(number * 4096n), 4096);
  }
}
