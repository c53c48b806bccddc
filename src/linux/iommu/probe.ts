// How devices come under an IOMMU and leave it: group, default domain, direct mappings (drivers/iommu/iommu.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { define, invoke, type Kernel } from "../kernel/kernel.ts";
import { __iommu_attach_device, __iommu_domain_alloc } from "./domains.ts";
import {
  iommu_group_add_device,
  iommu_group_get,
  iommu_group_put,
  iommu_group_remove_device,
} from "./groups.ts";
import { iommu_iova_to_phys, iommu_map } from "./mapping.ts";
import { busOps, deviceOps } from "./ops.ts";
import { iommu_get_resv_regions } from "./reserved.ts";
import type { IommuCapability } from "./types.ts";

const PAGE = 4096;

const about = (symbol: string, exported = true) => ({
  symbol,
  module: "vmlinux",
  exported,
  source: "drivers/iommu/iommu.c, v5.12",
});

/** The group of a device: the one it has, or the one its topology asks for. A reference is taken. Id or an error. */
export const iommu_group_get_for_dev = define(
  about("iommu_group_get_for_dev", false),
  (k, device: number): number => {
    const has = iommu_group_get(k, device);
    if (has !== 0) return has;
    const ops = deviceOps(k, device);
    if (!ops) return -ERRNO.EINVAL;
    const group = invoke(k, ops.deviceGroup, device);
    if (group <= 0) return group === 0 ? -ERRNO.EINVAL : group;
    const joined = iommu_group_add_device(k, group, device);
    if (joined === 0) return group;
    iommu_group_put(k, group);
    return joined;
  },
);

function probe(k: Kernel, device: number): number {
  const ops = deviceOps(k, device);
  if (!ops) return -ERRNO.ENODEV;
  const probed = invoke(k, ops.probeDevice, device);
  if (probed < 0) return probed;
  const group = iommu_group_get_for_dev(k, device);
  if (group < 0) {
    invoke<void>(k, ops.releaseDevice, device);
    return group;
  }
  iommu_group_put(k, group);
  return 0;
}

/** Gives a group without a domain its default one. 0 or -ENOMEM. */
function allocateDefaultDomain(k: Kernel, group: number, bus: string): number {
  const record = k.state.iommu.groups[group];
  if (record?.defaultDomain !== 0) return 0;
  const domain = __iommu_domain_alloc(k, bus, k.state.iommu.passthrough ? "identity" : "dma");
  if (domain === 0) return -ERRNO.ENOMEM;
  record.defaultDomain = domain;
  if (record.domain === 0) record.domain = domain;
  return 0;
}

/** Maps what firmware says a device must always reach, one to one. 0 or an error. */
export const iommu_create_device_direct_mappings = define(
  about("iommu_create_device_direct_mappings", false),
  (k, group: number, device: number): number => {
    const domain = k.state.iommu.groups[group]?.defaultDomain ?? 0;
    if (k.state.iommu.domains[domain]?.type !== "dma") return 0;
    for (const { start, length, prot, type } of iommu_get_resv_regions(k, device)) {
      if (type !== "direct" && type !== "direct-relaxable") continue;
      const first = Math.ceil(start / PAGE) * PAGE;
      const end = Math.ceil((start + length) / PAGE) * PAGE;
      for (let address = first; address < end; address += PAGE) {
        if (iommu_iova_to_phys(k, domain, address) !== 0) continue;
        const result = iommu_map(k, domain, address, address, PAGE, prot);
        if (result < 0) return result;
      }
    }
    return 0;
  },
);

/** A device that appeared: group, default domain, direct mappings. 0 or an error, which leaves nothing behind. */
define(about("iommu_probe_device", false), (k, device: number): number => {
  const probed = probe(k, device);
  if (probed < 0) return probed;
  const group = iommu_group_get(k, device);
  allocateDefaultDomain(k, group, k.state.core.devices[device]?.bus ?? "");
  const domain = k.state.iommu.groups[group]?.defaultDomain ?? 0;
  const attached = k.state.iommu.devices[device]?.domain === domain;
  const result = domain === 0 || attached ? 0 : __iommu_attach_device(k, domain, device);
  if (result === 0) {
    iommu_create_device_direct_mappings(k, group, device);
    invoke<void>(k, deviceOps(k, device)?.probeFinalize ?? "", device);
  }
  iommu_group_put(k, group);
  if (result < 0) iommu_release_device(k, device);
  return result;
});

/** A device that goes: its entries in the unit, its place in the group. */
export const iommu_release_device = define(
  about("iommu_release_device", false),
  (k, device: number): void => {
    const ops = deviceOps(k, device);
    if (!ops || (k.state.core.devices[device]?.group ?? 0) === 0) return;
    invoke<void>(k, ops.releaseDevice, device);
    iommu_group_remove_device(k, device);
  },
);

/** Puts a bus under an IOMMU driver and probes what is on it: first all groups, then their domains. 0 or an error. */
export const bus_set_iommu = define(
  about("bus_set_iommu"),
  (k, bus: string, ops: string): number => {
    const record = k.state.core.buses[bus];
    if (!record) return -ERRNO.EINVAL;
    if (ops === "") {
      record.iommuOps = "";
      return 0;
    }
    if (record.iommuOps !== "") return -ERRNO.EBUSY;
    record.iommuOps = ops;
    const devices = devicesOf(k, bus);
    for (const device of devices) {
      const result = probe(k, device);
      if (result < 0 && result !== -ERRNO.ENODEV) return result;
    }
    for (const group of groupsOf(k, devices)) {
      const result = startGroup(k, group, bus);
      if (result < 0) return result;
    }
    return 0;
  },
);

const devicesOf = (k: Kernel, bus: string): readonly number[] =>
  Object.values(k.state.core.devices)
    .filter((device) => device.bus === bus && device.added)
    .sort((a, b) => a.id - b.id)
    .map((device) => device.id);

const groupsOf = (k: Kernel, devices: readonly number[]): readonly number[] => [
  ...new Set(devices.map((device) => k.state.core.devices[device]?.group ?? 0).filter(Boolean)),
];

function startGroup(k: Kernel, group: number, bus: string): number {
  const result = allocateDefaultDomain(k, group, bus);
  if (result < 0) return result;
  const record = k.state.iommu.groups[group];
  if (!record) return 0;
  for (const device of record.devices) iommu_create_device_direct_mappings(k, group, device);
  for (const device of record.devices) {
    const attached = __iommu_attach_device(k, record.defaultDomain, device);
    if (attached < 0) return attached;
  }
  for (const device of record.devices) {
    invoke<void>(k, busOps(k, bus)?.probeFinalize ?? "", device);
  }
  return 0;
}

/** Whether the bus is behind an IOMMU. */
export const iommu_present = define(
  about("iommu_present"),
  (k, bus: string): boolean => busOps(k, bus) !== undefined,
);

export const iommu_capable = define(
  about("iommu_capable"),
  (k, bus: string, capability: IommuCapability): boolean => {
    const ops = busOps(k, bus);
    return ops ? invoke<boolean>(k, ops.capable, capability) : false;
  },
);
