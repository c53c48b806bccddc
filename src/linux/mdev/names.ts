// Paths of mediated devices in sysfs, and the check of a UUID.
import type { Kernel } from "../kernel/kernel.ts";

/** Directory of a device below /sys/devices. */
export const deviceDirectory = (k: Kernel, device: number): string =>
  `/sys/devices/${k.state.core.devices[device]?.path ?? ""}`;

/** dev_driver_string(): the driver's name, else the bus, else the class. */
export function dev_driver_string(k: Kernel, device: number): string {
  const record = k.state.core.devices[device];
  if (!record) return "";
  if (record.driver !== "") return record.driver;
  if (record.bus !== "") return record.bus;
  const [top, className] = record.path.split("/");
  return top === "virtual" && className ? className : "";
}

/** How dev_info() begins a line: "mtty mtty". */
export const deviceInWords = (k: Kernel, device: number): string =>
  `${dev_driver_string(k, device)} ${k.state.core.devices[device]?.name ?? ""}`;

/** Directory of a type; "" when the type is gone. */
export function typeDirectory(k: Kernel, type: number): string {
  const record = k.state.mdev.types[type];
  const parent = record && k.state.mdev.parents[record.parent];
  return parent ? `${deviceDirectory(k, parent.device)}/mdev_supported_types/${record.name}` : "";
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** guid_parse(): the UUID in lower case, or "" when the first 36 characters are none. */
export const parseUuid = (text: string): string =>
  UUID.test(text.slice(0, 36)) ? text.slice(0, 36).toLowerCase() : "";
