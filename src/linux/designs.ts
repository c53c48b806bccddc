// How a DMA-isolated slice of a device gets its IOMMU configuration: the designs that can be run, and what is known of the
// tree's use of the exports they rest on. A design is a set of replaced functions and a list of departures, nothing else.
import { type About, type Kernel, type Replacements, registeredSymbols } from "./kernel/kernel.ts";

/** How far a design got. */
export type DesignLabel = "merged" | "proposal" | "out of tree";

export interface Design {
  readonly id: "D1" | "D2";
  readonly title: string;
  /** Versions that have it. */
  readonly kernel: string;
  readonly label: DesignLabel;
  /** Functions that take the place of those of v5.12, by symbol. */
  readonly replaces: Replacements;
  /** What is not as in the kernel of that version, in words. */
  readonly departures: readonly string[];
  /** Who owns the PASID of a slice. */
  readonly pasidOwner: "domain" | "nobody";
  /** A driver of the kernel tree gives slices of its device away in this way. */
  readonly inTreeSliceUser: boolean;
}

/** Where all designs of this era depart from v5.12. */
const ERA: readonly string[] = [
  "The accelerator driver that makes mdevs was posted as patches and never merged; it is labelled out of tree.",
  "The parent's driver chooses isolation by the type of the mdev, so that both kinds can stand side by side.",
  "mtty refuses to take more ports than its pool has, as 7.2 does; in v5.12 it only showed how many were left.",
];

const vendorOnly = (_k: Kernel, _group: string): "vendor" => "vendor";

export const DESIGNS: Readonly<Record<"D1" | "D2", Design>> = {
  D1: {
    id: "D1",
    title: "A pointer from the mdev to an IOMMU device, and an auxiliary domain",
    kernel: "v5.2 to v5.15",
    label: "merged",
    replaces: new Map(),
    departures: ERA,
    pasidOwner: "domain",
    inTreeSliceUser: false,
  },
  D2: {
    id: "D2",
    title: "Isolation by the vendor driver alone",
    kernel: "v4.10 to 7.2",
    label: "merged",
    replaces: new Map([["idxd_mdev_isolation", vendorOnly]]),
    departures: [
      ...ERA,
      "Every type of the accelerator is isolated by its driver: mdev_set_iommu_device() is never called, whatever the type is named.",
      "It runs as v5.12 has it, with type1's external domain; from v5.16 on drivers say so when they register (vfio_register_emulated_iommu_dev).",
    ],
    pasidOwner: "nobody",
    inTreeSliceUser: true,
  },
};

export type EraSourceType = "mail" | "commit" | "kernel source" | "reading";

/** Callers of an export inside the kernel tree, by the sheet of the era (v5.2 to v5.15); callers of this run are counted apart. */
export interface TreeCallers {
  readonly symbol: string;
  /** "type1" and so on; empty: none in the tree. */
  readonly callers: readonly string[];
  /** How a caller reaches it where it is no plain call. */
  readonly how?: string;
  /** Known callers outside the tree: "no caller in the tree" is not "no caller". */
  readonly outside?: string;
  readonly source: { readonly type: EraSourceType; readonly where: string; readonly says: string };
}

const TREES = "Linux 5.10.13 (in part) and 5.15.85, searched";
const type1 = "drivers/vfio/vfio_iommu_type1.c";

export const TREE_CALLERS: readonly TreeCallers[] = [
  {
    symbol: "mdev_set_iommu_device",
    callers: [],
    outside:
      "two posted series that were never merged (IFC virtio/vhost mdev, 2019; idxd mdev, 2020 to 2021); NVIDIA's vGPU build probes for it",
    source: {
      type: "commit",
      where: "fda49d97f2c4 (vfio: remove the unused mdev iommu hook), merged in v5.16",
      says: "The field was never used: no driver of the tree ever set it.",
    },
  },
  {
    symbol: "mdev_get_iommu_device",
    callers: [type1],
    how: "by symbol_get() up to v5.12; called directly from v5.13, when it became a static inline",
    source: {
      type: "kernel source",
      where: TREES,
      says: "type1 is the only caller of the getter.",
    },
  },
  {
    symbol: "mdev_bus_type",
    callers: [type1],
    how: "by symbol_get() in vfio_bus_is_mdev() up to v5.15; unexported in v6.1",
    source: {
      type: "mail",
      where: "20221012091434.650250cd.alex.williamson@redhat.com",
      says: "The VFIO pull for v6.1 takes the export away, so that nobody can look it up again.",
    },
  },
  {
    symbol: "iommu_aux_attach_device",
    callers: [type1],
    source: {
      type: "kernel source",
      where: TREES,
      says: "type1 is the one caller, behind the pointer that no driver of the tree sets.",
    },
  },
  {
    symbol: "iommu_aux_detach_device",
    callers: [type1],
    source: { type: "kernel source", where: TREES, says: "type1 is the one caller." },
  },
  {
    symbol: "iommu_aux_get_pasid",
    callers: [],
    source: { type: "kernel source", where: TREES, says: "Nobody in the tree asks for the PASID." },
  },
  {
    symbol: "iommu_dev_enable_feature",
    callers: [],
    how: "counted for IOMMU_DEV_FEAT_AUX only",
    source: {
      type: "kernel source",
      where: TREES,
      says: "Nobody in the tree enables AUX on a device.",
    },
  },
  {
    symbol: "vfio_group_iommu_domain",
    callers: [],
    source: {
      type: "commit",
      where: "bdfae1c9a913 (added in v5.11)",
      says: "Added for drivers that need the domain of an mdev; no driver of the tree uses it.",
    },
  },
  {
    symbol: "vfio_pin_pages",
    callers: ["i915 GVT-g", "s390 vfio-ap", "s390 vfio-ccw"],
    source: {
      type: "kernel source",
      where: "Linux 5.15.85 and 7.2: kvmgt.c, vfio_ap_ops.c, vfio_ccw (vfio_ccw_ops.c)",
      says: "The real users of mdev pin guest pages and are isolated by their own code.",
    },
  },
];

export const treeCallers = (symbol: string): TreeCallers | undefined =>
  TREE_CALLERS.find((entry) => entry.symbol === symbol);

/** Exported functions of the modelled kernel by module, both in order of name. */
export function exportsByModule(): ReadonlyMap<string, readonly About[]> {
  const byModule = new Map<string, About[]>();
  const exported = [...registeredSymbols().values()].filter((about) => about.exported);
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  for (const about of exported.sort((a, b) => byName(a.symbol, b.symbol))) {
    byModule.set(about.module, [...(byModule.get(about.module) ?? []), about]);
  }
  return new Map([...byModule].sort(([a], [b]) => byName(a, b)));
}
