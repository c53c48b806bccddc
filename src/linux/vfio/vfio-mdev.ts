// The driver that turns every mdev into a VFIO device by passing its calls on to the vendor driver (vfio_mdev.c, v5.12).
import type { IoctlArgument } from "../calls.ts";
import { driver_register, driver_unregister } from "../core/devices.ts";
import type { WindowTarget } from "../core/files.ts";
import { defineModule, module_put, try_module_get } from "../core/symbols.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { mdevOfDevice } from "../mdev/pointer.ts";
import type { MdevDevice, MdevParentOps } from "../mdev/tables.ts";
import { type IoctlResult, plain } from "./abi.ts";
import { vfio_add_group_dev, vfio_del_group_dev } from "./devices.ts";

const { EINVAL, ENODEV } = ERRNO;
const MODULE = "vfio_mdev";
const about = (symbol: string) => ({
  symbol,
  module: MODULE,
  source: "drivers/vfio/mdev/vfio_mdev.c, v5.12",
});

interface Vendor {
  readonly mdev: MdevDevice;
  readonly operations: MdevParentOps;
  /** The parent's device. */
  readonly parent: number;
}

function vendorOf(k: Kernel, device: number): Vendor | undefined {
  const mdev = mdevOfDevice(k, device);
  const parent = mdev && k.state.mdev.parents[mdev.parent];
  const operations = parent && k.state.mdev.operations[parent.operations];
  return mdev && parent && operations ? { mdev, operations, parent: parent.device } : undefined;
}

/** EINVAL without an open of the vendor driver, ENODEV while the module goes, or what the vendor's open gives. */
defineSleeping(about("vfio_mdev_open"), function* (k: Kernel, device: number): Sleep<number> {
  const vendor = vendorOf(k, device);
  if (!vendor || vendor.operations.open === "") return -EINVAL;
  if (!try_module_get(k, MODULE)) return -ENODEV;
  const result = yield* invokeSleeping(k, vendor.operations.open, vendor.mdev.id);
  if (result) module_put(k, MODULE);
  return result;
});

defineSleeping(about("vfio_mdev_release"), function* (k: Kernel, device: number): Sleep<void> {
  const vendor = vendorOf(k, device);
  if (vendor && vendor.operations.release !== "") {
    yield* invokeSleeping<unknown>(k, vendor.operations.release, vendor.mdev.id);
  }
  module_put(k, MODULE);
});

defineSleeping(
  about("vfio_mdev_unlocked_ioctl"),
  function* (
    k: Kernel,
    device: number,
    request: string,
    argument: IoctlArgument,
  ): Sleep<IoctlResult> {
    const vendor = vendorOf(k, device);
    const ioctl = vendor?.operations.ioctl ?? "";
    if (!vendor || ioctl === "") return plain(-EINVAL);
    const answer = yield* invokeSleeping<IoctlResult | number>(
      k,
      ioctl,
      vendor.mdev.id,
      request,
      argument,
    );
    return typeof answer === "number" ? plain(answer) : answer;
  },
  (_k, device, request, argument) => [`${device}`, request, JSON.stringify(argument)],
);

defineSleeping(
  about("vfio_mdev_read"),
  function* (k: Kernel, device: number, offset: number, count: number): Sleep<Uint8Array | number> {
    const vendor = vendorOf(k, device);
    if (!vendor || vendor.operations.read === "") return -EINVAL;
    const { read } = vendor.operations;
    return yield* invokeSleeping<Uint8Array | number>(k, read, vendor.mdev.id, offset, count);
  },
);

defineSleeping(
  about("vfio_mdev_write"),
  function* (k: Kernel, device: number, offset: number, bytes: Uint8Array): Sleep<number> {
    const vendor = vendorOf(k, device);
    if (!vendor || vendor.operations.write === "") return -EINVAL;
    return yield* invokeSleeping(k, vendor.operations.write, vendor.mdev.id, offset, bytes);
  },
);

/** A window into the parent's BAR 2, at the offset that the vendor driver gives. */
defineSleeping(
  about("vfio_mdev_mmap"),
  function* (
    k: Kernel,
    device: number,
    offset: number,
    pages: number,
  ): Sleep<WindowTarget | number> {
    const vendor = vendorOf(k, device);
    if (!vendor || vendor.operations.mmap === "") return -EINVAL;
    const at = yield* invokeSleeping(k, vendor.operations.mmap, vendor.mdev.id, offset, pages);
    const parent = k.state.core.pci[vendor.parent];
    if (at < 0) return at;
    return parent ? { function: parent.requester, bar: 2, barOffset: at } : -EINVAL;
  },
);

/** No vendor driver modelled here can ask its user to let go. */
define(about("vfio_mdev_request"), (k: Kernel, device: number, count: number): void => {
  const name = k.state.core.devices[device]?.name ?? "";
  if (count > 0) return;
  k.log(
    `vfio_mdev ${name}: No mdev vendor driver request callback support, blocked until released by user`,
  );
});

define(about("vfio_mdev_probe"), (k: Kernel, device: number): number =>
  vfio_add_group_dev(k, device, "vfio-mdev"),
);

defineSleeping(about("vfio_mdev_remove"), function* (k: Kernel, device: number): Sleep<void> {
  yield* vfio_del_group_dev(k, device);
});

defineSleeping(about("vfio_mdev_init"), function* (k: Kernel): Sleep<number> {
  k.state.vfio.deviceOperations["vfio-mdev"] = {
    name: "vfio-mdev",
    module: MODULE,
    open: "vfio_mdev_open",
    release: "vfio_mdev_release",
    ioctl: "vfio_mdev_unlocked_ioctl",
    read: "vfio_mdev_read",
    write: "vfio_mdev_write",
    mmap: "vfio_mdev_mmap",
    request: "vfio_mdev_request",
  };
  const error = yield* driver_register(k, {
    name: MODULE,
    bus: "mdev",
    module: MODULE,
    probe: "vfio_mdev_probe",
    remove: "vfio_mdev_remove",
    matches: ["*"],
  });
  if (error) delete k.state.vfio.deviceOperations["vfio-mdev"];
  return error;
});

defineSleeping(about("vfio_mdev_exit"), function* (k: Kernel): Sleep<void> {
  yield* driver_unregister(k, MODULE);
  delete k.state.vfio.deviceOperations["vfio-mdev"];
});

defineModule({
  name: MODULE,
  init: "vfio_mdev_init",
  exit: "vfio_mdev_exit",
  needs: ["mdev", "vfio"],
});
