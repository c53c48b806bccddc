// A small machine for tests: one remapping unit, one requester, tables of each kind at fixed places.
import { type Hpa, hpa, iova, pasid, requesterId } from "../../base/brand.ts";
import { Store } from "../memory/store.ts";
import type { Switches } from "./profile.ts";
import type { CacheSizes, DmaOutcome, DmaRequest, ProfileName } from "./types.ts";
import { RemappingUnit } from "./unit.ts";

/** Bus 0, device 4. */
export const REQUESTER = requesterId(0x20);
/** The page that tables map; index 1 at every level. */
export const IOVA = 0x80_4020_1000n;
export const TARGET = 0x50_0000n;

/** Where everything lies. */
export const AT = {
  root: 0x1_0000n,
  contexts: 0x1_1000n,
  directory: 0x1_2000n,
  pasids: 0x1_3000n,
  first: 0x2_0000n,
  second: 0x3_0000n,
  queue: 0x4_0000n,
  status: 0x4_8000n,
} as const;

/** 57-bit unit that can do everything, with eight recording registers at 0x500. */
export const FULL = { ver: 0x10, cap: 0xd9d2_078c_5078_0e06n, ecap: 0x0133_ed9c_a4f0_60dfn };
/** As QEMU 11.1.3 reports itself with first-stage tables, and with second-stage ones. */
export const QEMU_FIRST = { ver: 0x10, cap: 0x81d2_008c_222f_0606n, ecap: 0x8800_00f0_0f4an };
export const QEMU_SECOND = { ver: 0x10, cap: 0x80d2_008c_222f_0606n, ecap: 0x4800_80f0_0f4an };

export interface MachineOptions {
  readonly identification?: typeof FULL;
  readonly haw?: number;
  readonly profile?: ProfileName;
  readonly overrides?: Partial<Switches>;
  readonly caches?: CacheSizes;
  readonly ridPasidHonoured?: boolean;
  readonly strictAw?: boolean;
  /** TTM; default scalable. */
  readonly mode?: 0 | 1 | 2 | 3;
  /** PGTT of the PASID table entry; default second-stage. */
  readonly stage?: 1 | 2 | 3 | 4;
}

const TE = 0x8000_0000n;
const SRTP = 0x4000_0000n;
const QIE = 0x0400_0000n;

export class Machine {
  readonly store = new Store();
  readonly unit: RemappingUnit;
  #levels = 0n;

  constructor(options: MachineOptions = {}) {
    const { mode = 1, stage = 2, identification = FULL, haw = 46, profile = "spec" } = options;
    this.store.addRange(hpa(0n), 0x80_0000n);
    this.unit = new RemappingUnit(this.store, { ...options, identification, haw, profile });
    if (mode === 0) this.#legacyTables();
    else this.#scalableTables(stage);
    this.#pagingTables(AT.first, 0x27n);
    this.#pagingTables(AT.second, 3n);
    if (stage === 3) this.#identity();
    this.unit.setTrace(true);
    this.switchRoot(mode);
    this.command(TE);
  }

  /** Writes words from an address on. */
  put(address: bigint, ...words: bigint[]): void {
    words.forEach((word, n) => {
      this.store.writeWord(hpa(address + 8n * BigInt(n)), word);
    });
  }

  word(address: bigint): bigint {
    return this.store.readWord(hpa(address));
  }

  /** Address of the entry of a level, 4 .. 1, on the way to IOVA. */
  entry(tables: bigint, level: number): Hpa {
    return hpa(tables + BigInt(4 - level) * 4096n + 8n);
  }

