// IOMMU groups: who must be owned together (v5.12).
import { define } from "../kernel/kernel.ts";

/** A new group's id, or -ENOMEM. */
export const iommu_group_alloc = define(
  {
    symbol: "iommu_group_alloc",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k): number => 0,
);
/** The group of a device with a reference taken, or 0. */
export const iommu_group_get = define(
  {
    symbol: "iommu_group_get",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number): number => 0,
);
export const iommu_group_put = define(
  {
    symbol: "iommu_group_put",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, group: number): void => undefined,
);
/** Number in /sys/kernel/iommu_groups. */
export const iommu_group_id = define(
  {
    symbol: "iommu_group_id",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, group: number): number => 0,
);
export const iommu_group_set_name = define(
  {
    symbol: "iommu_group_set_name",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, group: number, name: string): number => 0,
);
/** 0 or an error. */
export const iommu_group_add_device = define(
  {
    symbol: "iommu_group_add_device",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, group: number, device: number): number => 0,
);
export const iommu_group_remove_device = define(
  {
    symbol: "iommu_group_remove_device",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, device: number): void => undefined,
);
/** Device ids, in order of joining. */
export const iommu_group_for_each_dev = define(
  {
    symbol: "iommu_group_for_each_dev",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/iommu.c, v5.12",
  },
  (_k, group: number): readonly number[] => [],
);
