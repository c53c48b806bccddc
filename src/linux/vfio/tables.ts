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

/** `struct vfio_device_ops`: symbols; all may sleep and take the `struct device` first. */
export interface VfioDeviceOps {
  /** "vfio-pci" or "vfio-mdev". */
  readonly name: string;
  readonly module: string;
  readonly open: string;
  readonly release: string;
  readonly ioctl: string;
  readonly read: string;
  readonly write: string;
  readonly mmap: string;
  /** request(k, device, count): somebody wants the device back. */
  readonly request: string;
}

/** `struct vfio_iommu_driver_ops`: symbols. */
export interface VfioIommuDriver {
  readonly name: string;
  readonly module: string;
  readonly open: string;
  readonly release: string;
  readonly ioctl: string;
  readonly attachGroup: string;
  readonly detachGroup: string;
  readonly pinPages: string;
  readonly unpinPages: string;
  readonly registerNotifier: string;
  readonly unregisterNotifier: string;
  readonly dmaRw: string;
  readonly groupIommuDomain: string;
}

/** `struct vfio_device`. */
export interface VfioDevice {
  readonly id: number;
  readonly device: number;
  readonly group: number;
  /** Name of the record in `state.vfio.deviceOperations`. */
  readonly operations: string;
  openCount: number;
  /** vfio_device_put() waits for the last user. */
  references: number;
}

/** `struct vfio_container` and, once an IOMMU driver is set, its `struct vfio_iommu`. */
export interface Container {
  readonly id: number;
  groups: number[];
  /** Name of its IOMMU driver; "": VFIO_SET_IOMMU was not called. */
  driver: string;
  /** iommu_data: the type1 record; 0 for none. */
  iommu: number;
  /** Its open file and its groups. */
  references: number;
}

/** `struct vfio_domain`. */
export interface VfioDomain {
  /** iommu_domain record; 0 for the external domain. */
  readonly domain: number;
  groups: Type1Group[];
  /** IOMMU_CACHE in prot. */
  coherent: boolean;
  /** Fine-grained superpages: a part of a large page can be unmapped. */
  fineSuperpages: boolean;
}

/** `struct vfio_group` of type1. */
export interface Type1Group {
  readonly iommuGroup: number;
  mdevGroup: boolean;
}

/** `struct vfio_dma`. */
export interface VfioDma {
  readonly iova: number;
  vaddr: number;
  /** VFIO_DMA_UNMAP_FLAG_VADDR took the address away. */
  vaddrInvalid: boolean;
  /** Bytes; 0 while the mapping is being made. */
  size: number;
  readonly read: boolean;
  readonly write: boolean;
  /** Process that mapped it. */
  readonly process: number;
  /** CAP_IPC_LOCK when it was mapped: RLIMIT_MEMLOCK does not bind. */
  readonly lockCap: boolean;
  iommuMapped: boolean;
  /** pfn_list: pages pinned for vendor drivers, by IOVA page -> {page frame, count}. */
  pfns: Record<number, { readonly frame: number; count: number }>;
}

/** `struct vfio_iommu`. */
export interface Type1 {
  readonly id: number;
  readonly v2: boolean;
  readonly nesting: boolean;
  domains: VfioDomain[];
  /** Groups without a domain of the IOMMU; null: none so far. */
  externalDomain: VfioDomain | null;
  /** dma_list, by rising IOVA. */
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
  deviceOperations: Record<string, VfioDeviceOps>;
  /** Registered IOMMU drivers, by name. */
  iommuDrivers: Record<string, VfioIommuDriver>;
  /** Devices that vfio-pci drives: what its open functions keep, by device id. */
  pciDevices: Record<number, VfioPciDevice>;
}

/** `struct vfio_pci_device`. */
export interface VfioPciDevice {
  readonly device: number;
  openCount: number;
}

export const emptyVfio = (): VfioTables => ({
  groups: {},
  devices: {},
  containers: {},
  type1: {},
  deviceOperations: {},
  iommuDrivers: {},
  pciDevices: {},
});
