// IOMMU groups: which devices must be owned together, and their directory in sysfs (drivers/iommu/iommu.c, v5.12).
// A group lives as long as somebody holds a reference; each member holds one.
import {
  sysfs_create_attribute,
  sysfs_create_dir,
  sysfs_create_link,
  sysfs_remove,
} from "../core/sysfs.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, invoke, type Kernel } from "../kernel/kernel.ts";
import { deviceOps, domainOps } from "./ops.ts";
import type { Group } from "./tables.ts";

const about = (symbol: string, exported = true) => ({
  symbol,
  module: "vmlinux",
  exported,
  source: "drivers/iommu/iommu.c, v5.12",
});

const pathOf = (group: Group): string => `/sys/kernel/iommu_groups/${group.number}`;

const deviceName = (k: Kernel, device: number): string => k.state.core.devices[device]?.name ?? "";

/** A device as dev_info() names it: "pci 0000:00:02.0". */
export function deviceLabel(k: Kernel, device: number): string {
  const record = k.state.core.devices[device];
  return record ? `${record.driver || record.bus} ${record.name}` : "(null)";
}

/** A new group's id with one reference, or -ENOMEM. */
export const iommu_group_alloc = define(about("iommu_group_alloc"), (k): number => {
  if (k.allocate() < 0) return -ERRNO.ENOMEM;
  const { iommu } = k.state;
  const taken = new Set(Object.values(iommu.groups).map((group) => group.number));
  let number = 0;
  while (taken.has(number)) number++;
  const id = k.newId();
  const group: Group = {
    id,
    number,
    devices: [],
    domain: 0,
    defaultDomain: 0,
    name: "",
    references: 1,
  };
  const path = pathOf(group);
  const failed =
    sysfs_create_dir(k, path) < 0 ||
    sysfs_create_dir(k, `${path}/devices`) < 0 ||
    sysfs_create_attribute(k, `${path}/reserved_regions`, {
      mode: "0444",
      show: "iommu_group_show_resv_regions",
      argument: id,
    }) < 0 ||
    sysfs_create_attribute(k, `${path}/type`, {
      mode: "0444",
      show: "iommu_group_show_type",
      argument: id,
    }) < 0;
  if (failed) {
    sysfs_remove(k, path);
    return -ERRNO.ENOMEM;
  }
  iommu.groups[id] = group;
  return id;
});

/** The group of a device with a reference taken, or 0. */
export const iommu_group_get = define(about("iommu_group_get"), (k, device: number): number => {
  const id = k.state.core.devices[device]?.group ?? 0;
  const group = k.state.iommu.groups[id];
  if (!group) return 0;
  group.references++;
  return id;
});

/** Gives a reference back; the last one removes the group and its default domain. */
export const iommu_group_put = define(about("iommu_group_put"), (k, group: number): void => {
  const record = k.state.iommu.groups[group];
  if (!record) return;
  record.references--;
  if (record.references === 0) release(k, record);
});

function release(k: Kernel, group: Group): void {
  sysfs_remove(k, pathOf(group));
  delete k.state.iommu.groups[group.id];
  const free = domainOps(k, group.defaultDomain)?.domainFree;
  if (group.defaultDomain !== 0 && free) invoke<void>(k, free, group.defaultDomain);
}

/** The number in /sys/kernel/iommu_groups; -1 for no group. */
export const iommu_group_id = define(
  about("iommu_group_id"),
  (k, group: number): number => k.state.iommu.groups[group]?.number ?? -1,
);

/** Gives the group a `name` file. 0 or an error. */
export const iommu_group_set_name = define(
  about("iommu_group_set_name"),
  (k, group: number, name: string): number => {
    const record = k.state.iommu.groups[group];
    if (!record) return -ERRNO.ENODEV;
    sysfs_remove(k, `${pathOf(record)}/name`);
    record.name = name;
    if (name === "") return 0;
    return sysfs_create_attribute(k, `${pathOf(record)}/name`, {
      mode: "0444",
      show: "iommu_group_show_name",
      argument: group,
    });
  },
);

/** Puts a device into a group, and under the group's domain when it has one. 0 or an error. */
export const iommu_group_add_device = define(
  about("iommu_group_add_device"),
  (k, group: number, device: number): number => {
    const record = k.state.iommu.groups[group];
    const member = k.state.core.devices[device];
    if (!record || !member) return -ERRNO.ENODEV;
    if (k.allocate() < 0) return -ERRNO.ENOMEM;
    const up = `/sys/devices/${member.path}/iommu_group`;
    const linked = sysfs_create_link(k, up, pathOf(record));
    if (linked < 0) return linked;
    const down = `${pathOf(record)}/devices/${member.name}`;
    let result = sysfs_create_link(k, down, `/sys/devices/${member.path}`);
    if (result === 0) {
      record.references++;
      member.group = group;
      record.devices.push(device);
      const attach = deviceOps(k, device)?.attachDevice;
      if (record.domain !== 0 && attach) {
        result = invoke(k, attach, record.domain, device);
        if (result < 0) forget(k, record, device);
      }
    }
    if (result < 0) {
      sysfs_remove(k, up);
      sysfs_remove(k, down);
      return result;
    }
    k.log(`${deviceLabel(k, device)}: Adding to iommu group ${record.number}`);
    return 0;
  },
  (k, group, device) => [String(group), deviceName(k, device)],
);

function forget(k: Kernel, group: Group, device: number): void {
  group.devices = group.devices.filter((member) => member !== device);
  const record = k.state.core.devices[device];
  if (record) record.group = 0;
  iommu_group_put(k, group.id);
}

/** Takes a device out of its group. */
export const iommu_group_remove_device = define(
  about("iommu_group_remove_device"),
  (k, device: number): void => {
    const member = k.state.core.devices[device];
    const group = k.state.iommu.groups[member?.group ?? 0];
    if (!member || !group) return;
    k.log(`${deviceLabel(k, device)}: Removing from iommu group ${group.number}`);
    sysfs_remove(k, `${pathOf(group)}/devices/${member.name}`);
    sysfs_remove(k, `/sys/devices/${member.path}/iommu_group`);
    forget(k, group, device);
  },
  (k, device) => [deviceName(k, device)],
);

/** Device ids of a group, in order of joining. */
export const iommu_group_for_each_dev = define(
  about("iommu_group_for_each_dev"),
  (k, group: number): readonly number[] => [...(k.state.iommu.groups[group]?.devices ?? [])],
);

const TYPE_TEXT = {
  blocked: "blocked",
  identity: "identity",
  unmanaged: "unmanaged",
  dma: "DMA",
} as const;

define(about("iommu_group_show_type", false), (k, group: number): string => {
  const domain = k.state.iommu.domains[k.state.iommu.groups[group]?.defaultDomain ?? 0];
  return `${domain ? TYPE_TEXT[domain.type] : "unknown"}\n`;
});

define(
  about("iommu_group_show_name", false),
  (k, group: number): string => `${k.state.iommu.groups[group]?.name ?? ""}\n`,
);
