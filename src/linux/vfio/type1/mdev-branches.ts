// The branches of type1 that exist for mediated devices only: bus test, two look-ups by name, attach and detach (v5.12).
import { symbol_get, symbol_put } from "../../core/symbols.ts";
import {
  iommu_attach_device,
  iommu_attach_group,
  iommu_detach_device,
  iommu_detach_group,
} from "../../iommu/domains.ts";
import {
  iommu_aux_attach_device,
  iommu_aux_detach_device,
  iommu_dev_feature_enabled,
} from "../../iommu/features.ts";
import { iommu_group_for_each_dev } from "../../iommu/groups.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, invoke, type Kernel } from "../../kernel/kernel.ts";
import { about } from "./data.ts";

const { EINVAL } = ERRNO;

/** Is the bus mdev_bus_type? Asked by name, since type1 is not linked against the mdev core. */
export const vfio_bus_is_mdev = define(
  about("vfio_bus_is_mdev"),
  (k: Kernel, bus: string): boolean => {
    if (!symbol_get(k, "mdev_bus_type")) return false;
    symbol_put(k, "mdev_bus_type");
    return bus === "mdev";
  },
);

/** What the mdev core stored for an mdev; 0 when nothing, or when the mdev core is not loaded. */
export const vfio_mdev_get_iommu_device = define(
  about("vfio_mdev_get_iommu_device"),
  (k: Kernel, device: number): number => {
    if (!symbol_get(k, "mdev_get_iommu_device")) return 0;
    const found = invoke(k, "mdev_get_iommu_device", device);
    symbol_put(k, "mdev_get_iommu_device");
    return found;
  },
);

/**
 * The one device that isolates every mdev of a group. 0: one of them has none, or they differ, which is no error: the
 * group then counts as isolated by its vendor driver.
 */
export const vfio_mdev_iommu_device = define(
  about("vfio_mdev_iommu_device"),
  (k: Kernel, iommuGroup: number): number => {
    let common = 0;
    for (const device of iommu_group_for_each_dev(k, iommuGroup)) {
      const next = vfio_mdev_get_iommu_device(k, device);
      if (next === 0 || (common !== 0 && common !== next)) return 0;
      common = next;
    }
    return common;
  },
);

const vfio_mdev_attach_domain = define(
  about("vfio_mdev_attach_domain"),
  (k: Kernel, domain: number, device: number): number => {
    const iommuDevice = vfio_mdev_get_iommu_device(k, device);
    if (iommuDevice === 0) return -EINVAL;
    if (iommu_dev_feature_enabled(k, iommuDevice, "AUX")) {
      k.specialCase("attach as auxiliary domain", "the pointer leads to a device with AUX enabled");
      return iommu_aux_attach_device(k, domain, iommuDevice);
    }
    k.specialCase("attach as primary domain", "the pointer leads to a device without AUX");
    return iommu_attach_device(k, domain, iommuDevice);
  },
);

const vfio_mdev_detach_domain = define(
  about("vfio_mdev_detach_domain"),
  (k: Kernel, domain: number, device: number): void => {
    const iommuDevice = vfio_mdev_get_iommu_device(k, device);
    if (iommuDevice === 0) return;
    if (iommu_dev_feature_enabled(k, iommuDevice, "AUX")) {
      k.specialCase("detach auxiliary domain", "the pointer leads to a device with AUX enabled");
      iommu_aux_detach_device(k, domain, iommuDevice);
    } else {
      k.specialCase("detach primary domain", "the pointer leads to a device without AUX");
      iommu_detach_device(k, domain, iommuDevice);
    }
  },
);

/** Attaches a group to a domain: an mdev group through its devices' pointers, any other as a whole. 0 or an error. */
export const vfio_iommu_attach_group = define(
  about("vfio_iommu_attach_group"),
  (k: Kernel, domain: number, iommuGroup: number, mdevGroup: boolean): number => {
    if (!mdevGroup) return iommu_attach_group(k, domain, iommuGroup);
    k.specialCase("attach an mdev group", "mdev_group: each device by itself, not the group");
    for (const device of iommu_group_for_each_dev(k, iommuGroup)) {
      const error = vfio_mdev_attach_domain(k, domain, device);
      if (error) return error;
    }
    return 0;
  },
);

export const vfio_iommu_detach_group = define(
  about("vfio_iommu_detach_group"),
  (k: Kernel, domain: number, iommuGroup: number, mdevGroup: boolean): void => {
    if (!mdevGroup) {
      iommu_detach_group(k, domain, iommuGroup);
      return;
    }
    k.specialCase("detach an mdev group", "mdev_group: each device by itself, not the group");
    for (const device of iommu_group_for_each_dev(k, iommuGroup)) {
      vfio_mdev_detach_domain(k, domain, device);
    }
  },
);
