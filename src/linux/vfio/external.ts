// What VFIO offers to drivers of mediated devices: pin and unpin user pages, copy, be told of unmaps (vfio.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { vfio_group_try_dissolve_container } from "./attach.ts";
import { addContainerUser, deviceOf } from "./groups.ts";
import type { VfioIommuDriver } from "./tables.ts";

const { EINVAL, ENODEV, ENOTTY, E2BIG } = ERRNO;
const about = (symbol: string) => ({
  symbol,
  module: "vfio",
  exported: true,
  source: "drivers/vfio/vfio.c, v5.12",
});

/** VFIO_PIN_PAGES_MAX_ENTRIES: page frame numbers that fit into one page. */
export const PIN_PAGES_MAX = 512;

type Use = (driver: VfioIommuDriver, iommu: number, iommuGroup: number) => Sleep<number>;

/** Holds a user of the group's container while `use` runs. */
function* withContainer(k: Kernel, group: number, use: Use): Sleep<number> {
  const record = k.state.vfio.groups[group];
  if (!record) return -ENODEV;
  const error = addContainerUser(k, record, EINVAL);
  if (error) return error;
  const container = k.state.vfio.containers[record.container];
  const driver = container && k.state.vfio.iommuDrivers[container.driver];
  const result =
    container && driver ? yield* use(driver, container.iommu, record.iommuGroup) : -ENOTTY;
  yield* vfio_group_try_dissolve_container(k, group);
  return result;
}

/**
 * Pins the user pages behind IOVA pages (address / 4096) for a device: `prot` is IOMMU_READ 1 | IOMMU_WRITE 2.
 * Fills `frames` with page frame numbers and returns how many; or EINVAL (no notifier, not open, not mapped),
 * EPERM (rights), EACCES (v1), E2BIG, ENODEV, ENOMEM (RLIMIT_MEMLOCK), EFAULT.
 */
export const vfio_pin_pages = defineSleeping(
  about("vfio_pin_pages"),
  function* (k: Kernel, device: number, pages: readonly number[], prot: number, frames: number[]) {
    if (pages.length === 0) return -EINVAL;
    if (pages.length > PIN_PAGES_MAX) return -E2BIG;
    const found = deviceOf(k, device);
    if (!found) return -ENODEV;
    if (found.group.devices.length > 1) return -EINVAL;
    return yield* withContainer(k, found.group.id, (driver, iommu, iommuGroup) =>
      invokeSleeping(k, driver.pinPages, iommu, iommuGroup, pages, prot, frames),
    );
  },
  (_k, device, pages, prot) => [`${device}`, pageList(pages), `${prot}`],
);

/** Gives pages back. Returns how many, or an error. */
export const vfio_unpin_pages = defineSleeping(
  about("vfio_unpin_pages"),
  function* (k: Kernel, device: number, pages: readonly number[]) {
    if (pages.length === 0) return -EINVAL;
    if (pages.length > PIN_PAGES_MAX) return -E2BIG;
    const found = deviceOf(k, device);
    if (!found) return -ENODEV;
    return yield* withContainer(k, found.group.id, (driver, iommu) =>
      invokeSleeping(k, driver.unpinPages, iommu, pages),
    );
  },
  (_k, device, pages) => [`${device}`, pageList(pages)],
);

/**
 * Copies between `bytes` and user memory behind `iova` by the CPU, no DMA: to the user when `write`. `group` is a VFIO
 * group from vfio_group_get_external_user_from_dev(). 0, or EINVAL (not mapped), EPERM (rights), EFAULT.
 */
defineSleeping(
  about("vfio_dma_rw"),
  function* (k: Kernel, group: number, iova: number, bytes: Uint8Array, write: boolean) {
    const record = k.state.vfio.groups[group];
    const container = record && k.state.vfio.containers[record.container];
    if (!record || bytes.length === 0) return -EINVAL;
    const driver = container && k.state.vfio.iommuDrivers[container.driver];
    if (!container || !driver) return -ENOTTY;
    return yield* invokeSleeping(k, driver.dmaRw, container.iommu, iova, bytes, write);
  },
  (_k, group, iova, bytes, write) => [
    `${group}`,
    `0x${iova.toString(16)}`,
    `${bytes.length} bytes`,
    `${write}`,
  ],
);

/** VFIO_IOMMU_NOTIFY, DMA_UNMAP: `symbol` (argument, iova, size) is called before memory goes; it may sleep and must unpin. */
export const vfio_register_notifier = defineSleeping(
  about("vfio_register_notifier"),
  function* (k: Kernel, device: number, symbol: string, argument: number) {
    const found = deviceOf(k, device);
    if (!found) return -ENODEV;
    return yield* withContainer(k, found.group.id, (driver, iommu) =>
      invokeSleeping(k, driver.registerNotifier, iommu, symbol, argument),
    );
  },
);

export const vfio_unregister_notifier = defineSleeping(
  about("vfio_unregister_notifier"),
  function* (k: Kernel, device: number, symbol: string, argument: number) {
    const found = deviceOf(k, device);
    if (!found) return -ENODEV;
    return yield* withContainer(k, found.group.id, (driver, iommu) =>
      invokeSleeping(k, driver.unregisterNotifier, iommu, symbol, argument),
    );
  },
);

/** The VFIO group of a device with a container user taken, or an error. Give it back with vfio_group_put_external_user(). */
export const vfio_group_get_external_user_from_dev = defineSleeping(
  about("vfio_group_get_external_user_from_dev"),
  // biome-ignore lint/correctness/useYield: drivers give it back with one that waits, and call both alike.
  function* (k: Kernel, device: number): Sleep<number> {
    const found = deviceOf(k, device);
    if (!found) return -ENODEV;
    const error = addContainerUser(k, found.group, EINVAL);
    return error || found.group.id;
  },
);

export const vfio_group_put_external_user = defineSleeping(
  about("vfio_group_put_external_user"),
  function* (k: Kernel, group: number): Sleep<void> {
    yield* vfio_group_try_dissolve_container(k, group);
  },
);

/** The IOMMU domain that a VFIO group's container attached it to: its id, or ENODEV (none), EINVAL, ENOTTY. */
export const vfio_group_iommu_domain = defineSleeping(
  about("vfio_group_iommu_domain"),
  function* (k: Kernel, group: number): Sleep<number> {
    const record = k.state.vfio.groups[group];
    if (!record) return -EINVAL;
    const container = k.state.vfio.containers[record.container];
    const driver = container && k.state.vfio.iommuDrivers[container.driver];
    if (!container || !driver) return -ENOTTY;
    return yield* invokeSleeping(k, driver.groupIommuDomain, container.iommu, record.iommuGroup);
  },
);

const pageList = (pages: readonly number[]): string => {
  const shown = pages.slice(0, 4).map((page) => `0x${page.toString(16)}`);
  return pages.length > 4 ? `[${shown.join(", ")}, …]` : `[${shown.join(", ")}]`;
};
