// What type1 does for drivers of mediated devices: pages one by one, copies, notifications (vfio_iommu_type1.c, v5.12).
import { frameOf, unpin_user_page } from "../../core/pages.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import { lock, unlock } from "../../kernel/locks.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import type { Type1 } from "../tables.ts";
import { about, findDma, findGroup, hasDomain, iommuLock, PAGE, protOf, type1Of } from "./data.ts";
import { vfio_lock_acct, vfio_pin_page_external, vfio_unpin_page_external } from "./pages.ts";

const { EACCES, EBUSY, EFAULT, EINVAL, ENODEV, ENOMEM, EPERM } = ERRNO;

/** Fills `frames` for IOVA pages; how many, or EACCES (v1), EINVAL (no notifier, not mapped), EPERM (rights), EBUSY, ENOMEM, EFAULT. */
defineSleeping(
  about("vfio_iommu_type1_pin_pages"),
  function* (
    k: Kernel,
    id: number,
    _iommuGroup: number,
    pages: readonly number[],
    prot: number,
    frames: number[],
  ): Sleep<number> {
    const v2 = type1Of(k, id)?.v2;
    if (v2 === undefined) return -EINVAL;
    if (!v2) return -EACCES;
    yield* lock(k, iommuLock(id));
    const iommu = type1Of(k, id);
    const result = iommu ? pinAll(k, iommu, pages, prot, frames) : -EINVAL;
    unlock(k, iommuLock(id));
    return result;
  },
  (_k, id, _group, pages, prot) => [`type1 ${id}`, `${pages.length} pages`, `${prot}`],
);

function pinAll(
  k: Kernel,
  iommu: Type1,
  pages: readonly number[],
  prot: number,
  frames: number[],
): number {
  if (iommu.notifiers.length === 0) return -EINVAL;
  const account = !hasDomain(iommu);
  k.specialCase(
    account ? "pin for a vendor driver" : "pin what a domain has pinned already",
    account ? "no domain in the container: it counts as locked" : "it is accounted already",
  );
  for (const [index, page] of pages.entries()) {
    const frame = pinOne(k, iommu, page * PAGE, prot, account);
    if (frame < 0) {
      for (const done of pages.slice(0, index).reverse()) {
        const dma = findDma(iommu, done * PAGE, PAGE);
        if (dma) vfio_unpin_page_external(k, dma, done * PAGE, account);
      }
      frames.length = 0;
      return frame;
    }
    frames[index] = frame;
  }
  return pages.length;
}

function pinOne(k: Kernel, iommu: Type1, iova: number, prot: number, account: boolean): number {
  const dma = findDma(iommu, iova, PAGE);
  if (!dma) return -EINVAL;
  if ((protOf(dma) & prot) !== prot) return -EPERM;
  if (dma.vaddrInvalid) return -EBUSY;
  const known = dma.pfns[iova / PAGE];
  if (known) {
    known.count++;
    return known.frame;
  }
  const frame = vfio_pin_page_external(k, dma, dma.vaddr + (iova - dma.iova), account);
  if (frame < 0) return frame;
  if (k.allocate() < 0) {
    unpin_user_page(k, frame);
    if (account) vfio_lock_acct(k, dma, -1);
    return -ENOMEM;
  }
  dma.pfns[iova / PAGE] = { frame, count: 1 };
  return frame;
}

/** How many pages were given back, or EINVAL (the first is not mapped), EACCES (v1). */
defineSleeping(
  about("vfio_iommu_type1_unpin_pages"),
  function* (k: Kernel, id: number, pages: readonly number[]): Sleep<number> {
    const v2 = type1Of(k, id)?.v2;
    if (v2 === undefined) return -EINVAL;
    if (!v2) return -EACCES;
    yield* lock(k, iommuLock(id));
    const iommu = type1Of(k, id);
    let done = 0;
    if (iommu) {
      const account = !hasDomain(iommu);
      for (const page of pages) {
        const dma = findDma(iommu, page * PAGE, PAGE);
        if (!dma) break;
        vfio_unpin_page_external(k, dma, page * PAGE, account);
        done++;
      }
    }
    unlock(k, iommuLock(id));
    return done > 0 ? done : -EINVAL;
  },
  (_k, id, pages) => [`type1 ${id}`, `${pages.length} pages`],
);

define(
  about("vfio_iommu_type1_register_notifier"),
  (k: Kernel, id: number, symbol: string, argument: number): number => {
    const iommu = type1Of(k, id);
    if (!iommu || symbol === "") return -EINVAL;
    iommu.notifiers.push({ symbol, argument });
    return 0;
  },
);

define(
  about("vfio_iommu_type1_unregister_notifier"),
  (k: Kernel, id: number, symbol: string, argument: number): number => {
    const iommu = type1Of(k, id);
    if (!iommu) return -EINVAL;
    const at = iommu.notifiers.findIndex((n) => n.symbol === symbol && n.argument === argument);
    if (at < 0) return -ENODEV;
    iommu.notifiers.splice(at, 1);
    return 0;
  },
);

/** Copies by the CPU, page by page: 0, or EINVAL (not mapped), EPERM (rights), EFAULT (no memory any more). */
defineSleeping(
  about("vfio_iommu_type1_dma_rw"),
  function* (
    k: Kernel,
    id: number,
    iova: number,
    bytes: Uint8Array,
    write: boolean,
  ): Sleep<number> {
    yield* lock(k, iommuLock(id));
    const iommu = type1Of(k, id);
    let [at, result] = [0, iommu ? 0 : -EINVAL];
    while (iommu && at < bytes.length && !result) {
      const length = Math.min(bytes.length - at, PAGE - ((iova + at) % PAGE));
      result = copy(k, iommu, iova + at, bytes.subarray(at, at + length), write);
      at += length;
    }
    unlock(k, iommuLock(id));
    return result;
  },
  (_k, id, iova, bytes, write) => [
    `type1 ${id}`,
    `0x${iova.toString(16)}`,
    `${bytes.length} bytes`,
    `${write}`,
  ],
);

/** Inside one page. */
function copy(k: Kernel, iommu: Type1, iova: number, bytes: Uint8Array, write: boolean): number {
  const dma = findDma(iommu, iova, 1);
  if (!dma) return -EINVAL;
  if ((write && !dma.write) || !dma.read) return -EPERM;
  const address = dma.vaddr + (iova - dma.iova);
  const frame = frameOf(k, dma.process, address);
  if (frame < 0) return -EFAULT;
  const physical = BigInt(frame) * BigInt(PAGE) + BigInt(address % PAGE);
  if (write) k.machine.writeBytes(physical, bytes);
  else bytes.set(k.machine.readBytes(physical, bytes.length));
  return 0;
}

/** The domain that a group is attached to, or ENODEV: none (an mdev isolated by its vendor driver). */
defineSleeping(
  about("vfio_iommu_type1_group_iommu_domain"),
  function* (k: Kernel, id: number, iommuGroup: number): Sleep<number> {
    yield* lock(k, iommuLock(id));
    const found = type1Of(k, id)?.domains.find((domain) => findGroup(domain, iommuGroup));
    unlock(k, iommuLock(id));
    return found ? found.domain : -ENODEV;
  },
);
