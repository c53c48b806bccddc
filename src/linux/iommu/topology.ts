// Which functions share a group.
import { define } from "../kernel/kernel.ts";

/** A group's id with a reference, or an error. */
export const pci_device_group = define(
  {
    symbol: "pci_device_group",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number): number => 0,
);
