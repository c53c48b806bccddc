// Map: check, link the mapping with size 0, then pin and map piece by piece (vfio_iommu_type1.c, v5.12).
import { iommu_map, iommu_unmap } from "../../iommu/mapping.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import { lock, pause, unlock } from "../../kernel/locks.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import type { Type1, VfioDma } from "../tables.ts";
import { about, findDma, hasDomain, hex, iommuLock, PAGE, protIn, type1Of } from "./data.ts";
import { usable } from "./iova-list.ts";
import { vfio_pin_pages_remote, vfio_unpin_pages_remote } from "./pages.ts";
import { vfio_remove_dma } from "./unmap.ts";

const { EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC } = ERRNO;

/** What VFIO_IOMMU_MAP_DMA asks for; sizes in bytes. */
export interface Map {
  readonly iova: number;
  readonly vaddr: number;
  readonly size: number;
  readonly read: boolean;
  readonly write: boolean;
  /** VFIO_DMA_MAP_FLAG_VADDR: a new address for a mapping whose address was taken away. */
  readonly setVaddr: boolean;
}

/** Maps a run of pages in every domain, or in none. */
export const vfio_iommu_map = define(
  about("vfio_iommu_map"),
  (k: Kernel, iommu: Type1, dma: VfioDma, iova: number, frame: number, pages: number): number => {
    const size = pages * PAGE;
    for (const [index, domain] of iommu.domains.entries()) {
      const prot = protIn(dma, domain);
      const error = iommu_map(k, domain.domain, iova, frame * PAGE, size, prot);
      if (!error) continue;
      for (const done of iommu.domains.slice(0, index).reverse()) {
        iommu_unmap(k, done.domain, iova, size);
      }
      return error;
    }
    return 0;
  },
  (_k, iommu, _dma, iova, frame, pages) => [
    `type1 ${iommu.id}`,
    hex(iova),
    `page ${hex(frame)}`,
    `${pages}`,
  ],
);

/** Pins and maps all of a mapping; an error takes the mapping away again. */
export const vfio_pin_map_dma = defineSleeping(
  about("vfio_pin_map_dma"),
  function* (k: Kernel, iommu: Type1, dma: VfioDma, size: number): Sleep<number> {
    let error = 0;
    while (dma.size < size && !error) {
      const frames: number[] = [];
      const left = (size - dma.size) / PAGE;
      const pages = vfio_pin_pages_remote(k, dma, dma.vaddr + dma.size, left, frames);
      if (pages <= 0) {
        error = pages;
        break;
      }
      const first = frames[0] ?? 0;
      error = vfio_iommu_map(k, iommu, dma, dma.iova + dma.size, first, pages);
      if (error) vfio_unpin_pages_remote(k, dma, dma.iova + dma.size, first, pages, true);
      else dma.size += pages * PAGE;
      if (dma.size < size && !error) yield* pause("cond_resched in vfio_iommu_map");
    }
    dma.iommuMapped = true;
    if (error) yield* vfio_remove_dma(k, iommu, dma);
    return error;
  },
  (_k, iommu, dma, size) => [`type1 ${iommu.id}`, `dma ${hex(dma.iova)}`, hex(size)],
);

/**
 * 0, or EINVAL (size, alignment, wrap, rights, not in the usable ranges), EEXIST (overlap), ENOSPC (dma_entry_limit),
 * ENOENT (no mapping to give a new address), ENOMEM (also RLIMIT_MEMLOCK), EFAULT (no memory at vaddr).
 */
export const vfio_dma_do_map = defineSleeping(
  about("vfio_dma_do_map"),
  function* (k: Kernel, id: number, map: Map): Sleep<number> {
    if ((map.read || map.write) === map.setVaddr) return -EINVAL;
    yield* lock(k, iommuLock(id));
    const iommu = type1Of(k, id);
    const result = iommu ? yield* link(k, iommu, map) : -EINVAL;
    unlock(k, iommuLock(id));
    return result;
  },
  (_k, id, map) => [
    `type1 ${id}`,
    `iova ${hex(map.iova)}`,
    `vaddr ${hex(map.vaddr)}`,
    `size ${hex(map.size)}`,
    `${map.read ? "r" : "-"}${map.write ? "w" : "-"}`,
  ],
);

function* link(k: Kernel, iommu: Type1, map: Map): Sleep<number> {
  const { iova, vaddr, size } = map;
  if (size === 0 || [iova, vaddr, size].some((value) => value % PAGE !== 0)) return -EINVAL;
  if (iova + size > 2 ** 64 || vaddr + size > 2 ** 64) return -EINVAL;
  const there = findDma(iommu, iova, size);
  if (map.setVaddr) return there ? newAddress(there, map) : -ENOENT;
  if (there) return -EEXIST;
  if (iommu.available === 0) return -ENOSPC;
  if (!usable(iommu.iovaList, iova, iova + size - 1)) return -EINVAL;
  if (k.allocate() < 0) return -ENOMEM;
  iommu.available--;
  const process = k.state.core.tasks[k.task] ?? 0;
  const dma: VfioDma = {
    iova,
    vaddr,
    vaddrInvalid: false,
    size: 0,
    read: map.read,
    write: map.write,
    process,
    lockCap: k.state.core.processes[process]?.privileged ?? false,
    iommuMapped: false,
    pfns: {},
  };
  iommu.mappings = [...iommu.mappings, dma].sort((a, b) => a.iova - b.iova);
  if (hasDomain(iommu)) return yield* vfio_pin_map_dma(k, iommu, dma, size);
  k.specialCase("map without a domain", "only groups isolated by vendor drivers: no pin, no table");
  dma.size = size;
  return 0;
}

function newAddress(dma: VfioDma, map: Map): number {
  if (!dma.vaddrInvalid || dma.iova !== map.iova || dma.size !== map.size) return -EINVAL;
  dma.vaddr = map.vaddr;
  dma.vaddrInvalid = false;
  return 0;
}
