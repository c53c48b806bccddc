// A group joins a type1 container: which kind it is, its domain, its ranges, its mappings (vfio_iommu_type1.c, v5.12).
import { moduleParameter } from "../../core/symbols.ts";
import { iommu_domain_alloc, iommu_domain_free } from "../../iommu/domains.ts";
import { iommu_group_for_each_dev } from "../../iommu/groups.ts";
import { iommu_capable } from "../../iommu/probe.ts";
import { iommu_get_group_resv_regions } from "../../iommu/reserved.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import { lock, unlock } from "../../kernel/locks.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import type { Type1, Type1Group, VfioDomain } from "../tables.ts";
import { about, findDma, findGroup, iommuLock, type1Of } from "./data.ts";
import { apertureConflict, type IovaSpan, resized, without } from "./iova-list.ts";
import {
  vfio_bus_is_mdev,
  vfio_iommu_attach_group,
  vfio_iommu_detach_group,
  vfio_mdev_iommu_device,
} from "./mdev-branches.ts";
import { vfio_iommu_replay, vfio_test_domain_fgsp } from "./replay.ts";

const { EINVAL, EIO, ENODEV, ENOMEM, EPERM } = ERRNO;

/**
 * 0, or EINVAL (in this container already, devices on different buses, aperture or reserved ranges clash with mappings),
 * ENOMEM, EIO (no domain), EPERM (no interrupt remapping; or what attaching gave), ENODEV (no nesting).
 */
defineSleeping(
  about("vfio_iommu_type1_attach_group"),
  function* (k: Kernel, id: number, iommuGroup: number): Sleep<number> {
    yield* lock(k, iommuLock(id));
    const iommu = type1Of(k, id);
    const result = iommu ? attach(k, iommu, iommuGroup) : -EINVAL;
    unlock(k, iommuLock(id));
    return result;
  },
);

function attach(k: Kernel, iommu: Type1, iommuGroup: number): number {
  const external = iommu.externalDomain ? [iommu.externalDomain] : [];
  if ([...iommu.domains, ...external].some((domain) => findGroup(domain, iommuGroup))) {
    return -EINVAL;
  }
  if (k.allocate() < 0 || k.allocate() < 0) return -ENOMEM;
  let bus = busOf(k, iommuGroup);
  if (bus === null) return -EINVAL;
  const group: Type1Group = { iommuGroup, mdevGroup: false };
  if (vfio_bus_is_mdev(k, bus)) {
    group.mdevGroup = true;
    k.specialCase("the bus is mdev_bus_type", "the group holds mediated devices");
    const iommuDevice = vfio_mdev_iommu_device(k, iommuGroup);
    if (iommuDevice === 0) {
      k.specialCase(
        "join the external domain",
        "an mdev without a pointer: no IOMMU domain at all",
      );
      iommu.externalDomain ??= { domain: 0, groups: [], coherent: false, fineSuperpages: false };
      iommu.externalDomain.groups.unshift(group);
      return 0;
    }
    bus = k.state.core.devices[iommuDevice]?.bus ?? "";
  }
  const domain = iommu_domain_alloc(k, bus);
  if (domain === 0) return -EIO;
  const error = iommu.nesting
    ? -ENODEV
    : attachDomain(k, iommu, group, {
        domain,
        groups: [group],
        coherent: false,
        fineSuperpages: false,
      });
  if (error) iommu_domain_free(k, domain);
  return error;
}

/** With a new domain that the caller frees after an error. */
function attachDomain(k: Kernel, iommu: Type1, group: Type1Group, mine: VfioDomain): number {
  const { iommuGroup, mdevGroup } = group;
  let error = vfio_iommu_attach_group(k, mine.domain, iommuGroup, mdevGroup);
  if (error) return error;
  const list = rangesWith(k, iommu, mine.domain, iommuGroup);
  if (list === null) return leave(k, mine.domain, group, -EINVAL);

  const bus = k.state.iommu.domains[mine.domain]?.bus ?? "";
  if (!iommu_capable(k, bus, "INTR_REMAP") && !unsafeAllowed(k)) {
    k.log(
      'vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param "allow_unsafe_interrupts" to enable VFIO IOMMU support on this platform',
    );
    return leave(k, mine.domain, group, -EPERM);
  }
  mine.coherent = iommu_capable(k, bus, "CACHE_COHERENCY");

  for (const other of iommu.domains) {
    if (!compatible(k, other, mine)) continue;
    vfio_iommu_detach_group(k, mine.domain, iommuGroup, mdevGroup);
    if (vfio_iommu_attach_group(k, other.domain, iommuGroup, mdevGroup) === 0) {
      other.groups.unshift(group);
      iommu_domain_free(k, mine.domain);
      iommu.iovaList = list;
      return 0;
    }
    error = vfio_iommu_attach_group(k, mine.domain, iommuGroup, mdevGroup);
    if (error) return error;
  }

  vfio_test_domain_fgsp(k, mine);
  error = vfio_iommu_replay(k, iommu, mine);
  if (error) return leave(k, mine.domain, group, error);
  iommu.domains.unshift(mine);
  iommu.iovaList = list;
  return 0;
}

function leave(k: Kernel, domain: number, group: Type1Group, error: number): number {
  vfio_iommu_detach_group(k, domain, group.iommuGroup, group.mdevGroup);
  return error;
}

/** Usable ranges once the group is in; null: they clash with what is mapped, or nothing is left. */
function rangesWith(
  k: Kernel,
  iommu: Type1,
  domain: number,
  iommuGroup: number,
): IovaSpan[] | null {
  const aperture = apertureOf(k, domain);
  const mapped = (start: number, end: number) =>
    findDma(iommu, start, end - start + 1) !== undefined;
  if (apertureConflict(iommu.iovaList, aperture, mapped)) return null;
  const regions = iommu_get_group_resv_regions(k, iommuGroup);
  const clash = regions.some(
    (region) => region.type !== "direct-relaxable" && findDma(iommu, region.start, region.length),
  );
  if (clash) return null;
  const list = without(resized(iommu.iovaList, aperture), regions);
  return list.length === 0 ? null : list;
}

/** geometry.aperture_start and aperture_end of an Intel domain. */
export const apertureOf = (k: Kernel, domain: number): IovaSpan => ({
  start: 0,
  end: 2 ** (k.state.iommu.domains[domain]?.addressWidth ?? 48) - 1,
});

/** vfio_bus_type(): the one bus of the group's devices; null where they differ or there is none. */
function busOf(k: Kernel, iommuGroup: number): string | null {
  const buses = new Set(
    iommu_group_for_each_dev(k, iommuGroup).map((id) => k.state.core.devices[id]?.bus ?? ""),
  );
  const [bus] = buses;
  return buses.size === 1 && bus !== undefined ? bus : null;
}

/** Same iommu_ops and same prot: mappings can be shared. */
function compatible(k: Kernel, a: VfioDomain, b: VfioDomain): boolean {
  const ops = (domain: VfioDomain) =>
    k.state.core.buses[k.state.iommu.domains[domain.domain]?.bus ?? ""]?.iommuOps ?? "";
  return ops(a) === ops(b) && a.coherent === b.coherent;
}

const unsafeAllowed = (k: Kernel): boolean =>
  ["Y", "y", "1"].includes(moduleParameter(k, "vfio_iommu_type1", "allow_unsafe_interrupts"));
