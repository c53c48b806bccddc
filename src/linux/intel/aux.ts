// Auxiliary domains: a part of a device under a PASID and a domain of its own (drivers/iommu/intel/iommu.c, v5.2 to v5.17).
// The PASID belongs to the domain. When its last part leaves, the number goes back to the allocator, but the domain
// remembers it and uses it again unasked: v5.12 does so.
import { CONTEXT_SCALABLE } from "../../hardware/layout/root-context.ts";
import type { DeviceFeature } from "../iommu/types.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { pci_read_config } from "../pci/configuration.ts";
import { pci_max_pasids } from "../pci/pasid.ts";
import {
  iommu_enable_dev_iotlb,
  isTranslated,
  prepare_domain_attach_device,
  setupEntry,
} from "./attach.ts";
import { iommu_context_addr } from "./context.ts";
import { domain_attach_iommu, domain_detach_iommu } from "./domain.ts";
import { intel_pasid_tear_down_entry } from "./pasid.ts";
import { qi_flush_context } from "./queue.ts";
import { capabilities, getField, setField } from "./unit.ts";

const about = (symbol: string, file = "drivers/iommu/intel/iommu.c") => ({
  symbol,
  module: "vmlinux",
  source: `${file}, v5.12`,
});

/** PASID_MIN. */
const FIRST_PASID = 1;

/** The lowest free PASID from `first` to `last`, or -1. `owner` says in words whose it is. */
export const ioasid_alloc = define(
  { ...about("ioasid_alloc", "drivers/iommu/ioasid.c"), exported: true },
  (k, first: number, last: number, owner: string): number => {
    if (k.allocate() < 0) return -1;
    const { pasids } = k.state.iommu;
    let pasid = first;
    while (pasid in pasids) pasid++;
    if (pasid > last) return -1;
    pasids[pasid] = owner;
    return pasid;
  },
);

/** Gives a PASID back; nothing for one that is not taken. */
export const ioasid_put = define(
  { ...about("ioasid_put", "drivers/iommu/ioasid.c"), exported: true },
  (k, pasid: number): void => {
    delete k.state.iommu.pasids[pasid];
  },
);

const hasPasidMode = (k: Kernel): boolean => k.state.iommu.scalable && capabilities(k).pasid;

const DVSEC = 0x23;
const SCALABLE_IOV = 5;
const INTEL = 0x8086;

/** Offset of the vendor-specific capability that says Scalable IOV, or 0. */
export const siov_find_pci_dvsec = define(
  about("siov_find_pci_dvsec"),
  (k, device: number): number => {
    if ((k.state.core.pci[device]?.expressType ?? -1) < 0) return 0;
    const read = (offset: number) => pci_read_config(k, device, offset, 4) >>> 0;
    let at = 0x100;
    for (let left = 480; left > 0 && at >= 0x100; left--) {
      const header = read(at);
      if (header === 0 || header === 0xffff_ffff) return 0;
      const vendor = read(at + 4) & 0xffff;
      if ((header & 0xffff) === DVSEC && vendor === INTEL) {
        if ((read(at + 8) & 0xffff) === SCALABLE_IOV) return at;
      }
      at = (header >>> 20) & 0xffc;
    }
    return 0;
  },
);

define(about("intel_iommu_dev_has_feat"), (k, device: number, feature: DeviceFeature): boolean => {
  const pci = k.state.core.pci[device];
  if (!pci || feature !== "AUX" || !hasPasidMode(k)) return false;
  return pci_max_pasids(k, device) > 0 && siov_find_pci_dvsec(k, device) !== 0;
});

/** PASIDE of the context entry, and PASID in the device. 0 or -EINVAL. */
export const intel_iommu_enable_pasid = define(
  about("intel_iommu_enable_pasid"),
  (k, device: number): number => {
    const info = k.state.iommu.devices[device];
    const domain = k.state.iommu.domains[info?.domain ?? 0];
    if (!info || !domain || !info.pasidSupported) return -ERRNO.EINVAL;
    const entry = iommu_context_addr(k, info.requester, false);
    if (entry === 0) return -ERRNO.EINVAL;
    if (getField(k, CONTEXT_SCALABLE, entry, "PASIDE") === 0) {
      setField(k, CONTEXT_SCALABLE, entry, "PASIDE", 1);
      qi_flush_context(k, "device", domain.domainId, info.requester);
    }
    if (!info.pasidEnabled) iommu_enable_dev_iotlb(k, device);
    return 0;
  },
);

export const intel_iommu_enable_auxd = define(
  about("intel_iommu_enable_auxd"),
  (k, device: number): number => {
    if (!isTranslated(k, device) || !hasPasidMode(k)) return -ERRNO.EINVAL;
    if (intel_iommu_enable_pasid(k, device) < 0) return -ERRNO.ENODEV;
    const info = k.state.iommu.devices[device];
    if (info) info.auxEnabled = true;
    return 0;
  },
);

