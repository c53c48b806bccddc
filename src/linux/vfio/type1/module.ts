// The ioctls that a container hands to type1, and its module (vfio_iommu_type1.c, v5.12).
import type { IoctlArgument } from "../../calls.ts";
import { defineModule } from "../../core/symbols.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import {
  EXTENSION,
  field,
  type IoctlResult,
  MAP_FLAGS,
  numberOf,
  plain,
  UNMAP_FLAGS,
} from "../abi.ts";
import { vfio_register_iommu_driver, vfio_unregister_iommu_driver } from "../container.ts";
import { about, hex, type1Of } from "./data.ts";
import { DMA_ENTRY_LIMIT } from "./detach.ts";
import { vfio_dma_do_map } from "./map.ts";
import { vfio_dma_do_unmap } from "./unmap.ts";
import "./attach.ts";
import "./external.ts";

const { EINVAL, ENOTTY } = ERRNO;

const ALWAYS: readonly number[] = [
  EXTENSION.VFIO_TYPE1_IOMMU,
  EXTENSION.VFIO_TYPE1v2_IOMMU,
  EXTENSION.VFIO_TYPE1_NESTING_IOMMU,
  EXTENSION.VFIO_UNMAP_ALL,
  EXTENSION.VFIO_UPDATE_VADDR,
];

/** Page sizes of an Intel domain as type1 reports them: every multiple of 4 KiB. */
const PAGE_SIZES = "0xfffffffffffff000";

defineSleeping(
  about("vfio_iommu_type1_ioctl"),
  function* (k: Kernel, id: number, request: string, argument: IoctlArgument): Sleep<IoctlResult> {
    switch (request) {
      case "VFIO_CHECK_EXTENSION":
        return plain(checkExtension(k, id, numberOf(argument)));
      case "VFIO_IOMMU_GET_INFO":
        return getInfo(k, id);
      case "VFIO_IOMMU_MAP_DMA":
        return plain(yield* mapDma(k, id, argument));
      case "VFIO_IOMMU_UNMAP_DMA":
        return yield* unmapDma(k, id, argument);
      default:
        return plain(-ENOTTY);
    }
  },
  (_k, id, request, argument) => [`type1 ${id}`, request, JSON.stringify(argument)],
);

function checkExtension(k: Kernel, id: number, extension: number): number {
  if (ALWAYS.includes(extension)) return 1;
  if (extension !== EXTENSION.VFIO_DMA_CC_IOMMU) return 0;
  return type1Of(k, id)?.domains.every((domain) => domain.coherent) ? 1 : 0;
}

function getInfo(k: Kernel, id: number): IoctlResult {
  const iommu = type1Of(k, id);
  if (!iommu) return plain(-EINVAL);
  const ranges = iommu.iovaList.map(({ start, end }) => `${hex(start)}-${last(end)}`);
  const value: Record<string, number | string> = {
    flags: 3,
    iova_pgsizes: PAGE_SIZES,
    dma_avail: iommu.available,
  };
  if (ranges.length > 0) value["iova_ranges"] = ranges.join(" ");
  return { result: 0, value };
}

/** The last address of a range, exact where a number is not. */
const last = (end: number): string =>
  end > Number.MAX_SAFE_INTEGER ? `0x${(BigInt(end) - 1n).toString(16)}` : hex(end);

function* mapDma(k: Kernel, id: number, argument: IoctlArgument): Sleep<number> {
  const [iova, vaddr, size, flags] = ["iova", "vaddr", "size", "flags"].map((name) =>
    field(argument, name),
  ) as [number, number, number, number];
  if ([iova, vaddr, size, flags].some(Number.isNaN)) return -EINVAL;
  if (flags > (MAP_FLAGS.READ | MAP_FLAGS.WRITE | MAP_FLAGS.VADDR)) return -EINVAL;
  return yield* vfio_dma_do_map(k, id, {
    iova,
    vaddr,
    size,
    read: (flags & MAP_FLAGS.READ) !== 0,
    write: (flags & MAP_FLAGS.WRITE) !== 0,
    setVaddr: (flags & MAP_FLAGS.VADDR) !== 0,
  });
}

function* unmapDma(k: Kernel, id: number, argument: IoctlArgument): Sleep<IoctlResult> {
  const [iova, size, flags] = ["iova", "size", "flags"].map((name) => field(argument, name)) as [
    number,
    number,
    number,
  ];
  if ([iova, size, flags].some(Number.isNaN)) return plain(-EINVAL);
  // Dirty bitmaps can be asked for only while dirty tracking runs, which nothing here starts.
  if (flags > (UNMAP_FLAGS.ALL | UNMAP_FLAGS.VADDR) || (flags & 1) !== 0) return plain(-EINVAL);
  const unmapped = yield* vfio_dma_do_unmap(k, id, {
    iova,
    size,
    all: (flags & UNMAP_FLAGS.ALL) !== 0,
    invalidateVaddr: (flags & UNMAP_FLAGS.VADDR) !== 0,
  });
  return unmapped < 0 ? plain(unmapped) : { result: 0, value: { size: unmapped } };
}

define(about("vfio_iommu_type1_init"), (k: Kernel): number =>
  vfio_register_iommu_driver(k, {
    name: "vfio-iommu-type1",
    module: "vfio_iommu_type1",
    open: "vfio_iommu_type1_open",
    release: "vfio_iommu_type1_release",
    ioctl: "vfio_iommu_type1_ioctl",
    attachGroup: "vfio_iommu_type1_attach_group",
    detachGroup: "vfio_iommu_type1_detach_group",
    pinPages: "vfio_iommu_type1_pin_pages",
    unpinPages: "vfio_iommu_type1_unpin_pages",
    registerNotifier: "vfio_iommu_type1_register_notifier",
    unregisterNotifier: "vfio_iommu_type1_unregister_notifier",
    dmaRw: "vfio_iommu_type1_dma_rw",
    groupIommuDomain: "vfio_iommu_type1_group_iommu_domain",
  }),
);

define(about("vfio_iommu_type1_cleanup"), (k: Kernel): void =>
  vfio_unregister_iommu_driver(k, "vfio-iommu-type1"),
);

defineModule({
  name: "vfio_iommu_type1",
  init: "vfio_iommu_type1_init",
  exit: "vfio_iommu_type1_cleanup",
  needs: ["vfio"],
  parameters: {
    allow_unsafe_interrupts: "N",
    disable_hugepages: "N",
    dma_entry_limit: String(DMA_ENTRY_LIMIT),
  },
});
