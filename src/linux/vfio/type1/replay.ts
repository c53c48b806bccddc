// A new domain gets every mapping that the container has already (vfio_iommu_replay(), vfio_iommu_type1.c, v5.12).
import { alloc_pages, free_pages } from "../../core/pages.ts";
import { iommu_iova_to_phys, iommu_map, iommu_unmap } from "../../iommu/mapping.ts";
import { define, type Kernel } from "../../kernel/kernel.ts";
import type { Type1, VfioDma, VfioDomain } from "../tables.ts";
import { about, PAGE, protIn } from "./data.ts";
import { vfio_pin_pages_remote, vfio_unpin_pages_remote } from "./pages.ts";
import { runOf } from "./unmap.ts";

/** Finds out whether part of a large page can be unmapped, with two pages at IOVA 0. */
export const vfio_test_domain_fgsp = define(
  about("vfio_test_domain_fgsp"),
  (k: Kernel, domain: VfioDomain): void => {
    const first = alloc_pages(k, "kernel", 2);
    if (first < 0) return;
    const prot = 3 | (domain.coherent ? 4 : 0);
    if (iommu_map(k, domain.domain, 0, first * PAGE, 2 * PAGE, prot) === 0) {
      const unmapped = iommu_unmap(k, domain.domain, 0, PAGE);
      if (unmapped === PAGE) iommu_unmap(k, domain.domain, PAGE, PAGE);
      else domain.fineSuperpages = true;
    }
    free_pages(k, first, 2);
  },
  (_k, domain) => [`domain ${domain.domain}`],
);

/** 0 or an error, with the new domain empty again and every page that it pinned given back. */
export const vfio_iommu_replay = define(
  about("vfio_iommu_replay"),
  (k: Kernel, iommu: Type1, domain: VfioDomain): number => {
    const source = iommu.domains[0];
    for (const [index, dma] of iommu.mappings.entries()) {
      const error = replayOne(k, dma, source, domain);
      if (!error) continue;
      for (const done of iommu.mappings.slice(0, index + 1).reverse()) takeBack(k, done, domain);
      return error;
    }
    for (const dma of iommu.mappings) dma.iommuMapped = true;
    return 0;
  },
  (_k, iommu, domain) => [`type1 ${iommu.id}`, `domain ${domain.domain}`],
);

function replayOne(
  k: Kernel,
  dma: VfioDma,
  source: VfioDomain | undefined,
  domain: VfioDomain,
): number {
  const end = dma.iova + dma.size;
  let iova = dma.iova;
  while (iova < end) {
    let physical: number;
    let size: number;
    if (dma.iommuMapped && source) {
      physical = iommu_iova_to_phys(k, source.domain, iova);
      if (physical === 0) {
        iova += PAGE;
        continue;
      }
      size = runOf(k, source.domain, iova, end, physical);
    } else {
      const frames: number[] = [];
      const vaddr = dma.vaddr + (iova - dma.iova);
      const pages = vfio_pin_pages_remote(k, dma, vaddr, (end - iova) / PAGE, frames);
      if (pages <= 0) return pages;
      physical = (frames[0] ?? 0) * PAGE;
      size = pages * PAGE;
    }
    const error = iommu_map(k, domain.domain, iova, physical, size, protIn(dma, domain));
    if (error) {
      if (!dma.iommuMapped) {
        vfio_unpin_pages_remote(k, dma, iova, physical / PAGE, size / PAGE, true);
      }
      return error;
    }
    iova += size;
  }
  return 0;
}

function takeBack(k: Kernel, dma: VfioDma, domain: VfioDomain): void {
  if (dma.iommuMapped) {
    iommu_unmap(k, domain.domain, dma.iova, dma.size);
    return;
  }
  const end = dma.iova + dma.size;
  let iova = dma.iova;
  while (iova < end) {
    const physical = iommu_iova_to_phys(k, domain.domain, iova);
    if (physical === 0) {
      iova += PAGE;
      continue;
    }
    const size = runOf(k, domain.domain, iova, end, physical);
    iommu_unmap(k, domain.domain, iova, size);
    vfio_unpin_pages_remote(k, dma, iova, physical / PAGE, size / PAGE, true);
    iova += size;
  }
}
