// The driver that gives whole PCI functions to a user; it binds by driver_override only (drivers/vfio/pci/vfio_pci.c, v5.12).
import type { IoctlArgument } from "../calls.ts";
import { driver_register, driver_unregister } from "../core/devices.ts";
import type { WindowTarget } from "../core/files.ts";
import { defineModule, module_put, try_module_get } from "../core/symbols.ts";
import { iommu_group_get, iommu_group_put } from "../iommu/groups.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { pci_read_config, pci_set_master, pci_write_config } from "../pci/configuration.ts";
import {
  CONFIG_REGION,
  DEVICE_FLAGS,
  field,
  type IoctlResult,
  PCI_REGIONS,
  plain,
  REGION_FLAGS,
  REGION_SHIFT,
} from "./abi.ts";
import { vfio_add_group_dev, vfio_del_group_dev } from "./devices.ts";

const { EINVAL, ENODEV, ENOMEM, ENOTTY } = ERRNO;
const MODULE = "vfio_pci";
const about = (symbol: string) => ({
  symbol,
  module: MODULE,
  source: "drivers/vfio/pci/vfio_pci.c, v5.12",
});

/** Name of the driver, as it stands in driver_override. */
const DRIVER = "vfio-pci";

const HEADER_TYPE = 0x0e;
const CONFIG_BYTES = 4096;
/** Sizes of the BARs that the modelled machine has: registers in BAR 0, portals in BAR 2. */
const BAR_BYTES: Readonly<Record<number, number>> = { 0: 0x1_0000, 2: 0x1_0000 };
const MSI_INDEX_COUNT = 5;

/** 0, or EINVAL (a bridge, or no IOMMU group), ENOMEM, EBUSY. */
define(about("vfio_pci_probe"), (k: Kernel, device: number): number => {
  if ((pci_read_config(k, device, HEADER_TYPE, 1) & 0x7f) !== 0) return -EINVAL;
  const group = iommu_group_get(k, device);
  if (group === 0) return -EINVAL;
  const error = k.allocate() || vfio_add_group_dev(k, device, DRIVER);
  iommu_group_put(k, group);
  if (!error) k.state.vfio.pciDevices[device] = { device, openCount: 0 };
  return error;
});

defineSleeping(about("vfio_pci_remove"), function* (k: Kernel, device: number): Sleep<void> {
  yield* vfio_del_group_dev(k, device);
  delete k.state.vfio.pciDevices[device];
});

define(about("vfio_pci_open"), (k: Kernel, device: number): number => {
  const record = k.state.vfio.pciDevices[device];
  if (!record || !try_module_get(k, MODULE)) return -ENODEV;
  if (record.openCount === 0) pci_set_master(k, device, false);
  record.openCount++;
  return 0;
});

/** With the last user the function can do no more DMA. */
define(about("vfio_pci_release"), (k: Kernel, device: number): void => {
  const record = k.state.vfio.pciDevices[device];
  if (record && --record.openCount === 0) pci_set_master(k, device, false);
  module_put(k, MODULE);
});

define(
  about("vfio_pci_ioctl"),
  (k: Kernel, device: number, request: string, argument: IoctlArgument): IoctlResult => {
    switch (request) {
      case "VFIO_DEVICE_GET_INFO":
        return {
          result: 0,
          value: {
            flags: DEVICE_FLAGS.PCI | DEVICE_FLAGS.RESET,
            num_regions: PCI_REGIONS,
            num_irqs: MSI_INDEX_COUNT,
          },
        };
      case "VFIO_DEVICE_GET_REGION_INFO":
        return regionInfo(field(argument, "index"));
      case "VFIO_DEVICE_RESET":
        pci_set_master(k, device, false);
        return plain(0);
      default:
        return plain(-ENOTTY);
    }
  },
  (_k, device, request, argument) => [`${device}`, request, JSON.stringify(argument)],
);

