// Ranges of I/O addresses that no domain of a device may use freely (drivers/iommu/iommu.c, v5.12).
// A device whose bus has no IOMMU, such as an mdev, has none, whatever its parent has.

import { define, invoke } from "../kernel/kernel.ts";
import { deviceOps } from "./ops.ts";
import { hex } from "./print.ts";
import type { ReservedRegion } from "./types.ts";

const about = (symbol: string, exported = true) => ({
  symbol,
  module: "vmlinux",
  exported,
  source: "drivers/iommu/iommu.c, v5.12",
});

/** The regions that the driver states for one device. */
export const iommu_get_resv_regions = define(
  about("iommu_get_resv_regions"),
  (k, device: number): readonly ReservedRegion[] => {
    const ops = deviceOps(k, device);
    return ops ? invoke<readonly ReservedRegion[]>(k, ops.getResvRegions, device) : [];
  },
);

/** Regions of all devices of the group, sorted, those of one type that touch made one. */
export const iommu_get_group_resv_regions = define(
  about("iommu_get_group_resv_regions"),
  (k, group: number): readonly ReservedRegion[] => {
    const merged: ReservedRegion[] = [];
    for (const device of k.state.iommu.groups[group]?.devices ?? []) {
      for (const region of iommu_get_resv_regions(k, device)) insert(merged, region);
    }
    return merged;
  },
);

function insert(regions: ReservedRegion[], added: ReservedRegion): void {
  let joined = added;
  for (let at = regions.length - 1; at >= 0; at--) {
    const other = regions[at];
    if (!other || other.type !== joined.type) continue;
    if (other.start > joined.start + joined.length) continue;
    if (joined.start > other.start + other.length) continue;
    const start = Math.min(other.start, joined.start);
    const end = Math.max(other.start + other.length, joined.start + joined.length);
    joined = { ...joined, start, length: end - start };
    regions.splice(at, 1);
  }
  regions.push(joined);
  regions.sort((a, b) => a.start - b.start);
}

define(about("iommu_group_show_resv_regions", false), (k, group: number): string =>
  iommu_get_group_resv_regions(k, group)
    .map(({ start, length, type }) => `${hex(start, 16)} ${hex(start + length - 1, 16)} ${type}\n`)
    .join(""),
);
