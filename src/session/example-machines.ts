// Small machines with known contents, written entry by entry through the layout tables.
import { type Hpa, hpa, requesterId } from "../base/brand.ts";
import { encode } from "../hardware/layout/codec.ts";
import { FIRST_STAGE_ENTRY, SECOND_STAGE_ENTRY } from "../hardware/layout/paging.ts";
import { PASID_DIRECTORY_ENTRY, PASID_ENTRY } from "../hardware/layout/pasid.ts";
import { CONTEXT_SCALABLE, ROOT_SCALABLE } from "../hardware/layout/root-context.ts";
import type { Environment, Structure } from "../hardware/layout/types.ts";
import { Store } from "../hardware/memory/store.ts";
import { decodeCapabilities } from "../hardware/vtd/capabilities.ts";
import type { Identification } from "../hardware/vtd/types.ts";
import type { MachineInfo } from "./types.ts";

/** Memory with tables, the unit's identification, and what its registers held. */
export interface Machine {
  readonly store: Store;
  readonly identification: Identification;
  /** 32-bit register words by byte offset. */
  readonly registers: ReadonlyMap<number, number>;
  readonly info: MachineInfo;
}

/** A unit with both stages, nested translation, PASIDs, RID_PASID and eight recording registers. */
const FULL_UNIT: Identification = {
  ver: 0x10,
  cap: 0xd9d2_078c_5078_0e06n,
  ecap: 0x0023_ed9c_a4f0_60dfn,
};
const HAW = 46;
const ENVIRONMENT: Environment = { capabilities: decodeCapabilities(FULL_UNIT), haw: HAW };

const ROOT_TABLE = 0x1_06a0_0000n;
const QUEUE = 0x1_06d0_0000n;

class Writer {
  readonly store = new Store();

  put(
    structure: Structure,
    address: bigint,
    values: Readonly<Record<string, bigint>>,
    place: Partial<Environment> = {},
  ): void {
    const page = hpa(address & ~0xfffn);
    if (!this.store.isMemory(page)) this.store.addRange(page, 4096n);
    encode(structure, values, { ...ENVIRONMENT, ...place }).forEach((word, index) => {
      this.store.writeWord(hpa(address + BigInt(8 * index)), word);
    });
  }

  /** Second-stage tables for one 4 KiB page: `tables` are the pages of levels 4 to 1. */
  second(
    tables: readonly bigint[],
    address: bigint,
    target: bigint,
    rights = { R: 1n, W: 1n },
  ): void {
    this.#path(SECOND_STAGE_ENTRY, tables, address, target, { R: 1n, W: 1n }, rights);
  }

  first(tables: readonly bigint[], address: bigint, target: bigint): void {
    const used = { P: 1n, "R/W": 1n, "U/S": 1n, A: 1n };
    this.#path(FIRST_STAGE_ENTRY, tables, address, target, used, used);
  }

  #path(
    structure: Structure,
    tables: readonly bigint[],
    address: bigint,
    target: bigint,
    upper: Readonly<Record<string, bigint>>,
    leaf: Readonly<Record<string, bigint>>,
  ): void {
    tables.forEach((table, step) => {
      const level = tables.length - step;
      const index = (address >> BigInt(3 + 9 * level)) & 0x1ffn;
      const next = tables[step + 1] ?? target;
      const values = { ...(level === 1 ? leaf : upper), ADDR: next };
      this.put(structure, table + index * 8n, values, { level, leaf: level === 1 });
    });
  }

  backed(start: bigint, pages: bigint): Hpa {
    const address = hpa(start);
    this.store.addRange(address, pages * 4096n);
    return address;
  }

  finish(info: MachineInfo): Machine {
    this.backed(QUEUE, 1n);
    const registers = new Map<number, number>([
      [0x00, FULL_UNIT.ver],
      [0x08, Number(FULL_UNIT.cap & 0xffff_ffffn)],
      [0x0c, Number(FULL_UNIT.cap >> 32n)],
      [0x10, Number(FULL_UNIT.ecap & 0xffff_ffffn)],
      [0x14, Number(FULL_UNIT.ecap >> 32n)],
      // TES, RTPS, QIES.
      [0x1c, 0xc400_0000],
      [0x20, Number(ROOT_TABLE & 0xffff_ffffn) | 0x400],
      [0x24, Number(ROOT_TABLE >> 32n)],
      [0x38, 0x8000_0000],
      [0x90, Number(QUEUE & 0xffff_ffffn) | 0x800],
      [0x94, Number(QUEUE >> 32n)],
      [0xa0, 0x8000_0000],
    ]);
    return { store: this.store, identification: FULL_UNIT, registers, info };
  }
}

/** Reached by DMA in both machines: the last hop of every walk that succeeds. */
const ANSWER = 0x2_245d_9000n;

