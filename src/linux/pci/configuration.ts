// Reading and writing configuration space as the kernel does: registers, capabilities, extended capabilities (drivers/pci/access.c, pci.c, v5.12).
import type { RequesterId } from "../../base/brand.ts";
import type { Kernel } from "../kernel/kernel.ts";

export const CAP_ID_EXP = 0x10;
export const EXT_CAP_ID = { ACS: 0x0d, ATS: 0x0f, PRI: 0x13, DVSEC: 0x23, PASID: 0x1b } as const;

/** Device/port types of the PCI Express capability. */
export const EXP_TYPE = {
  ENDPOINT: 0,
  LEG_END: 1,
  ROOT_PORT: 4,
  UPSTREAM: 5,
  DOWNSTREAM: 6,
  PCI_BRIDGE: 7,
  PCIE_BRIDGE: 8,
  RC_END: 9,
  RC_EC: 10,
} as const;

/** Capabilities that one list may have before it is taken for a loop. */
const CAPABILITY_LIMIT = 48;
const EXTENDED_LIMIT = 480;

const requesterOf = (k: Kernel, device: number): number => k.state.core.pci[device]?.requester ?? 0;

/** A register of a device's function; all ones when nothing answers. */
export const pci_read_config = (
  k: Kernel,
  device: number,
  offset: number,
  size: 1 | 2 | 4,
): number => k.machine.readConfiguration(requesterOf(k, device) as RequesterId, offset, size) >>> 0;

export function pci_write_config(
  k: Kernel,
  device: number,
  offset: number,
  size: 1 | 2 | 4,
  value: number,
): void {
  k.machine.writeConfiguration(requesterOf(k, device) as RequesterId, offset, size, value);
  const name = k.state.core.devices[device]?.name ?? "";
  k.record({ kind: "configuration write", call: k.call, device: name, offset, value });
}

/** Offset of a capability, also before there is a device record; 0: the function has none. */
export function findCapability(k: Kernel, requester: number, id: number): number {
  const read = (at: number, size: 1 | 2): number =>
    k.machine.readConfiguration(requester as RequesterId, at, size);
  // Status bit 4: there is a list.
  if ((read(0x06, 2) & 0x10) === 0) return 0;
  let at = read(0x34, 1) & ~3;
  for (let n = 0; n < CAPABILITY_LIMIT && at >= 0x40; n++) {
    const found = read(at, 1);
    if (found === id) return at;
    if (found === 0xff) return 0;
    at = read(at + 1, 1) & ~3;
  }
  return 0;
}

/** Offset of an extended capability; 0: the function has none. */
export function pci_find_ext_capability(k: Kernel, device: number, id: number): number {
  if ((k.state.core.pci[device]?.expressType ?? -1) < 0) return 0;
  let at = 0x100;
  for (let n = 0; n < EXTENDED_LIMIT && at >= 0x100; n++) {
    const header = pci_read_config(k, device, at, 4);
    if (header === 0 || header === 0xffff_ffff) return 0;
    if ((header & 0xffff) === id) return at;
    at = (header >>> 20) & 0xffc;
  }
  return 0;
}

/** "0000:6a:01.0" of a requester id. */
export function pciName(requester: number): string {
  const hex = (value: number): string => value.toString(16).padStart(2, "0");
  return `0000:${hex(requester >> 8)}:${hex((requester >> 3) & 0x1f)}.${requester & 7}`;
}

/** PCI_COMMAND_MASTER: the function may send requests. */
const BUS_MASTER = 4;

/** pci_set_master() and pci_clear_master(). */
export function pci_set_master(k: Kernel, device: number, on = true): void {
  const before = pci_read_config(k, device, 4, 2);
  const after = on ? before | BUS_MASTER : before & ~BUS_MASTER;
  if (after !== before) pci_write_config(k, device, 4, 2, after);
}
