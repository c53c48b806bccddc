// Pinning user memory for a mapping, and its account against RLIMIT_MEMLOCK (vfio_iommu_type1.c, v5.12).
import { pin_user_page, unpin_user_page } from "../../core/pages.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, type Kernel } from "../../kernel/kernel.ts";
import type { VfioDma } from "../tables.ts";
import { about, hex, PAGE } from "./data.ts";

const { ENODEV, ENOMEM } = ERRNO;
const inWords = (_k: Kernel, dma: VfioDma, ...rest: readonly unknown[]): readonly string[] => [
  `dma ${hex(dma.iova)}`,
  ...rest.map((value) => (typeof value === "object" ? "…" : String(value))),
];

/** Adds pages (or takes them away) to what the task of a mapping has locked. 0 or ENOMEM over the limit. */
export const vfio_lock_acct = define(
  about("vfio_lock_acct"),
  (k: Kernel, dma: VfioDma, pages: number): number => {
    const process = k.state.core.processes[dma.process];
    if (!process || pages === 0) return 0;
    if (pages > 0 && !dma.lockCap && (process.lockedPages + pages) * PAGE > process.memoryLimit) {
      return -ENOMEM;
    }
    process.lockedPages = Math.max(0, process.lockedPages + pages);
    return 0;
  },
  inWords,
);

/** vfio_find_vpfn(): is the IOVA pinned for a vendor driver? */
export const isPinned = (dma: VfioDma, iova: number): boolean =>
  Math.floor(iova / PAGE) in dma.pfns;

/**
 * Pins up to `pages` pages from `vaddr` on that lie in a row in memory. Returns how many and stores the first one's
 * frame in `frames`; ENOMEM over RLIMIT_MEMLOCK, EFAULT where nothing is mapped.
 */
export const vfio_pin_pages_remote = define(
  about("vfio_pin_pages_remote"),
  (k: Kernel, dma: VfioDma, vaddr: number, pages: number, frames: number[]): number => {
    const process = k.state.core.processes[dma.process];
    if (!process) return -ENODEV;
    let [pinned, account, error] = [0, 0, 0];
    let first = 0;
    while (pinned < pages) {
      const address = vaddr + pinned * PAGE;
      const frame = pin_user_page(k, dma.process, address, true);
      if (frame < 0) {
        if (pinned === 0) return frame;
        break;
      }
      if (pinned === 0) first = frame;
      if (frame !== first + pinned) {
        unpin_user_page(k, frame);
        break;
      }
      if (!isPinned(dma, dma.iova + address - dma.vaddr)) {
        if (!dma.lockCap && (process.lockedPages + account + 1) * PAGE > process.memoryLimit) {
          unpin_user_page(k, frame);
          k.log(`vfio_pin_pages_remote: RLIMIT_MEMLOCK (${process.memoryLimit}) exceeded`);
          error = -ENOMEM;
          break;
        }
        account++;
      }
      pinned++;
    }
    if (!error) error = vfio_lock_acct(k, dma, account);
    if (error) {
      for (let page = pinned - 1; page >= 0; page--) unpin_user_page(k, first + page);
      return error;
    }
    frames[0] = first;
    return pinned;
  },
  inWords,
);

/** Gives pages in a row back; with `account` off the account too, but for those that a vendor driver keeps. Returns how many. */
export const vfio_unpin_pages_remote = define(
  about("vfio_unpin_pages_remote"),
  (
    k: Kernel,
    dma: VfioDma,
    iova: number,
    frame: number,
    pages: number,
    account: boolean,
  ): number => {
    let kept = 0;
    for (let page = 0; page < pages; page++) {
      unpin_user_page(k, frame + page);
      if (isPinned(dma, iova + page * PAGE)) kept++;
    }
    if (account) vfio_lock_acct(k, dma, kept - pages);
    return pages;
  },
  inWords,
);

/** Pins one page for a vendor driver: its frame, or ENODEV (the task is gone), EFAULT, ENOMEM. */
export const vfio_pin_page_external = define(
  about("vfio_pin_page_external"),
  (k: Kernel, dma: VfioDma, vaddr: number, account: boolean): number => {
    const process = k.state.core.processes[dma.process];
    if (!process || process.exited) return -ENODEV;
    const frame = pin_user_page(k, dma.process, vaddr, true);
    if (frame < 0 || !account) return frame;
    const error = vfio_lock_acct(k, dma, 1);
    if (!error) return frame;
    unpin_user_page(k, frame);
    k.log(
      `vfio_pin_page_external: Task ${process.name} (${process.id}) RLIMIT_MEMLOCK (${process.memoryLimit}) exceeded`,
    );
    return error;
  },
  inWords,
);

/** Drops one use of a page in pfn_list; the pin goes with the last. Returns 1 when it did. */
export const vfio_unpin_page_external = define(
  about("vfio_unpin_page_external"),
  (k: Kernel, dma: VfioDma, iova: number, account: boolean): number => {
    const page = Math.floor(iova / PAGE);
    const entry = dma.pfns[page];
    if (!entry) return 0;
    entry.count--;
    if (entry.count > 0) return 0;
    delete dma.pfns[page];
    unpin_user_page(k, entry.frame);
    if (account) vfio_lock_acct(k, dma, -1);
    return 1;
  },
  inWords,
);
