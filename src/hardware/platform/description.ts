// A machine in words and numbers, as a scenario file holds it: memory, the remapping unit, PCI functions, firmware tables.
// Addresses are hexadecimal texts ("0x100000"), so that a file can be read and written by hand.

export type FunctionKind =
  | "host bridge"
  | "root complex integrated endpoint"
  | "root port"
  | "upstream port"
  | "downstream port"
  | "endpoint"
  | "PCIe to PCI bridge"
  | "PCI to PCI bridge"
  | "conventional";

/** Names of the ACS capability and control bits (PCI Express Base, ACS extended capability). */
export type AcsBit = "SV" | "TB" | "RR" | "CR" | "UF" | "EC" | "DT";

export interface FunctionDescription {
  /** Everyday name: "Accelerator". */
  readonly name: string;
  /** "6a:01.0". */
  readonly address: string;
  readonly kind: FunctionKind;
  readonly vendor: number;
  readonly device: number;
  /** Class, subclass and programming interface: 0x088000. */
  readonly class: number;
  /** Bridges and ports: first and last bus below. */
  readonly secondary?: number;
  readonly subordinate?: number;
  /** Bits that the ACS capability offers; absent: no such capability. */
  readonly acs?: readonly AcsBit[];
  /** Largest PASID has so many bits, 1 .. 20; absent: no PASID capability. */
  readonly pasidBits?: number;
  readonly ats?: boolean;
  readonly pri?: boolean;
  /** The designated vendor-specific capability of Scalable IOV (vendor Intel, id 5). */
  readonly scalableIov?: boolean;
  /** What is behind the registers; absent: nothing that acts on its own. */
  readonly model?: "accelerator";
  /** Work queues of an accelerator, 1 .. 64. */
  readonly queues?: number;
}

export interface PlatformDescription {
  readonly title: string;
  /** Host address width in bits, 32 .. 52. */
  readonly haw: number;
  readonly unit: {
    readonly version: string;
    readonly cap: string;
    readonly ecap: string;
    /** Entries of each cache; default: 16 context, 32 PASID, 64 IOTLB, 32 paging. */
    readonly caches?: Partial<Record<"context" | "pasid" | "iotlb" | "paging", number>>;
  };
  readonly memory: readonly { readonly start: string; readonly length: string }[];
  readonly functions: readonly FunctionDescription[];
  /** RMRR of the firmware: addresses of functions, first and last byte. */
  readonly reserved?: readonly {
    readonly devices: readonly string[];
    readonly start: string;
    readonly end: string;
  }[];
}
