// PASID directory and PASID table entries (drivers/iommu/intel/pasid.c, v5.12, with two fixes that its stable series
// took): SRE is set for PASIDs other than the one of requests without PASID; tear-down drops a second-stage entry's
// translations by domain, since a PASID-based command leaves second-stage paging-structure caches alone.
// Order of a tear-down: clear (P first), PASID cache, IOTLB, device TLB.
import { PASID_DIRECTORY_ENTRY, PASID_ENTRY } from "../../hardware/layout/pasid.ts";
import { alloc_page, alloc_pages, free_page, free_pages } from "../core/pages.ts";
import type { DeviceInfo, Domain } from "../iommu/tables.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { pci_max_pasids } from "../pci/pasid.ts";
import { pci_for_each_dma_alias } from "../pci/topology.ts";
import {
  qi_flush_dev_iotlb,
  qi_flush_dev_iotlb_pasid,
  qi_flush_iotlb,
  qi_flush_pasid_cache,
  qi_flush_piotlb,
  WHOLE,
} from "./queue.ts";
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

/** Requests without PASID are translated through this entry. */
export const RID_PASID = 0;

/** FLPT_DEFAULT_DID: pass-through entries share it. */
export const PASS_THROUGH_DID = 1;

const STAGE = { FIRST: 1, SECOND: 2, PASS_THROUGH: 4 } as const;

const ENTRIES_PER_TABLE = 64;
const ENTRY_BYTES = 64;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/pasid.c, v5.12",
});

/** Gives a device a PASID directory, or that of a device with one of its requester ids. 0 or -ENOMEM. */
export const intel_pasid_alloc_table = define(
  about("intel_pasid_alloc_table"),
  (k, device: number): number => {
    const { iommu } = k.state;
    const info = iommu.devices[device];
    if (info?.pasidTable !== 0) return -ERRNO.EINVAL;
    const shared = sharedTable(k, device);
    if (shared) {
      info.pasidTable = shared.pasidTable;
      info.maxPasid = shared.maxPasid;
      return 0;
    }
    const most = info.pasidSupported ? pci_max_pasids(k, device) : 0;
    const frames = Math.max(1, most / ENTRIES_PER_TABLE / (PAGE / 8));
    const first = alloc_pages(k, "tables", frames);
    if (first < 0) return first;
    info.pasidTable = first * PAGE;
    info.maxPasid = frames * (PAGE / 8) * ENTRIES_PER_TABLE;
    iommu.directories[info.pasidTable] = { frames, tables: [] };
    return 0;
  },
);

/** Another device that shares a requester id with this one and has a directory. */
function sharedTable(k: Kernel, device: number): DeviceInfo | undefined {
  const own = new Set(
    pci_for_each_dma_alias(k, device)
      .slice(1)
      .map((alias) => alias.requester),
  );
  return Object.values(k.state.iommu.devices).find(
    (info) =>
      info.device !== device &&
      info.pasidTable !== 0 &&
      pci_for_each_dma_alias(k, info.device).some((alias) => own.has(alias.requester)),
  );
}

export const intel_pasid_free_table = define(
  about("intel_pasid_free_table"),
  (k, device: number): void => {
    const { iommu } = k.state;
    const info = iommu.devices[device];
    const directory = iommu.directories[info?.pasidTable ?? 0];
    if (!info || !directory) return;
    const at = info.pasidTable;
    info.pasidTable = 0;
    info.maxPasid = 0;
    if (Object.values(iommu.devices).some((other) => other.pasidTable === at)) return;
    for (const frame of directory.tables) free_page(k, frame);
    free_pages(k, at / PAGE, directory.frames);
    delete iommu.directories[at];
  },
);

