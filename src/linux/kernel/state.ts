// The kernel's state: plain records in tables keyed by id. It can be printed, compared, copied and shown.
import { type CoreTables, emptyCore } from "../core/tables.ts";
import { emptyIommu, type IommuTables } from "../iommu/tables.ts";
import { emptyMdev, type MdevTables } from "../mdev/tables.ts";
import { emptyParents, type ParentTables } from "../parents/tables.ts";
import { emptyVfio, type VfioTables } from "../vfio/tables.ts";

/** One lock that somebody holds; a free lock has no record. */
export interface Lock {
  /** Task that holds it for itself alone; 0: only readers do. */
  writer: number;
  readers: number[];
}

export interface KernelState {
  /** Ids of every table come from here, from 1. */
  nextId: number;
  /** The kernel log, oldest first; bounded. `at`: microseconds. */
  log: { readonly at: number; readonly text: string }[];
  locks: Record<string, Lock>;
  core: CoreTables;
  iommu: IommuTables;
  mdev: MdevTables;
  vfio: VfioTables;
  parents: ParentTables;
}

export const emptyState = (): KernelState => ({
  nextId: 1,
  log: [],
  locks: {},
  core: emptyCore(),
  iommu: emptyIommu(),
  mdev: emptyMdev(),
  vfio: emptyVfio(),
  parents: emptyParents(),
});
