// Queued invalidation: descriptors in memory, IQT, and a wait descriptor behind each submission
// (drivers/iommu/intel/dmar.c, v5.12). Ranges are widened to the aligned block that holds them whole, as kernels
// from v5.18 on do; v5.12 left out what lies beyond the block of the first address.
import { encode } from "../../hardware/layout/codec.ts";
import {
  CONTEXT_CACHE_INVALIDATE,
  DEVICE_TLB_INVALIDATE,
  type DescriptorLayout,
  INVALIDATION_WAIT,
  IOTLB_INVALIDATE,
  PASID_CACHE_INVALIDATE,
  PASID_DEVICE_TLB_INVALIDATE,
  PASID_IOTLB_INVALIDATE,
} from "../../hardware/layout/descriptors.ts";
import { alloc_pages, free_pages } from "../core/pages.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import {
  COMMAND,
  capabilities,
  command,
  environment,
  PAGE,
  REGISTER,
  read32,
  readWord,
  write32,
  writeWord,
} from "./unit.ts";

/** QI_LENGTH: descriptors in the ring. */
export const QUEUE_LENGTH = 256;

/** QI_IN_USE and QI_DONE. */
const IN_USE = 1;
const DONE = 2;

const IQE = 0x10;

const about = (symbol: string, file = "dmar.c") => ({
  symbol,
  module: "vmlinux",
  source: `drivers/iommu/intel/${file}, v5.12`,
});

const isWide = (k: Kernel): boolean => capabilities(k).smts;

/** Bytes of a descriptor: 256 bits wherever the unit can do scalable mode. */
export const descriptorBytes = (k: Kernel): number => (isWide(k) ? 32 : 16);

const ringBytes = (k: Kernel): number => QUEUE_LENGTH * descriptorBytes(k);

type Fields = Readonly<Record<string, number | bigint>>;

function descriptor(k: Kernel, layout: DescriptorLayout, fields: Fields): bigint[] {
  const values = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, BigInt(value)]),
  );
  const structure = isWide(k) ? layout.wide : layout.narrow;
  return encode(structure, { Type: BigInt(layout.type), ...values }, environment(k));
}

/** Allocates ring and status words and turns the queue on. 0, -ENOENT without queued invalidation, or -ENOMEM. */
export const dmar_enable_qi = define(about("dmar_enable_qi"), (k): number => {
  if (!capabilities(k).qi) return -ERRNO.ENOENT;
  const ring = alloc_pages(k, "tables", ringBytes(k) / PAGE);
  if (ring < 0) return ring;
  const status = alloc_pages(k, "kernel", 1);
  if (status < 0) {
    free_pages(k, ring, ringBytes(k) / PAGE);
    return status;
  }
  const { iommu } = k.state;
  iommu.queue = ring * PAGE;
  iommu.queueStatus = status * PAGE;
  iommu.queueTail = 0;
  k.machine.writeUnit(REGISTER.IQT, 8, 0n);
  const wide = isWide(k) ? 0x801n : 0n;
  k.machine.writeUnit(REGISTER.IQA, 8, BigInt(iommu.queue) | wide);
  command(k, COMMAND.QIE);
  return 0;
});

const statusAt = (k: Kernel, index: number): number => k.state.iommu.queueStatus + 4 * index;

/** The 32-bit status word of a place in the ring, as hardware left it. */
export function queueStatus(k: Kernel, index: number): number {
  const at = statusAt(k, index);
  const word = readWord(k, at - (at % 8));
  return Number(at % 8 === 0 ? word & 0xffff_ffffn : word >> 32n);
}

function setStatus(k: Kernel, index: number, value: number): void {
  const at = statusAt(k, index);
  const low = at % 8 === 0;
  const word = readWord(k, at - (at % 8));
  const kept = low ? word & 0xffff_ffff_0000_0000n : word & 0xffff_ffffn;
  writeWord(k, at - (at % 8), kept | (BigInt(value) << (low ? 0n : 32n)));
}

function place(k: Kernel, index: number, words: readonly bigint[]): void {
  const at = k.state.iommu.queue + index * descriptorBytes(k);
  for (const [word, value] of words.entries()) writeWord(k, at + 8 * word, value);
}

/**
 * Submits one descriptor and waits for it. 0; -EINVAL when the unit refuses it, -EAGAIN when it never answers.
 * The document can make a submission get lost: then nothing is written and the caller does not know.
 */
export const qi_submit_sync = define(
  about("qi_submit_sync"),
  (k, words: readonly bigint[]): number => {
    const { iommu } = k.state;
    if (iommu.queue === 0 || k.inject("invalidation")) return 0;
    const bytes = descriptorBytes(k);
    const index = iommu.queueTail / bytes;
    const waitIndex = (index + 1) % QUEUE_LENGTH;
    const wait = descriptor(k, INVALIDATION_WAIT, {
      SW: 1,
      "Status Data": DONE,
      "Status Address": statusAt(k, waitIndex),
    });
    place(k, index, words);
    setStatus(k, waitIndex, IN_USE);
    place(k, waitIndex, wait);
    iommu.queueTail = ((index + 2) % QUEUE_LENGTH) * bytes;
    k.machine.writeUnit(REGISTER.IQT, 8, BigInt(iommu.queueTail));
    if (queueStatus(k, waitIndex) === DONE) {
      setStatus(k, waitIndex, 0);
      return 0;
    }
    return stopped(k, index, wait);
  },
  (_k, words) => words.slice(0, 2).map((word) => `0x${word.toString(16)}`),
);

