// Drivers and their devices: matching, probing, releasing, and the files bind and unbind (drivers/base/dd.c, bus.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import { lock, unlock } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import {
  sysfs_create_attribute,
  sysfs_create_dir,
  sysfs_create_link,
  sysfs_remove,
} from "./sysfs.ts";
import type { Device, Driver } from "./tables.ts";

const about = (symbol: string, file: string, exported = true) => ({
  symbol,
  module: "vmlinux",
  exported,
  source: `drivers/base/${file}, v5.12`,
});

export const driverPath = (bus: string, driver: string): string =>
  `/sys/bus/${bus}/drivers/${driver}`;

const mutex = (device: number): string => `device ${device}`;

/** Bus match: driver_override decides alone where it is set; else names, PCI ids, or "*". */
export function driver_match_device(k: Kernel, driver: Driver, device: Device): boolean {
  if (driver.bus !== device.bus || driver.leaving) return false;
  if (device.driverOverride !== "") return device.driverOverride === driver.name;
  const { matches } = driver;
  if (matches.includes("*") || matches.includes(device.name)) return true;
  const id = pciId(k, device.id);
  return id !== "" && matches.includes(id);
}

/** "8086:0b25"; "" for a device that is not on PCI. */
export function pciId(k: Kernel, device: number): string {
  const found = k.state.core.pci[device];
  if (!found) return "";
  const hex = (value: number): string => value.toString(16).padStart(4, "0");
  return `${hex(found.vendor)}:${hex(found.deviceId)}`;
}

/** Probes one driver on one device; the caller holds the device's lock. 1: bound; 0: it was refused. */
export const really_probe = defineSleeping(
  about("really_probe", "dd.c", false),
  function* (k: Kernel, device: number, name: string): Sleep<number> {
    const record = k.state.core.devices[device];
    const driver = k.state.core.drivers[name];
    const bus = k.state.core.buses[record?.bus ?? ""];
    if (!record || !driver || !bus) return 0;
    record.driver = name;
    let error = addLinks(k, record, driver);
    if (!error) {
      error =
        bus.probe !== ""
          ? yield* invokeSleeping(k, bus.probe, device, name)
          : driver.probe === ""
            ? 0
            : yield* invokeSleeping(k, driver.probe, device);
    }
    if (error >= 0) return 1;
    removeLinks(k, record, driver);
    record.driver = "";
    if (error !== -ERRNO.ENODEV) {
      k.log(`${name}: probe of ${record.name} failed with error ${error}`);
    }
    return 0;
  },
);

/** Binds the first driver of the bus that matches and accepts. 1: bound; 0: none. */
export const device_attach = defineSleeping(
  about("device_attach", "dd.c"),
  function* (k: Kernel, device: number): Sleep<number> {
    yield* lock(k, mutex(device));
    let bound = 0;
    for (const driver of Object.values(k.state.core.drivers)) {
      const record = k.state.core.devices[device];
      if (!record?.added || record.driver !== "") break;
      if (driver_match_device(k, driver, record))
        bound = yield* really_probe(k, device, driver.name);
      if (bound) break;
    }
    unlock(k, mutex(device));
    return bound;
  },
);

export const bus_probe_device = defineSleeping(
  about("bus_probe_device", "bus.c", false),
  function* (k: Kernel, device: number): Sleep<void> {
    yield* device_attach(k, device);
  },
);

/** Binds one driver. 1: bound; 0: the device has gone, has a driver already, or was refused. */
export const device_driver_attach = defineSleeping(
  about("device_driver_attach", "dd.c"),
  function* (k: Kernel, driver: string, device: number): Sleep<number> {
    yield* lock(k, mutex(device));
    const record = k.state.core.devices[device];
    const free = record?.added && record.driver === "";
    const bound = free ? yield* really_probe(k, device, driver) : 0;
    unlock(k, mutex(device));
    return bound;
  },
);

