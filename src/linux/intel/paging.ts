// First-stage and second-stage tables of a domain (drivers/iommu/intel/iommu.c, v5.12).
// The bytes in memory are the tables; the domain's record only lists which pages hold them. A mapping that runs out
// of memory takes back what it wrote (v5.12 left the part before the failure).
import { alloc_page, free_page } from "../core/pages.ts";
import type { Domain } from "../iommu/tables.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { PAGE, readWord, writeWord } from "./unit.ts";

export const READ = 1n;
export const WRITE = 2n;
export const SNOOP = 0x800n;
const LARGE = 0x80n;
const USER = 4n;
const ACCESSED = 0x20n;
const DIRTY = 0x40n;
const EXECUTE_DISABLE = 1n << 63n;
const ADDRESS = 0x000f_ffff_ffff_f000n;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/iommu.c, v5.12",
});

/** Pages that one entry of a level spans. */
export const pagesAt = (level: number): number => 512 ** (level - 1);

const isPresent = (entry: bigint): boolean => (entry & 3n) !== 0n;
const isLeaf = (level: number, entry: bigint): boolean => level === 1 || (entry & LARGE) !== 0n;
const addressIn = (entry: bigint): number => Number(entry & ADDRESS);
const indexOf = (pfn: number, level: number): number => Math.floor(pfn / pagesAt(level)) % 512;

/** A table below; 0 when the entry leads to no table of this domain, as after somebody changed memory. */
function below(domain: Domain, entry: bigint): number {
  const table = addressIn(entry);
  return domain.tables.includes(table) ? table : 0;
}

/** A zeroed page for tables: its address, or -ENOMEM. */
export function allocateTable(k: Kernel, domain: Domain): number {
  const frame = alloc_page(k, "tables");
  if (frame < 0) return frame;
  domain.tables.push(frame * PAGE);
  return frame * PAGE;
}

/** Where an address ends: address of the entry, its level and its value. */
interface Found {
  readonly at: number;
  readonly level: number;
  readonly entry: bigint;
}

/** The entry that maps a page, or the first absent one on the way. */
export function findEntry(k: Kernel, domain: Domain, pfn: number): Found {
  let table = domain.pgd;
  for (let level = domain.levels; ; level--) {
    const at = table + 8 * indexOf(pfn, level);
    const entry = readWord(k, at);
    if (!isPresent(entry) || isLeaf(level, entry)) return { at, level, entry };
    table = below(domain, entry);
    if (table === 0) return { at, level, entry: 0n };
  }
}

const tableBits = (domain: Domain): bigint =>
  READ |
  WRITE |
  (domain.firstLevel ? EXECUTE_DISABLE | USER | (domain.type === "dma" ? ACCESSED : 0n) : 0n);

/** Address of the entry for a page at a level, tables made on the way; or -ENOMEM. */
function makeEntry(k: Kernel, domain: Domain, pfn: number, wanted: number): number {
  let table = domain.pgd;
  for (let level = domain.levels; level > wanted; level--) {
    const at = table + 8 * indexOf(pfn, level);
    const entry = readWord(k, at);
    if (isPresent(entry) && isLeaf(level, entry)) return at;
    if (isPresent(entry) && below(domain, entry) !== 0) {
      table = below(domain, entry);
      continue;
    }
    const made = allocateTable(k, domain);
    if (made < 0) return made;
    writeWord(k, at, BigInt(made) | tableBits(domain));
    table = made;
  }
  return table + 8 * indexOf(pfn, wanted);
}

function leafBits(domain: Domain, prot: bigint): bigint {
  if (!domain.firstLevel) return prot;
  const used = domain.type === "dma" ? ACCESSED | ((prot & WRITE) !== 0n ? DIRTY : 0n) : 0n;
  return prot | READ | EXECUTE_DISABLE | USER | used;
}

/** The largest level whose pages fit at both addresses (hardware_largepage_caps). */
function levelFor(domain: Domain, pfn: number, target: number, pages: number): number {
  let level = 1;
  while (level < domain.largestLevel) {
    const size = pagesAt(level + 1);
    if (pfn % size !== 0 || target % size !== 0 || pages < size) break;
    level++;
  }
  return level;
}

