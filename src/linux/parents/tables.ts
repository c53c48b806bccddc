// Records of the parent drivers: the out-of-tree accelerator driver and the sample drivers.

/** A dedicated work queue of the accelerator, as its driver knows it. */
export interface WorkQueue {
  readonly index: number;
  /** "kernel": the host's own; "mdev": set aside for mdevs. */
  use: "free" | "kernel" | "mdev";
  /** mdev record that has it; 0: none. */
  mdev: number;
}

/** A page that a vendor-isolated mdev had pinned and mapped with the parent's DMA API. */
export interface MediatedPage {
  /** IOVA page of the guest (address / 4096). */
  readonly guestPage: number;
  readonly frame: number;
  /** Address from dma_map_page(parent). */
  readonly dmaAddress: number;
  /** Rights it was pinned with: IOMMU_READ 1 | IOMMU_WRITE 2. */
  readonly prot: number;
}

/** What the accelerator driver keeps for one mdev. */
export interface AcceleratorMdev {
  readonly mdev: number;
  readonly queue: number;
  readonly isolation: "iommu" | "vendor";
  /** PASID written into the queue; 0: none. */
  pasid: number;
  /** The device file is open and the queue enabled. */
  enabled: boolean;
  pages: MediatedPage[];
}

/** What a sample driver keeps for one mdev. */
export interface SampleMdev {
  readonly driver: string;
  /** Units of the pool that it took: ports, megabytes, instances. */
  readonly units: number;
  /** Bytes that wait in the receive queue of each serial port. */
  received: number[][];
}

export interface ParentTables {
  /** By device id of the accelerator. */
  accelerators: Record<
    number,
    {
      readonly device: number;
      auxEnabled: boolean;
      queues: WorkQueue[];
      /** Where the host's own queue writes completion records: mapped by the DMA API while the driver is bound. */
      completions?: { readonly frames: readonly number[]; readonly address: number };
    }
  >;
  acceleratorMdevs: Record<number, AcceleratorMdev>;
  /** By mdev record. */
  sampleMdevs: Record<number, SampleMdev>;
  /** Device id of each loaded sample driver's parent device, by driver. */
  samples: Record<string, number>;
}

export const emptyParents = (): ParentTables => ({
  accelerators: {},
  acceleratorMdevs: {},
  sampleMdevs: {},
  samples: {},
});
