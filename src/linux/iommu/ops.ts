// Which functions stand behind a bus's `iommu_ops` (v5.12): the core calls them through these names only.
import type { Kernel } from "../kernel/kernel.ts";

/** `struct iommu_ops`: symbols. */
interface IommuOps {
  readonly capable: string;
  readonly domainAlloc: string;
  readonly domainFree: string;
  readonly attachDevice: string;
  readonly detachDevice: string;
  readonly auxAttachDevice: string;
  readonly auxDetachDevice: string;
  readonly auxGetPasid: string;
  readonly map: string;
  readonly unmap: string;
  readonly iotlbSync: string;
  readonly flushIotlbAll: string;
  readonly iovaToPhys: string;
  readonly probeDevice: string;
  readonly probeFinalize: string;
  readonly releaseDevice: string;
  readonly deviceGroup: string;
  readonly getResvRegions: string;
  readonly devHasFeature: string;
  readonly devEnableFeature: string;
  readonly devDisableFeature: string;
  readonly devFeatureEnabled: string;
  readonly usesFlushQueue: string;
}

const OPS: Readonly<Record<string, IommuOps>> = {
  intel: {
    capable: "intel_iommu_capable",
    domainAlloc: "intel_iommu_domain_alloc",
    domainFree: "intel_iommu_domain_free",
    attachDevice: "intel_iommu_attach_device",
    detachDevice: "intel_iommu_detach_device",
    auxAttachDevice: "intel_iommu_aux_attach_device",
    auxDetachDevice: "intel_iommu_aux_detach_device",
    auxGetPasid: "intel_iommu_aux_get_pasid",
    map: "intel_iommu_map",
    unmap: "intel_iommu_unmap",
    iotlbSync: "intel_iommu_tlb_sync",
    flushIotlbAll: "intel_flush_iotlb_all",
    iovaToPhys: "intel_iommu_iova_to_phys",
    probeDevice: "intel_iommu_probe_device",
    probeFinalize: "intel_iommu_probe_finalize",
    releaseDevice: "intel_iommu_release_device",
    deviceGroup: "pci_device_group",
    getResvRegions: "intel_iommu_get_resv_regions",
    devHasFeature: "intel_iommu_dev_has_feat",
    devEnableFeature: "intel_iommu_dev_enable_feat",
    devDisableFeature: "intel_iommu_dev_disable_feat",
    devFeatureEnabled: "intel_iommu_dev_feat_enabled",
    usesFlushQueue: "intel_iommu_domain_get_attr",
  },
};

/** The operations of a bus; undefined for one without an IOMMU. */
export const busOps = (k: Kernel, bus: string): IommuOps | undefined =>
  OPS[k.state.core.buses[bus]?.iommuOps ?? ""];

export const deviceOps = (k: Kernel, device: number): IommuOps | undefined =>
  busOps(k, k.state.core.devices[device]?.bus ?? "");

export const domainOps = (k: Kernel, domain: number): IommuOps | undefined =>
  busOps(k, k.state.iommu.domains[domain]?.bus ?? "");
