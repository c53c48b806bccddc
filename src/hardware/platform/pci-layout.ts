// Offsets, ids and bits of PCI configuration space (PCI Local Bus 3.0 chapter 6, PCI Express Base chapter 7; by general knowledge).
import type { AcsBit, FunctionKind } from "./description.ts";

/** Byte offsets of the header. */
export const HEADER = {
  VENDOR: 0x00,
  DEVICE: 0x02,
  COMMAND: 0x04,
  STATUS: 0x06,
  REVISION: 0x08,
  HEADER_TYPE: 0x0e,
  BAR0: 0x10,
  BAR2: 0x18,
  PRIMARY: 0x18,
  SECONDARY: 0x19,
  SUBORDINATE: 0x1a,
  MEMORY_BASE: 0x20,
  PREFETCHABLE_BASE: 0x24,
  PREFETCHABLE_BASE_UPPER: 0x28,
  PREFETCHABLE_LIMIT_UPPER: 0x2c,
  SUBSYSTEM_VENDOR: 0x2c,
  SUBSYSTEM: 0x2e,
  CAPABILITIES: 0x34,
  INTERRUPT_LINE: 0x3c,
  BRIDGE_CONTROL: 0x3e,
} as const;

export const COMMAND = { MEMORY: 2, BUS_MASTER: 4 } as const;

/** Ids of capabilities and of extended capabilities. */
export const CAPABILITY = { MSI: 0x05, EXPRESS: 0x10 } as const;
export const EXTENDED = {
  ACS: 0x0d,
  ATS: 0x0f,
  PRI: 0x13,
  PASID: 0x1b,
  DESIGNATED_VENDOR: 0x23,
} as const;

/** Where the capabilities stand in our functions. */
export const MSI_AT = 0x50;
export const EXPRESS_AT = 0x70;
export const EXTENDED_AT = 0x100;

/** Offsets inside the PCI Express capability. */
export const EXPRESS = {
  FLAGS: 0x02,
  DEVICE_CAPABILITIES: 0x04,
  DEVICE_CONTROL: 0x08,
  LINK_CAPABILITIES: 0x0c,
  LINK_STATUS: 0x12,
  SLOT_CAPABILITIES: 0x14,
  ROOT_CONTROL: 0x1c,
  DEVICE_CAPABILITIES_2: 0x24,
  DEVICE_CONTROL_2: 0x28,
} as const;

/** Device control: asks for a function level reset; reads as 0. */
export const FUNCTION_RESET = 0x8000;

/** PASID control register, at + 6 of its capability. */
export const PASID_ENABLE = 1;

/** Device or port type in the PCI Express capability; kinds without one are conventional PCI. */
export const EXPRESS_TYPE: Readonly<Partial<Record<FunctionKind, number>>> = {
  endpoint: 0,
  "root port": 4,
  "upstream port": 5,
  "downstream port": 6,
  "PCIe to PCI bridge": 7,
  "root complex integrated endpoint": 9,
};

/** Bits of the ACS capability and control registers. */
export const ACS_BITS: Readonly<Record<AcsBit, number>> = {
  SV: 0x01,
  TB: 0x02,
  RR: 0x04,
  CR: 0x08,
  UF: 0x10,
  EC: 0x20,
  DT: 0x40,
};

const BRIDGES: ReadonlySet<FunctionKind> = new Set<FunctionKind>([
  "root port",
  "upstream port",
  "downstream port",
  "PCIe to PCI bridge",
  "PCI to PCI bridge",
]);

/** Whether a function has a bus below it (header type 1). */
export const isBridge = (kind: FunctionKind): boolean => BRIDGES.has(kind);
