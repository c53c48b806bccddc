// Creation of an mdev, step by step, with every way back (mdev_device_create() of mdev_core.c, v5.12).
import { device_add, device_del, device_initialize, put_device } from "../core/devices.ts";
import { ERRNO } from "../kernel/errno.ts";
import { defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import { lock, pause, tryLockShared, unlock, unlockShared } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { mdev_get_parent, mdev_put_parent, unregSem } from "./references.ts";
import { mdev_create_sysfs_files } from "./sysfs.ts";
import type { MdevDevice } from "./tables.ts";

const { EEXIST, EINVAL, ENODEV } = ERRNO;

export const MDEV_LIST = "mdev_list_lock";

/**
 * Makes an mdev of a type. 0, or EINVAL (the type is gone), EEXIST (UUID in use, on any parent), ENOMEM, ENODEV (the
 * parent is going away), or what the vendor driver's create gave.
 */
export const mdev_device_create = defineSleeping(
  {
    symbol: "mdev_device_create",
    module: "mdev",
    source: "drivers/vfio/mdev/mdev_core.c, v5.12",
  },
  function* (k: Kernel, type: number, uuid: string): Sleep<number> {
    const parent = k.state.mdev.types[type]?.parent ?? 0;
    if (!mdev_get_parent(k, parent)) return -EINVAL;

    yield* lock(k, MDEV_LIST);
    const taken = Object.values(k.state.mdev.devices).some((other) => other.uuid === uuid);
    const refused = taken ? -EEXIST : k.allocate();
    if (refused) {
      unlock(k, MDEV_LIST);
      mdev_put_parent(k, parent);
      return refused;
    }
    const mdev = reserve(k, uuid, parent, type);
    unlock(k, MDEV_LIST);

    yield* pause("mdev is on mdev_list, before down_read_trylock of unreg_sem");
    if (tryLockShared(k, unregSem(parent)) === 0) {
      delete k.state.mdev.devices[mdev.id];
      mdev_put_parent(k, parent);
      return -ENODEV;
    }
    const result = yield* build(k, mdev, parent, type);
    unlockShared(k, unregSem(parent));
    if (result) {
      // The device's release takes the record off the list.
      if (mdev.device > 0) put_device(k, mdev.device);
      else delete k.state.mdev.devices[mdev.id];
      mdev_put_parent(k, parent);
    }
    return result;
  },
);

/** Under unreg_sem: device, vendor driver, bus, sysfs. What an error had done so far is undone, but for the last put. */
function* build(k: Kernel, mdev: MdevDevice, parent: number, type: number): Sleep<number> {
  const record = k.state.mdev.parents[parent];
  const operations = record && k.state.mdev.operations[record.operations];
  if (!record || !operations) return -ENODEV;
  const device = device_initialize(k, {
    name: mdev.uuid,
    bus: "mdev",
    parent: record.device,
    path: `${k.state.core.devices[record.device]?.path ?? ""}/${mdev.uuid}`,
    release: "mdev_device_release",
  });
  mdev.device = device;
  let error = yield* invokeSleeping(k, operations.create, mdev.id);
  if (error) return error;
  mdev.stage = "created";
  error = yield* device_add(k, device);
  if (!error) {
    mdev.stage = "added";
    error = mdev_create_sysfs_files(k, device, type);
    if (error) yield* device_del(k, device);
  }
  if (error) {
    mdev.stage = "deleted";
    yield* invokeSleeping(k, operations.remove, mdev.id);
    return error;
  }
  // Its files can be seen and written to, but a remove now is told to try again.
  yield* pause("mdev has its files, before it is active");
  mdev.active = true;
  mdev.stage = "active";
  return 0;
}

function reserve(k: Kernel, uuid: string, parent: number, type: number): MdevDevice {
  const id = k.newId();
  const mdev: MdevDevice = {
    id,
    uuid,
    parent,
    type,
    device: 0,
    active: false,
    iommuDevice: 0,
    stage: "reserved",
  };
  k.state.mdev.devices[id] = mdev;
  return mdev;
}
