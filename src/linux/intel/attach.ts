// A device and its domain: attach, detach, probe, reserved regions (drivers/iommu/intel/iommu.c, v5.12).
// Attach in scalable mode: domain id, PASID directory, entry for requests without PASID, context entries, device.
// Detach goes the other way: PASID entry, device, context entries, directory, domain id.

import { sysfs_create_link, sysfs_remove } from "../core/sysfs.ts";
import { iommu_setup_dma_ops } from "../iommu/dma.ts";
import type { DeviceInfo } from "../iommu/tables.ts";
import {
  IOMMU_READ,
  IOMMU_WRITE,
  type IommuCapability,
  type ReservedRegion,
} from "../iommu/types.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import {
  EXT_CAP_ID,
  pci_find_ext_capability,
  pci_read_config,
  pci_write_config,
} from "../pci/configuration.ts";
import { pci_disable_pasid, pci_enable_pasid } from "../pci/pasid.ts";
import { domain_context_clear, domain_context_mapped, domain_context_mapping } from "./context.ts";
import { cutLevels, domain_attach_iommu, domain_detach_iommu } from "./domain.ts";
import {
  intel_pasid_alloc_table,
  intel_pasid_free_table,
  intel_pasid_setup_first_level,
  intel_pasid_setup_pass_through,
  intel_pasid_setup_second_level,
  intel_pasid_tear_down_entry,
  PASS_THROUGH_DID,
  RID_PASID,
} from "./pasid.ts";
import { capabilities, unitLevels, widthOf } from "./unit.ts";

const MSI_WINDOW = { start: 0xfee0_0000, length: 0x10_0000 };
const CLASS_DISPLAY = 0x03;
const CLASS_USB = 0x0c03;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/iommu.c, v5.12",
});

const label = (k: Kernel, device: number): string => {
  const record = k.state.core.devices[device];
  return `${record?.driver || record?.bus} ${record?.name}`;
};

/** Whether the device's requests come through the unit: the unit stands for all of PCI. */
export const isTranslated = (k: Kernel, device: number): boolean => device in k.state.core.pci;

/** What a device offers, as far as the unit can use it. */
function describe(k: Kernel, device: number, domain: number): DeviceInfo {
  const pci = k.state.core.pci[device];
  const can = capabilities(k);
  const has = (id: number): boolean => pci_find_ext_capability(k, device, id) !== 0;
  return {
    device,
    requester: pci?.requester ?? 0,
    domain,
    pasidTable: 0,
    maxPasid: 0,
    auxEnabled: false,
    pasidSupported: k.state.iommu.scalable && can.pasid && has(EXT_CAP_ID.PASID),
    pasidEnabled: false,
    atsSupported: can.dt && has(EXT_CAP_ID.ATS),
    atsEnabled: false,
  };
}

/** Sets or clears the enable bit of ATS in the function itself. True: it has the capability. */
function switchAts(k: Kernel, device: number, on: boolean): boolean {
  const at = pci_find_ext_capability(k, device, EXT_CAP_ID.ATS);
  if (at === 0) return false;
  const control = pci_read_config(k, device, at + 6, 2);
  pci_write_config(k, device, at + 6, 2, on ? control | ATS_ENABLE : control & ~ATS_ENABLE);
  return true;
}

const ATS_ENABLE = 0x8000;

/** PASID before ATS: what a device does the other way round is not defined. */
export const iommu_enable_dev_iotlb = define(
  about("iommu_enable_dev_iotlb"),
  (k, device: number): void => {
    const info = k.state.iommu.devices[device];
    if (!info) return;
    if (info.pasidSupported && !info.pasidEnabled) {
      info.pasidEnabled = pci_enable_pasid(k, device, 0) === 0;
    }
    if (info.atsSupported && !info.atsEnabled) info.atsEnabled = switchAts(k, device, true);
  },
);

export const iommu_disable_dev_iotlb = define(
  about("iommu_disable_dev_iotlb"),
  (k, device: number): void => {
    const info = k.state.iommu.devices[device];
    if (!info) return;
    if (info.atsEnabled) switchAts(k, device, false);
    if (info.pasidEnabled) pci_disable_pasid(k, device);
    info.atsEnabled = false;
    info.pasidEnabled = false;
  },
);

/** Fits the domain to the unit. 0, or -EFAULT when addresses beyond its width are mapped. */
export const prepare_domain_attach_device = define(
  about("prepare_domain_attach_device"),
  (k, domain: number, device: number): number => {
    const record = k.state.iommu.domains[domain];
    if (!record || !isTranslated(k, device)) return -ERRNO.ENODEV;
    const width = Math.min(widthOf(unitLevels(k)), capabilities(k).mgaw);
    if (record.maxAddress > 2 ** width) {
      k.log(
        `${label(k, device)}: prepare_domain_attach_device: iommu width (${width}) is not sufficient for the mapped address (${record.maxAddress.toString(16)})`,
      );
      return -ERRNO.EFAULT;
    }
    record.addressWidth = width;
    cutLevels(k, record, unitLevels(k));
    return 0;
  },
);

/** The PASID entry of a domain: pass-through, first-stage or second-stage. 0 or an error. */
export function setupEntry(k: Kernel, domain: number, device: number, pasid: number): number {
  const record = k.state.iommu.domains[domain];
  if (record?.type === "identity" && capabilities(k).pt) {
    return intel_pasid_setup_pass_through(k, device, pasid);
  }
  return record?.firstLevel
    ? intel_pasid_setup_first_level(k, device, domain, pasid)
    : intel_pasid_setup_second_level(k, device, domain, pasid);
}

