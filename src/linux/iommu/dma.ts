// The DMA API over a default domain (drivers/iommu/dma-iommu.c, v5.12).
import { define } from "../kernel/kernel.ts";
import type { CoherentMemory, DmaDirection } from "./types.ts";

/** Address for the device, or 0. */
export const dma_map_page = define(
  {
    symbol: "dma_map_page",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/dma-iommu.c, v5.12",
  },
  (_k, device: number, frame: number, direction: DmaDirection): number => 0,
);
export const dma_unmap_page = define(
  {
    symbol: "dma_unmap_page",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/dma-iommu.c, v5.12",
  },
  (_k, device: number, address: number, direction: DmaDirection): void => undefined,
);
export const dma_alloc_coherent = define(
  {
    symbol: "dma_alloc_coherent",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/dma-iommu.c, v5.12",
  },
  (_k, device: number, pages: number): CoherentMemory | null => null,
);
export const dma_free_coherent = define(
  {
    symbol: "dma_free_coherent",
    module: "vmlinux",
    exported: true,
    source: "drivers/iommu/dma-iommu.c, v5.12",
  },
  (_k, device: number, memory: CoherentMemory): void => undefined,
);
