// iommu_map() and iommu_unmap(): ranges cut into aligned powers of two for the driver (drivers/iommu/iommu.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { define, invoke, type Kernel } from "../kernel/kernel.ts";
import { domainOps } from "./ops.ts";
import { type Gather, gather } from "./types.ts";

const PAGE = 4096;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  exported: true,
  source: "drivers/iommu/iommu.c, v5.12",
});

const shown = (_k: Kernel, domain: number, ...addresses: readonly unknown[]) => [
  String(domain),
  ...addresses.map((value) => (typeof value === "number" ? `0x${value.toString(16)}` : "{…}")),
];

const isPaging = (k: Kernel, domain: number): boolean => {
  const type = k.state.iommu.domains[domain]?.type;
  return type === "unmanaged" || type === "dma";
};

/** The largest power of two that divides every address and fits in the size. Intel takes every size. */
function pieceOf(size: number, ...addresses: readonly number[]): number {
  let piece = PAGE;
  while (piece * 2 <= size && addresses.every((address) => address % (piece * 2) === 0)) piece *= 2;
  return piece;
}

/** 0; -ENODEV, -EINVAL for what is not page-aligned, -EFAULT beyond the width, -ENOMEM. Nothing stays after an error. */
export const iommu_map = define(
  about("iommu_map"),
  (k, domain: number, iova: number, address: number, size: number, prot: number): number => {
    const ops = domainOps(k, domain);
    if (!ops) return -ERRNO.ENODEV;
    if (!isPaging(k, domain)) return -ERRNO.EINVAL;
    if (iova % PAGE !== 0 || address % PAGE !== 0 || size % PAGE !== 0) return -ERRNO.EINVAL;
    for (let done = 0; done < size; ) {
      const piece = pieceOf(size - done, iova + done, address + done);
      const result = invoke(k, ops.map, domain, iova + done, address + done, piece, prot);
      if (result < 0) {
        if (done > 0) iommu_unmap(k, domain, iova, done);
        return result;
      }
      done += piece;
    }
    return 0;
  },
  shown,
);

/** Bytes unmapped. `gathered` collects what iommu_iotlb_sync() must flush before the pages are given away. */
export const iommu_unmap_fast = define(
  about("iommu_unmap_fast"),
  (k, domain: number, iova: number, size: number, gathered: Gather): number => {
    const ops = domainOps(k, domain);
    if (!ops || !isPaging(k, domain)) return 0;
    if (iova % PAGE !== 0 || size % PAGE !== 0) return 0;
    let done = 0;
    while (done < size) {
      const piece = pieceOf(size - done, iova + done);
      const unmapped = invoke(k, ops.unmap, domain, iova + done, piece, gathered);
      if (unmapped === 0) break;
      done += unmapped;
    }
    return done;
  },
  shown,
);

/** Flushes what was gathered, frees the pages of tables, and empties `gathered`. */
export const iommu_iotlb_sync = define(
  about("iommu_iotlb_sync"),
  (k, domain: number, gathered: Gather): void => {
    const ops = domainOps(k, domain);
    if (ops) invoke<void>(k, ops.iotlbSync, domain, gathered);
    Object.assign(gathered, gather());
  },
  shown,
);

/** Bytes unmapped; no cache holds them when it returns. */
export const iommu_unmap = define(
  about("iommu_unmap"),
  (k, domain: number, iova: number, size: number): number => {
    const gathered = gather();
    const unmapped = iommu_unmap_fast(k, domain, iova, size, gathered);
    iommu_iotlb_sync(k, domain, gathered);
    return unmapped;
  },
  shown,
);

export const iommu_flush_iotlb_all = define(
  about("iommu_flush_iotlb_all"),
  (k, domain: number): void => {
    const ops = domainOps(k, domain);
    if (ops) invoke<void>(k, ops.flushIotlbAll, domain);
  },
);

/** Physical address behind an I/O address; 0 where nothing is mapped. */
export const iommu_iova_to_phys = define(
  about("iommu_iova_to_phys"),
  (k, domain: number, iova: number): number => {
    const ops = domainOps(k, domain);
    return ops ? invoke(k, ops.iovaToPhys, domain, iova) : 0;
  },
  shown,
);
