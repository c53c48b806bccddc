// What a domain drops from caches after an edit, and the functions of `iommu_ops` that do it
// (drivers/iommu/intel/iommu.c, v5.12). Pages of tables are freed after the flush, never before.
import { free_page } from "../core/pages.ts";
import type { Domain } from "../iommu/tables.ts";
import type { Gather } from "../iommu/types.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { RID_PASID } from "./pasid.ts";
import { blockOf, qi_flush_dev_iotlb, qi_flush_iotlb, qi_flush_piotlb, WHOLE } from "./queue.ts";
import { capabilities, flushWriteBuffer, PAGE } from "./unit.ts";

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/iommu.c, v5.12",
});

/** Each PASID that the domain is under: its own for parts of devices, and that of requests without one. */
function flushPasids(k: Kernel, domain: Domain, address: number, pages: number, leaf: boolean) {
  if (domain.defaultPasid > 0) {
    qi_flush_piotlb(k, domain.domainId, domain.defaultPasid, address, pages, leaf);
  }
  if (domain.devices.length > 0) {
    qi_flush_piotlb(k, domain.domainId, RID_PASID, address, pages, leaf);
  }
}

/** Device TLBs of every device under the domain, as a whole or in parts. */
function flushDevices(k: Kernel, domain: Domain, address: number, order: number): void {
  for (const device of [...domain.devices, ...Object.keys(domain.subdevices).map(Number)]) {
    const info = k.state.iommu.devices[device];
    if (info?.atsEnabled) qi_flush_dev_iotlb(k, info.requester, address, order);
  }
}

/** Drops a range of pages; `leafOnly`: no table went away; `fresh`: the pages were not mapped before. */
export const iommu_flush_iotlb_psi = define(
  about("iommu_flush_iotlb_psi"),
  (k, domain: number, address: number, pages: number, leafOnly: boolean, fresh: boolean): void => {
    const record = k.state.iommu.domains[domain];
    if (!record || record.domainId < 0) return;
    const can = capabilities(k);
    const block = blockOf(address, pages);
    if (record.firstLevel) flushPasids(k, record, address, pages, leafOnly);
    else if (!can.psi || block.order > can.mamv) qi_flush_iotlb(k, "domain", record.domainId);
    else qi_flush_iotlb(k, "page", record.domainId, block.address, block.order, leafOnly);
    if (!can.cm || !fresh) flushDevices(k, record, block.address, block.order);
  },
  (_k, domain, address, pages, leafOnly) => [
    String(domain),
    `0x${address.toString(16)}`,
    String(pages),
    leafOnly ? "leaf only" : "",
  ],
);

/** A new mapping: only second-stage tables in caching mode need a flush. */
export const __mapping_notify_one = define(
  about("__mapping_notify_one"),
  (k, domain: number, address: number, pages: number): void => {
    const record = k.state.iommu.domains[domain];
    if (!record) return;
    if (capabilities(k).cm && !record.firstLevel) {
      iommu_flush_iotlb_psi(k, domain, address, pages, false, true);
    } else {
      flushWriteBuffer(k);
    }
  },
);

/** iotlb_sync: flushes what an unmap gathered, then frees the pages of tables. */
export const intel_iommu_tlb_sync = define(
  about("intel_iommu_tlb_sync"),
  (k, domain: number, gathered: Gather): void => {
    if (gathered.end > gathered.start) {
      const pages = Math.ceil((gathered.end - gathered.start) / PAGE);
      const leafOnly = gathered.freelist.length === 0;
      iommu_flush_iotlb_psi(k, domain, gathered.start, pages, leafOnly, false);
    }
    for (const frame of gathered.freelist) free_page(k, frame);
    gathered.freelist = [];
  },
);

/** Everything that caches hold of the domain. */
define(about("intel_flush_iotlb_all"), (k, domain: number): void => {
  const record = k.state.iommu.domains[domain];
  if (!record || record.domainId < 0) return;
  if (record.firstLevel) flushPasids(k, record, 0, -1, false);
  else qi_flush_iotlb(k, "domain", record.domainId);
  if (!capabilities(k).cm) flushDevices(k, record, 0, WHOLE);
});
