// Device features and auxiliary domains (v5.2 to v5.17).
import { define } from "../kernel/kernel.ts";
import type { DeviceFeature } from "./types.ts";

export const iommu_dev_has_feature = define(
  {
    symbol: "iommu_dev_has_feature",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number, feature: DeviceFeature): boolean => false,
);
/** 0 or an error. */
export const iommu_dev_enable_feature = define(
  {
    symbol: "iommu_dev_enable_feature",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number, feature: DeviceFeature): number => 0,
);
/** 0 or an error. */
export const iommu_dev_disable_feature = define(
  {
    symbol: "iommu_dev_disable_feature",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number, feature: DeviceFeature): number => 0,
);
export const iommu_dev_feature_enabled = define(
  {
    symbol: "iommu_dev_feature_enabled",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number, feature: DeviceFeature): boolean => false,
);
/** 0 or an error. */
export const iommu_aux_attach_device = define(
  {
    symbol: "iommu_aux_attach_device",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, device: number): number => 0,
);
export const iommu_aux_detach_device = define(
  {
    symbol: "iommu_aux_detach_device",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, device: number): void => undefined,
);
/** The PASID, or an error. */
export const iommu_aux_get_pasid = define(
  {
    symbol: "iommu_aux_get_pasid",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, device: number): number => 0,
);
