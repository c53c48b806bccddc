// Processes and their memory: creation, anonymous pages and windows into devices, and the end (mm/mmap.c, kernel/exit.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { getFile, operationsOf, putFile, type WindowTarget } from "./files.ts";
import { alloc_page, free_page } from "./pages.ts";
import type { Range } from "./tables.ts";

const PAGE = 4096;

/** Where mmap() begins, and the end of user addresses. */
const FIRST_ADDRESS = 0x7f00_0000_0000;
const END_ADDRESS = 0x7fff_ffff_f000;

/** Pages that one mmap() may ask for: 256 MiB. */
const MOST_PAGES = 65_536;

export interface NewProcess {
  readonly name: string;
  /** CAP_SYS_ADMIN, CAP_SYS_RAWIO, CAP_SYS_MODULE and CAP_IPC_LOCK, and owner of sysfs. */
  readonly privileged?: boolean;
  /** RLIMIT_MEMLOCK in KiB; default 65536. */
  readonly memoryLock?: number;
}

/** A process with nothing open and nothing mapped. Its id. */
export function createProcess(k: Kernel, fresh: NewProcess): number {
  const id = k.newId();
  k.state.core.processes[id] = {
    id,
    name: fresh.name,
    memoryLimit: (fresh.memoryLock ?? 65_536) * 1024,
    lockedPages: 0,
    privileged: fresh.privileged ?? false,
    files: {},
    ranges: [],
    nextAddress: FIRST_ADDRESS,
    exited: false,
  };
  return id;
}

/** Id of the living process of that name; 0: there is none. */
export const processNamed = (k: Kernel, name: string): number =>
  Object.values(k.state.core.processes).find((one) => !one.exited && one.name === name)?.id ?? 0;

/** Anonymous memory, or a window of `file`. The address; -EINVAL, -ENOMEM, -ENODEV where the file cannot be mapped. */
export function* map(
  k: Kernel,
  process: number,
  length: number,
  file: number,
  offset: number,
): Sleep<number> {
  const record = k.state.core.processes[process];
  if (!record || !(length > 0) || !Number.isSafeInteger(length)) return -ERRNO.EINVAL;
  const pages = Math.ceil(length / PAGE);
  if (pages > MOST_PAGES || record.nextAddress + pages * PAGE > END_ADDRESS) return -ERRNO.ENOMEM;
  if (file === 0) return anonymous(k, process, pages);

  if (offset < 0 || offset % PAGE !== 0) return -ERRNO.EINVAL;
  const { mmap = "" } = operationsOf(k, file);
  if (mmap === "") return -ERRNO.ENODEV;
  getFile(k, file);
  const target = yield* invokeSleeping<WindowTarget | number>(k, mmap, file, offset, pages);
  if (typeof target === "number") {
    yield* putFile(k, file);
    return target;
  }
  return place(k, process, { pages, frames: [], window: { file, offset, ...target } });
}

/** munmap(): parts of ranges too. 0 also where nothing was mapped; -EINVAL for what is not whole pages. */
export function* unmap(k: Kernel, process: number, address: number, length: number): Sleep<number> {
  const record = k.state.core.processes[process];
  const wrong =
    address < 0 || address % PAGE !== 0 || !(length > 0) || !Number.isSafeInteger(length);
  if (!record || wrong) return -ERRNO.EINVAL;
  const end = address + Math.ceil(length / PAGE) * PAGE;
  const kept: Range[] = [];
  const gone: Range[] = [];
  for (const range of record.ranges) {
    const [first, last] = [range.start, range.start + range.pages * PAGE];
    if (last <= address || first >= end) {
      kept.push(range);
      continue;
    }
    if (first < address) kept.push(part(range, first, address));
    if (last > end) kept.push(part(range, end, last));
    gone.push(part(range, Math.max(first, address), Math.min(last, end)));
    // A window that was cut in two is held by both its parts.
    const parts = Number(first < address) + Number(last > end);
    if (range.window && parts === 2) getFile(k, range.window.file);
    if (range.window && parts > 0) gone.pop();
  }
  record.ranges = kept;
  for (const range of gone) {
    for (const frame of [...range.frames].reverse()) free_page(k, frame);
    if (range.window) yield* putFile(k, range.window.file);
  }
  return 0;
}

/** exit(): memory first, then descriptors from the lowest on, as do_exit() does. */
export function* exit(k: Kernel, process: number): Sleep<number> {
  const record = k.state.core.processes[process];
  if (!record) return -ERRNO.ESRCH;
  record.exited = true;
  for (const { start, pages } of [...record.ranges]) yield* unmap(k, process, start, pages * PAGE);
  for (const descriptor of Object.keys(record.files).map(Number)) {
    yield* closeDescriptor(k, process, descriptor);
  }
  return 0;
}

/** close(): -EBADF where there is no such descriptor. */
export function* closeDescriptor(k: Kernel, process: number, descriptor: number): Sleep<number> {
  const files = k.state.core.processes[process]?.files;
  const file = files?.[descriptor];
  if (!files || file === undefined) return -ERRNO.EBADF;
  delete files[descriptor];
  yield* putFile(k, file);
  return 0;
}

function anonymous(k: Kernel, process: number, pages: number): number {
  const name = k.state.core.processes[process]?.name ?? "";
  const frames: number[] = [];
  for (let n = 0; n < pages; n++) {
    const frame = alloc_page(k, name);
    if (frame < 0) {
      for (const taken of frames.reverse()) free_page(k, taken);
      return frame;
    }
    frames.push(frame);
  }
  return place(k, process, { pages, frames, window: null });
}

function place(k: Kernel, process: number, range: Omit<Range, "start">): number {
  const record = k.state.core.processes[process];
  if (!record) return -ERRNO.ESRCH;
  const start = record.nextAddress;
  record.ranges.push({ start, ...range });
  // One page stays free, so that running over the end is noticed.
  record.nextAddress = start + (range.pages + 1) * PAGE;
  return start;
}

function part(range: Range, first: number, end: number): Range {
  const skipped = (first - range.start) / PAGE;
  const pages = (end - first) / PAGE;
  const { window } = range;
  return {
    start: first,
    pages,
    frames: range.frames.slice(skipped, skipped + pages),
    window: window && {
      ...window,
      offset: window.offset + skipped * PAGE,
      barOffset: window.barOffset + skipped * PAGE,
    },
  };
}
