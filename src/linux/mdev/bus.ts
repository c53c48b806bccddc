// The mdev bus: every device on it gets an IOMMU group of its own around its driver's probe (mdev_driver.c, v5.12).
import { bus_register, bus_unregister } from "../core/devices.ts";
import { defineModule } from "../core/symbols.ts";
import {
  iommu_group_add_device,
  iommu_group_alloc,
  iommu_group_id,
  iommu_group_put,
  iommu_group_remove_device,
} from "../iommu/groups.ts";
import { define, defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";

const about = (symbol: string) => ({
  symbol,
  module: "mdev",
  source: "drivers/vfio/mdev/mdev_driver.c, v5.12",
});

/** A new group with the mdev alone in it. 0 or ENOMEM. */
const mdev_attach_iommu = define(
  about("mdev_attach_iommu"),
  (k: Kernel, device: number): number => {
    const group = iommu_group_alloc(k);
    if (group < 0) return group;
    const error = iommu_group_add_device(k, group, device);
    if (!error) k.log(`${named(k, device)}: MDEV: group_id = ${iommu_group_id(k, group)}`);
    iommu_group_put(k, group);
    return error;
  },
);

const mdev_detach_iommu = define(about("mdev_detach_iommu"), (k: Kernel, device: number): void => {
  iommu_group_remove_device(k, device);
  k.log(`${named(k, device)}: MDEV: detaching iommu`);
});

/** Probe of the bus, around the driver's. */
defineSleeping(
  about("mdev_probe"),
  function* (k: Kernel, device: number, driver: string): Sleep<number> {
    const error = mdev_attach_iommu(k, device);
    if (error) return error;
    const probe = k.state.core.drivers[driver]?.probe ?? "";
    const result = probe === "" ? 0 : yield* invokeSleeping(k, probe, device);
    if (result) mdev_detach_iommu(k, device);
    return result;
  },
);

defineSleeping(
  about("mdev_remove"),
  function* (k: Kernel, device: number, driver: string): Sleep<void> {
    const remove = k.state.core.drivers[driver]?.remove ?? "";
    if (remove !== "") yield* invokeSleeping<unknown>(k, remove, device);
    mdev_detach_iommu(k, device);
  },
);

define(about("mdev_init"), (k: Kernel): number =>
  bus_register(k, {
    name: "mdev",
    module: "mdev",
    iommuOps: "",
    probe: "mdev_probe",
    remove: "mdev_remove",
  }),
);

define(about("mdev_exit"), (k: Kernel): void => bus_unregister(k, "mdev"));

defineModule({ name: "mdev", init: "mdev_init", exit: "mdev_exit", needs: [] });

/** How dev_info() begins a line about an mdev. */
const named = (k: Kernel, device: number): string => {
  const record = k.state.core.devices[device];
  return `${record?.driver || record?.bus || ""} ${record?.name ?? ""}`;
};
