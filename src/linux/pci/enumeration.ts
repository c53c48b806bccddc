// Finding the PCI functions of a machine by reading configuration space (drivers/pci/probe.c, v5.12).
import type { RequesterId } from "../../base/brand.ts";
import { device_add, device_initialize, devicePath } from "../core/devices.ts";
import { sysfs_create_attribute, sysfs_create_dir } from "../core/sysfs.ts";
import type { PciFunction } from "../core/tables.ts";
import { define, defineSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { CAP_ID_EXP, findCapability, pciName } from "./configuration.ts";
import { pci_enable_acs } from "./topology.ts";

const about = (symbol: string, file = "probe.c") => ({
  symbol,
  module: "vmlinux",
  source: `drivers/pci/${file}, v5.12`,
});

const BUSES = 256;
const SLOTS = 32;
const FUNCTIONS = 8;

/** Where a bus hangs: the bridge above (0: a root bus) and the path of its directory below /sys/devices. */
interface Place {
  readonly bridge: number;
  readonly path: string;
}

/**
 * Finds every function, from bus 0 on; a bus that no bridge leads to is the root of a hierarchy of its own. With `acs`
 * each function's access control is turned on as far as it offers it.
 */
export const pci_subsys_init = defineSleeping(
  about("pci_subsys_init"),
  function* (k: Kernel, acs: boolean): Sleep<void> {
    const below = new Map<number, Place>();
    for (let bus = 0; bus < BUSES; bus++) {
      const found = functionsOn(k, bus);
      if (found.length === 0) continue;
      const root = `pci0000:${bus.toString(16).padStart(2, "0")}`;
      const place = below.get(bus) ?? { bridge: 0, path: root };
      if (place.bridge === 0) sysfs_create_dir(k, `/sys/devices/${root}`);
      for (const requester of found) {
        const device = pci_setup_device(k, requester, place.bridge, place.path);
        if (acs) pci_enable_acs(k, device);
        yield* pci_device_add(k, device);
        const { secondary = -1 } = k.state.core.pci[device] ?? {};
        const path = k.state.core.devices[device]?.path ?? "";
        if (secondary > bus) below.set(secondary, { bridge: device, path });
      }
    }
  },
);

/** Requester ids that answer on a bus, in order. Functions beyond 0 are looked for only where function 0 says so. */
function functionsOn(k: Kernel, bus: number): readonly number[] {
  const found: number[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const first = (bus << 8) | (slot << 3);
    if (!answers(k, first)) continue;
    const many = (read(k, first, 0x0e, 1) & 0x80) !== 0;
    for (let n = 0; n < (many ? FUNCTIONS : 1); n++) {
      if (n === 0 || answers(k, first | n)) found.push(first | n);
    }
  }
  return found;
}

const read = (k: Kernel, requester: number, offset: number, size: 1 | 2 | 4): number =>
  k.machine.readConfiguration(requester as RequesterId, offset, size) >>> 0;

const answers = (k: Kernel, requester: number): boolean => {
  const vendor = read(k, requester, 0, 2);
  return vendor !== 0xffff && vendor !== 0;
};

/** Reads a function's header into records. Its device id. */
const pci_setup_device = define(
  about("pci_setup_device"),
  (k: Kernel, requester: number, bridge: number, directory: string): number => {
    const name = pciName(requester);
    const device = device_initialize(k, {
      name,
      bus: "pci",
      parent: bridge,
      path: `${directory}/${name}`,
    });
    const at = findCapability(k, requester, CAP_ID_EXP);
    const header = read(k, requester, 0x0e, 1);
    const isBridge = (header & 0x7f) === 1;
    const classes = read(k, requester, 0x08, 4);
    const found: PciFunction = {
      device,
      requester,
      vendor: read(k, requester, 0, 2),
      deviceId: read(k, requester, 2, 2),
      class: classes >>> 8,
      revision: classes & 0xff,
      expressType: at === 0 ? -1 : (read(k, requester, at + 2, 2) >> 4) & 0xf,
      multifunction: (header & 0x80) !== 0 || (requester & 7) !== 0,
      secondary: isBridge ? read(k, requester, 0x19, 1) : -1,
      subordinate: isBridge ? read(k, requester, 0x1a, 1) : -1,
      bridge,
      pasidEnabled: false,
    };
    k.state.core.pci[device] = found;
    const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
    k.log(
      `pci ${name}: [${hex(found.vendor, 4)}:${hex(found.deviceId, 4)}] type ${hex(header & 0x7f, 2)} class 0x${hex(found.class, 6)}`,
    );
    return device;
  },
);

/** Makes it visible, with the files that tools such as lspci read. */
const pci_device_add = defineSleeping(
  about("pci_device_add"),
  function* (k: Kernel, device: number): Sleep<number> {
    const error = yield* device_add(k, device);
    if (error) return error;
    const path = devicePath(k, device);
    for (const name of ["vendor", "device", "class", "revision", "modalias"]) {
      const show = name === "modalias" ? "modalias_show" : `pci_${name}_show`;
      sysfs_create_attribute(k, `${path}/${name}`, { mode: "0444", show, argument: device });
    }
    sysfs_create_attribute(k, `${path}/driver_override`, {
      mode: "0644",
      show: "driver_override_show",
      store: "driver_override_store",
      argument: device,
    });
    return 0;
  },
);

/** One attribute that shows a number of the record. */
function showNumber(name: string, digits: number, value: (found: PciFunction) => number): void {
  define(about(`pci_${name}_show`, "pci-sysfs.c"), (k: Kernel, device: number): string => {
    const found = k.state.core.pci[device];
    return `0x${(found ? value(found) : 0).toString(16).padStart(digits, "0")}\n`;
  });
}

showNumber("vendor", 4, (found) => found.vendor);
showNumber("device", 4, (found) => found.deviceId);
showNumber("class", 6, (found) => found.class);
showNumber("revision", 2, (found) => found.revision);
