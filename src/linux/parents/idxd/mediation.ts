// Vendor-defined isolation: the guest's addresses are checked, pinned and mapped with the DMA API of the parent, and the
// work goes to the hardware with the parent's requester id and no PASID. What keeps VMs apart is this file, not the tables.
import { dma_map_page, dma_unmap_page } from "../../iommu/dma.ts";
import type { DmaDirection } from "../../iommu/types.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import { mdev_dev, mdev_parent_dev } from "../../mdev/pointer.ts";
import { vfio_pin_pages, vfio_unpin_pages } from "../../vfio/external.ts";
import type { MediatedPage } from "../tables.ts";
import { outOfTree, VDEV } from "./about.ts";
import { COMPLETION_BYTES, OPCODE, readDescriptor } from "./descriptor.ts";
import { idxd_submit_desc } from "./queues.ts";

const PAGE = 4096;
/** Bytes that one descriptor of a guest may move. */
export const MOST_BYTES = 64 * PAGE;
const READ = 1;
const WRITE = 2;
const SUCCESS = 1;

const DIRECTION: readonly DmaDirection[] = ["both", "to device", "from device", "both"];
const directionOf = (prot: number): DmaDirection => DIRECTION[prot] ?? "both";

/** A guest range as the hardware will see it: the bus address of each of its pages. */
interface Reach {
  readonly first: number;
  readonly pages: readonly number[];
}

const busAddress = (reach: Reach, address: number): number =>
  (reach.pages[Math.floor(address / PAGE) - reach.first] ?? 0) + (address % PAGE);

const pagesOf = (k: Kernel, mdev: number): readonly MediatedPage[] =>
  k.state.parents.acceleratorMdevs[mdev]?.pages ?? [];

/** Gives one page back: first the mapping, which ends the device's access, then the pin. */
export const vidxd_unpin_page = defineSleeping(
  outOfTree("vidxd_unpin_page", VDEV),
  function* (k: Kernel, mdev: number, guestPage: number): Sleep<void> {
    const record = k.state.parents.acceleratorMdevs[mdev];
    const page = record?.pages.find((p) => p.guestPage === guestPage);
    if (!record || !page) return;
    record.pages = record.pages.filter((p) => p !== page);
    dma_unmap_page(k, mdev_parent_dev(k, mdev), page.dmaAddress, directionOf(page.prot));
    yield* vfio_unpin_pages(k, mdev_dev(k, mdev), [guestPage]);
  },
);

/** Pins a page of the guest and maps it for the parent: its bus address, or an error. */
export const vidxd_pin_page = defineSleeping(
  outOfTree("vidxd_pin_page", VDEV),
  function* (k: Kernel, mdev: number, guestPage: number, need: number): Sleep<number> {
    const held = pagesOf(k, mdev).find((page) => page.guestPage === guestPage);
    if (held && (held.prot & need) === need) return held.dmaAddress;
    const prot = need | (held?.prot ?? 0);
    if (held) yield* vidxd_unpin_page(k, mdev, guestPage);
    const frames: number[] = [];
    const pinned = yield* vfio_pin_pages(k, mdev_dev(k, mdev), [guestPage], prot, frames);
    if (pinned < 0) return pinned;
    const [frame] = frames;
    if (frame === undefined) return -ERRNO.EFAULT;
    const dmaAddress = dma_map_page(k, mdev_parent_dev(k, mdev), frame, directionOf(prot));
    const record = k.state.parents.acceleratorMdevs[mdev];
    if (dmaAddress === 0 || !record) {
      yield* vfio_unpin_pages(k, mdev_dev(k, mdev), [guestPage]);
      return dmaAddress === 0 ? -ERRNO.ENOMEM : -ERRNO.ENODEV;
    }
    record.pages.push({ guestPage, frame, dmaAddress, prot });
    return dmaAddress;
  },
);

/**
 * The check. 0 when the container maps every byte of the range with the rights that are needed: its pages are then
 * pinned and mapped. A driver whose check is missing lets the guest's address through as it is.
 */
export const vidxd_mediate = defineSleeping(
  outOfTree("vidxd_mediate", VDEV),
  function* (
    k: Kernel,
    mdev: number,
    address: number,
    bytes: number,
    need: number,
    pages: number[],
  ): Sleep<number> {
    const first = Math.floor(address / PAGE);
    const last = Math.floor((address + bytes - 1) / PAGE);
    if (!Number.isSafeInteger(address + bytes)) return -ERRNO.EINVAL;
    const checked = !k.inject("mediation");
    for (let page = first; page <= last; page++) {
      const reached = checked ? yield* vidxd_pin_page(k, mdev, page, need) : page * PAGE;
      if (reached < 0) return reached;
      pages.push(reached);
    }
    return 0;
  },
  (_k, mdev, address, bytes, need) => [
    `${mdev}`,
    `0x${address.toString(16)}`,
    `${bytes} bytes`,
    need === WRITE ? "write" : "read",
  ],
);