  #legacyTables(): void {
    this.put(AT.root, AT.contexts | 1n, 0n);
    this.put(AT.contexts + 0x20n * 16n, AT.second | 1n, 0x0702n);
  }

  #scalableTables(stage: number): void {
    this.put(AT.root, AT.contexts | 1n, 0n);
    this.put(AT.contexts + 0x20n * 32n, AT.directory | 1n, 0n, 0n, 0n);
    this.put(AT.directory, AT.pasids | 1n);
    this.putPasid(0, stage);
  }

  /** A PASID table entry with both roots, 48 bits, domain 7, snooped walks where the unit has them. */
  putPasid(index: number, stage: number, more = 0n): void {
    const { fsts, smpwcs, ssts } = this.unit.capabilities;
    const second = stage === 1 || stage === 4 || !ssts ? 0n : AT.second;
    // AW 2: 48 bits; the specification reserves it without SSTS.
    const width = ssts || this.unit.profile === "qemu" ? 8n : 0n;
    const first = (stage === 1 || stage === 3) && fsts ? AT.first : 0n;
    const q0 = BigInt(stage << 6) | second | width | more | 1n;
    this.put(AT.pasids + BigInt(index) * 64n, q0, smpwcs ? 0x80_0007n : 7n, first, 0n);
  }

  #pagingTables(top: bigint, flags: bigint): void {
    for (const level of [4, 3, 2]) {
      this.put(this.entry(top, level), (top + BigInt(5 - level) * 4096n) | flags);
    }
    this.put(this.entry(top, 1), TARGET | flags);
  }

  /** Under a first stage the second stage also maps the first 8 MiB onto themselves, as 2 MiB pages. */
  #identity(): void {
    this.put(AT.second, (AT.second + 0x4000n) | 3n);
    this.put(AT.second + 0x4000n, (AT.second + 0x5000n) | 3n);
    for (const n of [0n, 1n, 2n, 3n]) {
      this.put(AT.second + 0x5000n + 8n * n, (n << 21n) | 0x83n);
    }
  }

  switchRoot(mode: number): void {
    this.unit.writeRegister(0x20, 8, AT.root | BigInt(mode << 10));
    this.command(SRTP, false);
  }

  /** Sets a level bit of GCMD, or gives a one-shot command. */
  command(bit: bigint, stays = true): void {
    if (stays) this.#levels |= bit;
    this.unit.writeRegister(0x18, 4, this.#levels | bit);
  }

  stop(bit: bigint): void {
    this.#levels &= ~bit;
    this.unit.writeRegister(0x18, 4, this.#levels);
  }

  /** Switches the queue on: 256-bit descriptors when `wide`. */
  startQueue(wide = true): void {
    this.unit.writeRegister(0x90, 8, AT.queue | (wide ? 0x800n : 0n));
    this.command(QIE);
  }

  /** Puts descriptors (two words each) behind the head and writes the tail. */
  submit(...descriptors: readonly (readonly bigint[])[]): void {
    const wide = (this.unit.readRegister(0x90, 8) & 0x800n) !== 0n;
    const size = wide ? 32n : 16n;
    let tail = this.unit.readRegister(0x88, 8);
    for (const words of descriptors) {
      this.put(AT.queue + tail, 0n, 0n, ...(wide ? [0n, 0n] : []));
      this.put(AT.queue + tail, ...words);
      tail = (tail + size) % 4096n;
    }
    this.unit.writeRegister(0x88, 8, tail);
  }

  dma(request: Partial<DmaRequest> = {}): DmaOutcome {
    const { pasid: asked = null, address = iova(IOVA), access = "read", length = 8 } = request;
    return this.unit.dma({
      ...request,
      requester: request.requester ?? REQUESTER,
      pasid: asked === null ? null : pasid(asked),
      access,
      address,
      length,
    });
  }

  /** Fault code of a request, "ok" or "blocked". */
  outcome(request: Partial<DmaRequest> = {}): string {
    const outcome = this.dma(request);
    if (outcome.ok) return "ok";
    return outcome.fault === null ? "blocked" : `0x${outcome.fault.toString(16)}`;
  }

  register(offset: number, size: 4 | 8 = 4): bigint {
    return this.unit.readRegister(offset, size);
  }
}
