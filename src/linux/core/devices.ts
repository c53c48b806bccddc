// Devices and buses: life of a struct device, and what its bus does with it (drivers/base/core.c, bus.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, invoke, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { bus_probe_device, device_release_driver } from "./drivers.ts";
import {
  sysfs_create_attribute,
  sysfs_create_dir,
  sysfs_create_link,
  sysfs_drain,
  sysfs_remove,
} from "./sysfs.ts";

export { driver_register, driver_unregister } from "./drivers.ts";

export interface NewDevice {
  readonly name: string;
  /** Bus that it will be on; "" for none. */
  readonly bus: string;
  /** Device id; 0 for none. */
  readonly parent: number;
  /** Below /sys/devices, without a leading slash. */
  readonly path: string;
  /** Symbol of release(k, device), which runs when the last reference goes; "" for none. */
  readonly release?: string;
}

export interface NewBus {
  readonly name: string;
  readonly module: string;
  readonly iommuOps: string;
  /** Symbols of (k, device, driver name) around the driver's probe and remove. */
  readonly probe?: string;
  readonly remove?: string;
}

const about = (symbol: string, file = "core.c") => ({
  symbol,
  module: "vmlinux",
  exported: true,
  source: `drivers/base/${file}, v5.12`,
});

/** Absolute path of a device's directory. */
export const devicePath = (k: Kernel, device: number): string =>
  `/sys/devices/${k.state.core.devices[device]?.path ?? ""}`;

/** Id of the device of that name on a bus; 0: there is none. */
export const deviceNamed = (k: Kernel, bus: string, name: string): number =>
  Object.values(k.state.core.devices).find(
    (device) => device.added && device.bus === bus && device.name === name,
  )?.id ?? 0;

/** A device with one reference, not yet visible. Its id. */
export const device_initialize = define(
  about("device_initialize"),
  (k: Kernel, fresh: NewDevice): number => {
    const id = k.newId();
    k.state.core.devices[id] = {
      id,
      name: fresh.name,
      bus: fresh.bus,
      parent: fresh.parent,
      path: fresh.path,
      driver: "",
      group: 0,
      references: 1,
      added: false,
      driverOverride: "",
      release: fresh.release ?? "",
    };
    return id;
  },
  (_k, fresh) => [fresh.name],
);

export function get_device(k: Kernel, device: number): void {
  const record = k.state.core.devices[device];
  if (record) record.references++;
}

/** Gives a reference back; with the last one the record goes. */
export function put_device(k: Kernel, device: number): void {
  const record = k.state.core.devices[device];
  if (!record || --record.references > 0) return;
  if (record.release !== "") invoke<void>(k, record.release, device);
  delete k.state.core.devices[device];
  delete k.state.core.pci[device];
}

/** Makes a device visible, tells the IOMMU of its bus and lets drivers probe it. 0, -EEXIST, -ENOMEM, -ENODEV without its bus. */
export const device_add = defineSleeping(
  about("device_add"),
  function* (k: Kernel, device: number): Sleep<number> {
    const record = k.state.core.devices[device];
    if (!record) return -ERRNO.EINVAL;
    const bus = record.bus === "" ? undefined : k.state.core.buses[record.bus];
    if (record.bus !== "" && !bus) return -ERRNO.ENODEV;
    const path = devicePath(k, device);
    let error = sysfs_create_dir(k, path);
    if (error) return error;
    error = addFiles(k, device, path);
    if (error) {
      removeFiles(k, device, path);
      sysfs_remove(k, path);
      return error;
    }
    get_device(k, record.parent);
    record.added = true;
    if (bus && bus.iommuOps !== "") invoke(k, "iommu_probe_device", device);
    if (bus) yield* bus_probe_device(k, device);
    return 0;
  },
);

/** Takes a device away: files, driver, IOMMU group, directory. The caller's reference stays. */
export const device_del = defineSleeping(
  about("device_del"),
  function* (k: Kernel, device: number): Sleep<void> {
    const record = k.state.core.devices[device];
    if (!record?.added) return;
    const path = devicePath(k, device);
    record.added = false;
    removeFiles(k, device, path);
    yield* sysfs_drain(k, path);
    if (record.driver !== "") yield* device_release_driver(k, device);
    if ((k.state.core.buses[record.bus]?.iommuOps ?? "") !== "") {
      invoke<void>(k, "iommu_release_device", device);
    }
    sysfs_remove(k, path);
    put_device(k, record.parent);
  },
);

/** 0, or -EEXIST. */
export const bus_register = define(
  about("bus_register", "bus.c"),
  (k: Kernel, bus: NewBus): number => {
    const { name, module, iommuOps, probe = "", remove = "" } = bus;
    if (name in k.state.core.buses) return -ERRNO.EEXIST;
    const path = `/sys/bus/${name}`;
    const error = sysfs_create_dir(k, `${path}/devices`) || sysfs_create_dir(k, `${path}/drivers`);
    if (error) {
      sysfs_remove(k, path);
      return error;
    }
    k.state.core.buses[name] = { name, module, iommuOps, probe, remove };
    sysfs_create_attribute(k, `${path}/drivers_probe`, {
      mode: "0200",
      store: "drivers_probe_store",
      argument: name,
    });
    return 0;
  },
  (_k, bus) => [bus.name],
);

/** The caller has made sure that nothing is on the bus any more. */
export const bus_unregister = define(
  about("bus_unregister", "bus.c"),
  (k: Kernel, name: string): void => {
    sysfs_remove(k, `/sys/bus/${name}`);
    delete k.state.core.buses[name];
  },
);

function addFiles(k: Kernel, device: number, path: string): number {
  const record = k.state.core.devices[device];
  if (!record) return -ERRNO.EINVAL;
  const uevent = { mode: "0644", show: "uevent_show", store: "uevent_store", argument: device };
  const error = sysfs_create_attribute(k, `${path}/uevent`, uevent);
  if (error || record.bus === "") return error;
  return (
    sysfs_create_link(k, `${path}/subsystem`, `/sys/bus/${record.bus}`) ||
    sysfs_create_link(k, `/sys/bus/${record.bus}/devices/${record.name}`, path)
  );
}

function removeFiles(k: Kernel, device: number, path: string): void {
  const record = k.state.core.devices[device];
  if (!record) return;
  if (record.bus !== "") {
    const link = `/sys/bus/${record.bus}/devices/${record.name}`;
    const node = k.state.core.nodes[link];
    if (node?.kind === "link" && node.target.endsWith(`/${record.path}`)) sysfs_remove(k, link);
    sysfs_remove(k, `${path}/subsystem`);
  }
  sysfs_remove(k, `${path}/uevent`);
}

/** Variables that udev gets with an event about the device. */
define(about("uevent_show"), (k: Kernel, device: number): string => {
  const record = k.state.core.devices[device];
  const function_ = k.state.core.pci[device];
  const lines = record?.driver ? [`DRIVER=${record.driver}`] : [];
  if (record && function_) {
    const hex = (value: number, digits: number): string =>
      value.toString(16).toUpperCase().padStart(digits, "0");
    lines.push(
      `PCI_CLASS=${hex(function_.class, 5)}`,
      `PCI_ID=${hex(function_.vendor, 4)}:${hex(function_.deviceId, 4)}`,
      `PCI_SLOT_NAME=${record.name}`,
    );
  }
  return lines.map((line) => `${line}\n`).join("");
});

define(about("uevent_store"), (_k: Kernel, _device: number, text: string): number =>
  /^(add|remove|change|move|online|offline|bind|unbind)\b/.test(text) ? text.length : -ERRNO.EINVAL,
);