/** 0; -EBUSY when a part of it fails, which leaves the device without a domain. */
export const domain_add_dev_info = define(
  about("domain_add_dev_info"),
  (k, domain: number, device: number): number => {
    const record = k.state.iommu.domains[domain];
    if (!record || k.allocate() < 0) return -ERRNO.EBUSY;
    if (domain_attach_iommu(k, domain) < 0) return -ERRNO.EBUSY;
    k.state.iommu.devices[device] = describe(k, device, domain);
    record.devices.push(device);
    if (k.state.iommu.scalable) {
      if (intel_pasid_alloc_table(k, device) < 0) {
        return failed(k, device, "PASID table allocation failed");
      }
      if (setupEntry(k, domain, device, RID_PASID) < 0) {
        return failed(k, device, "Setup RID2PASID failed");
      }
    }
    if (domain_context_mapping(k, domain, device) < 0) {
      return failed(k, device, "Domain context map failed");
    }
    iommu_enable_dev_iotlb(k, device);
    return 0;
  },
);

function failed(k: Kernel, device: number, text: string): number {
  k.log(`${label(k, device)}: ${text}`);
  dmar_remove_one_dev_info(k, device);
  return -ERRNO.EBUSY;
}

/** Takes a device off its domain and out of the unit's tables. */
export const dmar_remove_one_dev_info = define(
  about("dmar_remove_one_dev_info"),
  (k, device: number): void => {
    const info = k.state.iommu.devices[device];
    const domain = k.state.iommu.domains[info?.domain ?? 0];
    if (!info || !domain) return;
    const shared = k.state.iommu.scalable && domain.type === "identity" && capabilities(k).pt;
    const did = shared ? PASS_THROUGH_DID : domain.domainId;
    if (k.state.iommu.scalable) intel_pasid_tear_down_entry(k, device, RID_PASID);
    iommu_disable_dev_iotlb(k, device);
    domain_context_clear(k, device, did);
    intel_pasid_free_table(k, device);
    domain.devices = domain.devices.filter((member) => member !== device);
    delete k.state.iommu.devices[device];
    domain_detach_iommu(k, domain.id);
  },
);

/** -EPERM for a device that must reach its RMRR, and for one whose parts have domains of their own (AUX). */
define(about("intel_iommu_attach_device"), (k, domain: number, device: number): number => {
  const record = k.state.iommu.domains[domain];
  if (record?.type === "unmanaged") {
    if (isLockedByRmrr(k, device)) {
      k.log(
        `${label(k, device)}: Device is ineligible for IOMMU domain attach due to platform RMRR requirement.  Contact your platform vendor.`,
      );
      return -ERRNO.EPERM;
    }
    if (k.state.iommu.devices[device]?.auxEnabled) return -ERRNO.EPERM;
  }
  if (domain_context_mapped(k, device)) dmar_remove_one_dev_info(k, device);
  const fits = prepare_domain_attach_device(k, domain, device);
  return fits < 0 ? fits : domain_add_dev_info(k, domain, device);
});

define(about("intel_iommu_detach_device"), (k, _domain: number, device: number): void =>
  dmar_remove_one_dev_info(k, device),
);

const reservedOf = (k: Kernel, device: number) => {
  const requester = k.state.core.pci[device]?.requester ?? -1;
  return k.machine.firmware.reserved.filter(({ devices }) =>
    devices.some((scope) => Number(scope) === requester),
  );
};

function isRelaxable(k: Kernel, device: number): boolean {
  const class_ = k.state.core.pci[device]?.class ?? 0;
  return class_ >> 16 === CLASS_DISPLAY || class_ >> 8 === CLASS_USB;
}

const isLockedByRmrr = (k: Kernel, device: number): boolean =>
  reservedOf(k, device).length > 0 && !isRelaxable(k, device);

/** RMRRs of the device, and the window where writes are interrupts. */
define(about("intel_iommu_get_resv_regions"), (k, device: number): readonly ReservedRegion[] => [
  ...reservedOf(k, device).map(({ start, end }) => ({
    start: Number(start),
    length: Number(end - start) + 1,
    prot: IOMMU_READ | IOMMU_WRITE,
    type: isRelaxable(k, device) ? ("direct-relaxable" as const) : ("direct" as const),
  })),
  { ...MSI_WINDOW, prot: 0, type: "msi" as const },
]);

const UNIT_PATH = "/sys/devices/virtual/iommu/dmar0";

/** 0, or -ENODEV for what is not behind the unit. */
define(about("intel_iommu_probe_device"), (k, device: number): number => {
  if (!isTranslated(k, device)) return -ERRNO.ENODEV;
  const record = k.state.core.devices[device];
  if (!record || !(UNIT_PATH in k.state.core.nodes)) return 0;
  const at = `/sys/devices/${record.path}`;
  sysfs_create_link(k, `${UNIT_PATH}/devices/${record.name}`, at);
  sysfs_create_link(k, `${at}/iommu`, UNIT_PATH);
  return 0;
});

define(about("intel_iommu_probe_finalize"), (k, device: number): void =>
  iommu_setup_dma_ops(k, device),
);

define(about("intel_iommu_release_device"), (k, device: number): void => {
  dmar_remove_one_dev_info(k, device);
  const record = k.state.core.devices[device];
  if (!record) return;
  sysfs_remove(k, `${UNIT_PATH}/devices/${record.name}`);
  sysfs_remove(k, `/sys/devices/${record.path}/iommu`);
});

/** Coherent when the unit can snoop; interrupts are remapped only where the unit's remapping is on. */
define(about("intel_iommu_capable"), (k, capability: IommuCapability): boolean => {
  if (capability === "CACHE_COHERENCY") return capabilities(k).sc;
  return capability === "INTR_REMAP" && capabilities(k).ir;
});