/** Maps pages to frames in a row. 0, -EINVAL without rights, -ENOMEM. Flushing is the caller's. */
export const __domain_mapping = define(
  about("__domain_mapping"),
  (k, domain: number, pfn: number, frame: number, pages: number, prot: bigint): number => {
    const record = k.state.iommu.domains[domain];
    if (!record || (prot & 3n) === 0n) return -ERRNO.EINVAL;
    for (let done = 0; done < pages; ) {
      const level = levelFor(record, pfn + done, frame + done, pages - done);
      const size = pagesAt(level);
      if (level > 1) freePageTables(k, record, pfn + done, size, level);
      const at = makeEntry(k, record, pfn + done, level);
      if (at < 0) {
        for (const freed of clearRange(k, record, pfn, done)) free_page(k, freed);
        return at;
      }
      store(k, record, at, pfn + done, frame + done, level, prot);
      done += size;
    }
    return 0;
  },
  (_k, domain, pfn, frame, pages) => [
    String(domain),
    `0x${pfn.toString(16)}`,
    `0x${frame.toString(16)}`,
    String(pages),
  ],
);

function store(
  k: Kernel,
  domain: Domain,
  at: number,
  pfn: number,
  frame: number,
  level: number,
  prot: bigint,
): void {
  const large = level > 1 ? LARGE : 0n;
  const value = (BigInt(frame) * BigInt(PAGE)) | leafBits(domain, prot) | large;
  const before = readWord(k, at);
  if (before !== 0n) {
    k.log(
      `DMAR: ERROR: DMA PTE for vPFN 0x${pfn.toString(16)} already set (to ${before.toString(16)} not ${value.toString(16)})`,
    );
    return;
  }
  writeWord(k, at, value);
  domain.mappedPages += pagesAt(level);
}

/** A large page takes the place of tables below its entry: they go at once. */
function freePageTables(
  k: Kernel,
  domain: Domain,
  pfn: number,
  pages: number,
  level: number,
): void {
  if (findEntry(k, domain, pfn).level >= level) return;
  for (const frame of clearRange(k, domain, pfn, pages)) free_page(k, frame);
}

/**
 * Clears what maps a range; whole tables that fall out are listed, not cleared, for the caller to free after the flush.
 * Frame numbers.
 */
export function clearRange(k: Kernel, domain: Domain, pfn: number, pages: number): number[] {
  const freed: number[] = [];
  if (pages > 0 && domain.pgd !== 0) {
    clearLevel(k, domain, domain.levels, domain.pgd, 0, pfn, pfn + pages - 1, freed);
  }
  return freed;
}

function clearLevel(
  k: Kernel,
  domain: Domain,
  level: number,
  table: number,
  base: number,
  first: number,
  last: number,
  freed: number[],
): void {
  const size = pagesAt(level);
  const from = Math.max(0, Math.floor((first - base) / size));
  const to = Math.min(511, Math.floor((last - base) / size));
  for (let index = from; index <= to; index++) {
    const at = table + 8 * index;
    const entry = readWord(k, at);
    if (!isPresent(entry)) continue;
    const start = base + index * size;
    if (first <= start && last >= start + size - 1) {
      if (isLeaf(level, entry)) domain.mappedPages -= size;
      else listTables(k, domain, level - 1, below(domain, entry), freed);
      writeWord(k, at, 0n);
    } else if (!isLeaf(level, entry)) {
      const table = below(domain, entry);
      if (table !== 0) clearLevel(k, domain, level - 1, table, start, first, last, freed);
    }
  }
}

/** A table and all below it leave the domain. */
function listTables(
  k: Kernel,
  domain: Domain,
  level: number,
  table: number,
  freed: number[],
): void {
  if (table === 0) return;
  domain.tables = domain.tables.filter((page) => page !== table);
  freed.push(table / PAGE);
  for (let index = 0; index < 512; index++) {
    const entry = readWord(k, table + 8 * index);
    if (!isPresent(entry)) continue;
    if (isLeaf(level, entry)) domain.mappedPages -= pagesAt(level);
    else listTables(k, domain, level - 1, below(domain, entry), freed);
  }
}

/** Unmaps pages; the frames of tables that are free once caches are flushed. */
export const domain_unmap = define(
  about("domain_unmap"),
  (k, domain: number, pfn: number, pages: number): number[] => {
    const record = k.state.iommu.domains[domain];
    return record ? clearRange(k, record, pfn, pages) : [];
  },
);

/** Frees all tables of a domain that nothing reaches any more. */
export function freeAllTables(k: Kernel, domain: Domain): void {
  for (const table of domain.tables) free_page(k, table / PAGE);
  domain.tables = [];
  domain.pgd = 0;
}

/** Physical address behind an I/O address, 0 for none. */
export function translate(k: Kernel, domain: Domain, iova: number): number {
  const { level, entry } = findEntry(k, domain, Math.floor(iova / PAGE));
  if (!isPresent(entry)) return 0;
  return addressIn(entry) + (iova % (pagesAt(level) * PAGE));
}
