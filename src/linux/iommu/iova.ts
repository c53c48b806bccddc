// I/O addresses of a default domain, and the queue of those that wait for a flush (drivers/iommu/iova.c, v5.12).
// One processor, so one queue, and a flush covers all that is in it: no counters are needed.
import { free_page } from "../core/pages.ts";
import { add_timer } from "../core/timers.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { iommu_flush_iotlb_all } from "./mapping.ts";
import type { DmaCookie } from "./tables.ts";

/** The ring has 256 places, one of which stays empty. */
const QUEUE_PLACES = 256;
const TIMEOUT_MICROSECONDS = 10_000;

const PAGE = 4096;
const TOP_PAGE = 0x10_0000;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/iova.c, v5.12",
});

/** The first page at or above which nothing is free for `pages` from `start`; -1: the run is free. */
function blocker(cookie: DmaCookie, start: number, pages: number): number {
  const end = start + pages;
  for (const range of Object.values(cookie.ranges)) {
    if (range.start < end && start < range.start + range.pages) return range.start;
  }
  for (const range of cookie.reserved) {
    if (range.start < end && start <= range.end) return range.start;
  }
  return -1;
}

/** First page of an aligned run below 4 GiB, from the top; 0 when there is none. */
export const alloc_iova_fast = define(
  about("alloc_iova_fast"),
  (k, domain: number, pages: number): number => {
    const cookie = k.state.iommu.cookies[domain];
    if (!cookie || k.allocate() < 0) return 0;
    const size = 2 ** Math.ceil(Math.log2(pages));
    for (let start = TOP_PAGE - size; start > 0; ) {
      const at = blocker(cookie, start, size);
      if (at < 0) {
        cookie.ranges[start] = { start, pages: size };
        return start;
      }
      start = Math.floor((at - size) / size) * size;
    }
    return 0;
  },
);

export const free_iova_fast = define(
  about("free_iova_fast"),
  (k, domain: number, start: number): void => {
    delete k.state.iommu.cookies[domain]?.ranges[start];
  },
);

/** Puts an unmapped range behind those that wait; a full queue is flushed first. */
export const queue_iova = define(
  about("queue_iova"),
  (k, domain: number, start: number, pages: number, frames: readonly number[]): void => {
    const cookie = k.state.iommu.cookies[domain];
    if (!cookie) return;
    if (cookie.queue.length >= QUEUE_PLACES - 1) iova_domain_flush(k, domain);
    cookie.queue.push({ start, pages, frames: [...frames] });
    if (cookie.timer === 0) {
      cookie.timer = add_timer(k, TIMEOUT_MICROSECONDS, "fq_flush_timeout", domain);
    }
  },
);

/** Flushes the domain, then gives the ranges and the pages of their tables back. */
export const iova_domain_flush = define(about("iova_domain_flush"), (k, domain: number): void => {
  iommu_flush_iotlb_all(k, domain);
  const cookie = k.state.iommu.cookies[domain];
  if (!cookie) return;
  for (const { start, frames } of cookie.queue) {
    for (const frame of frames) free_page(k, frame);
    delete cookie.ranges[start];
  }
  cookie.queue = [];
});

define(about("fq_flush_timeout"), (k, domain: number): void => {
  const cookie = k.state.iommu.cookies[domain];
  if (!cookie) return;
  cookie.timer = 0;
  iova_domain_flush(k, domain);
});

/** Keeps a range of addresses, `end` inclusive, from being given out. */
export function reserveIova(k: Kernel, domain: number, start: number, end: number): void {
  const cookie = k.state.iommu.cookies[domain];
  const [first, last] = [Math.floor(start / PAGE), Math.floor(end / PAGE)];
  if (!cookie || cookie.reserved.some((r) => r.start === first && r.end === last)) return;
  cookie.reserved.push({ start: first, end: last });
}