/** 0; -EINVAL without scalable mode, -ENODEV for other features and for a device without PASID. */
define(about("intel_iommu_dev_enable_feat"), (k, device: number, feature: DeviceFeature): number =>
  feature === "AUX" ? intel_iommu_enable_auxd(k, device) : -ERRNO.ENODEV,
);

/** Only clears the mark; domains of parts that are still attached stay. */
define(
  about("intel_iommu_dev_disable_feat"),
  (k, device: number, feature: DeviceFeature): number => {
    if (feature !== "AUX") return -ERRNO.ENODEV;
    const info = k.state.iommu.devices[device];
    if (info) info.auxEnabled = false;
    return 0;
  },
);

export const intel_iommu_dev_feat_enabled = define(
  about("intel_iommu_dev_feat_enabled"),
  (k, device: number, feature: DeviceFeature): boolean =>
    feature === "AUX" && hasPasidMode(k) && (k.state.iommu.devices[device]?.auxEnabled ?? false),
);

/** Users of the domain on one device go up by one: how many there are now. */
export const auxiliary_link_device = define(
  about("auxiliary_link_device"),
  (k, domain: number, device: number): number => {
    const record = k.state.iommu.domains[domain];
    if (!record || (!(device in record.subdevices) && k.allocate() < 0)) return -ERRNO.ENOMEM;
    const users = (record.subdevices[device] ?? 0) + 1;
    record.subdevices[device] = users;
    return users;
  },
);

export const auxiliary_unlink_device = define(
  about("auxiliary_unlink_device"),
  (k, domain: number, device: number): number => {
    const record = k.state.iommu.domains[domain];
    if (!record || !(device in record.subdevices)) return -ERRNO.EINVAL;
    const users = (record.subdevices[device] ?? 1) - 1;
    if (users === 0) delete record.subdevices[device];
    else record.subdevices[device] = users;
    return users;
  },
);

/** Gives the PASID back when no part of any device is left; the domain keeps the number. */
function putUnusedPasid(k: Kernel, domain: number): void {
  const record = k.state.iommu.domains[domain];
  if (!record || record.defaultPasid <= 0) return;
  if (Object.keys(record.subdevices).length === 0) ioasid_put(k, record.defaultPasid);
}

/** 0; -ENODEV without a PASID, -ENOMEM, -ENOSPC without a domain id, or the entry's error. */
export const aux_domain_add_dev = define(
  about("aux_domain_add_dev"),
  (k, domain: number, device: number): number => {
    const record = k.state.iommu.domains[domain];
    const pci = k.state.core.pci[device];
    if (!record || !pci) return -ERRNO.ENODEV;
    if (record.defaultPasid <= 0) {
      const name = k.state.core.devices[device]?.name ?? "";
      const pasid = ioasid_alloc(
        k,
        FIRST_PASID,
        pci_max_pasids(k, device) - 1,
        `domain of ${name}`,
      );
      if (pasid < 0) {
        k.log("DMAR: Can't allocate default pasid");
        return -ERRNO.ENODEV;
      }
      record.defaultPasid = pasid;
    }
    const users = auxiliary_link_device(k, domain, device);
    if (users > 1) return 0;
    if (users < 0) {
      putUnusedPasid(k, domain);
      return users;
    }
    let result = domain_attach_iommu(k, domain);
    if (result === 0) {
      result = setupEntry(k, domain, device, record.defaultPasid);
      if (result === 0) return 0;
      domain_detach_iommu(k, domain);
    }
    auxiliary_unlink_device(k, domain, device);
    putUnusedPasid(k, domain);
    return result;
  },
);

export const aux_domain_remove_dev = define(
  about("aux_domain_remove_dev"),
  (k, domain: number, device: number): void => {
    const record = k.state.iommu.domains[domain];
    if (!record) return;
    if (auxiliary_unlink_device(k, domain, device) === 0) {
      intel_pasid_tear_down_entry(k, device, record.defaultPasid);
      domain_detach_iommu(k, domain);
    }
    putUnusedPasid(k, domain);
  },
);

/** -EPERM unless AUX is enabled on the device and the domain is UNMANAGED; -EFAULT when its addresses do not fit. */
define(about("intel_iommu_aux_attach_device"), (k, domain: number, device: number): number => {
  const unmanaged = k.state.iommu.domains[domain]?.type === "unmanaged";
  if (!unmanaged || !intel_iommu_dev_feat_enabled(k, device, "AUX")) return -ERRNO.EPERM;
  const fits = prepare_domain_attach_device(k, domain, device);
  return fits < 0 ? fits : aux_domain_add_dev(k, domain, device);
});

define(about("intel_iommu_aux_detach_device"), (k, domain: number, device: number): void =>
  aux_domain_remove_dev(k, domain, device),
);

/** The domain's PASID, whatever the device; -EINVAL when it has none. */
define(about("intel_iommu_aux_get_pasid"), (k, domain: number, _device: number): number => {
  const pasid = k.state.iommu.domains[domain]?.defaultPasid ?? 0;
  return pasid > 0 ? pasid : -ERRNO.EINVAL;
});
