// Reserved regions (v5.12).
import { define } from "../kernel/kernel.ts";
import type { ReservedRegion } from "./types.ts";

export const iommu_get_resv_regions = define(
  {
    symbol: "iommu_get_resv_regions",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number): readonly ReservedRegion[] => [],
);
/** Regions of all devices of the group, merged and sorted. */
export const iommu_get_group_resv_regions = define(
  {
    symbol: "iommu_get_group_resv_regions",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, group: number): readonly ReservedRegion[] => [],
);
