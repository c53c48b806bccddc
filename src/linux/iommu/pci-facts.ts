// What the IOMMU layers ask of a PCI function: capabilities, ACS, the requester ids it may appear under (drivers/pci, v5.12).
// Everything is read from configuration space through the machine.
import { requesterId } from "../../base/brand.ts";
import type { PciFunction } from "../core/tables.ts";
import type { Kernel } from "../kernel/kernel.ts";

/** Device/port types of the PCI Express capability. */
export const EXPRESS = {
  ROOT_PORT: 4,
  UPSTREAM: 5,
  DOWNSTREAM: 6,
  PCI_BRIDGE: 7,
  PCIE_BRIDGE: 8,
} as const;

export const CAPABILITY = { ACS: 0x0d, ATS: 0x0f, PASID: 0x1b, DVSEC: 0x23 } as const;

/** Source validation, request and completion redirect, upstream forwarding. */
const REQUIRED_ACS = 0x1d;
const FIRST_EXTENDED = 0x100;
const MOST_CAPABILITIES = 480;

export const readConfig = (k: Kernel, pci: PciFunction, offset: number, size: 1 | 2 | 4): number =>
  k.machine.readConfiguration(requesterId(pci.requester), offset, size);

export const writeConfig = (
  k: Kernel,
  pci: PciFunction,
  offset: number,
  size: 1 | 2 | 4,
  value: number,
): void => k.machine.writeConfiguration(requesterId(pci.requester), offset, size, value);

/** Offset of an extended capability that `fits`, 0 for none. A chain that does not end is given up. */
export function extendedCapability(
  k: Kernel,
  pci: PciFunction,
  id: number,
  fits: (offset: number) => boolean = () => true,
): number {
  if (pci.expressType < 0) return 0;
  let offset = FIRST_EXTENDED;
  for (let left = MOST_CAPABILITIES; left > 0 && offset >= FIRST_EXTENDED; left--) {
    const header = readConfig(k, pci, offset, 4) >>> 0;
    if (header === 0 || header === 0xffff_ffff) return 0;
    if ((header & 0xffff) === id && fits(offset)) return offset;
    offset = (header >>> 20) & 0xffc;
  }
  return 0;
}

/** pci_acs_enabled() for the bits that isolation needs. */
export function acsIsolates(k: Kernel, pci: PciFunction): boolean {
  if (pci.expressType < 0) return false;
  switch (pci.expressType) {
    case EXPRESS.PCI_BRIDGE:
    case EXPRESS.PCIE_BRIDGE:
      return false;
    case EXPRESS.ROOT_PORT:
    case EXPRESS.DOWNSTREAM:
      return acsBitsSet(k, pci);
    default:
      return !pci.multifunction || acsBitsSet(k, pci);
  }
}

function acsBitsSet(k: Kernel, pci: PciFunction): boolean {
  const at = extendedCapability(k, pci, CAPABILITY.ACS);
  if (at === 0) return false;
  const wanted = REQUIRED_ACS & readConfig(k, pci, at + 4, 2);
  return (readConfig(k, pci, at + 6, 2) & wanted) === wanted;
}

/** The bridge above a function; undefined on a root bus. */
export const bridgeAbove = (k: Kernel, pci: PciFunction): PciFunction | undefined =>
  pci.bridge === 0 ? undefined : k.state.core.pci[pci.bridge];

/** pci_acs_path_enabled() up to the root bus. */
export function acsIsolatesPath(k: Kernel, from: PciFunction): boolean {
  for (let at: PciFunction | undefined = from; at; at = bridgeAbove(k, at)) {
    if (!acsIsolates(k, at)) return false;
  }
  return true;
}

/** One requester id that a function's requests may carry, and the function that it belongs to. */
export interface Alias {
  readonly device: number;
  readonly requester: number;
}

/** pci_for_each_dma_alias(): the function's own id first, then those that bridges on the way up put in its place. */
export function dmaAliases(k: Kernel, device: number): readonly Alias[] {
  const pci = k.state.core.pci[device];
  if (!pci) return [];
  const aliases: Alias[] = [{ device, requester: pci.requester }];
  for (let above = bridgeAbove(k, pci); above; above = bridgeAbove(k, above)) {
    switch (above.expressType) {
      case EXPRESS.ROOT_PORT:
      case EXPRESS.UPSTREAM:
      case EXPRESS.DOWNSTREAM:
        continue;
      case EXPRESS.PCI_BRIDGE:
        aliases.push({ device: above.device, requester: above.secondary * 256 });
        continue;
      default:
        aliases.push({ device: above.device, requester: above.requester });
    }
  }
  return aliases;
}

/** pci_max_pasids(): 0 without the capability. */
export function maxPasids(k: Kernel, pci: PciFunction): number {
  const at = extendedCapability(k, pci, CAPABILITY.PASID);
  return at === 0 ? 0 : 2 ** ((readConfig(k, pci, at + 4, 2) >> 8) & 0x1f);
}

/** Whether a designated vendor-specific capability says Scalable IOV (vendor Intel, id 5). */
export const hasScalableIov = (k: Kernel, pci: PciFunction): boolean =>
  extendedCapability(
    k,
    pci,
    CAPABILITY.DVSEC,
    (at) =>
      (readConfig(k, pci, at + 4, 4) & 0xffff) === 0x8086 &&
      (readConfig(k, pci, at + 8, 2) & 0xffff) === 5,
  ) !== 0;