/**
 * The machine of the drawings: 6a:01.0 with slices under PASID 0x041 and 0x042 (second-stage, DID 7 and 8),
 * 0x043 detached, its own DMA under PASID 0 (second-stage, DID 6), and 6a:02.0 passing through.
 */
export function exampleMachine(): Machine {
  const w = new Writer();
  w.put(ROOT_SCALABLE, ROOT_TABLE + 0x6a0n, { LP: 1n, LCTP: 0x1_06b3_b000n });
  const context = { P: 1n, PASIDE: 1n };
  w.put(CONTEXT_SCALABLE, 0x1_06b3_b100n, { ...context, PASIDDIRPTR: 0x1_06c0_0000n });
  w.put(CONTEXT_SCALABLE, 0x1_06b3_b200n, { ...context, PASIDDIRPTR: 0x1_06c1_0000n });

  w.put(PASID_DIRECTORY_ENTRY, 0x1_06c0_0000n, { P: 1n, SMPTBLPTR: 0x1_06c0_4000n });
  w.put(PASID_DIRECTORY_ENTRY, 0x1_06c0_0008n, { P: 1n, SMPTBLPTR: 0x1_06c0_5000n });
  w.put(PASID_DIRECTORY_ENTRY, 0x1_06c1_0000n, { P: 1n, SMPTBLPTR: 0x1_06c1_4000n });

  const second = { P: 1n, AW: 2n, PGTT: 2n, PWSNP: 1n };
  w.put(PASID_ENTRY, 0x1_06c0_4000n, { ...second, SSPTPTR: 0x1_1200_0000n, DID: 6n });
  w.put(PASID_ENTRY, 0x1_06c0_5040n, { ...second, SSPTPTR: 0x1_1000_0000n, DID: 7n, SRE: 1n });
  w.put(PASID_ENTRY, 0x1_06c0_5080n, { ...second, SSPTPTR: 0x1_1100_0000n, DID: 8n });
  w.put(PASID_ENTRY, 0x1_06c1_4000n, { P: 1n, AW: 2n, PGTT: 4n, PWSNP: 1n, DID: 1n });

  const a = [0x1_1000_0000n, 0x1_1000_1000n, 0x1_1000_2000n, 0x1_1000_3000n];
  const b = [0x1_1100_0000n, 0x1_1100_1000n, 0x1_1100_2000n, 0x1_1100_3000n];
  const own = [0x1_1200_0000n, 0x1_1200_1000n, 0x1_1200_2000n, 0x1_1200_3000n];
  w.second(a, 0x1_4a3c_5000n, ANSWER);
  w.second(a, 0x1_4a3c_6000n, ANSWER + 0x1000n);
  w.second(a, 0x1_4a3c_7000n, ANSWER + 0x4000n, { R: 1n, W: 0n });
  w.second(b, 0x1_4a3c_5000n, ANSWER + 0x8000n);
  w.second(own, 0xffff_e000n, ANSWER + 0xc000n);
  w.second(own, 0xffff_f000n, ANSWER + 0xd000n);
  w.backed(ANSWER, 16n);

  return w.finish({
    origin: { kind: "sample", id: "example" },
    title: "A card whose slices have PASIDs",
    provenance:
      "Computed: one card with a domain of its own, two slices under a PASID and one detached slice.",
    haw: HAW,
    names: new Map([
      [requesterId(0x6a08), "accelerator"],
      [requesterId(0x6a10), "second accelerator"],
    ]),
  });
}

/** Function 3b:00.1 with PASID 0x25 on a first-stage table; PASID 0x26 of the same table is not present. */
export function firstStageMachine(): Machine {
  const w = new Writer();
  w.put(ROOT_SCALABLE, ROOT_TABLE + 0x3b0n, { LP: 1n, LCTP: 0x1_06b3_b000n });
  w.put(CONTEXT_SCALABLE, 0x1_06b3_b020n, {
    P: 1n,
    DTE: 1n,
    PASIDE: 1n,
    PRE: 1n,
    PASIDDIRPTR: 0x1_06c0_0000n,
  });
  w.put(PASID_DIRECTORY_ENTRY, 0x1_06c0_0000n, { P: 1n, SMPTBLPTR: 0x1_06c0_4000n });
  w.put(PASID_ENTRY, 0x1_06c0_4940n, {
    P: 1n,
    AW: 2n,
    PGTT: 1n,
    DID: 0x12n,
    PWSNP: 1n,
    FSPTPTR: 0x1_0700_0000n,
  });
  const tables = [0x1_0700_0000n, 0x1_0700_1000n, 0x1_0700_2000n, 0x1_0700_3000n];
  w.first(tables, 0x7f3a_9c5e_2000n, ANSWER);
  w.backed(ANSWER, 1n);
  return w.finish({
    origin: { kind: "sample", id: "first-stage" },
    title: "A shared address space",
    provenance: "Computed: one function whose PASID 0x025 is walked through a first-stage table.",
    haw: HAW,
    names: new Map(),
  });
}
