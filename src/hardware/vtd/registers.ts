// The register file in the unit's private pages: offsets, what software may write, and plain reading (section 11.4).

import { high32, low32 } from "../../base/words.ts";
import { maskOf } from "../layout/codec.ts";
import { bitOf } from "../layout/fields.ts";
import { REGISTERS } from "../layout/registers.ts";
import type { Environment } from "../layout/types.ts";

/** Byte offsets of the registers that the unit acts on. */
export const REG = {
  VER: 0x00,
  CAP: 0x08,
  ECAP: 0x10,
  GCMD: 0x18,
  GSTS: 0x1c,
  RTADDR: 0x20,
  CCMD: 0x28,
  FSTS: 0x34,
  FECTL: 0x38,
  IQH: 0x80,
  IQT: 0x88,
  IQA: 0x90,
  ICS: 0x9c,
  IECTL: 0xa0,
  IQERCD: 0xb0,
  IRTA: 0xb8,
  PRS: 0xdc,
  PECTL: 0xe0,
} as const;

/** Pages that hold the register file: enough for the highest FRO with 256 recording registers. */
export const REGISTER_PAGES = 5;

/** Bits of GCMD and GSTS. */
export const TES = 0x8000_0000 | 0;
export const RTPS = 0x4000_0000;
export const QIES = 0x0400_0000;
export const IRES = 0x0200_0000;
export const IRTPS = 0x0100_0000;
export const CFIS = 0x0080_0000;

/** FSTS. */
export const PFO = 1;
export const PPF = 2;
export const IQE = 0x10;
export const FSTS_CLEARED_BY_ONE = 0x7d;

/** Bits that the unit itself writes in registers that software writes too. */
const READ_ONLY_FIELDS: ReadonlySet<string> = new Set(["CAIG", "IAIG", "IP"]);

/** Word number (offset / 4) -> bits that a write stores. */
export type WritableMasks = ReadonlyMap<number, number>;

/**
 * Word number (offset / 4) -> bits that a write stores. Registers that clear by one, and read-only ones, have none.
 * Derived from the register layouts; upper message addresses are fixed at 0 without 32-bit APIC ids.
 */
export function writableMasks(
  environment: Environment,
  extendedInterrupts: boolean,
): WritableMasks {
  const masks = new Map<number, number>();
  for (const register of REGISTERS) {
    const { capabilities } = environment;
    if (!register.exists(capabilities)) continue;
    if (register.access !== "RW" && register.id !== "IVA") continue;
    if (!extendedInterrupts && (register.id === "FEUADDR" || register.id === "IEUADDR")) {
      continue;
    }
    let mask = 0n;
    for (const field of register.fields(environment)) {
      if (field.kind === "reserved" || READ_ONLY_FIELDS.has(field.name)) continue;
      if (field.needs && !field.needs.test(environment)) continue;
      mask |= maskOf(bitOf(field.high, environment), bitOf(field.low, environment));
    }
    const word = register.offset(capabilities) >> 2;
    masks.set(word, low32(mask));
    if (register.bits > 32) masks.set(word + 1, high32(mask));
  }
  // Message data of the fault event has 16 bits.
  const data = masks.get(0x3c >> 2);
  if (data !== undefined) masks.set(0x3c >> 2, data & 0xffff);
  return masks;
}
