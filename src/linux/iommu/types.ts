// Values that the IOMMU core hands around: rights, reserved ranges, what one unmap gathers. None of them is kept.

/** IOMMU_READ, IOMMU_WRITE, IOMMU_CACHE of include/linux/iommu.h. */
export const IOMMU_READ = 1;
export const IOMMU_WRITE = 2;
export const IOMMU_CACHE = 4;

/** IOMMU_CAP_*. */
export type IommuCapability = "CACHE_COHERENCY" | "INTR_REMAP" | "NOEXEC";

/** IOMMU_DEV_FEAT_*. */
export type DeviceFeature = "AUX" | "SVA";

export type ReservedType = "direct" | "direct-relaxable" | "reserved" | "msi";

/** `struct iommu_resv_region`: first address and bytes. */
export interface ReservedRegion {
  readonly start: number;
  readonly length: number;
  readonly prot: number;
  readonly type: ReservedType;
}

/** `struct iommu_iotlb_gather`: a range, `end` inclusive, and pages of tables to free after the flush. */
export interface Gather {
  start: number;
  end: number;
  pageSize: number;
  freelist: number[];
}

/** iommu_iotlb_gather_init(). */
export const gather = (): Gather => ({
  start: Number.MAX_SAFE_INTEGER,
  end: 0,
  pageSize: 0,
  freelist: [],
});

/** DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE. */
export type DmaDirection = "both" | "to device" | "from device";

/** Memory of dma_alloc_coherent(): first page frame number (frames are consecutive) and what the device is told. */
export interface CoherentMemory {
  readonly frames: readonly number[];
  readonly address: number;
}
