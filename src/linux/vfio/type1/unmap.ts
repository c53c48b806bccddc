// Unmap: tables first, then the IOTLB, and only then are pages given back (vfio_iommu_type1.c, v5.12).
import {
  iommu_iotlb_sync,
  iommu_iova_to_phys,
  iommu_unmap,
  iommu_unmap_fast,
} from "../../iommu/mapping.ts";
import { type Gather, gather } from "../../iommu/types.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, defineSleeping, invokeSleeping, type Kernel } from "../../kernel/kernel.ts";
import { lock, pause, unlock } from "../../kernel/locks.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import type { Type1, VfioDma, VfioDomain } from "../tables.ts";
import { about, findDma, hex, iommuLock, PAGE, type1Of } from "./data.ts";
import { vfio_lock_acct, vfio_unpin_pages_remote } from "./pages.ts";

const { EFAULT, EINVAL } = ERRNO;

/** VFIO_IOMMU_TLB_SYNC_MAX: regions between two flushes. */
const SYNC_MAX = 512;

/** How often a mapping's users are asked to unpin before it counts as a bug of theirs. */
const RETRIES = 10;

const show = (_k: Kernel, iommu: Type1, dma: VfioDma, ...rest: readonly unknown[]) => [
  `type1 ${iommu.id}`,
  `dma ${hex(dma.iova)} +${hex(dma.size)}`,
  ...rest.map(String),
];

interface Region {
  readonly iova: number;
  readonly frame: number;
  readonly pages: number;
}

const vfio_sync_unpin = define(
  about("vfio_sync_unpin"),
  (k: Kernel, dma: VfioDma, domain: number, regions: Region[], gathered: Gather): number => {
    iommu_iotlb_sync(k, domain, gathered);
    Object.assign(gathered, gather());
    let unlocked = 0;
    for (const { iova, frame, pages } of regions.splice(0)) {
      unlocked += vfio_unpin_pages_remote(k, dma, iova, frame, pages, false);
    }
    return unlocked;
  },
  (_k, dma, domain, regions) => [`dma ${hex(dma.iova)}`, `${domain}`, `${regions.length} regions`],
);

/** Unmaps a mapping from every domain and unpins it. Without `account` the number of pages that were unpinned. */
export const vfio_unmap_unpin = defineSleeping(
  about("vfio_unmap_unpin"),
  function* (k: Kernel, iommu: Type1, dma: VfioDma, account: boolean): Sleep<number> {
    if (dma.size === 0) return 0;
    const [first, ...others] = iommu.domains;
    if (!first) {
      k.specialCase("unmap without a domain", "only groups isolated by vendor drivers");
      return 0;
    }
    for (const domain of others) {
      iommu_unmap(k, domain.domain, dma.iova, dma.size);
      yield* pause("cond_resched in vfio_unmap_unpin");
    }
    const unlocked = unmapFirst(k, first, dma);
    dma.iommuMapped = false;
    if (!account) return unlocked;
    vfio_lock_acct(k, dma, -unlocked);
    return 0;
  },
  show,
);

function unmapFirst(k: Kernel, domain: VfioDomain, dma: VfioDma): number {
  const end = dma.iova + dma.size;
  const regions: Region[] = [];
  const gathered = gather();
  let [iova, unlocked] = [dma.iova, 0];
  while (iova < end) {
    const physical = iommu_iova_to_phys(k, domain.domain, iova);
    if (physical === 0) {
      iova += PAGE;
      continue;
    }
    const length = domain.fineSuperpages ? PAGE : runOf(k, domain.domain, iova, end, physical);
    const frame = Math.floor(physical / PAGE);
    let unmapped = 0;
    if (k.allocate() === 0) {
      unmapped = iommu_unmap_fast(k, domain.domain, iova, length, gathered);
      if (unmapped > 0) regions.push({ iova, frame, pages: unmapped / PAGE });
    }
    if (unmapped === 0 || regions.length >= SYNC_MAX) {
      unlocked += vfio_sync_unpin(k, dma, domain.domain, regions, gathered);
    }
    if (unmapped === 0) {
      unmapped = iommu_unmap(k, domain.domain, iova, length);
      if (unmapped === 0) break;
      unlocked += vfio_unpin_pages_remote(k, dma, iova, frame, unmapped / PAGE, false);
    }
    iova += unmapped;
  }
  if (regions.length > 0) {
    unlocked += vfio_sync_unpin(k, dma, domain.domain, regions, gathered);
  }
  return unlocked;
}

/** Bytes from `iova` on that lie in a row in memory. */
export function runOf(k: Kernel, domain: number, iova: number, end: number, physical: number) {
  let length = PAGE;
  while (
    iova + length < end &&
    iommu_iova_to_phys(k, domain, iova + length) === physical + length
  ) {
    length += PAGE;
  }
  return length;
}

