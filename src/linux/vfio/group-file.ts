// The file of a group, /dev/vfio/N: its status, its container, and descriptors for its devices (vfio.c, v5.12).
import type { IoctlArgument } from "../calls.ts";
import { current, fileOfDescriptor, newDescriptor, putFile } from "../core/files.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import { lock, unlock } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { GROUP_FLAGS, type IoctlResult, numberOf, plain } from "./abi.ts";
import {
  groupLock,
  vfio_group_try_dissolve_container,
  vfio_group_unset_container,
} from "./attach.ts";
import { vfio_device_put, vfio_group_put } from "./devices.ts";
import { vfio_group_viable } from "./groups.ts";

const { EBADF, EBUSY, EINVAL, ENODEV, ENOTTY } = ERRNO;
const about = (symbol: string) => ({
  symbol,
  module: "vfio",
  source: "drivers/vfio/vfio.c, v5.12",
});

/** ENODEV (the group is gone), EBUSY (open already, or a device of it still keeps the container). */
define(about("vfio_group_fops_open"), (k: Kernel, file: number): number => {
  const group = k.state.vfio.groups[k.state.core.files[file]?.object ?? 0];
  if (!group) return -ENODEV;
  if (group.opened || group.container !== 0) return -EBUSY;
  group.opened = true;
  return 0;
});

defineSleeping(
  about("vfio_group_fops_release"),
  function* (k: Kernel, file: number): Sleep<number> {
    const group = k.state.core.files[file]?.object ?? 0;
    yield* vfio_group_try_dissolve_container(k, group);
    const record = k.state.vfio.groups[group];
    if (record) record.opened = false;
    vfio_group_put(k, group);
    return 0;
  },
);

defineSleeping(
  about("vfio_group_fops_unl_ioctl"),
  function* (
    k: Kernel,
    file: number,
    request: string,
    argument: IoctlArgument,
  ): Sleep<IoctlResult> {
    const group = k.state.vfio.groups[k.state.core.files[file]?.object ?? 0];
    if (!group) return plain(-ENODEV);
    switch (request) {
      case "VFIO_GROUP_GET_STATUS": {
        const viable = vfio_group_viable(k, group) ? GROUP_FLAGS.VIABLE : 0;
        const set = group.container === 0 ? 0 : GROUP_FLAGS.CONTAINER_SET;
        return { result: 0, value: { flags: viable | set } };
      }
      case "VFIO_GROUP_SET_CONTAINER":
        return plain(yield* vfio_group_set_container(k, group.id, containerFd(argument)));
      case "VFIO_GROUP_UNSET_CONTAINER":
        return plain(yield* vfio_group_unset_container(k, group.id));
      case "VFIO_GROUP_GET_DEVICE_FD":
        if (typeof argument !== "string") return plain(-EINVAL);
        return plain(yield* vfio_group_get_device_fd(k, group.id, argument));
      default:
        return plain(-ENOTTY);
    }
  },
  (_k, file, request, argument) => [`${file}`, request, JSON.stringify(argument)],
);

/** EINVAL (in a container already, or no container file), EBADF, or what the IOMMU driver's attach gave. */
const vfio_group_set_container = defineSleeping(
  about("vfio_group_set_container"),
  function* (k: Kernel, group: number, descriptor: number): Sleep<number> {
    const record = k.state.vfio.groups[group];
    if (!record || record.users > 0 || record.container !== 0) return -EINVAL;
    const file = k.state.core.files[fileOfDescriptor(k, current(k), descriptor)];
    if (!file) return -EBADF;
    if (file.fops !== "vfio container") return -EINVAL;
    const id = file.object;
    file.references++;
    yield* lock(k, groupLock(id));
    const container = k.state.vfio.containers[id];
    const driver = container && k.state.vfio.iommuDrivers[container.driver];
    let result = container ? 0 : -EINVAL;
    if (container && driver) {
      result = yield* invokeSleeping(k, driver.attachGroup, container.iommu, record.iommuGroup);
    }
    if (container && !result) {
      record.container = id;
      record.users = 1;
      container.groups.push(group);
      container.references++;
    }
    unlock(k, groupLock(id));
    yield* putFile(k, file.id);
    return result;
  },
);

/** A descriptor for one device of the group. EINVAL (no container, no IOMMU driver, or not viable), ENODEV (no such name). */
const vfio_group_get_device_fd = defineSleeping(
  about("vfio_group_get_device_fd"),
  function* (k: Kernel, group: number, name: string): Sleep<number> {
    const record = k.state.vfio.groups[group];
    const container = record && k.state.vfio.containers[record.container];
    if (!record || record.users === 0 || !container || container.driver === "") return -EINVAL;
    if (!vfio_group_viable(k, record)) return -EINVAL;
    const device = record.devices
      .map((id) => k.state.vfio.devices[id])
      .find((one) => k.state.core.devices[one?.device ?? 0]?.name === name);
    if (!device) return -ENODEV;
    const operations = k.state.vfio.deviceOperations[device.operations];
    if (!operations) return -ENODEV;
    device.references++;
    const error = yield* invokeSleeping(k, operations.open, device.device);
    if (error) {
      vfio_device_put(k, device.id);
      return error;
    }
    const descriptor = newDescriptor(
      k,
      current(k),
      "vfio device",
      `anon_inode:[vfio-device]`,
      device.id,
    );
    if (descriptor < 0) {
      yield* invokeSleeping<unknown>(k, operations.release, device.device);
      vfio_device_put(k, device.id);
      return descriptor;
    }
    device.openCount++;
    record.users++;
    return descriptor;
  },
);

/** A descriptor as the argument itself or, as C code writes it, behind a pointer. */
const containerFd = (argument: IoctlArgument): number => {
  const value = numberOf(argument);
  return Number.isNaN(value) ? -1 : value;
};