/** qi_check_fault(): a descriptor that the unit refuses is replaced by a wait, so that the queue goes on. */
function stopped(k: Kernel, index: number, wait: readonly bigint[]): number {
  if ((read32(k, REGISTER.FSTS) & IQE) === 0) return -ERRNO.EAGAIN;
  const head = Number(k.machine.readUnit(REGISTER.IQH, 8));
  if (head !== index * descriptorBytes(k)) return -ERRNO.EAGAIN;
  const at = k.state.iommu.queue + head;
  const [qw0, qw1] = [readWord(k, at), readWord(k, at + 8)];
  k.log(
    `DMAR: VT-d detected invalid descriptor: qw0 = ${qw0.toString(16)}, qw1 = ${qw1.toString(16)}`,
  );
  place(k, index, wait);
  write32(k, REGISTER.FSTS, IQE);
  return -ERRNO.EINVAL;
}

/** Context cache: all, or one requester (with the domain id that its entries had). */
export const qi_flush_context = define(
  about("qi_flush_context"),
  (k, granularity: "global" | "device", did: number, requester: number): void => {
    const fields = { G: granularity === "global" ? 1 : 3, DID: did, SID: requester, FM: 0 };
    qi_submit_sync(k, descriptor(k, CONTEXT_CACHE_INVALIDATE, fields));
  },
);

/** DW and DR where the unit drains (CAP.DWD, CAP.DRD). */
function drains(k: Kernel): Fields {
  const cap = k.machine.readUnit(REGISTER.CAP, 8);
  return { DW: (cap >> 54n) & 1n, DR: (cap >> 55n) & 1n };
}

/** IOTLB: everything, a domain, or 2^order pages of it. `leafOnly`: paging-structure caches may stay. */
export const qi_flush_iotlb = define(
  about("qi_flush_iotlb"),
  (
    k,
    granularity: "global" | "domain" | "page",
    did: number,
    address?: number,
    order?: number,
    leafOnly?: boolean,
  ): void => {
    const G = { global: 1, domain: 2, page: 3 }[granularity];
    const page: Fields =
      granularity === "page" ? { AM: order ?? 0, IH: leafOnly ? 1 : 0, ADDR: address ?? 0 } : {};
    qi_submit_sync(k, descriptor(k, IOTLB_INVALIDATE, { G, DID: did, ...drains(k), ...page }));
  },
);

/** PASID-based IOTLB: all of the PASID (`pages` -1), or the block that holds a range. */
export const qi_flush_piotlb = define(
  about("qi_flush_piotlb"),
  (k, did: number, pasid: number, address: number, pages: number, leafOnly: boolean): void => {
    const block = pages < 0 ? null : blockOf(address, pages);
    const fields = block
      ? { G: 3, ADDR: block.address, AM: block.order, IH: leafOnly ? 1 : 0 }
      : { G: 2 };
    qi_submit_sync(k, descriptor(k, PASID_IOTLB_INVALIDATE, { DID: did, PASID: pasid, ...fields }));
  },
);

export const qi_flush_pasid_cache = define(
  about("qi_flush_pasid_cache"),
  (k, granularity: "domain" | "pasid" | "global", did: number, pasid: number): void => {
    const G = { domain: 0, pasid: 1, global: 3 }[granularity];
    qi_submit_sync(k, descriptor(k, PASID_CACHE_INVALIDATE, { G, DID: did, PASID: pasid }));
  },
);

/** Address field of a device-TLB command for 2^order pages: the lowest 0 bit above says how many. */
const sized = (address: number, order: number): { S: number; ADDR: bigint } =>
  order === 0
    ? { S: 0, ADDR: BigInt(address) }
    : { S: 1, ADDR: BigInt(address) | (((1n << BigInt(order - 1)) - 1n) << 12n) };

/** Device TLB of a requester: 2^order pages from an aligned address, for requests without PASID. */
export const qi_flush_dev_iotlb = define(
  about("qi_flush_dev_iotlb"),
  (k, requester: number, address: number, order: number): void => {
    qi_submit_sync(
      k,
      descriptor(k, DEVICE_TLB_INVALIDATE, { SID: requester, ...sized(address, order) }),
    );
  },
);

/** Order of the whole 64-bit space in pages. */
export const WHOLE = 52;

/** Device TLB of a requester, everything under one PASID. */
export const qi_flush_dev_iotlb_pasid = define(
  about("qi_flush_dev_iotlb_pasid"),
  (k, requester: number, pasid: number): void => {
    const fields = { SID: requester, PASID: pasid, ...sized(0, WHOLE) };
    qi_submit_sync(k, descriptor(k, PASID_DEVICE_TLB_INVALIDATE, fields));
  },
);

/** The smallest aligned power of two of pages that holds a range. */
export function blockOf(address: number, pages: number): { address: number; order: number } {
  const first = address / PAGE;
  const last = first + pages - 1;
  let order = 0;
  while (Math.floor(first / 2 ** order) !== Math.floor(last / 2 ** order)) order++;
  return { address: Math.floor(first / 2 ** order) * 2 ** order * PAGE, order };
}
