// Domains of the Intel driver: allocation, domain ids of the unit, map and unmap (drivers/iommu/intel/iommu.c, v5.12).
// A domain uses first-stage tables when scalable mode is on and the unit offers FSTS, else second-stage tables.
import { free_page } from "../core/pages.ts";
import { iommu_get_dma_cookie, iommu_put_dma_cookie } from "../iommu/dma.ts";
import type { Domain, DomainType } from "../iommu/tables.ts";
import { type Gather, IOMMU_CACHE, IOMMU_READ, IOMMU_WRITE } from "../iommu/types.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, invoke, type Kernel } from "../kernel/kernel.ts";
import { __mapping_notify_one, intel_iommu_tlb_sync } from "./flush.ts";
import {
  __domain_mapping,
  allocateTable,
  domain_unmap,
  findEntry,
  freeAllTables,
  pagesAt,
  READ,
  SNOOP,
  translate,
  WRITE,
} from "./paging.ts";
import { capabilities, PAGE, widthOf } from "./unit.ts";

/** DEFAULT_DOMAIN_ADDRESS_WIDTH: 57 bits, 5 levels, cut down when a device is attached. */
const DEFAULT_LEVELS = 5;

/** Ids 0 (cached entries that are not present) and, in scalable mode, 1 (pass-through) are never given out. */
const firstDomainId = (k: Kernel): number => (k.state.iommu.scalable ? 2 : 1);

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/iommu.c, v5.12",
});

/** first_level_by_default(). */
const firstLevelByDefault = (k: Kernel): boolean => k.state.iommu.scalable && capabilities(k).fsts;

/** A domain's id, or 0. All devices in pass-through share one identity domain. */
define(about("intel_iommu_domain_alloc"), (k, bus: string, type: DomainType): number => {
  const { iommu } = k.state;
  if (type === "blocked") return 0;
  if (type === "identity" && iommu.identity !== 0) return iommu.identity;
  if (k.allocate() < 0) return 0;
  const id = k.newId();
  const domain: Domain = {
    id,
    type,
    bus,
    firstLevel: firstLevelByDefault(k),
    pgd: 0,
    maxAddress: 0,
    largestLevel: 1,
    levels: DEFAULT_LEVELS,
    addressWidth: widthOf(DEFAULT_LEVELS),
    domainId: -1,
    attachments: 0,
    defaultPasid: 0,
    devices: [],
    subdevices: {},
    tables: [],
    mappedPages: 0,
  };
  iommu.domains[id] = domain;
  const table = allocateTable(k, domain);
  domain.pgd = Math.max(table, 0);
  if (table < 0 || (type === "dma" && iommu_get_dma_cookie(k, id) < 0)) {
    k.log("DMAR: Domain initialization failed");
    discard(k, domain);
    return 0;
  }
  if (type === "identity") {
    iommu.identity = id;
    if (!capabilities(k).pt) mapAllMemory(k, id);
  }
  return id;
});

/** A unit without pass-through gets a table that maps every page to itself. */
function mapAllMemory(k: Kernel, domain: number): void {
  for (const { start, length } of k.machine.firmware.memory) {
    const first = Number(start) / PAGE;
    __domain_mapping(k, domain, first, first, Number(length) / PAGE, READ | WRITE);
  }
}

function discard(k: Kernel, domain: Domain): void {
  iommu_put_dma_cookie(k, domain.id);
  freeAllTables(k, domain);
  delete k.state.iommu.domains[domain.id];
}

/** Takes devices that are still attached off it, then frees its tables. The identity domain stays. */
define(about("intel_iommu_domain_free"), (k, domain: number): void => {
  const record = k.state.iommu.domains[domain];
  if (!record || record.type === "identity") return;
  for (const device of [...record.devices]) invoke<void>(k, "dmar_remove_one_dev_info", device);
  discard(k, record);
});

/** Takes a domain id of the unit for the first attachment. 0 or -ENOSPC. */
export const domain_attach_iommu = define(
  about("domain_attach_iommu"),
  (k, domain: number): number => {
    const record = k.state.iommu.domains[domain];
    if (!record) return -ERRNO.EINVAL;
    record.attachments++;
    if (record.attachments > 1) return 0;
    const can = capabilities(k);
    const { domainIds } = k.state.iommu;
    let id = firstDomainId(k);
    while (id in domainIds) id++;
    if (id >= 2 ** (4 + 2 * can.nd)) {
      k.log("DMAR: dmar0: No free domain ids");
      record.attachments--;
      return -ERRNO.ENOSPC;
    }
    domainIds[id] = domain;
    record.domainId = id;
    record.largestLevel = record.firstLevel ? (can.fs1gp ? 3 : 2) : 32 - Math.clz32(can.sslps) + 1;
    return 0;
  },
);