function* reach(
  k: Kernel,
  mdev: number,
  address: bigint,
  bytes: number,
  need: number,
): Sleep<Reach | number> {
  const pages: number[] = [];
  const error = yield* vidxd_mediate(k, mdev, Number(address), bytes, need, pages);
  return error < 0 ? error : { first: Math.floor(Number(address) / PAGE), pages };
}

/** Bytes from `address` to the end of its page. */
const toPageEnd = (address: bigint): number => PAGE - Number(address % BigInt(PAGE));

/**
 * A guest's descriptor, written to the emulated portal: its addresses are mediated in the order source, destination,
 * completion record, then it is submitted in pieces that stay inside pages. 0, or the first error.
 */
export const vidxd_submit = defineSleeping(
  outOfTree("vidxd_submit", VDEV),
  function* (k: Kernel, mdev: number, bytes: Uint8Array): Sleep<number> {
    const work = readDescriptor(bytes);
    const record = k.state.parents.acceleratorMdevs[mdev];
    if (!record) return -ERRNO.ENODEV;
    const moves = work.opcode === OPCODE.move;
    if (!moves && work.opcode !== OPCODE.fill) return -ERRNO.EINVAL;
    if (work.size === 0 || work.size > MOST_BYTES) return -ERRNO.EINVAL;
    const source = moves ? yield* reach(k, mdev, work.source, work.size, READ) : null;
    if (typeof source === "number") return source;
    const destination = yield* reach(k, mdev, work.destination, work.size, WRITE);
    if (typeof destination === "number") return destination;
    const wanted = work.completion !== 0n;
    const done = wanted ? yield* reach(k, mdev, work.completion, COMPLETION_BYTES, WRITE) : null;
    if (typeof done === "number") return done;
    const completion = done ? BigInt(busAddress(done, Number(work.completion))) : 0n;
    const parent = mdev_parent_dev(k, mdev);
    for (let at = 0; at < work.size; ) {
      const from = work.source + BigInt(at);
      const to = work.destination + BigInt(at);
      const room = source ? Math.min(toPageEnd(from), toPageEnd(to)) : toPageEnd(to);
      const size = Math.min(room, work.size - at);
      idxd_submit_desc(k, parent, record.queue, {
        ...work,
        completion,
        source: source ? BigInt(busAddress(source, Number(from))) : work.source,
        destination: BigInt(busAddress(destination, Number(to))),
        size,
      });
      if (wanted && statusOf(k, mdev, work.completion) !== SUCCESS) return 0;
      at += size;
    }
    return 0;
  },
  (_k, mdev) => [`${mdev}`, "descriptor"],
);

/** First byte of a completion record, read through the pinned page; success where the driver has none to look at. */
function statusOf(k: Kernel, mdev: number, completion: bigint): number {
  const guestPage = Math.floor(Number(completion) / PAGE);
  const page = pagesOf(k, mdev).find((held) => held.guestPage === guestPage);
  if (!page) return SUCCESS;
  const address = BigInt(page.frame * PAGE + (Number(completion) % PAGE));
  return k.machine.readBytes(address, 1)[0] ?? SUCCESS;
}

/** VFIO_IOMMU_NOTIFY_DMA_UNMAP: what the guest loses must be given back before the user's pages are unpinned. */
export const idxd_vdcm_unmap_notifier = defineSleeping(
  outOfTree("idxd_vdcm_unmap_notifier", VDEV),
  function* (k: Kernel, mdev: number, iova: number, size: number): Sleep<number> {
    const lost = pagesOf(k, mdev).filter(
      ({ guestPage }) => guestPage * PAGE >= iova && guestPage * PAGE < iova + size,
    );
    if (lost.length === 0 || k.inject("unpin")) return 0;
    for (const { guestPage } of lost) yield* vidxd_unpin_page(k, mdev, guestPage);
    return 0;
  },
);

/** Gives all pages back when the device is closed. */
export const vidxd_unpin_all = defineSleeping(
  outOfTree("vidxd_unpin_all", VDEV),
  function* (k: Kernel, mdev: number): Sleep<void> {
    const held = pagesOf(k, mdev);
    if (held.length === 0 || k.inject("unpin")) return;
    for (const { guestPage } of held) yield* vidxd_unpin_page(k, mdev, guestPage);
  },
);