/** Address of a PASID's entry, its table made if need be. 0: no directory, beyond it, or no memory. */
export const intel_pasid_get_entry = define(
  about("intel_pasid_get_entry"),
  (k, device: number, pasid: number): number => {
    const info = k.state.iommu.devices[device];
    const directory = k.state.iommu.directories[info?.pasidTable ?? 0];
    if (!info || !directory || pasid >= info.maxPasid) return 0;
    const at = info.pasidTable + 8 * Math.floor(pasid / ENTRIES_PER_TABLE);
    const present = getField(k, PASID_DIRECTORY_ENTRY, at, "P") === 1;
    let table = present ? getField(k, PASID_DIRECTORY_ENTRY, at, "SMPTBLPTR") : 0;
    if (table === 0 || !directory.tables.includes(table / PAGE)) {
      const frame = alloc_page(k, "tables");
      if (frame < 0) return 0;
      directory.tables.push(frame);
      table = frame * PAGE;
      writeWord(k, at, BigInt(table) | 1n);
    }
    return table + ENTRY_BYTES * (pasid % ENTRIES_PER_TABLE);
  },
);

const set = (k: Kernel, entry: number, name: string, value: number): void =>
  setField(k, PASID_ENTRY, entry, name, value);

/** AW of tables of so many levels. */
const widthCode = (levels: number): number => levels - 2;

/** Top table and levels for the unit; 0 for tables deeper than it walks (attach cuts those down first). */
export function topTable(k: Kernel, domain: Domain): { table: number; levels: number } {
  return domain.levels <= unitLevels(k)
    ? { table: domain.pgd, levels: domain.levels }
    : { table: 0, levels: 0 };
}

/** pasid_flush_caches(): an entry became present. */
function flushNew(k: Kernel, pasid: number, did: number): void {
  if (!capabilities(k).cm) {
    flushWriteBuffer(k);
    return;
  }
  qi_flush_pasid_cache(k, "pasid", did, pasid);
  qi_flush_piotlb(k, did, pasid, 0, -1, false);
}

/** 0; -EINVAL where the unit cannot, or without an entry. */
export const intel_pasid_setup_first_level = define(
  about("intel_pasid_setup_first_level"),
  (k, device: number, domain: number, pasid: number): number => {
    const record = k.state.iommu.domains[domain];
    const can = capabilities(k);
    if (!record || !can.fsts) return -ERRNO.EINVAL;
    const { table, levels } = topTable(k, record);
    if (levels < 4) return -ERRNO.EINVAL;
    const entry = intel_pasid_get_entry(k, device, pasid);
    if (entry === 0) return -ERRNO.EINVAL;
    clearEntry(k, PASID_ENTRY, entry);
    set(k, entry, "FSPTPTR", table);
    if (pasid !== RID_PASID) {
      if (!can.srs) {
        k.log("DMAR: No supervisor request support on dmar0");
        return -ERRNO.EINVAL;
      }
      set(k, entry, "SRE", 1);
    }
    if (levels === 5) {
      if (!can.fs5lp) {
        k.log("DMAR: No 5-level paging support for first-level on dmar0");
        clearEntry(k, PASID_ENTRY, entry);
        return -ERRNO.EINVAL;
      }
      set(k, entry, "FSPM", 1);
    }
    set(k, entry, "DID", record.domainId);
    set(k, entry, "AW", widthCode(unitLevels(k)));
    set(k, entry, "PWSNP", can.smpwcs ? 1 : 0);
    set(k, entry, "PGTT", STAGE.FIRST);
    set(k, entry, "P", 1);
    flushNew(k, pasid, record.domainId);
    return 0;
  },
);

