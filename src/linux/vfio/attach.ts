// A group joins its container and leaves it: the locks and counts around the IOMMU driver's attach and detach (vfio.c, v5.12).
import { module_put } from "../core/symbols.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import { lock, unlock } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";

const { EINVAL, EBUSY } = ERRNO;
const about = (symbol: string) => ({
  symbol,
  module: "vfio",
  source: "drivers/vfio/vfio.c, v5.12",
});

/** The rwsem of a container. */
export const groupLock = (container: number): string => `group_lock of container ${container}`;

/** vfio_container_put(): the record goes with the last file and group. */
export const vfio_container_put = define(
  about("vfio_container_put"),
  (k: Kernel, container: number): void => {
    const record = k.state.vfio.containers[container];
    if (record && --record.references === 0) delete k.state.vfio.containers[container];
  },
);

/** Takes the group out of its container; with the last group the IOMMU driver's data goes too. */
export const __vfio_group_unset_container = defineSleeping(
  about("__vfio_group_unset_container"),
  function* (k: Kernel, group: number): Sleep<void> {
    const id = k.state.vfio.groups[group]?.container ?? 0;
    if (id === 0) return;
    yield* lock(k, groupLock(id));
    const record = k.state.vfio.groups[group];
    const container = k.state.vfio.containers[id];
    if (record && container) {
      const driver = k.state.vfio.iommuDrivers[container.driver];
      if (driver) yield* invokeSleeping(k, driver.detachGroup, container.iommu, record.iommuGroup);
      record.container = 0;
      container.groups = container.groups.filter((other) => other !== group);
      if (driver && container.groups.length === 0) {
        yield* invokeSleeping(k, driver.release, container.iommu);
        module_put(k, driver.module);
        container.driver = "";
        container.iommu = 0;
      }
    }
    unlock(k, groupLock(id));
    vfio_container_put(k, id);
  },
);

/** Drops one user of the group's container, and the container with the last. */
export const vfio_group_try_dissolve_container = defineSleeping(
  about("vfio_group_try_dissolve_container"),
  function* (k: Kernel, group: number): Sleep<void> {
    const record = k.state.vfio.groups[group];
    if (!record || record.users === 0) return;
    if (--record.users === 0) yield* __vfio_group_unset_container(k, group);
  },
);

/** VFIO_GROUP_UNSET_CONTAINER: EINVAL without a container, EBUSY while a device is open. */
export const vfio_group_unset_container = defineSleeping(
  about("vfio_group_unset_container"),
  function* (k: Kernel, group: number): Sleep<number> {
    const record = k.state.vfio.groups[group];
    if (!record || record.users === 0) return -EINVAL;
    if (record.users !== 1) return -EBUSY;
    record.users = 0;
    yield* __vfio_group_unset_container(k, group);
    return 0;
  },
);