/** The last attachment gives the domain id back. */
export const domain_detach_iommu = define(
  about("domain_detach_iommu"),
  (k, domain: number): void => {
    const record = k.state.iommu.domains[domain];
    if (!record || record.attachments === 0) return;
    record.attachments--;
    if (record.attachments > 0) return;
    delete k.state.iommu.domainIds[record.domainId];
    record.domainId = -1;
  },
);

/** 0; -EFAULT beyond the domain's width; -EINVAL without rights; -ENOMEM. */
define(
  about("intel_iommu_map"),
  (k, domain: number, iova: number, address: number, size: number, prot: number): number => {
    const record = k.state.iommu.domains[domain];
    if (!record) return -ERRNO.EINVAL;
    const end = iova + size;
    if (end > 2 ** record.addressWidth) {
      k.log(
        `DMAR: intel_iommu_map: iommu width (${record.addressWidth}) is not sufficient for the mapped address (${end.toString(16)})`,
      );
      return -ERRNO.EFAULT;
    }
    const bits =
      (prot & IOMMU_READ ? READ : 0n) |
      (prot & IOMMU_WRITE ? WRITE : 0n) |
      (prot & IOMMU_CACHE && capabilities(k).sc ? SNOOP : 0n);
    const pages = size / PAGE;
    const result = __domain_mapping(k, domain, iova / PAGE, address / PAGE, pages, bits);
    if (result < 0) return result;
    record.maxAddress = Math.max(record.maxAddress, end);
    if (record.domainId >= 0) __mapping_notify_one(k, domain, iova, pages);
    return 0;
  },
  (_k, domain, ...rest) => [String(domain), ...rest.map((value) => `0x${value.toString(16)}`)],
);

/** Bytes unmapped: what was asked (mapped or not), or the whole large page that covers it. */
define(
  about("intel_iommu_unmap"),
  (k, domain: number, iova: number, size: number, gathered: Gather): number => {
    const record = k.state.iommu.domains[domain];
    if (!record || record.pgd === 0) return 0;
    const { level, entry } = findEntry(k, record, iova / PAGE);
    const unit = entry === 0n ? PAGE : pagesAt(level) * PAGE;
    const whole = Math.max(size, unit);
    const frames = domain_unmap(k, domain, iova / PAGE, whole / PAGE);
    gathered.freelist = [...gathered.freelist, ...frames];
    if (record.maxAddress === iova + whole) record.maxAddress = iova;
    gatherPage(k, domain, gathered, iova, whole);
    return whole;
  },
  (_k, domain, iova, size) => [String(domain), `0x${iova.toString(16)}`, `0x${size.toString(16)}`],
);

/** iommu_iotlb_gather_add_page(): what does not touch the range so far makes it flush at once. */
function gatherPage(k: Kernel, domain: number, gathered: Gather, iova: number, size: number): void {
  const end = iova + size - 1;
  const some = gathered.pageSize !== 0;
  const apart = end + 1 < gathered.start || iova > gathered.end + 1;
  if (some && (gathered.pageSize !== size || apart)) {
    intel_iommu_tlb_sync(k, domain, gathered);
    gathered.start = Number.MAX_SAFE_INTEGER;
    gathered.end = 0;
  }
  gathered.pageSize = size;
  gathered.start = Math.min(gathered.start, iova);
  gathered.end = Math.max(gathered.end, end);
}

define(about("intel_iommu_iova_to_phys"), (k, domain: number, iova: number): number => {
  const record = k.state.iommu.domains[domain];
  return record && record.pgd !== 0 ? translate(k, record, iova) : 0;
});

/** DOMAIN_ATTR_DMA_USE_FLUSH_QUEUE: whether unmap may be lazy. */
define(
  about("intel_iommu_domain_get_attr"),
  (k, domain: number): boolean =>
    k.state.iommu.domains[domain]?.type === "dma" && !k.state.iommu.strict,
);

/** Cuts levels that the unit does not have off a domain's tables. */
export function cutLevels(k: Kernel, domain: Domain, levels: number): void {
  while (domain.levels > levels) {
    const top = domain.pgd;
    const entry = k.machine.readWord(BigInt(top));
    const next = Number(entry & 0x000f_ffff_ffff_f000n);
    if ((entry & 3n) !== 0n && domain.tables.includes(next)) {
      domain.pgd = next;
      domain.tables = domain.tables.filter((table) => table !== top);
      free_page(k, top / PAGE);
    }
    domain.levels--;
  }
}
