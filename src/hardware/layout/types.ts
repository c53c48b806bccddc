// What a layout table is: the fields of one structure of the specification, as data.
// Decoder, encoder, reserved-bit check, inspector and documentation all read these tables and nothing else.
import type { Capabilities } from "../vtd/types.ts";

/** What decides which bits of a structure exist: the unit it is read by, and where in a walk it stands. */
export interface Environment {
  readonly capabilities: Capabilities;
  /** Host address width in bits, 32 .. 52. Address bits at and above it are reserved. */
  readonly haw: number;
  /** Paging structures only: 1 is the level whose entries map 4 KiB. */
  readonly level?: number;
  /** Paging structures only: the entry maps a page. */
  readonly leaf?: boolean;
  /** PASID table entries only: AW is accepted on a unit without SSTS, as Linux writes it and QEMU takes it. */
  readonly awWithoutSsts?: boolean;
}

/** A bit position: a number, or one that follows the host address width. */
export type BitPosition = number | "HAW" | "HAW-1";

export interface Field {
  /** The specification's name; "reserved" and "ignored" for bits without one. */
  readonly name: string;
  /** Which 64-bit word of the structure, 0 is the lowest address. */
  readonly word: number;
  /** Highest and lowest bit inside that word, both inclusive. */
  readonly high: BitPosition;
  readonly low: BitPosition;
  readonly kind: "value" | "flag" | "address" | "reserved" | "ignored";
  /** Short meaning of the field, in our words. */
  readonly meaning: string;
  /** What single values mean. A value that is missing here is reserved when `closed` is set. */
  readonly values?: Readonly<Record<number, string>>;
  readonly closed?: boolean;
  /** The field exists only when this holds; otherwise its bits are reserved. Says in words what is asked for. */
  readonly needs?: {
    readonly words: string;
    readonly test: (environment: Environment) => boolean;
  };
}

export interface Structure {
  /** Stable id, e.g. "context-scalable". */
  readonly id: string;
  /** The specification's name, e.g. "Scalable-mode context entry". */
  readonly name: string;
  /** Size in bits: 64, 128, 256 or 512 (registers also 32). */
  readonly bits: number;
  /** Section of the specification (revision 5.10) as the reference sheet states it. */
  readonly source: string;
  /** Fields that together cover every bit exactly once in every environment. */
  readonly fields: (environment: Environment) => readonly Field[];
  /** The bits of which one must be set for the rest to count. Absent: every bit always counts. */
  readonly presence?: { readonly word: number; readonly mask: bigint };
}

/** A register (or the first of a row of equal ones). */
export interface Register extends Structure {
  /** Byte offset from the base of the register file. */
  readonly offset: (capabilities: Capabilities) => number;
  readonly access: "RO" | "WO" | "RW" | "RW1C";
  /** Whether the unit has it. */
  readonly exists: (capabilities: Capabilities) => boolean;
}

/** One field of one entry, decoded. */
export interface DecodedField {
  readonly field: Field;
  /** Bit range in this environment. */
  readonly high: number;
  readonly low: number;
  /** The field's bits shifted down to bit 0; for addresses the address itself (bits in place). */
  readonly value: bigint;
  /** The value in words: "present", "48-bit, 4 levels", "must be 0". */
  readonly words: string;
  /** Reserved bits that are set, or a reserved value. */
  readonly violates: boolean;
}
