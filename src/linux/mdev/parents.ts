// Parents of mediated devices: registration, unregistration and the references that keep them (mdev_core.c, v5.12).
import { get_device, put_device } from "../core/devices.ts";
import { sysfs_create_link, sysfs_remove } from "../core/sysfs.ts";
import { ERRNO } from "../kernel/errno.ts";
import { defineSleeping, type Kernel } from "../kernel/kernel.ts";
import { lock, unlock } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { deviceDirectory, deviceInWords } from "./names.ts";
import { mdev_put_parent, parentOfDevice, unregSem } from "./references.ts";
import { mdev_device_remove_cb } from "./remove.ts";
import { parent_create_sysfs_files, parent_remove_sysfs_files } from "./sysfs.ts";

const { EINVAL, EEXIST, ENOMEM } = ERRNO;
const SOURCE = "drivers/vfio/mdev/mdev_core.c, v5.12";

const PARENT_LIST = "parent_list_lock";

/** The device's compat link below /sys/class/mdev_bus. */
const classLink = (k: Kernel, device: number): string =>
  `/sys/class/mdev_bus/${k.state.core.devices[device]?.name ?? ""}`;

/**
 * Makes `device` a parent with the operations that `operations` names in `state.mdev.operations`. 0, or EINVAL (no
 * device, or create, remove or types missing), EEXIST (a parent already), ENOMEM.
 */
export const mdev_register_device = defineSleeping(
  { symbol: "mdev_register_device", module: "mdev", exported: true, source: SOURCE },
  function* (k: Kernel, device: number, operations: string): Sleep<number> {
    const ops = k.state.mdev.operations[operations];
    if (!ops || ops.create === "" || ops.remove === "" || ops.types.length === 0) return -EINVAL;
    if (!k.state.core.devices[device]) return -EINVAL;
    get_device(k, device);
    yield* lock(k, PARENT_LIST);
    let error = parentOfDevice(k, device) ? -EEXIST : k.allocate();
    if (error) {
      unlock(k, PARENT_LIST);
      put_device(k, device);
      return error;
    }
    const id = k.newId();
    k.state.mdev.parents[id] = { id, device, operations, references: 1, types: [], listed: false };
    error = yield* parent_create_sysfs_files(k, id);
    if (error) {
      unlock(k, PARENT_LIST);
      mdev_put_parent(k, id);
      return error;
    }
    if (sysfs_create_link(k, classLink(k, device), deviceDirectory(k, device)) === -ENOMEM) {
      k.log(`${deviceInWords(k, device)}: Failed to create compatibility class link`);
    }
    const record = k.state.mdev.parents[id];
    if (record) record.listed = true;
    unlock(k, PARENT_LIST);
    k.log(`${deviceInWords(k, device)}: MDEV: Registered`);
    return 0;
  },
);

/** Removes every mdev of the parent, then the parent. Waits for creates and removes that are under way. */
export const mdev_unregister_device = defineSleeping(
  { symbol: "mdev_unregister_device", module: "mdev", exported: true, source: SOURCE },
  function* (k: Kernel, device: number): Sleep<void> {
    yield* lock(k, PARENT_LIST);
    const parent = parentOfDevice(k, device);
    if (!parent) {
      unlock(k, PARENT_LIST);
      return;
    }
    k.log(`${deviceInWords(k, device)}: MDEV: Unregistering`);
    parent.listed = false;
    unlock(k, PARENT_LIST);

    yield* lock(k, unregSem(parent.id));
    sysfs_remove(k, classLink(k, device));
    yield* removeChildren(k, device);
    yield* parent_remove_sysfs_files(k, parent.id);
    unlock(k, unregSem(parent.id));
    mdev_put_parent(k, parent.id);
  },
);

/** device_for_each_child(): those on the mdev bus now, in order of joining. */
function* removeChildren(k: Kernel, device: number): Sleep<void> {
  for (;;) {
    const child = Object.values(k.state.core.devices).find(
      (record) => record.parent === device && record.bus === "mdev" && record.added,
    );
    if (!child) return;
    yield* mdev_device_remove_cb(k, child.id);
  }
}
