// Devices come under an IOMMU and leave it (v5.12).
import { define } from "../kernel/kernel.ts";
import type { IommuCapability } from "./types.ts";

/** 0 or an error. */
export const iommu_probe_device = define(
  {
    symbol: "iommu_probe_device",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number): number => 0,
);
export const iommu_release_device = define(
  {
    symbol: "iommu_release_device",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number): void => undefined,
);
/** 0 or an error. */
export const bus_set_iommu = define(
  {
    symbol: "bus_set_iommu",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, bus: string, ops: string): number => 0,
);
export const iommu_present = define(
  {
    symbol: "iommu_present",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, bus: string): boolean => false,
);
export const iommu_capable = define(
  {
    symbol: "iommu_capable",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, bus: string, capability: IommuCapability): boolean => false,
);
