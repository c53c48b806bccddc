// Removal of an mdev, by its file or with its parent (mdev_core.c, v5.12).
import { device_del, put_device } from "../core/devices.ts";
import { ERRNO } from "../kernel/errno.ts";
import { defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import { lock, pause, tryLockShared, unlock, unlockShared } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { MDEV_LIST } from "./create.ts";
import { deviceInWords } from "./names.ts";
import { mdevOfDevice } from "./pointer.ts";
import { mdev_put_parent, unregSem } from "./references.ts";
import { mdev_remove_sysfs_files } from "./sysfs.ts";

const { EAGAIN, ENODEV } = ERRNO;
const about = (symbol: string) => ({
  symbol,
  module: "mdev",
  source: "drivers/vfio/mdev/mdev_core.c, v5.12",
});

/** The caller holds unreg_sem, shared or alone. Waits while somebody has the mdev open. */
const mdev_device_remove_common = defineSleeping(
  about("mdev_device_remove_common"),
  function* (k: Kernel, id: number): Sleep<void> {
    const mdev = k.state.mdev.devices[id];
    if (!mdev) return;
    const { device, parent } = mdev;
    const remove = k.state.mdev.operations[k.state.mdev.parents[parent]?.operations ?? ""]?.remove;
    mdev.stage = "closing";
    mdev_remove_sysfs_files(k, device, mdev.type);
    yield* device_del(k, device);
    mdev.stage = "deleted";
    const result = remove ? yield* invokeSleeping(k, remove, id) : 0;
    if (result) k.log(`${deviceInWords(k, device)}: Remove failed: err=${result}`);
    put_device(k, device);
    mdev_put_parent(k, parent);
  },
);

/** For one child of a parent that unregisters, whatever its state. */
export const mdev_device_remove_cb = defineSleeping(
  about("mdev_device_remove_cb"),
  function* (k: Kernel, device: number): Sleep<number> {
    const mdev = mdevOfDevice(k, device);
    if (mdev) yield* mdev_device_remove_common(k, mdev.id);
    return 0;
  },
);

/**
 * Removes the mdev of a struct device. 0, or ENODEV (it is gone, or its parent goes and will remove it), EAGAIN (its
 * create has not finished, or another remove was first).
 */
export const mdev_device_remove = defineSleeping(
  about("mdev_device_remove"),
  function* (k: Kernel, device: number): Sleep<number> {
    yield* lock(k, MDEV_LIST);
    const mdev = mdevOfDevice(k, device);
    const refused = mdev ? (mdev.active ? 0 : -EAGAIN) : -ENODEV;
    if (!mdev || refused) {
      unlock(k, MDEV_LIST);
      return refused;
    }
    mdev.active = false;
    const { parent } = mdev;
    unlock(k, MDEV_LIST);

    yield* pause("mdev is not active, before down_read_trylock of unreg_sem");
    if (tryLockShared(k, unregSem(parent)) === 0) return -ENODEV;
    yield* mdev_device_remove_common(k, mdev.id);
    unlockShared(k, unregSem(parent));
    return 0;
  },
);