export const vfio_remove_dma = defineSleeping(
  about("vfio_remove_dma"),
  function* (k: Kernel, iommu: Type1, dma: VfioDma): Sleep<void> {
    if (Object.keys(dma.pfns).length > 0) {
      k.log(`WARNING: vfio_remove_dma: pages at ${hex(dma.iova)} are still pinned by a driver`);
    }
    yield* vfio_unmap_unpin(k, iommu, dma, true);
    iommu.mappings = iommu.mappings.filter((other) => other !== dma);
    iommu.available++;
  },
  show,
);

export const vfio_iommu_unmap_unpin_all = defineSleeping(
  about("vfio_iommu_unmap_unpin_all"),
  function* (k: Kernel, iommu: Type1): Sleep<void> {
    for (const dma of [...iommu.mappings]) yield* vfio_remove_dma(k, iommu, dma);
  },
  (_k, iommu) => [`type1 ${iommu.id}`],
);

/** The last translated domain leaves while vendor drivers stay: only what they pinned still counts as locked. */
export const vfio_iommu_unmap_unpin_reaccount = defineSleeping(
  about("vfio_iommu_unmap_unpin_reaccount"),
  function* (k: Kernel, iommu: Type1): Sleep<void> {
    for (const dma of iommu.mappings) {
      const unlocked = yield* vfio_unmap_unpin(k, iommu, dma, false);
      vfio_lock_acct(k, dma, Object.keys(dma.pfns).length - unlocked);
    }
  },
  (_k, iommu) => [`type1 ${iommu.id}`],
);

/** What VFIO_IOMMU_UNMAP_DMA asks for; sizes in bytes. */
export interface Unmap {
  readonly iova: number;
  readonly size: number;
  readonly all: boolean;
  readonly invalidateVaddr: boolean;
}

/**
 * Unmaps what lies in the range, asking vendor drivers first to unpin. Bytes unmapped, or EINVAL (alignment, wrap, v2:
 * the range would cut a mapping). A driver that never unpins ends in a kernel BUG, here EFAULT.
 */
export const vfio_dma_do_unmap = defineSleeping(
  about("vfio_dma_do_unmap"),
  function* (k: Kernel, id: number, { iova, size, all, invalidateVaddr }: Unmap): Sleep<number> {
    yield* lock(k, iommuLock(id));
    const iommu = type1Of(k, id);
    const length = all ? 2 ** 64 : size;
    if (!iommu || !rangeIsGood(iova, size, all)) {
      unlock(k, iommuLock(id));
      return -EINVAL;
    }
    const process = k.state.core.tasks[k.task] ?? 0;
    let [unmapped, retries, asked] = [0, 0, -1];
    for (;;) {
      if (iommu.v2 && !all && cuts(iommu, iova, size)) {
        unlock(k, iommuLock(id));
        return -EINVAL;
      }
      const dma = iommu.mappings.find((one) => isNext(one, iova, length, invalidateVaddr));
      if (!dma || dma.process !== process || (!iommu.v2 && iova > dma.iova)) break;
      if (invalidateVaddr) {
        dma.vaddrInvalid = true;
        unmapped += dma.size;
        continue;
      }
      if (Object.keys(dma.pfns).length > 0) {
        retries = asked === dma.iova ? retries + 1 : 0;
        asked = dma.iova;
        if (retries > RETRIES) {
          k.log("kernel BUG in vfio_dma_do_unmap: pages are pinned after 10 notifications");
          unlock(k, iommuLock(id));
          return -EFAULT;
        }
        unlock(k, iommuLock(id));
        yield* notify(k, iommu, dma);
        yield* lock(k, iommuLock(id));
        continue;
      }
      unmapped += dma.size;
      yield* vfio_remove_dma(k, iommu, dma);
    }
    unlock(k, iommuLock(id));
    return unmapped;
  },
  (_k, id, unmap) => [`type1 ${id}`, hex(unmap.iova), hex(unmap.size), unmap.all ? "ALL" : ""],
);

const isNext = (dma: VfioDma, iova: number, length: number, invalidate: boolean): boolean =>
  dma.iova < iova + length && dma.iova + dma.size > iova && !(invalidate && dma.vaddrInvalid);

const rangeIsGood = (iova: number, size: number, all: boolean): boolean => {
  if (iova % PAGE !== 0) return false;
  if (all) return iova === 0 && size === 0;
  return size > 0 && size % PAGE === 0 && iova + size <= 2 ** 64;
};

/** v2: does the range begin or end inside a mapping? */
function cuts(iommu: Type1, iova: number, size: number): boolean {
  const low = findDma(iommu, iova, 1);
  if (low && low.iova !== iova) return true;
  const high = findDma(iommu, iova + size - PAGE, PAGE);
  return high !== undefined && high.iova + high.size !== iova + size;
}

function* notify(k: Kernel, iommu: Type1, dma: VfioDma): Sleep<void> {
  k.specialCase("ask vendor drivers to unpin", "pfn_list of the mapping is not empty");
  for (const { symbol, argument } of [...iommu.notifiers]) {
    yield* invokeSleeping<unknown>(k, symbol, argument, dma.iova, dma.size);
  }
}
