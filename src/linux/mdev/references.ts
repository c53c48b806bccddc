// Who keeps whom: mdevs hold their parent's record, the record holds the parent's device (mdev_core.c, v5.12).
import { put_device } from "../core/devices.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import type { MdevParent } from "./tables.ts";

const about = (symbol: string) => ({
  symbol,
  module: "mdev",
  source: "drivers/vfio/mdev/mdev_core.c, v5.12",
});

/** The rwsem that creates and removes hold shared and unregistration alone. */
export const unregSem = (parent: number): string => `unreg_sem of parent ${parent}`;

/** __find_parent_device(): the registered parent of a device. */
export const parentOfDevice = (k: Kernel, device: number): MdevParent | undefined =>
  Object.values(k.state.mdev.parents).find((parent) => parent.listed && parent.device === device);

export const mdev_get_parent = define(
  about("mdev_get_parent"),
  (k: Kernel, parent: number): boolean => {
    const record = k.state.mdev.parents[parent];
    if (!record) return false;
    record.references++;
    return true;
  },
);

/** Frees the record with the last reference, and gives the device back. */
export const mdev_put_parent = define(
  about("mdev_put_parent"),
  (k: Kernel, parent: number): void => {
    const record = k.state.mdev.parents[parent];
    if (!record || --record.references > 0) return;
    delete k.state.mdev.parents[parent];
    put_device(k, record.device);
  },
);

/** Runs when the last reference to an mdev's device goes: the UUID is free again. */
define(about("mdev_device_release"), (k: Kernel, device: number): void => {
  for (const mdev of Object.values(k.state.mdev.devices)) {
    if (mdev.device === device) delete k.state.mdev.devices[mdev.id];
  }
});
