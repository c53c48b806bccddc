// An object of the kernel as panels show it, and the names by which objects refer to one another.
import type { Domain } from "../linux/iommu/tables.ts";
import type { KernelState } from "../linux/kernel/state.ts";

/** Ids are what a selection holds and what files name: "mdev 83b8f4f2-...", "process vm-a", "domain 7". */
export interface KernelObject {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** State in one line. */
  readonly note: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Other objects that it holds or belongs to. */
  readonly links: readonly { readonly as: string; readonly id: string; readonly name: string }[];
  /** Objects inside it, with ids of their own. */
  readonly parts: readonly KernelObject[];
}

/** "domain 7" by the id on the unit; one that is attached nowhere has none and goes by its record. */
export const domainKey = (domain: Domain): string =>
  domain.domainId >= 0 ? `domain ${domain.domainId}` : `domain record ${domain.id}`;

export const deviceName = (kernel: KernelState, device: number): string =>
  kernel.core.devices[device]?.name ?? "none";

/** A link to a group by its record; none for 0. */
export function groupLink(kernel: KernelState, group: number, as: string): KernelObject["links"] {
  const found = kernel.iommu.groups[group];
  const name = found ? `group ${found.number}` : "";
  return found ? [{ as, id: name, name }] : [];
}

/** A link to a domain by its record; none for 0. */
export function domainLink(kernel: KernelState, domain: number, as: string): KernelObject["links"] {
  const found = kernel.iommu.domains[domain];
  return found ? [{ as, id: domainKey(found), name: domainKey(found) }] : [];
}

/** The mdev or PCI function that a device record is, as a link. */
export function deviceLink(kernel: KernelState, device: number, as: string): KernelObject["links"] {
  const found = kernel.core.devices[device];
  if (!found) return [];
  const mdev = Object.values(kernel.mdev.devices).find((one) => one.device === device);
  return [{ as, id: mdev ? `mdev ${mdev.uuid}` : `requester ${found.name}`, name: found.name }];
}
