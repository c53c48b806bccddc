// Page frames: allocation, owners, and pins that keep a frame alive after its process let it go (mm, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";

const PAGE = 4096;

/** Frames below are left to firmware. */
const FIRST_FRAME = 0x100;

/**
 * A zeroed page frame. `owner`: "kernel", "tables" or the name of a process. The frame's number (address / 4096), or
 * -ENOMEM. Frames that were freed last are given out first.
 */
export function alloc_page(k: Kernel, owner: string): number {
  if (k.allocate() < 0) return -ERRNO.ENOMEM;
  const frame = k.state.core.freeFrames.pop() ?? neverUsed(k, 1);
  if (frame < 0) return frame;
  hand(k, frame, owner);
  return frame;
}

/** So many frames in a row, a power of two and aligned to itself; the first one's number, or -ENOMEM. */
export function alloc_pages(k: Kernel, owner: string, count: number): number {
  if (count === 1) return alloc_page(k, owner);
  if (k.allocate() < 0) return -ERRNO.ENOMEM;
  const reused = freedRun(k, count);
  const first = reused >= 0 ? reused : neverUsed(k, count);
  if (first < 0) return first;
  for (let frame = first; frame < first + count; frame++) hand(k, frame, owner);
  return first;
}

/** Gives a frame back. While somebody has it pinned it stays as it is, and is free with the last pin. */
export function free_page(k: Kernel, frame: number): void {
  const { core } = k.state;
  if ((core.pins[frame] ?? 0) > 0) {
    core.orphans[frame] = "";
    return;
  }
  core.freeFrames.push(frame);
  tag(k, frame, "free");
}

export function free_pages(k: Kernel, first: number, count: number): void {
  for (let frame = first + count - 1; frame >= first; frame--) free_page(k, frame);
}

/** Number of the frame behind a process's user address; -EFAULT where it has no memory of its own. */
export function frameOf(k: Kernel, process: number, address: number): number {
  const ranges = k.state.core.processes[process]?.ranges ?? [];
  for (const range of ranges) {
    if (address < range.start || address >= range.start + range.pages * PAGE) continue;
    return range.frames[Math.floor((address - range.start) / PAGE)] ?? -ERRNO.EFAULT;
  }
  return -ERRNO.EFAULT;
}

/**
 * pin_user_pages_remote() of one page. The frame's number; -EFAULT where nothing is mapped, or where the document lets
 * a pin fail. The caller checks RLIMIT_MEMLOCK. `longterm` (FOLL_LONGTERM) changes nothing for anonymous memory.
 */
export function pin_user_page(
  k: Kernel,
  process: number,
  address: number,
  _longterm: boolean,
): number {
  if (k.inject("pin")) return -ERRNO.EFAULT;
  const frame = frameOf(k, process, address);
  if (frame < 0) return frame;
  count(k, frame, 1);
  return frame;
}

/** unpin_user_page(). Frees the frame when it was the last pin and no process maps it any more. */
export function unpin_user_page(k: Kernel, frame: number): void {
  const { core } = k.state;
  if (!(frame in core.pins)) return;
  count(k, frame, -1);
  if (frame in core.pins || !(frame in core.orphans)) return;
  delete core.orphans[frame];
  free_page(k, frame);
}

function count(k: Kernel, frame: number, by: 1 | -1): void {
  const { pins } = k.state.core;
  const now = (pins[frame] ?? 0) + by;
  if (now === 0) delete pins[frame];
  else pins[frame] = now;
  k.record({ kind: "pinned", page: BigInt(frame), count: now });
}

function hand(k: Kernel, frame: number, owner: string): void {
  tag(k, frame, owner);
  k.machine.writeBytes(BigInt(frame) * BigInt(PAGE), new Uint8Array(PAGE));
}

function tag(k: Kernel, frame: number, owner: string): void {
  k.machine.tagPage(BigInt(frame), owner);
  k.record({ kind: "page owner", page: BigInt(frame), owner });
}

/** Memory without what firmware keeps for devices: first frame and the one after the last, in rising order. */
function usableFrames(k: Kernel): readonly { readonly from: number; readonly end: number }[] {
  const { memory, reserved } = k.machine.firmware;
  let usable = memory.map(({ start, length }) => ({
    from: Number(start / BigInt(PAGE)),
    end: Number((start + length) / BigInt(PAGE)),
  }));
  for (const { start, end } of reserved) {
    const first = Number(start / BigInt(PAGE));
    const after = Number(end / BigInt(PAGE)) + 1;
    usable = usable.flatMap((range) => [
      { from: range.from, end: Math.min(range.end, first) },
      { from: Math.max(range.from, after), end: range.end },
    ]);
    usable = usable.filter((range) => range.from < range.end);
  }
  return usable;
}

/** First of `pages` aligned frames in a row that were never given out; frames left over by alignment become free ones. */
function neverUsed(k: Kernel, pages: number): number {
  const { core } = k.state;
  let frame = Math.max(core.nextFrame, FIRST_FRAME);
  for (const range of usableFrames(k)) {
    const from = Math.max(frame, range.from);
    const { end } = range;
    const first = Math.ceil(from / pages) * pages;
    if (first + pages > end) {
      if (pages === 1) frame = Math.max(frame, end);
      continue;
    }
    for (let skipped = from; skipped < first; skipped++) core.freeFrames.unshift(skipped);
    core.nextFrame = first + pages;
    return first;
  }
  return -ERRNO.ENOMEM;
}

/** Takes `pages` aligned frames in a row from those that were freed; -ENOMEM when there is no such run. */
function freedRun(k: Kernel, pages: number): number {
  const { core } = k.state;
  const free = new Set(core.freeFrames);
  for (const first of [...free].sort((a, b) => a - b)) {
    if (first % pages !== 0) continue;
    let run = 1;
    while (run < pages && free.has(first + run)) run++;
    if (run < pages) continue;
    core.freeFrames = core.freeFrames.filter((frame) => frame < first || frame >= first + pages);
    return first;
  }
  return -ERRNO.ENOMEM;
}
