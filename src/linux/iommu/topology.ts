// Which PCI functions share a group: those that may reach each other's memory below the unit (drivers/iommu/iommu.c, v5.12).
// Three reasons: one requester id for several, no ACS on the way up, no ACS between functions of one device.
import type { PciFunction } from "../core/tables.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import {
  pci_acs_enabled,
  pci_acs_path_enabled,
  pci_for_each_dma_alias,
  REQ_ACS_FLAGS,
} from "../pci/topology.ts";
import { iommu_group_alloc, iommu_group_get } from "./groups.ts";

const slotOf = (pci: PciFunction): number => pci.requester >> 3;

/** The group of a function beside this one on its slot, when nothing keeps the two apart. */
function neighbourGroup(k: Kernel, pci: PciFunction): number {
  if (!pci.multifunction || pci_acs_enabled(k, pci.device, REQ_ACS_FLAGS)) return 0;
  const others = Object.values(k.state.core.pci).sort((a, b) => a.requester - b.requester);
  for (const other of others) {
    if (other.device === pci.device || slotOf(other) !== slotOf(pci)) continue;
    if (pci_acs_enabled(k, other.device, REQ_ACS_FLAGS)) continue;
    const group = iommu_group_get(k, other.device);
    if (group !== 0) return group;
  }
  return 0;
}

/** The group that a function belongs to, with a reference; made when there is none yet. Id or an error. */
define(
  {
    symbol: "pci_device_group",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (k, device: number): number => {
    const { core } = k.state;
    let pci = core.pci[device];
    if (!pci) return -ERRNO.EINVAL;
    for (const alias of pci_for_each_dma_alias(k, device)) {
      const group = iommu_group_get(k, alias.device);
      if (group !== 0) return group;
      pci = core.pci[alias.device] ?? pci;
    }
    for (let above = core.pci[pci.bridge]; above; above = core.pci[above.bridge]) {
      if (pci_acs_path_enabled(k, above.device, 0, REQ_ACS_FLAGS)) break;
      pci = above;
      const group = iommu_group_get(k, above.device);
      if (group !== 0) return group;
    }
    const beside = neighbourGroup(k, pci);
    return beside === 0 ? iommu_group_alloc(k) : beside;
  },
);
