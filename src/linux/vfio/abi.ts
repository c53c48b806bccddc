// Numbers and shapes of include/uapi/linux/vfio.h, v5.12, and how ioctl arguments are read.
import type { IoctlArgument } from "../calls.ts";

export const VFIO_API_VERSION = 0;

/** Extensions that VFIO_CHECK_EXTENSION and VFIO_SET_IOMMU know. */
export const EXTENSION = {
  VFIO_TYPE1_IOMMU: 1,
  VFIO_SPAPR_TCE_IOMMU: 2,
  VFIO_TYPE1v2_IOMMU: 3,
  VFIO_DMA_CC_IOMMU: 4,
  VFIO_EEH: 5,
  VFIO_TYPE1_NESTING_IOMMU: 6,
  VFIO_SPAPR_TCE_v2_IOMMU: 7,
  VFIO_NOIOMMU_IOMMU: 8,
  VFIO_UNMAP_ALL: 9,
  VFIO_UPDATE_VADDR: 10,
} as const;

export const GROUP_FLAGS = { VIABLE: 1, CONTAINER_SET: 2 } as const;
export const MAP_FLAGS = { READ: 1, WRITE: 2, VADDR: 4 } as const;
export const UNMAP_FLAGS = { GET_DIRTY_BITMAP: 1, ALL: 2, VADDR: 4 } as const;
export const DEVICE_FLAGS = { RESET: 1, PCI: 2 } as const;
export const REGION_FLAGS = { READ: 1, WRITE: 2, MMAP: 4 } as const;

/** Regions of a vfio-pci device: six BARs, ROM, configuration space, VGA; offset = index * 2^40. */
export const PCI_REGIONS = 9;
export const CONFIG_REGION = 7;
export const REGION_SHIFT = 2 ** 40;

/** What an ioctl hands back: the result, and the fields it filled in. */
export interface IoctlResult {
  readonly result: number;
  readonly value: Readonly<Record<string, number | string>> | null;
}

export const plain = (result: number): IoctlResult => ({ result, value: null });

/** An unsigned 64-bit number as this model holds it, or NaN: a number, or text "0x...". */
export function numberOf(value: unknown): number {
  const number_ =
    typeof value === "string" && /^(0x[0-9a-f]{1,16}|[0-9]{1,20})$/i.test(value)
      ? Number(value)
      : value;
  return typeof number_ === "number" && Number.isInteger(number_) && number_ >= 0
    ? number_
    : Number.NaN;
}

/** One field of an ioctl's structure; `absent` where it was not given. */
export function field(argument: IoctlArgument, name: string, absent = 0): number {
  if (typeof argument !== "object" || argument === null) return Number.NaN;
  const value = argument[name];
  return value === undefined ? absent : numberOf(value);
}
