// Devices enter and leave VFIO; leaving waits for every user of the device and for its group's container (vfio.c, v5.12).
import { device_file, sysfs_remove } from "../core/sysfs.ts";
import { iommu_group_get, iommu_group_id, iommu_group_put } from "../iommu/groups.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import { wait } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { deviceOf, groupOfIommuGroup } from "./groups.ts";

const { EBUSY, EINVAL, ENOMEM } = ERRNO;
const about = (symbol: string, exported = false) => ({
  symbol,
  module: "vfio",
  exported,
  source: "drivers/vfio/vfio.c, v5.12",
});

/** A VFIO group with its device file, for an IOMMU group whose reference it takes over. Its id or an error. */
const vfio_create_group = define(
  about("vfio_create_group"),
  (k: Kernel, iommuGroup: number): number => {
    if (k.allocate() < 0) return -ENOMEM;
    const id = k.newId();
    const error = device_file(k, groupPath(k, iommuGroup), "vfio group", id, "0600");
    if (error) return error;
    k.state.vfio.groups[id] = {
      id,
      iommuGroup,
      container: 0,
      opened: false,
      devices: [],
      users: 0,
    };
    return id;
  },
);

/** vfio_group_put(): the group goes when it has no device and nobody has its file open. */
export const vfio_group_put = define(about("vfio_group_put"), (k: Kernel, group: number): void => {
  const record = k.state.vfio.groups[group];
  if (!record || record.devices.length > 0 || record.opened || record.users > 0) return;
  sysfs_remove(k, groupPath(k, record.iommuGroup));
  delete k.state.vfio.groups[group];
  iommu_group_put(k, record.iommuGroup);
});

/**
 * Gives a device to VFIO with the operations that `operations` names in `state.vfio.deviceOperations`. 0, or EINVAL (no
 * IOMMU group), EBUSY (it is there already), ENOMEM.
 */
export const vfio_add_group_dev = define(
  about("vfio_add_group_dev", true),
  (k: Kernel, device: number, operations: string): number => {
    const iommuGroup = iommu_group_get(k, device);
    if (iommuGroup === 0) return -EINVAL;
    const existing = groupOfIommuGroup(k, iommuGroup);
    const group = existing ? existing.id : vfio_create_group(k, iommuGroup);
    if (existing || group < 0) iommu_group_put(k, iommuGroup);
    if (group < 0) return group;
    if (deviceOf(k, device)) return -EBUSY;
    if (k.allocate() < 0) {
      vfio_group_put(k, group);
      return -ENOMEM;
    }
    const id = k.newId();
    k.state.vfio.devices[id] = { id, device, group, operations, openCount: 0, references: 1 };
    k.state.vfio.groups[group]?.devices.push(id);
    return 0;
  },
);

/** vfio_device_put(): out of its group with the last reference. */
export const vfio_device_put = define(about("vfio_device_put"), (k: Kernel, id: number): void => {
  const record = k.state.vfio.devices[id];
  if (!record || --record.references > 0) return;
  delete k.state.vfio.devices[id];
  const group = k.state.vfio.groups[record.group];
  if (group) group.devices = group.devices.filter((other) => other !== id);
});

/** Takes a device away from VFIO. Asks its user to let go and waits; the last device waits for the container too. */
export const vfio_del_group_dev = defineSleeping(
  about("vfio_del_group_dev", true),
  function* (k: Kernel, device: number): Sleep<void> {
    const found = deviceOf(k, device);
    if (!found) return;
    const { id } = found.device;
    const group = found.group.id;
    const request = k.state.vfio.deviceOperations[found.device.operations]?.request ?? "";
    vfio_device_put(k, id);
    if (k.state.vfio.devices[id]) {
      if (request !== "") yield* invokeSleeping<unknown>(k, request, device, 0);
      yield* wait("wait for the users of the vfio device", () => !k.state.vfio.devices[id]);
    }
    if (k.state.vfio.groups[group]?.devices.length === 0) {
      const left = () => (k.state.vfio.groups[group]?.container ?? 0) === 0;
      if (!left()) yield* wait("wait for the group to leave its container", left);
    }
    vfio_group_put(k, group);
  },
);

const groupPath = (k: Kernel, iommuGroup: number): string =>
  `/dev/vfio/${iommu_group_id(k, iommuGroup)}`;
