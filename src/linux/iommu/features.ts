// Features of a device, and auxiliary domains for parts of it (drivers/iommu/iommu.c, v5.2 to v5.17).
// An aux attachment knows no group: nothing here looks at one, and group->domain stays as it is.
import { ERRNO } from "../kernel/errno.ts";
import { define, invoke } from "../kernel/kernel.ts";
import { deviceOps, domainOps } from "./ops.ts";
import type { DeviceFeature } from "./types.ts";

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  exported: true,
  source: "drivers/iommu/iommu.c, v5.12",
});

export const iommu_dev_has_feature = define(
  about("iommu_dev_has_feature"),
  (k, device: number, feature: DeviceFeature): boolean => {
    const ops = deviceOps(k, device);
    return ops ? invoke<boolean>(k, ops.devHasFeature, device, feature) : false;
  },
);

/** 0, -ENODEV without support, or the driver's error. */
export const iommu_dev_enable_feature = define(
  about("iommu_dev_enable_feature"),
  (k, device: number, feature: DeviceFeature): number => {
    const ops = deviceOps(k, device);
    return ops ? invoke(k, ops.devEnableFeature, device, feature) : -ERRNO.ENODEV;
  },
);

/** 0, -EBUSY without support, or the driver's error. Aux domains that are attached do not stop it. */
export const iommu_dev_disable_feature = define(
  about("iommu_dev_disable_feature"),
  (k, device: number, feature: DeviceFeature): number => {
    const ops = deviceOps(k, device);
    return ops ? invoke(k, ops.devDisableFeature, device, feature) : -ERRNO.EBUSY;
  },
);

export const iommu_dev_feature_enabled = define(
  about("iommu_dev_feature_enabled"),
  (k, device: number, feature: DeviceFeature): boolean => {
    const ops = deviceOps(k, device);
    return ops ? invoke<boolean>(k, ops.devFeatureEnabled, device, feature) : false;
  },
);

/** 0, -ENODEV without support, or the driver's error. */
export const iommu_aux_attach_device = define(
  about("iommu_aux_attach_device"),
  (k, domain: number, device: number): number => {
    const ops = domainOps(k, domain);
    return ops ? invoke(k, ops.auxAttachDevice, domain, device) : -ERRNO.ENODEV;
  },
);

export const iommu_aux_detach_device = define(
  about("iommu_aux_detach_device"),
  (k, domain: number, device: number): void => {
    const ops = domainOps(k, domain);
    if (ops) invoke<void>(k, ops.auxDetachDevice, domain, device);
  },
);

/** The PASID of the domain (not of the device), -EINVAL without one, or -ENODEV. */
export const iommu_aux_get_pasid = define(
  about("iommu_aux_get_pasid"),
  (k, domain: number, device: number): number => {
    const ops = domainOps(k, domain);
    return ops ? invoke(k, ops.auxGetPasid, domain, device) : -ERRNO.ENODEV;
  },
);