/** Takes the driver off a device; waits as long as the driver's remove does. */
export const device_release_driver = defineSleeping(
  about("device_release_driver", "dd.c"),
  function* (k: Kernel, device: number): Sleep<void> {
    yield* lock(k, mutex(device));
    const record = k.state.core.devices[device];
    const driver = k.state.core.drivers[record?.driver ?? ""];
    if (record && driver) {
      const bus = k.state.core.buses[record.bus];
      removeLinks(k, record, driver);
      if (bus && bus.remove !== "") {
        yield* invokeSleeping<unknown>(k, bus.remove, device, driver.name);
      } else if (driver.remove !== "") {
        yield* invokeSleeping<unknown>(k, driver.remove, device);
      }
      record.driver = "";
    }
    unlock(k, mutex(device));
  },
);

/** Makes a driver known and probes what it matches. 0, -EBUSY for a name that is taken, -EINVAL without its bus, -ENOMEM. */
export const driver_register = defineSleeping(
  about("driver_register", "driver.c"),
  function* (k: Kernel, driver: Driver): Sleep<number> {
    const { buses, drivers } = k.state.core;
    if (!(driver.bus in buses)) return -ERRNO.EINVAL;
    if (driver.name in drivers) {
      k.log(`Error: Driver '${driver.name}' is already registered, aborting...`);
      return -ERRNO.EBUSY;
    }
    const error = addDriverFiles(k, driver);
    if (error) {
      sysfs_remove(k, driverPath(driver.bus, driver.name));
      return error;
    }
    drivers[driver.name] = { ...driver };
    yield* driver_attach(k, driver.name);
    return 0;
  },
  (_k, driver) => [driver.name],
);

/** Offers a driver every device of its bus that has none. */
export function* driver_attach(k: Kernel, name: string): Sleep<void> {
  for (const { id } of Object.values(k.state.core.devices)) {
    const record = k.state.core.devices[id];
    const driver = k.state.core.drivers[name];
    if (!driver || !record?.added || record.driver !== "") continue;
    if (driver_match_device(k, driver, record)) yield* device_driver_attach(k, name, id);
  }
}

export const driver_unregister = defineSleeping(
  about("driver_unregister", "driver.c"),
  function* (k: Kernel, name: string): Sleep<void> {
    const driver = k.state.core.drivers[name];
    if (!driver) return;
    driver.leaving = true;
    sysfs_remove(k, `${driverPath(driver.bus, name)}/bind`);
    for (const { id } of Object.values(k.state.core.devices).reverse()) {
      if (k.state.core.devices[id]?.driver === name) yield* device_release_driver(k, id);
    }
    sysfs_remove(k, driverPath(driver.bus, name));
    delete k.state.core.drivers[name];
  },
);

function addLinks(k: Kernel, device: Device, driver: Driver): number {
  const path = `/sys/devices/${device.path}`;
  const of = driverPath(driver.bus, driver.name);
  return (
    sysfs_create_link(k, `${of}/${device.name}`, path) || sysfs_create_link(k, `${path}/driver`, of)
  );
}

function removeLinks(k: Kernel, device: Device, driver: Driver): void {
  sysfs_remove(k, `${driverPath(driver.bus, driver.name)}/${device.name}`);
  sysfs_remove(k, `/sys/devices/${device.path}/driver`);
}

function addDriverFiles(k: Kernel, driver: Driver): number {
  const path = driverPath(driver.bus, driver.name);
  const file = (name: string): number =>
    sysfs_create_attribute(k, `${path}/${name}`, {
      mode: "0200",
      store: `${name}_store`,
      argument: driver.name,
    });
  let error = sysfs_create_dir(k, path) || file("bind") || file("unbind");
  if (!error && driver.bus === "pci") error = file("new_id") || file("remove_id");
  const module = `/sys/module/${driver.module}`;
  if (!error && module in k.state.core.nodes) {
    error = sysfs_create_link(k, `${path}/module`, module);
  }
  return error;
}
