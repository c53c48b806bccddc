// The file of a device: forwards to what drives it, and gives the device and the container back at the end (vfio.c, v5.12).
import type { IoctlArgument } from "../calls.ts";
import type { WindowTarget } from "../core/files.ts";
import { bytesOf, hexOf } from "../core/instructions.ts";
import { ERRNO } from "../kernel/errno.ts";
import { defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { type IoctlResult, plain } from "./abi.ts";
import { vfio_group_try_dissolve_container } from "./attach.ts";
import { vfio_device_put, vfio_group_put } from "./devices.ts";
import type { VfioDevice, VfioDeviceOps } from "./tables.ts";

const { EINVAL } = ERRNO;
const about = (symbol: string) => ({
  symbol,
  module: "vfio",
  source: "drivers/vfio/vfio.c, v5.12",
});

function opened(
  k: Kernel,
  file: number,
): { readonly device: VfioDevice; readonly operations: VfioDeviceOps } | undefined {
  const device = k.state.vfio.devices[k.state.core.files[file]?.object ?? 0];
  const operations = device && k.state.vfio.deviceOperations[device.operations];
  return device && operations ? { device, operations } : undefined;
}

defineSleeping(
  about("vfio_device_fops_release"),
  function* (k: Kernel, file: number): Sleep<number> {
    const found = opened(k, file);
    if (!found) return 0;
    const { id, device, group } = found.device;
    yield* invokeSleeping<unknown>(k, found.operations.release, device);
    found.device.openCount--;
    yield* vfio_group_try_dissolve_container(k, group);
    vfio_device_put(k, id);
    vfio_group_put(k, group);
    return 0;
  },
);

defineSleeping(
  about("vfio_device_fops_unl_ioctl"),
  function* (
    k: Kernel,
    file: number,
    request: string,
    argument: IoctlArgument,
  ): Sleep<IoctlResult> {
    const found = opened(k, file);
    if (!found || found.operations.ioctl === "") return plain(-EINVAL);
    return yield* invokeSleeping<IoctlResult>(
      k,
      found.operations.ioctl,
      found.device.device,
      request,
      argument,
    );
  },
  (_k, file, request, argument) => [`${file}`, request, JSON.stringify(argument)],
);

/** Bytes of a region in hex, or an error. */
defineSleeping(
  about("vfio_device_fops_read"),
  function* (k: Kernel, file: number, offset: number, count: number): Sleep<string | number> {
    const found = opened(k, file);
    if (!found || found.operations.read === "") return -EINVAL;
    const { device } = found.device;
    const bytes = yield* invokeSleeping<Uint8Array | number>(
      k,
      found.operations.read,
      device,
      offset,
      count,
    );
    return typeof bytes === "number" ? bytes : hexOf(bytes);
  },
);

/** Bytes written (given in hex), or an error. */
defineSleeping(
  about("vfio_device_fops_write"),
  function* (k: Kernel, file: number, offset: number, hex: string): Sleep<number> {
    const found = opened(k, file);
    const bytes = bytesOf(hex);
    if (!found || found.operations.write === "" || !bytes) return -EINVAL;
    const { device } = found.device;
    return yield* invokeSleeping(k, found.operations.write, device, offset, bytes);
  },
);

/** Where the window leads, or an error. */
defineSleeping(
  about("vfio_device_fops_mmap"),
  function* (k: Kernel, file: number, offset: number, pages: number): Sleep<WindowTarget | number> {
    const found = opened(k, file);
    if (!found || found.operations.mmap === "") return -EINVAL;
    return yield* invokeSleeping<WindowTarget | number>(
      k,
      found.operations.mmap,
      found.device.device,
      offset,
      pages,
    );
  },
);
