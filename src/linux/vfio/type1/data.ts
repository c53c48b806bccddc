// Lookups in the records of a type1 container, and what every file about it shares (vfio_iommu_type1.c, v5.12).
import type { About, Kernel } from "../../kernel/kernel.ts";
import type { Type1, Type1Group, VfioDma, VfioDomain } from "../tables.ts";

export const PAGE = 4096;

export const about = (symbol: string): About => ({
  symbol,
  module: "vfio_iommu_type1",
  source: "drivers/vfio/vfio_iommu_type1.c, v5.12",
});

/** The mutex of one container's mappings and domains. */
export const iommuLock = (iommu: number): string => `iommu->lock of type1 ${iommu}`;

export const type1Of = (k: Kernel, iommu: number): Type1 | undefined => k.state.vfio.type1[iommu];

/** IS_IOMMU_CAP_DOMAIN_IN_CONTAINER(): at least one domain that an IOMMU translates. */
export const hasDomain = (iommu: Type1): boolean => iommu.domains.length > 0;

/** vfio_find_dma(): a mapping that touches [iova, iova + size), the lowest one. */
export const findDma = (iommu: Type1, iova: number, size: number): VfioDma | undefined =>
  iommu.mappings.find((dma) => dma.iova < iova + size && dma.iova + dma.size > iova);

export const findGroup = (domain: VfioDomain, iommuGroup: number): Type1Group | undefined =>
  domain.groups.find((group) => group.iommuGroup === iommuGroup);

/** IOMMU_READ and IOMMU_WRITE of a mapping. */
export const protOf = (dma: VfioDma): number => (dma.read ? 1 : 0) | (dma.write ? 2 : 0);

/** Prot of a mapping in a domain: IOMMU_CACHE where the domain is coherent. */
export const protIn = (dma: VfioDma, domain: VfioDomain): number =>
  protOf(dma) | (domain.coherent ? 4 : 0);

export const hex = (value: number): string => `0x${value.toString(16)}`;
