// Records of VFIO and of its type1 IOMMU driver, v5.12.

/** `struct vfio_group`. */
export interface VfioGroup {
  readonly id: number;
  /** Group record of the IOMMU core. */
  readonly iommuGroup: number;
  /** 0: not in a container. */
  container: number;
  opened: boolean;
  /** vfio_device ids. */
  devices: number[];
  /** container_users: open devices and external users. */
  users: number;
}

/** `struct vfio_device`. */
export interface VfioDevice {
  readonly id: number;
  readonly device: number;
  readonly group: number;
  /** "vfio-pci" or "vfio-mdev". */
  readonly operations: string;
  openCount: number;
  /** vfio_device_put() waits for the last user. */
  references: number;
}

/** `struct vfio_container` and, once an IOMMU driver is set, its `struct vfio_iommu`. */
export interface Container {
  readonly id: number;
  groups: number[];
  /** type1 record; 0: VFIO_SET_IOMMU was not called. */
  iommu: number;
}

/** `struct vfio_domain`. */
export interface VfioDomain {
  /** iommu_domain record; 0 for the external domain. */
  readonly domain: number;
  groups: Type1Group[];
  coherent: boolean;
}

/** `struct vfio_group` of type1. */
export interface Type1Group {
  readonly iommuGroup: number;
  readonly mdevGroup: boolean;
}

/** `struct vfio_dma`. */
export interface VfioDma {
  readonly iova: number;
  readonly vaddr: number;
  /** Bytes; 0 while the mapping is being made. */
  size: number;
  readonly read: boolean;
  readonly write: boolean;
  /** Process that mapped it. */
  readonly process: number;
  iommuMapped: boolean;
  /** pfn_list: pages pinned for vendor drivers, by IOVA page -> {page frame, count}. */
  pfns: Record<number, { readonly frame: number; count: number }>;
}

/** `struct vfio_iommu`. */
export interface Type1 {
  readonly id: number;
  readonly container: number;
  v2: boolean;
  domains: VfioDomain[];
  /** Groups without a domain of the IOMMU; null: none so far. */
  externalDomain: VfioDomain | null;
  /** By IOVA, in rising order of creation. */
  mappings: VfioDma[];
  /** Usable IOVA ranges, inclusive; empty: everything. */
  iovaList: { readonly start: number; readonly end: number }[];
  available: number;
  /** Registered VFIO_IOMMU_NOTIFY_DMA_UNMAP: symbol of notify(k, argument, iova, size), and its argument. */
  notifiers: { readonly symbol: string; readonly argument: number }[];
}

export interface VfioTables {
  groups: Record<number, VfioGroup>;
  devices: Record<number, VfioDevice>;
  containers: Record<number, Container>;
  type1: Record<number, Type1>;
}

export const emptyVfio = (): VfioTables => ({ groups: {}, devices: {}, containers: {}, type1: {} });
