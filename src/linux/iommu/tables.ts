// Records of the IOMMU core, the DMA API and the Intel driver.

/** `struct iommu_group`. */
export interface Group {
  readonly id: number;
  /** Number in /sys/kernel/iommu_groups. */
  readonly number: number;
  /** Device ids, in order of joining. */
  devices: number[];
  /** group->domain and group->default_domain; 0 for NULL. */
  domain: number;
  defaultDomain: number;
  /** Text of the `name` file; "" when there is none. */
  name: string;
  references: number;
}

export type DomainType = "blocked" | "identity" | "unmanaged" | "dma";

/** `struct iommu_domain` with the `struct dmar_domain` around it. */
export interface Domain {
  readonly id: number;
  readonly type: DomainType;
  /** Whose ops: the bus it was allocated for. */
  readonly bus: string;
  /** DOMAIN_FLAG_USE_FIRST_LEVEL. */
  readonly firstLevel: boolean;
  /** Physical address of the top table; 0 for identity. */
  pgd: number;
  /** Highest address that was mapped, plus one (max_addr). */
  maxAddress: number;
  /** Largest page level that map uses, 1 .. 3 (iommu_superpage + 1). */
  largestLevel: number;
  /** Levels of the tables, 3 .. 5; agaw + 2. */
  levels: number;
  /** Guest address width in bits. */
  addressWidth: number;
  /** Domain id on the unit while something is attached; -1: none. */
  domainId: number;
  /** iommu_refcnt: attachments that hold the domain id. */
  attachments: number;
  /** default_pasid; 0: none was allocated. */
  defaultPasid: number;
  /** Device ids attached as a whole (domain->devices). */
  devices: number[];
  /** subdev_domain_info: parent device id -> users. */
  subdevices: Record<number, number>;
  /** Physical addresses of the pages that hold its tables. */
  tables: number[];
  /** Pages mapped now. */
  mappedPages: number;
}

/** `struct device_domain_info`. */
export interface DeviceInfo {
  readonly device: number;
  readonly requester: number;
  /** Domain attached for requests without PASID; 0: none. */
  domain: number;
  /** Physical address of the PASID directory; 0: none. */
  pasidTable: number;
  /** Entries of the directory that can be used, times 64. */
  maxPasid: number;
  auxEnabled: boolean;
  pasidSupported: boolean;
  pasidEnabled: boolean;
  atsSupported: boolean;
  atsEnabled: boolean;
}

/** An IOVA that the DMA API gave out. */
export interface IovaRange {
  readonly start: number;
  readonly pages: number;
}

/** IOVA allocator and flush queue of a default domain (`struct iommu_dma_cookie`). */
export interface DmaCookie {
  readonly domain: number;
  ranges: Record<number, IovaRange>;
  /** Lazy unmap: waiting for the next flush. Frames are freed pages of tables. */
  queue: { readonly start: number; readonly pages: number; readonly frames: number[] }[];
  /** The timer of the queue; 0: not armed. */
  timer: number;
  reserved: { readonly start: number; readonly end: number }[];
}

export interface IommuTables {
  groups: Record<number, Group>;
  /** Free group numbers below the next one (an ida: the lowest free one is taken). */
  groupNumbers: number[];
  domains: Record<number, Domain>;
  /** By device id. */
  devices: Record<number, DeviceInfo>;
  /** By domain id (the record's). */
  cookies: Record<number, DmaCookie>;
  /** ioasid allocator: PASID -> owner in words. */
  pasids: Record<number, string>;
  /** PASID directories by physical address: frames (power of two, in a row) and the frames of tables below. */
  directories: Record<number, { readonly frames: number; tables: number[] }>;
  /** Identity domain that all devices share (si_domain); 0: none. */
  identity: number;
  /** Context tables by root table slot: bus in legacy mode, 2 * bus + half in scalable mode. */
  contextTables: Record<number, number>;
  /** Domain ids of the unit that are taken -> domain record. 0 is reserved, 1 is FLPT_DEFAULT_DID. */
  domainIds: Record<number, number>;
  rootTable: number;
  /** Physical address and tail (bytes) of the invalidation queue; address of the wait status. */
  queue: number;
  queueTail: number;
  queueStatus: number;
  strict: boolean;
  scalable: boolean;
  /** iommu.passthrough=1. */
  passthrough: boolean;
  /** Fault lines printed in the current interval of the rate limit, and when it began. */
  printed: number;
  printedSince: number;
  suppressed: number;
}

export const emptyIommu = (): IommuTables => ({
  groups: {},
  groupNumbers: [],
  domains: {},
  devices: {},
  cookies: {},
  pasids: {},
  directories: {},
  identity: 0,
  contextTables: {},
  domainIds: {},
  rootTable: 0,
  queue: 0,
  queueTail: 0,
  queueStatus: 0,
  strict: false,
  scalable: false,
  passthrough: false,
  printed: 0,
  printedSince: 0,
  suppressed: 0,
});
