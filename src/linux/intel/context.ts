// Root and context entries of a device and of every requester id it may appear under (drivers/iommu/intel/iommu.c, v5.12).
// A new entry is stored P last; only units in caching mode (CAP.CM) are flushed, under domain id 0.
// Clearing: P first, then context cache, then IOTLB.
import { CONTEXT_LEGACY, CONTEXT_SCALABLE } from "../../hardware/layout/root-context.ts";
import type { Structure } from "../../hardware/layout/types.ts";
import { alloc_page } from "../core/pages.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { pci_for_each_dma_alias } from "../pci/topology.ts";
import { PASS_THROUGH_DID, RID_PASID, topTable } from "./pasid.ts";
import { qi_flush_context, qi_flush_iotlb } from "./queue.ts";
import {
  capabilities,
  clearEntry,
  flushWriteBuffer,
  getField,
  PAGE,
  setField,
  unitLevels,
  writeWord,
} from "./unit.ts";

const TYPE = { SECOND_STAGE: 0, DEVICE_TLB: 1, PASS_THROUGH: 2 } as const;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/iommu.c, v5.12",
});

export const contextLayout = (k: Kernel): Structure =>
  k.state.iommu.scalable ? CONTEXT_SCALABLE : CONTEXT_LEGACY;

/** Address of a requester's context entry; 0 when its table is not there and not to be made, or there is no memory. */
export const iommu_context_addr = define(
  about("iommu_context_addr"),
  (k, requester: number, make: boolean): number => {
    const { iommu } = k.state;
    const bus = requester >> 8;
    const devfn = requester & 0xff;
    const upper = iommu.scalable && devfn >= 0x80;
    const slot = iommu.scalable ? 2 * bus + (upper ? 1 : 0) : bus;
    let table = iommu.contextTables[slot] ?? 0;
    if (table === 0) {
      if (!make) return 0;
      const frame = alloc_page(k, "tables");
      if (frame < 0) return 0;
      table = frame * PAGE;
      iommu.contextTables[slot] = table;
      setRoot(k, iommu.rootTable + 16 * bus, upper, table);
    }
    return table + (iommu.scalable ? 32 * (devfn & 0x7f) : 16 * devfn);
  },
);

/** One store: pointer and present bit together. */
function setRoot(k: Kernel, entry: number, upper: boolean, table: number): void {
  writeWord(k, entry + (upper ? 8 : 0), BigInt(table) | 1n);
}

/** Whether any requester id of the device has a present context entry. */
export const domain_context_mapped = define(
  about("domain_context_mapped"),
  (k, device: number): boolean =>
    pci_for_each_dma_alias(k, device).some(({ requester }) => {
      const entry = iommu_context_addr(k, requester, false);
      return entry !== 0 && getField(k, contextLayout(k), entry, "P") === 1;
    }),
);

/** 0 or an error. An entry that is present stays as it is. */
export const domain_context_mapping_one = define(
  about("domain_context_mapping_one"),
  (k, domain: number, device: number, requester: number): number => {
    const record = k.state.iommu.domains[domain];
    const info = k.state.iommu.devices[device];
    const entry = iommu_context_addr(k, requester, true);
    if (!record || !info || entry === 0) return -ERRNO.ENOMEM;
    const layout = contextLayout(k);
    if (getField(k, layout, entry, "P") === 1) return 0;
    clearEntry(k, layout, entry);
    const set = (name: string, value: number) => setField(k, layout, entry, name, value);
    const shared = record.type === "identity" && k.state.iommu.scalable && capabilities(k).pt;
    const did = shared ? PASS_THROUGH_DID : record.domainId;
    if (k.state.iommu.scalable) {
      set("PASIDDIRPTR", info.pasidTable);
      set("PDTS", directorySize(info.maxPasid));
      set("RID_PASID", RID_PASID);
      if (info.atsSupported) set("DTE", 1);
    } else {
      const { table, levels } = topTable(k, record);
      set("DID", did);
      if (record.type === "identity" && capabilities(k).pt) {
        set("AW", unitLevels(k) - 2);
        set("TT", TYPE.PASS_THROUGH);
      } else {
        if (table === 0) return -ERRNO.ENOMEM;
        set("SSPTPTR", table);
        set("AW", levels - 2);
        set("TT", info.atsSupported ? TYPE.DEVICE_TLB : TYPE.SECOND_STAGE);
      }
    }
    set("FPD", 0);
    set("P", 1);
    if (capabilities(k).cm) {
      qi_flush_context(k, "device", 0, requester);
      qi_flush_iotlb(k, "domain", did);
    } else {
      flushWriteBuffer(k);
    }
    return 0;
  },
);

/** PDTS: 2^(PDTS + 7) entries in the directory. */
const directorySize = (maxPasid: number): number => Math.max(0, Math.log2(maxPasid / 64) - 7);

/** All requester ids of a device. 0 or an error. */
export const domain_context_mapping = define(
  about("domain_context_mapping"),
  (k, domain: number, device: number): number => {
    for (const { requester } of pci_for_each_dma_alias(k, device)) {
      const result = domain_context_mapping_one(k, domain, device, requester);
      if (result < 0) return result;
    }
    return 0;
  },
);

export const domain_context_clear_one = define(
  about("domain_context_clear_one"),
  (k, requester: number, scalableDid: number): void => {
    const entry = iommu_context_addr(k, requester, false);
    if (entry === 0) return;
    const layout = contextLayout(k);
    const did = k.state.iommu.scalable ? scalableDid : getField(k, layout, entry, "DID");
    clearEntry(k, layout, entry);
    qi_flush_context(k, "device", did, requester);
    qi_flush_iotlb(k, "domain", did);
  },
);

/** Clears the entries of all requester ids; `did`: the domain id that the device was under. */
export const domain_context_clear = define(
  about("domain_context_clear"),
  (k, device: number, did: number): void => {
    for (const { requester } of pci_for_each_dma_alias(k, device))
      domain_context_clear_one(k, requester, did);
  },
);