/** 0; -EINVAL where the unit cannot, -ENODEV without an entry. An entry in use is overwritten, as v5.12 does. */
export const intel_pasid_setup_second_level = define(
  about("intel_pasid_setup_second_level"),
  (k, device: number, domain: number, pasid: number): number => {
    const record = k.state.iommu.domains[domain];
    const can = capabilities(k);
    if (!record || !can.ssts) return -ERRNO.EINVAL;
    const { table, levels } = topTable(k, record);
    if (table === 0) return -ERRNO.EINVAL;
    const entry = intel_pasid_get_entry(k, device, pasid);
    if (entry === 0) {
      k.log(`DMAR: Failed to get pasid entry of PASID ${pasid}`);
      return -ERRNO.ENODEV;
    }
    clearEntry(k, PASID_ENTRY, entry);
    set(k, entry, "DID", record.domainId);
    set(k, entry, "SSPTPTR", table);
    set(k, entry, "AW", widthCode(levels));
    set(k, entry, "PGTT", STAGE.SECOND);
    set(k, entry, "FPD", 0);
    set(k, entry, "PWSNP", can.smpwcs ? 1 : 0);
    if (pasid !== RID_PASID) set(k, entry, "SRE", 1);
    set(k, entry, "P", 1);
    flushNew(k, pasid, record.domainId);
    return 0;
  },
);

/** 0, or -ENODEV without an entry. */
export const intel_pasid_setup_pass_through = define(
  about("intel_pasid_setup_pass_through"),
  (k, device: number, pasid: number): number => {
    const entry = intel_pasid_get_entry(k, device, pasid);
    if (entry === 0) return -ERRNO.ENODEV;
    clearEntry(k, PASID_ENTRY, entry);
    set(k, entry, "DID", PASS_THROUGH_DID);
    set(k, entry, "AW", widthCode(unitLevels(k)));
    set(k, entry, "PGTT", STAGE.PASS_THROUGH);
    set(k, entry, "FPD", 0);
    set(k, entry, "PWSNP", capabilities(k).smpwcs ? 1 : 0);
    if (pasid !== RID_PASID) set(k, entry, "SRE", 1);
    set(k, entry, "P", 1);
    flushNew(k, pasid, PASS_THROUGH_DID);
    return 0;
  },
);

/** Takes an entry down, and what caches hold of it. Nothing when it is not present. */
export const intel_pasid_tear_down_entry = define(
  about("intel_pasid_tear_down_entry"),
  (k, device: number, pasid: number): void => {
    const info = k.state.iommu.devices[device];
    const entry = existingEntry(k, device, pasid);
    if (!info || entry === 0 || getField(k, PASID_ENTRY, entry, "P") === 0) return;
    const did = getField(k, PASID_ENTRY, entry, "DID");
    const stage = getField(k, PASID_ENTRY, entry, "PGTT");
    clearEntry(k, PASID_ENTRY, entry);
    qi_flush_pasid_cache(k, "pasid", did, pasid);
    if (stage === STAGE.FIRST || stage === STAGE.PASS_THROUGH) {
      qi_flush_piotlb(k, did, pasid, 0, -1, false);
    } else {
      qi_flush_iotlb(k, "domain", did);
    }
    if (capabilities(k).cm || !info.atsEnabled) return;
    if (pasid === RID_PASID) qi_flush_dev_iotlb(k, info.requester, 0, WHOLE);
    else qi_flush_dev_iotlb_pasid(k, info.requester, pasid);
  },
);

/** The entry of a PASID whose table exists; nothing is made. 0 otherwise. */
function existingEntry(k: Kernel, device: number, pasid: number): number {
  const info = k.state.iommu.devices[device];
  const directory = k.state.iommu.directories[info?.pasidTable ?? 0];
  if (!info || !directory || pasid >= info.maxPasid) return 0;
  const at = info.pasidTable + 8 * Math.floor(pasid / ENTRIES_PER_TABLE);
  if (getField(k, PASID_DIRECTORY_ENTRY, at, "P") === 0) return 0;
  const table = getField(k, PASID_DIRECTORY_ENTRY, at, "SMPTBLPTR");
  if (!directory.tables.includes(table / PAGE)) return 0;
  return table + ENTRY_BYTES * (pasid % ENTRIES_PER_TABLE);
}
