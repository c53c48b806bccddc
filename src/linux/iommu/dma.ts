// The DMA API of drivers over a default domain (drivers/iommu/dma-iommu.c, v5.12).
// Unmap is strict, or lazy: the range waits in the flush queue, and the device may reach the page until the flush.
import { alloc_pages, free_page, free_pages } from "../core/pages.ts";
import { del_timer } from "../core/timers.ts";
import { define, invoke, type Kernel } from "../kernel/kernel.ts";
import { alloc_iova_fast, free_iova_fast, queue_iova, reserveIova } from "./iova.ts";
import { iommu_iotlb_sync, iommu_map, iommu_unmap_fast } from "./mapping.ts";
import { domainOps } from "./ops.ts";
import { iommu_get_resv_regions } from "./reserved.ts";
import {
  type CoherentMemory,
  type DmaDirection,
  gather,
  IOMMU_CACHE,
  IOMMU_READ,
  IOMMU_WRITE,
} from "./types.ts";

const PAGE = 4096;

const about = (symbol: string, exported = true) => ({
  symbol,
  module: "vmlinux",
  exported,
  source: "drivers/iommu/dma-iommu.c, v5.12",
});

/** The state of the DMA API for a new default domain. 0 or -ENOMEM. */
export const iommu_get_dma_cookie = define(
  about("iommu_get_dma_cookie"),
  (k, domain: number): number => {
    const failed = k.allocate();
    if (failed < 0) return failed;
    k.state.iommu.cookies[domain] = { domain, ranges: {}, queue: [], timer: 0, reserved: [] };
    return 0;
  },
);

/** Ends it; what waits for a flush is given back, the domain is gone from the unit. */
export const iommu_put_dma_cookie = define(
  about("iommu_put_dma_cookie"),
  (k, domain: number): void => {
    const cookie = k.state.iommu.cookies[domain];
    if (!cookie) return;
    if (cookie.timer !== 0) del_timer(k, cookie.timer);
    for (const { frames } of cookie.queue) for (const frame of frames) free_page(k, frame);
    delete k.state.iommu.cookies[domain];
  },
);

/** iommu_setup_dma_ops() of one device: its reserved regions are not given out. */
export const iommu_setup_dma_ops = define(
  about("iommu_setup_dma_ops", false),
  (k, device: number): void => {
    const domain = dmaDomain(k, device);
    if (domain === 0) return;
    for (const { start, length } of iommu_get_resv_regions(k, device)) {
      reserveIova(k, domain, start, start + length - 1);
    }
  },
);

/** The default domain that a device's DMA API maps in; 0: addresses are physical. */
function dmaDomain(k: Kernel, device: number): number {
  const { core, iommu } = k.state;
  const domain = iommu.groups[core.devices[device]?.group ?? 0]?.defaultDomain ?? 0;
  return iommu.domains[domain]?.type === "dma" ? domain : 0;
}

const rightsOf = (direction: DmaDirection): number => {
  switch (direction) {
    case "to device":
      return IOMMU_READ | IOMMU_CACHE;
    case "from device":
      return IOMMU_WRITE | IOMMU_CACHE;
    case "both":
      return IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE;
  }
};

/** Maps so many frames in a row at a new I/O address: that, or 0. */
export const __iommu_dma_map = define(
  about("__iommu_dma_map", false),
  (k, domain: number, frame: number, pages: number, rights: number): number => {
    const first = alloc_iova_fast(k, domain, pages);
    if (first === 0) return 0;
    const address = first * PAGE;
    if (iommu_map(k, domain, address, frame * PAGE, pages * PAGE, rights) === 0) return address;
    free_iova_fast(k, domain, first);
    return 0;
  },
);

export const __iommu_dma_unmap = define(
  about("__iommu_dma_unmap", false),
  (k, domain: number, address: number, pages: number): void => {
    const gathered = gather();
    iommu_unmap_fast(k, domain, address, pages * PAGE, gathered);
    const lazy = invoke<boolean>(k, domainOps(k, domain)?.usesFlushQueue ?? "", domain);
    if (lazy) {
      queue_iova(k, domain, address / PAGE, pages, gathered.freelist);
      return;
    }
    iommu_iotlb_sync(k, domain, gathered);
    free_iova_fast(k, domain, address / PAGE);
  },
);

/** Address under which the device reaches the frame, or 0 (DMA_MAPPING_ERROR). */
export const dma_map_page = define(
  { ...about("dma_map_page_attrs"), source: "kernel/dma/mapping.c, v5.12" },
  (k, device: number, frame: number, direction: DmaDirection): number => {
    const domain = dmaDomain(k, device);
    if (domain === 0) return frame * PAGE;
    return __iommu_dma_map(k, domain, frame, 1, rightsOf(direction));
  },
);

export const dma_unmap_page = define(
  { ...about("dma_unmap_page_attrs"), source: "kernel/dma/mapping.c, v5.12" },
  (k, device: number, address: number, _direction: DmaDirection): void => {
    const domain = dmaDomain(k, device);
    if (domain !== 0) __iommu_dma_unmap(k, domain, address, 1);
  },
);

/** So many pages of kernel memory (a power of two) that the device reaches too; null when there is none. */
export const dma_alloc_coherent = define(
  { ...about("dma_alloc_attrs"), source: "kernel/dma/mapping.c, v5.12" },
  (k, device: number, pages: number): CoherentMemory | null => {
    const first = alloc_pages(k, "kernel", pages);
    if (first < 0) return null;
    const frames = Array.from({ length: pages }, (_, index) => first + index);
    const domain = dmaDomain(k, device);
    if (domain === 0) return { frames, address: first * PAGE };
    const address = __iommu_dma_map(k, domain, first, pages, rightsOf("both"));
    if (address !== 0) return { frames, address };
    free_pages(k, first, pages);
    return null;
  },
);

export const dma_free_coherent = define(
  { ...about("dma_free_attrs"), source: "kernel/dma/mapping.c, v5.12" },
  (k, device: number, memory: CoherentMemory): void => {
    const domain = dmaDomain(k, device);
    if (domain !== 0) __iommu_dma_unmap(k, domain, memory.address, memory.frames.length);
    free_pages(k, memory.frames[0] ?? 0, memory.frames.length);
  },
);
