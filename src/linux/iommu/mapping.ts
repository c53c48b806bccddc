// iommu_map() and iommu_unmap() (v5.12).
import { define } from "../kernel/kernel.ts";
import type { Gather } from "./types.ts";

/** 0 or an error. */
export const iommu_map = define(
  {
    symbol: "iommu_map",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, iova: number, address: number, size: number, prot: number): number => 0,
);
/** Bytes unmapped; flushed when it returns. */
export const iommu_unmap = define(
  {
    symbol: "iommu_unmap",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, iova: number, size: number): number => 0,
);
/** Bytes unmapped; call iommu_iotlb_sync() before the pages are given away. */
export const iommu_unmap_fast = define(
  {
    symbol: "iommu_unmap_fast",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, iova: number, size: number, gathered: Gather): number => 0,
);
export const iommu_iotlb_sync = define(
  {
    symbol: "iommu_iotlb_sync",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, gathered: Gather): void => undefined,
);
export const iommu_flush_iotlb_all = define(
  {
    symbol: "iommu_flush_iotlb_all",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number): void => undefined,
);
/** Physical address, 0 where nothing is mapped. */
export const iommu_iova_to_phys = define(
  {
    symbol: "iommu_iova_to_phys",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, iova: number): number => 0,
);
