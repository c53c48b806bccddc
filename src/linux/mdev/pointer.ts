// The pointer that tells the IOMMU about an mdev, and the small accessors of drivers/vfio/mdev/mdev_core.c, v5.12.
import { define, type Kernel } from "../kernel/kernel.ts";
import type { MdevDevice } from "./tables.ts";

const SOURCE = "drivers/vfio/mdev/mdev_core.c, v5.12";

/** The mdev whose embedded `struct device` this is. */
export const mdevOfDevice = (k: Kernel, device: number): MdevDevice | undefined =>
  Object.values(k.state.mdev.devices).find((mdev) => mdev.device === device);

/**
 * Stores which device's IOMMU isolates the mdev: `device` is the mdev's struct device. No reference, no lock, no check
 * that it is the parent; always 0. To be called from the vendor driver's create.
 */
export const mdev_set_iommu_device = define(
  { symbol: "mdev_set_iommu_device", module: "mdev", exported: true, source: SOURCE },
  (k: Kernel, device: number, iommuDevice: number): number => {
    const mdev = mdevOfDevice(k, device);
    if (mdev) mdev.iommuDevice = iommuDevice;
    return 0;
  },
);

/** The stored device, 0 for NULL: isolation is the vendor driver's. */
define(
  { symbol: "mdev_get_iommu_device", module: "mdev", exported: true, source: SOURCE },
  (k: Kernel, device: number): number => mdevOfDevice(k, device)?.iommuDevice ?? 0,
);

/** Device of the mdev's parent; 0 when there is none. Takes the mdev record. */
export const mdev_parent_dev = define(
  { symbol: "mdev_parent_dev", module: "mdev", exported: true, source: SOURCE },
  (k: Kernel, mdev: number): number => {
    const record = k.state.mdev.devices[mdev];
    return (record && k.state.mdev.parents[record.parent]?.device) ?? 0;
  },
);
/** The mdev's own struct device. */
export const mdev_dev = define(
  { symbol: "mdev_dev", module: "mdev", exported: true, source: SOURCE },
  (k: Kernel, mdev: number): number => k.state.mdev.devices[mdev]?.device ?? 0,
);

/** The mdev record of a struct device on the mdev bus; 0 when it is no mdev. */
define(
  { symbol: "mdev_from_dev", module: "mdev", exported: true, source: SOURCE },
  (k: Kernel, device: number): number => mdevOfDevice(k, device)?.id ?? 0,
);

define(
  { symbol: "mdev_uuid", module: "mdev", exported: true, source: SOURCE },
  (k: Kernel, mdev: number): string => k.state.mdev.devices[mdev]?.uuid ?? "",
);