function regionInfo(index: number): IoctlResult {
  if (!(index < PCI_REGIONS)) return plain(-EINVAL);
  const size = index === CONFIG_REGION ? CONFIG_BYTES : (BAR_BYTES[index] ?? 0);
  const both = REGION_FLAGS.READ | REGION_FLAGS.WRITE;
  const flags = size === 0 ? 0 : both | (index === CONFIG_REGION ? 0 : REGION_FLAGS.MMAP);
  return { result: 0, value: { index, flags, size, offset: index * REGION_SHIFT } };
}

/** Configuration space by bytes; BARs are mapped instead. Bytes, or EINVAL. */
define(
  about("vfio_pci_read"),
  (k: Kernel, device: number, offset: number, count: number): Uint8Array | number => {
    const at = configOffset(offset, count);
    if (at < 0) return -EINVAL;
    return Uint8Array.from({ length: count }, (_, n) => pci_read_config(k, device, at + n, 1));
  },
);

/** The user may write the command register, which lets the function do DMA; other fields stay as the host set them. */
define(
  about("vfio_pci_write"),
  (k: Kernel, device: number, offset: number, bytes: Uint8Array): number => {
    const at = configOffset(offset, bytes.length);
    if (at < 0) return -EINVAL;
    for (const [n, byte] of bytes.entries()) {
      if (at + n === COMMAND || at + n === COMMAND + 1) {
        pci_write_config(k, device, at + n, 1, byte);
      }
    }
    return bytes.length;
  },
  (_k, device, offset, bytes) => [`${device}`, `0x${offset.toString(16)}`, `${bytes.length} bytes`],
);

const COMMAND = 0x04;

/** Offset inside configuration space; -1 for another region or a range that leaves it. */
function configOffset(offset: number, count: number): number {
  const at = offset - CONFIG_REGION * REGION_SHIFT;
  return at >= 0 && count > 0 && at + count <= CONFIG_BYTES ? at : -1;
}

define(
  about("vfio_pci_mmap"),
  (k: Kernel, device: number, offset: number, pages: number): WindowTarget | number => {
    const bar = Math.floor(offset / REGION_SHIFT);
    const barOffset = offset - bar * REGION_SHIFT;
    const requester = k.state.core.pci[device]?.requester;
    if (requester === undefined || barOffset + pages * 4096 > (BAR_BYTES[bar] ?? 0)) return -EINVAL;
    return { function: requester, bar, barOffset };
  },
);

define(about("vfio_pci_request"), (k: Kernel, device: number, count: number): void => {
  if (count > 0) return;
  k.log(
    `vfio-pci ${k.state.core.devices[device]?.name ?? ""}: No device request channel registered, blocked until released by user`,
  );
});

defineSleeping(about("vfio_pci_init"), function* (k: Kernel): Sleep<number> {
  if (k.allocate() < 0) return -ENOMEM;
  k.state.vfio.deviceOperations[DRIVER] = {
    name: DRIVER,
    module: MODULE,
    open: "vfio_pci_open",
    release: "vfio_pci_release",
    ioctl: "vfio_pci_ioctl",
    read: "vfio_pci_read",
    write: "vfio_pci_write",
    mmap: "vfio_pci_mmap",
    request: "vfio_pci_request",
  };
  const error = yield* driver_register(k, {
    name: DRIVER,
    bus: "pci",
    module: MODULE,
    probe: "vfio_pci_probe",
    remove: "vfio_pci_remove",
    matches: [],
  });
  if (error) delete k.state.vfio.deviceOperations[DRIVER];
  return error;
});

defineSleeping(about("vfio_pci_cleanup"), function* (k: Kernel): Sleep<void> {
  yield* driver_unregister(k, DRIVER);
  delete k.state.vfio.deviceOperations[DRIVER];
});

defineModule({
  name: MODULE,
  init: "vfio_pci_init",
  exit: "vfio_pci_cleanup",
  needs: ["vfio"],
});
