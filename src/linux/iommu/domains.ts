// Domains, and which group sees memory through which (v5.12).
import { define } from "../kernel/kernel.ts";

/** An UNMANAGED domain's id, or 0. */
export const iommu_domain_alloc = define(
  {
    symbol: "iommu_domain_alloc",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, bus: string): number => 0,
);
export const iommu_domain_free = define(
  {
    symbol: "iommu_domain_free",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number): void => undefined,
);
/** 0 or an error. */
export const iommu_attach_device = define(
  {
    symbol: "iommu_attach_device",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, device: number): number => 0,
);
export const iommu_detach_device = define(
  {
    symbol: "iommu_detach_device",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, device: number): void => undefined,
);
/** 0 or an error. */
export const iommu_attach_group = define(
  {
    symbol: "iommu_attach_group",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, group: number): number => 0,
);
export const iommu_detach_group = define(
  {
    symbol: "iommu_detach_group",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, domain: number, group: number): void => undefined,
);
/** The domain of the device's group, or 0. */
export const iommu_get_domain_for_dev = define(
  {
    symbol: "iommu_get_domain_for_dev",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number): number => 0,
);
