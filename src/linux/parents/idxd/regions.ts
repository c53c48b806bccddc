// What a VMM sees of an accelerator mdev: an emulated PCI function, whose portal can be mapped where the IOMMU isolates it.
import type { IoctlArgument } from "../../calls.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import { mdev_parent_dev } from "../../mdev/pointer.ts";
import {
  CONFIG_REGION,
  DEVICE_FLAGS,
  field,
  type IoctlResult,
  PCI_REGIONS,
  plain,
  REGION_FLAGS,
  REGION_SHIFT,
} from "../../vfio/abi.ts";
import { outOfTree, VDEV } from "./about.ts";
import { DESCRIPTOR_BYTES, PORTAL_BYTES, readDescriptor } from "./descriptor.ts";
import { vidxd_submit, vidxd_unpin_all } from "./mediation.ts";
import {
  idxd_submit_desc,
  idxd_wq_drain,
  idxd_wq_enable,
  readQueue,
  requesterOf,
  WQCFG,
} from "./queues.ts";

const REGISTERS = 0;
const PORTALS = 2;
/** MSI-X and the other four interrupt indexes of a vfio-pci device. */
const INTERRUPT_INDEXES = 5;

function sizeOf(index: number): number {
  if (index === REGISTERS || index === PORTALS) return PORTAL_BYTES;
  return index === CONFIG_REGION ? 256 : 0;
}

const isolatedByIommu = (k: Kernel, mdev: number): boolean =>
  k.state.parents.acceleratorMdevs[mdev]?.isolation === "iommu";

/** The bytes of a region as the guest may read them. The guest sees its queue as queue 0, and never a PASID. */
function contents(k: Kernel, mdev: number, index: number): Uint8Array {
  const bytes = new Uint8Array(sizeOf(index));
  const view = new DataView(bytes.buffer);
  const parent = mdev_parent_dev(k, mdev);
  if (index === REGISTERS) {
    const queue = readQueue(k, parent, k.state.parents.acceleratorMdevs[mdev]?.queue ?? 0);
    view.setUint32(0x100, (queue % 2 ** WQCFG.pasidShift) & ~WQCFG.pasidEnable, true);
  }
  if (index === CONFIG_REGION) {
    const function_ = requesterOf(k, parent);
    view.setUint32(0, k.machine.readConfiguration(function_, 0, 4), true);
    view.setUint32(8, k.machine.readConfiguration(function_, 8, 4), true);
  }
  return bytes;
}

export const idxd_vdcm_read = define(
  outOfTree("idxd_vdcm_read", VDEV),
  (k: Kernel, mdev: number, offset: number, count: number): Uint8Array | number => {
    const [index, start] = [Math.floor(offset / REGION_SHIFT), offset % REGION_SHIFT];
    if (count < 0 || start + count > sizeOf(index)) return -ERRNO.EINVAL;
    return contents(k, mdev, index).slice(start, start + count);
  },
);

/** A guest's store to the emulated device. A descriptor written to the portal region is work; other stores change nothing. */
export const idxd_vdcm_write = defineSleeping(
  outOfTree("idxd_vdcm_write", VDEV),
  function* (k: Kernel, mdev: number, offset: number, bytes: Uint8Array): Sleep<number> {
    const [index, start] = [Math.floor(offset / REGION_SHIFT), offset % REGION_SHIFT];
    if (start + bytes.length > sizeOf(index)) return -ERRNO.EINVAL;
    if (index !== PORTALS) return bytes.length;
    const record = k.state.parents.acceleratorMdevs[mdev];
    if (bytes.length !== DESCRIPTOR_BYTES || start % DESCRIPTOR_BYTES !== 0) return -ERRNO.EINVAL;
    if (!record?.enabled) return -ERRNO.ENODEV;
    if (record.isolation === "iommu") {
      const parent = mdev_parent_dev(k, mdev);
      idxd_submit_desc(k, parent, record.queue, readDescriptor(bytes));
      return bytes.length;
    }
    const error = yield* vidxd_submit(k, mdev, bytes);
    return error < 0 ? error : bytes.length;
  },
  (_k, mdev, offset, bytes) => [`${mdev}`, `0x${offset.toString(16)}`, `${bytes.length} bytes`],
);

/** The portal of the mdev's queue: its offset in BAR 2 of the parent. EINVAL for anything else, and where accesses are mediated. */
export const idxd_vdcm_mmap = define(
  outOfTree("idxd_vdcm_mmap", VDEV),
  (k: Kernel, mdev: number, offset: number, pages: number): number => {
    const record = k.state.parents.acceleratorMdevs[mdev];
    if (!record || !isolatedByIommu(k, mdev)) return -ERRNO.EINVAL;
    if (offset !== PORTALS * REGION_SHIFT || pages !== 1) return -ERRNO.EINVAL;
    return record.queue * PORTAL_BYTES;
  },
);

function regionInfo(k: Kernel, mdev: number, index: number): IoctlResult {
  if (!(index < PCI_REGIONS)) return plain(-ERRNO.EINVAL);
  const size = sizeOf(index);
  const mapped = index === PORTALS && isolatedByIommu(k, mdev);
  const flags =
    size === 0 ? 0 : REGION_FLAGS.READ | REGION_FLAGS.WRITE | (mapped ? REGION_FLAGS.MMAP : 0);
  return { result: 0, value: { index, flags, size, offset: index * REGION_SHIFT } };
}

export const idxd_vdcm_ioctl = defineSleeping(
  outOfTree("idxd_vdcm_ioctl", VDEV),
  function* (
    k: Kernel,
    mdev: number,
    request: string,
    argument: IoctlArgument,
  ): Sleep<IoctlResult> {
    const record = k.state.parents.acceleratorMdevs[mdev];
    if (!record) return plain(-ERRNO.ENODEV);
    switch (request) {
      case "VFIO_DEVICE_GET_INFO": {
        const flags = DEVICE_FLAGS.PCI | DEVICE_FLAGS.RESET;
        return {
          result: 0,
          value: { flags, num_regions: PCI_REGIONS, num_irqs: INTERRUPT_INDEXES },
        };
      }
      case "VFIO_DEVICE_GET_REGION_INFO":
        return regionInfo(k, mdev, field(argument, "index"));
      case "VFIO_DEVICE_RESET": {
        const parent = mdev_parent_dev(k, mdev);
        idxd_wq_drain(k, parent, record.queue);
        yield* vidxd_unpin_all(k, mdev);
        if (record.enabled) idxd_wq_enable(k, parent, record.queue, record.pasid);
        return plain(0);
      }
      default:
        return plain(-ERRNO.ENOTTY);
    }
  },
  (_k, mdev, request) => [`${mdev}`, request],
);
