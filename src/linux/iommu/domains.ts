// Domains, and which group sees memory through which (drivers/iommu/iommu.c, v5.12).
// A group is on its default domain, on one domain of an owner, or on none; each device is attached one after the other.
import { ERRNO } from "../kernel/errno.ts";
import { define, invoke, type Kernel } from "../kernel/kernel.ts";
import { iommu_group_get, iommu_group_put } from "./groups.ts";
import { busOps, domainOps } from "./ops.ts";
import type { DomainType } from "./tables.ts";

const about = (symbol: string, exported = true) => ({
  symbol,
  module: "vmlinux",
  exported,
  source: "drivers/iommu/iommu.c, v5.12",
});

/** A domain of any type for the devices of a bus: its id, or 0. */
export const __iommu_domain_alloc = define(
  about("__iommu_domain_alloc", false),
  (k, bus: string, type: DomainType): number => {
    const ops = busOps(k, bus);
    return ops ? invoke(k, ops.domainAlloc, bus, type) : 0;
  },
);

/** An UNMANAGED domain's id; 0 when the bus has no IOMMU or memory is short. */
export const iommu_domain_alloc = define(about("iommu_domain_alloc"), (k, bus: string): number =>
  __iommu_domain_alloc(k, bus, "unmanaged"),
);

export const iommu_domain_free = define(about("iommu_domain_free"), (k, domain: number): void => {
  const ops = domainOps(k, domain);
  if (ops) invoke<void>(k, ops.domainFree, domain);
});

/** One device, whatever its group. 0 or an error. */
export const __iommu_attach_device = define(
  about("__iommu_attach_device", false),
  (k, domain: number, device: number): number => {
    const ops = domainOps(k, domain);
    return ops ? invoke(k, ops.attachDevice, domain, device) : -ERRNO.ENODEV;
  },
);

export const __iommu_attach_group = define(
  about("__iommu_attach_group", false),
  (k, domain: number, group: number): number => {
    const record = k.state.iommu.groups[group];
    if (!record) return -ERRNO.ENODEV;
    if (record.defaultDomain !== 0 && record.domain !== record.defaultDomain) return -ERRNO.EBUSY;
    const result = attachAll(k, domain, record.devices);
    if (result === 0) record.domain = domain;
    return result;
  },
);

/** Devices that were attached before one fails stay attached, as in v5.12: the caller detaches the group. */
function attachAll(k: Kernel, domain: number, devices: readonly number[]): number {
  for (const device of [...devices]) {
    const result = __iommu_attach_device(k, domain, device);
    if (result < 0) return result;
  }
  return 0;
}

export const __iommu_detach_group = define(
  about("__iommu_detach_group", false),
  (k, domain: number, group: number): void => {
    const record = k.state.iommu.groups[group];
    if (!record) return;
    if (record.defaultDomain === 0) {
      const ops = domainOps(k, domain);
      for (const device of [...record.devices]) {
        if (ops) invoke<void>(k, ops.detachDevice, domain, device);
      }
      record.domain = 0;
      return;
    }
    if (record.domain === record.defaultDomain) return;
    if (attachAll(k, record.defaultDomain, record.devices) < 0) {
      k.log("WARNING: CPU: 0 PID: 0 at drivers/iommu/iommu.c __iommu_detach_group");
      return;
    }
    record.domain = record.defaultDomain;
  },
);

/** 0; -ENODEV without a group, -EINVAL when the group has other devices, -EBUSY when it is on another domain. */
export const iommu_attach_device = define(
  about("iommu_attach_device"),
  (k, domain: number, device: number): number => {
    const group = iommu_group_get(k, device);
    if (group === 0) return -ERRNO.ENODEV;
    const alone = k.state.iommu.groups[group]?.devices.length === 1;
    const result = alone ? __iommu_attach_group(k, domain, group) : -ERRNO.EINVAL;
    iommu_group_put(k, group);
    return result;
  },
);

export const iommu_detach_device = define(
  about("iommu_detach_device"),
  (k, domain: number, device: number): void => {
    const group = iommu_group_get(k, device);
    if (group === 0) return;
    if (k.state.iommu.groups[group]?.devices.length === 1) __iommu_detach_group(k, domain, group);
    iommu_group_put(k, group);
  },
);

/** 0, -EBUSY when the group is on a domain other than its default one, or the driver's error. */
export const iommu_attach_group = define(
  about("iommu_attach_group"),
  (k, domain: number, group: number): number => __iommu_attach_group(k, domain, group),
);

/** Back to the default domain, or to none when there is no such. */
export const iommu_detach_group = define(
  about("iommu_detach_group"),
  (k, domain: number, group: number): void => __iommu_detach_group(k, domain, group),
);

/** The domain of the device's group, or 0. For an mdev with an aux domain: 0. */
export const iommu_get_domain_for_dev = define(
  about("iommu_get_domain_for_dev"),
  (k, device: number): number => {
    const group = iommu_group_get(k, device);
    if (group === 0) return 0;
    const domain = k.state.iommu.groups[group]?.domain ?? 0;
    iommu_group_put(k, group);
    return domain;
  },
);
