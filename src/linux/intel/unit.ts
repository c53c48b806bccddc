// The remapping unit as the driver sees it: capabilities, registers, and single fields of entries in memory
// (drivers/iommu/intel, v5.12). Entries are edited as the driver does it: one field after the other, each a store.
import { maskOf } from "../../hardware/layout/codec.ts";
import { bitOf } from "../../hardware/layout/fields.ts";
import type { Environment, Structure } from "../../hardware/layout/types.ts";
import { decodeCapabilities } from "../../hardware/vtd/capabilities.ts";
import type { Capabilities } from "../../hardware/vtd/types.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { MachinePort } from "../kernel/machine-port.ts";

export const PAGE = 4096;

export const REGISTER = {
  VER: 0x00,
  CAP: 0x08,
  ECAP: 0x10,
  GCMD: 0x18,
  GSTS: 0x1c,
  RTADDR: 0x20,
  FSTS: 0x34,
  FECTL: 0x38,
  FEDATA: 0x3c,
  FEADDR: 0x40,
  FEUADDR: 0x44,
  IQH: 0x80,
  IQT: 0x88,
  IQA: 0x90,
} as const;

/** Bits of GCMD and GSTS. */
export const COMMAND = { TE: 0x8000_0000, SRTP: 0x4000_0000, WBF: 0x0800_0000, QIE: 0x0400_0000 };

/** Level commands that a write of GCMD has to repeat. */
const LEVELS = 0x96ff_ffff;

const KNOWN = new WeakMap<MachinePort, Capabilities>();

/** Decoded once for each machine: these registers never change. */
export function capabilities(k: Kernel): Capabilities {
  const known = KNOWN.get(k.machine);
  if (known) return known;
  const read = decodeCapabilities({
    ver: Number(k.machine.readUnit(REGISTER.VER, 4)),
    cap: k.machine.readUnit(REGISTER.CAP, 8),
    ecap: k.machine.readUnit(REGISTER.ECAP, 8),
  });
  KNOWN.set(k.machine, read);
  return read;
}

/** Addresses are written in full; what the host does not have is never allocated. */
const WIDEST_HOST = 52;

export const environment = (k: Kernel): Environment => ({
  capabilities: capabilities(k),
  haw: WIDEST_HOST,
});

export const read32 = (k: Kernel, offset: number): number =>
  Number(k.machine.readUnit(offset, 4)) >>> 0;

export const write32 = (k: Kernel, offset: number, value: number): void =>
  k.machine.writeUnit(offset, 4, BigInt(value >>> 0));

/** A command bit on top of the levels that are on; the unit answers at once. */
export const command = (k: Kernel, bit: number): void =>
  write32(k, REGISTER.GCMD, (read32(k, REGISTER.GSTS) & LEVELS) | bit);

export const readWord = (k: Kernel, address: number): bigint => k.machine.readWord(BigInt(address));

export const writeWord = (k: Kernel, address: number, value: bigint): void =>
  k.machine.writeWord(BigInt(address), value);

function place(k: Kernel, structure: Structure, name: string) {
  const surroundings = environment(k);
  const field = structure.fields(surroundings).find((candidate) => candidate.name === name);
  if (!field) throw new RangeError(`${structure.name} has no field ${name}`);
  const low = bitOf(field.low, surroundings);
  return {
    word: field.word,
    mask: maskOf(bitOf(field.high, surroundings), low),
    shift: field.kind === "address" ? 0n : BigInt(low),
  };
}

/** Reads an entry's word, puts one field in, and stores it. Addresses are given as addresses. */
export function setField(
  k: Kernel,
  structure: Structure,
  entry: number,
  name: string,
  value: number,
): void {
  const { word, mask, shift } = place(k, structure, name);
  const at = entry + 8 * word;
  writeWord(k, at, (readWord(k, at) & ~mask) | ((BigInt(value) << shift) & mask));
}

export function getField(k: Kernel, structure: Structure, entry: number, name: string): number {
  const { word, mask, shift } = place(k, structure, name);
  return Number((readWord(k, entry + 8 * word) & mask) >> shift);
}

/** Stores 0 in every word of an entry, lowest first: that one holds P. */
export function clearEntry(k: Kernel, structure: Structure, entry: number): void {
  for (let at = entry; at < entry + structure.bits / 8; at += 8) writeWord(k, at, 0n);
}

/** iommu_flush_write_buffer(): only units that ask for it (CAP.RWBF). */
export function flushWriteBuffer(k: Kernel): void {
  if ((k.machine.readUnit(REGISTER.CAP, 8) & 0x10n) !== 0n) command(k, COMMAND.WBF);
}

/** Levels of the deepest second-stage tables that the unit walks, 3 .. 5 (iommu->agaw + 2). */
export function unitLevels(k: Kernel): number {
  const { sagaw } = capabilities(k);
  for (let levels = 5; levels >= 3; levels--)
    if ((sagaw & (1 << (levels - 2))) !== 0) return levels;
  return 3;
}

/** Address width of tables of so many levels in bits. */
export const widthOf = (levels: number): number => 12 + 9 * levels;
