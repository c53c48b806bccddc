// What writing to the files of buses and drivers does (drivers/base/bus.c, drivers/pci/pci-driver.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { deviceNamed } from "./devices.ts";
import {
  device_attach,
  device_driver_attach,
  device_release_driver,
  driver_attach,
  driver_match_device,
  pciId,
} from "./drivers.ts";
import { moduleParameter } from "./symbols.ts";

const { EEXIST, EINVAL, ENODEV } = ERRNO;
const about = (symbol: string, source = "drivers/base/bus.c") => ({
  symbol,
  module: "vmlinux",
  source: `${source}, v5.12`,
});

/** The text without the newline that a shell adds. */
const stripped = (text: string): string => (text.endsWith("\n") ? text.slice(0, -1) : text);

defineSleeping(
  about("bind_store"),
  function* (k: Kernel, name: string, text: string): Sleep<number> {
    const driver = k.state.core.drivers[name];
    const device = deviceNamed(k, driver?.bus ?? "", stripped(text));
    const record = k.state.core.devices[device];
    if (!driver || !record || record.driver !== "") return -ENODEV;
    if (!driver_match_device(k, driver, record)) return -ENODEV;
    const bound = yield* device_driver_attach(k, name, device);
    return bound > 0 ? text.length : -ENODEV;
  },
);

defineSleeping(
  about("unbind_store"),
  function* (k: Kernel, name: string, text: string): Sleep<number> {
    const device = deviceNamed(k, k.state.core.drivers[name]?.bus ?? "", stripped(text));
    if (device === 0 || k.state.core.devices[device]?.driver !== name) return -ENODEV;
    yield* device_release_driver(k, device);
    return text.length;
  },
);

defineSleeping(
  about("drivers_probe_store"),
  function* (k: Kernel, bus: string, text: string): Sleep<number> {
    const device = deviceNamed(k, bus, stripped(text));
    if (device === 0) return -ENODEV;
    if (k.state.core.devices[device]?.driver === "") yield* device_attach(k, device);
    return text.length;
  },
);

/** "vendor device" in hex, as the files new_id and remove_id take them; "" when it is no such text. */
function idOf(text: string): string {
  const [vendor = "", device = ""] = text.trim().split(/\s+/);
  const number = /^(0x)?[0-9a-fA-F]{1,8}$/;
  if (!number.test(vendor) || !number.test(device)) return "";
  const hex = (word: string): string => Number.parseInt(word, 16).toString(16).padStart(4, "0");
  return `${hex(vendor)}:${hex(device)}`;
}

defineSleeping(
  about("new_id_store", "drivers/pci/pci-driver.c"),
  function* (k: Kernel, name: string, text: string): Sleep<number> {
    const driver = k.state.core.drivers[name];
    const id = idOf(text);
    if (!driver) return -ENODEV;
    if (id === "") return -EINVAL;
    if (driver.matches.includes(id)) return -EEXIST;
    driver.matches = [...driver.matches, id];
    yield* driver_attach(k, name);
    return text.length;
  },
);

define(
  about("remove_id_store", "drivers/pci/pci-driver.c"),
  (k: Kernel, name: string, text: string): number => {
    const driver = k.state.core.drivers[name];
    const id = idOf(text);
    if (id === "") return -EINVAL;
    if (!driver?.matches.includes(id)) return -ENODEV;
    driver.matches = driver.matches.filter((other) => other !== id);
    return text.length;
  },
);

define(
  about("driver_override_show", "drivers/pci/pci-sysfs.c"),
  (k: Kernel, device: number): string => {
    const name = k.state.core.devices[device]?.driverOverride ?? "";
    return `${name === "" ? "(null)" : name}\n`;
  },
);

define(
  about("driver_override_store", "drivers/pci/pci-sysfs.c"),
  (k: Kernel, device: number, text: string): number => {
    const record = k.state.core.devices[device];
    if (!record) return -ENODEV;
    if (text.length >= 4095) return -EINVAL;
    record.driverOverride = stripped(text);
    return text.length;
  },
);

define(about("modalias_show", "drivers/pci/pci-sysfs.c"), (k: Kernel, device: number): string => {
  const [vendor = "", id = ""] = pciId(k, device).toUpperCase().split(":");
  return `pci:v0000${vendor}d0000${id}\n`;
});

define(about("param_attr_show", "kernel/params.c"), (k: Kernel, argument: string): string => {
  const [module = "", name = ""] = argument.split(" ");
  return `${moduleParameter(k, module, name)}\n`;
});

define(
  about("show_refcnt", "kernel/module.c"),
  (k: Kernel, module: string): string => `${k.state.core.modules[module]?.references ?? 0}\n`,
);

define(
  about("show_initstate", "kernel/module.c"),
  (k: Kernel, module: string): string => `${k.state.core.modules[module]?.state ?? "going"}\n`,
);
