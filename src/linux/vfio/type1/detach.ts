// A group leaves a type1 container; with the last one of a domain the domain goes, with the last domain the mappings (v5.12).

import { moduleParameter } from "../../core/symbols.ts";
import { iommu_domain_free } from "../../iommu/domains.ts";
import { iommu_get_group_resv_regions } from "../../iommu/reserved.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import { lock, unlock } from "../../kernel/locks.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import { EXTENSION } from "../abi.ts";
import type { Type1, VfioDomain } from "../tables.ts";
import { apertureOf } from "./attach.ts";
import { about, findGroup, hasDomain, iommuLock, type1Of } from "./data.ts";
import { type IovaSpan, resized, without } from "./iova-list.ts";
import { vfio_iommu_detach_group } from "./mdev-branches.ts";
import { vfio_iommu_unmap_unpin_all, vfio_iommu_unmap_unpin_reaccount } from "./unmap.ts";

const { EINVAL, ENOMEM } = ERRNO;

/** Mappings that a container may have: the default of dma_entry_limit. */
export const DMA_ENTRY_LIMIT = 65_535;

/** A new container's data for an IOMMU type: its id, EINVAL for a type it does not know, ENOMEM. */
define(about("vfio_iommu_type1_open"), (k: Kernel, type: number): number => {
  if (k.allocate() < 0) return -ENOMEM;
  const nesting = type === EXTENSION.VFIO_TYPE1_NESTING_IOMMU;
  const v2 = nesting || type === EXTENSION.VFIO_TYPE1v2_IOMMU;
  if (!v2 && type !== EXTENSION.VFIO_TYPE1_IOMMU) return -EINVAL;
  const id = k.newId();
  const limit = Number.parseInt(moduleParameter(k, "vfio_iommu_type1", "dma_entry_limit"), 10);
  k.state.vfio.type1[id] = {
    id,
    v2,
    nesting,
    domains: [],
    externalDomain: null,
    mappings: [],
    iovaList: [],
    available: Number.isNaN(limit) ? DMA_ENTRY_LIMIT : limit,
    notifiers: [],
  };
  return id;
});

defineSleeping(about("vfio_iommu_type1_release"), function* (k: Kernel, id: number): Sleep<void> {
  const iommu = type1Of(k, id);
  if (!iommu) return;
  if (iommu.externalDomain) {
    k.specialCase("release the external domain", "nothing of the IOMMU to give back");
    iommu.externalDomain = null;
  }
  yield* vfio_iommu_unmap_unpin_all(k, iommu);
  for (const domain of iommu.domains) {
    for (const { iommuGroup, mdevGroup } of domain.groups) {
      vfio_iommu_detach_group(k, domain.domain, iommuGroup, mdevGroup);
    }
    iommu_domain_free(k, domain.domain);
  }
  delete k.state.vfio.type1[id];
});

defineSleeping(
  about("vfio_iommu_type1_detach_group"),
  function* (k: Kernel, id: number, iommuGroup: number): Sleep<void> {
    yield* lock(k, iommuLock(id));
    const iommu = type1Of(k, id);
    if (iommu) {
      const external = iommu.externalDomain;
      if (external && findGroup(external, iommuGroup)) {
        yield* leaveExternal(k, iommu, external, iommuGroup);
      } else {
        const domain = iommu.domains.find((one) => findGroup(one, iommuGroup));
        if (domain) yield* leaveDomain(k, iommu, domain, iommuGroup);
      }
    }
    unlock(k, iommuLock(id));
  },
);

function* leaveExternal(
  k: Kernel,
  iommu: Type1,
  external: VfioDomain,
  iommuGroup: number,
): Sleep<void> {
  k.specialCase(
    "leave the external domain",
    "an mdev without a pointer: no IOMMU domain to detach",
  );
  external.groups = external.groups.filter((group) => group.iommuGroup !== iommuGroup);
  if (external.groups.length > 0) return;
  if (!hasDomain(iommu)) yield* vfio_iommu_unmap_unpin_all(k, iommu);
  iommu.externalDomain = null;
}

function* leaveDomain(
  k: Kernel,
  iommu: Type1,
  domain: VfioDomain,
  iommuGroup: number,
): Sleep<void> {
  const group = findGroup(domain, iommuGroup);
  vfio_iommu_detach_group(k, domain.domain, iommuGroup, group?.mdevGroup ?? false);
  domain.groups = domain.groups.filter((other) => other !== group);
  if (domain.groups.length === 0) {
    if (iommu.domains.length === 1) {
      if (iommu.externalDomain) {
        k.specialCase("keep mappings without a domain", "the external domain still needs them");
        yield* vfio_iommu_unmap_unpin_reaccount(k, iommu);
      } else yield* vfio_iommu_unmap_unpin_all(k, iommu);
    }
    iommu_domain_free(k, domain.domain);
    iommu.domains = iommu.domains.filter((other) => other !== domain);
  }
  iommu.iovaList = remaining(k, iommu);
}

/** Usable ranges of the domains and groups that stay. */
function remaining(k: Kernel, iommu: Type1): IovaSpan[] {
  let list: IovaSpan[] = [];
  for (const { domain } of iommu.domains) list = resized(list, apertureOf(k, domain));
  for (const { groups } of iommu.domains) {
    for (const { iommuGroup } of groups) {
      list = without(list, iommu_get_group_resv_regions(k, iommuGroup));
    }
  }
  return list;
}
