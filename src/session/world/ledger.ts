// What processes were granted, kept from their calls and the results alone. Kernel tables are never looked at.
import type { RequesterId } from "../../base/brand.ts";
import type { CallResult, SystemCall } from "../../linux/calls.ts";
import type { Ledger } from "../findings.ts";
import type { DeviceQueue } from "../types.ts";

/** A descriptor of a process that matters here. */
type Handle =
  | { readonly kind: "container"; readonly container: number }
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "device"; readonly device: string; readonly group: string };

interface Mapping {
  readonly iova: number;
  readonly size: number;
  readonly frames: number[];
  /** Devices may write there, not only read. */
  readonly write: boolean;
}

interface Container {
  readonly process: string;
  /** Groups in it. */
  groups: string[];
  mappings: Mapping[];
}

/** Plain records, so that they are kept with a state and come back with it. */
export interface LedgerState {
  handles: Record<string, Record<number, Handle>>;
  containers: Record<number, Container>;
  /** Anonymous memory of each process, by first address. */
  ranges: Record<string, Record<number, number[]>>;
  /** Windows into devices that a process mapped, by address. A window keeps its device open. */
  windows: Record<string, Record<number, { readonly device: string; readonly group: string }>>;
  /** Pages that became a process's own in its running call. */
  fresh: Record<string, number[]>;
  /** Frames whose unmap returned, by process. */
  unmapped: Record<string, number[]>;
  /** Who worked with a queue last: "requester queue" -> process, and the device through which it did. */
  tenants: Record<string, { readonly process: string; readonly device: string }>;
  next: number;
}

export const emptyLedger = (): LedgerState => ({
  handles: {},
  containers: {},
  ranges: {},
  windows: {},
  fresh: {},
  unmapped: {},
  tenants: {},
  next: 1,
});

const PAGE = 4096;
/** Of VFIO_IOMMU_MAP_DMA and VFIO_IOMMU_UNMAP_DMA. */
const [FLAG_WRITE, FLAG_ALL, FLAG_VADDR] = [2, 2, 4];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const queueKey = (function_: number, queue: number): string => `${function_} ${queue}`;

/** The records of one process, made when there are none yet. */
function entry<T>(table: Record<string, Record<number, T>>, process: string): Record<number, T> {
  const held = table[process] ?? {};
  table[process] = held;
  return held;
}

/** A call has returned. */
export function noteCall(
  state: LedgerState,
  process: string,
  call: SystemCall,
  { result }: CallResult,
): void {
  const fresh = state.fresh[process] ?? [];
  delete state.fresh[process];
  if (result < 0) return;
  const handles = entry(state.handles, process);
  switch (call.call) {
    case "open":
      opened(state, process, handles, call.path, result);
      return;
    case "close":
      close(state, process, handles, call.fd);
      return;
    case "mmap":
      if (call.fd === undefined) entry(state.ranges, process)[result] = fresh;
      else {
        const handle = handles[call.fd];
        if (handle?.kind === "device") {
          const { device, group } = handle;
          entry(state.windows, process)[result] = { device, group };
        }
      }
      return;
    case "munmap":
      unmapMemory(state.ranges[process] ?? {}, call.address, call.length);
      closeWindows(state, process, call.address, call.length);
      return;
    case "ioctl":
      noteIoctl(state, process, handles, call, result);
      return;
    case "exit":
      delete state.ranges[process];
      closeWindows(state, process, 0, Number.MAX_SAFE_INTEGER);
      for (const fd of Object.keys(handles)) close(state, process, handles, Number(fd));
      return;
  }
}

function opened(
  state: LedgerState,
  process: string,
  handles: Record<number, Handle>,
  path: string,
  fd: number,
): void {
  if (path === "/dev/vfio/vfio") {
    const container = state.next++;
    state.containers[container] = { process, groups: [], mappings: [] };
    handles[fd] = { kind: "container", container };
  } else if (path.startsWith("/dev/vfio/")) handles[fd] = { kind: "group", group: path };
}

function close(
  state: LedgerState,
  process: string,
  handles: Record<number, Handle>,
  fd: number,
): void {
  const handle = handles[fd];
  delete handles[fd];
  if (!handle) return;
  if (handle.kind === "container") {
    const held = state.containers[handle.container];
    if (held && held.groups.length === 0) delete state.containers[handle.container];
    return;
  }
  leaveUnlessUsed(state, process, handle.group);
}

function closeWindows(state: LedgerState, process: string, address: number, length: number): void {
  const windows = state.windows[process] ?? {};
  for (const [start, { group }] of Object.entries(windows)) {
    if (Number(start) < address || Number(start) >= address + length) continue;
    delete windows[Number(start)];
    leaveUnlessUsed(state, process, group);
  }
}

/** The last file and the last window of a group take it out of its container. */
function leaveUnlessUsed(state: LedgerState, process: string, group: string): void {
  const files = Object.values(state.handles[process] ?? {});
  const windows = Object.values(state.windows[process] ?? {});
  const used =
    files.some((other) => other.kind !== "container" && other.group === group) ||
    windows.some((other) => other.group === group);
  if (!used) leave(state, process, group);
}

/** A group leaves its container; with the last one all mappings go. */
function leave(state: LedgerState, process: string, group: string): void {
  for (const [id, container] of Object.entries(state.containers)) {
    if (!container.groups.includes(group)) continue;
    container.groups = container.groups.filter((other) => other !== group);
    if (container.groups.length > 0) continue;
    for (const { frames } of container.mappings) noteUnmapped(state, process, frames);
    container.mappings = [];
    const open = Object.values(state.handles[container.process] ?? {}).some(
      (handle) => handle.kind === "container" && handle.container === Number(id),
    );
    if (!open) delete state.containers[Number(id)];
  }
}

function noteIoctl(
  state: LedgerState,
  process: string,
  handles: Record<number, Handle>,
  call: Extract<SystemCall, { call: "ioctl" }>,
  result: number,
): void {
  const handle = handles[call.fd];
  const { argument } = call;
  if (handle?.kind === "group") {
    const { group } = handle;
    if (call.request === "VFIO_GROUP_SET_CONTAINER") {
      const container = handles[Number(argument)];
      if (container?.kind === "container") {
        state.containers[container.container]?.groups.push(group);
      }
    } else if (call.request === "VFIO_GROUP_UNSET_CONTAINER") leave(state, process, group);
    else if (call.request === "VFIO_GROUP_GET_DEVICE_FD") {
      handles[result] = { kind: "device", device: String(argument), group };
    }
    return;
  }
  if (handle?.kind !== "container" || argument === null || typeof argument !== "object") return;
  const container = state.containers[handle.container];
  if (!container) return;
  const iova = Number(argument["iova"]);
  const size = Number(argument["size"]);
  const flags = Number(argument["flags"]);
  // VFIO_DMA_MAP_FLAG_VADDR and its like of unmap change no grant: they exchange the process's address behind it.
  if ((flags & FLAG_VADDR) !== 0) return;
  if (call.request === "VFIO_IOMMU_MAP_DMA") {
    const frames = framesAt(state.ranges[process] ?? {}, Number(argument["vaddr"]), size);
    container.mappings.push({ iova, size, frames, write: (flags & FLAG_WRITE) !== 0 });
    const mapped = new Set(frames);
    const left = (state.unmapped[process] ?? []).filter((frame) => !mapped.has(frame));
    if (state.unmapped[process]) state.unmapped[process] = left;
  } else if (call.request === "VFIO_IOMMU_UNMAP_DMA") {
    const gone = unmappedBy(container, iova, (flags & FLAG_ALL) !== 0 ? 2 ** 64 : size);
    container.mappings = container.mappings.filter((one) => !gone.includes(one));
    for (const { frames } of gone) noteUnmapped(state, process, frames);
  }
}

/** Mappings that begin in the range go whole; one that begins before it stops type1 v1, and v2 has refused the call. */
function unmappedBy({ mappings }: Container, iova: number, size: number): readonly Mapping[] {
  if (mappings.some((one) => one.iova < iova && one.iova + one.size > iova)) return [];
  return mappings.filter((one) => one.iova >= iova && one.iova < iova + size);
}

function noteUnmapped(state: LedgerState, process: string, frames: readonly number[]): void {
  const still = new Set(
    Object.values(state.containers)
      .filter((one) => one.process === process)
      .flatMap((one) => one.mappings.flatMap((mapping) => mapping.frames)),
  );
  const gone = frames.filter((frame) => !still.has(frame));
  const all = new Set([...(state.unmapped[process] ?? []), ...gone]);
  state.unmapped[process] = [...all].sort((a, b) => a - b);
}

function framesAt(ranges: Record<number, number[]>, address: number, size: number): number[] {
  const found: number[] = [];
  for (const [start, frames] of Object.entries(ranges)) {
    const skip = (address - Number(start)) / PAGE;
    for (let page = 0; page < size / PAGE; page++) {
      const frame = frames[skip + page];
      if (frame !== undefined) found.push(frame);
    }
  }
  return found;
}

function unmapMemory(ranges: Record<number, number[]>, address: number, length: number): void {
  const end = address + length;
  for (const [key, frames] of Object.entries(ranges)) {
    const start = Number(key);
    const last = start + frames.length * PAGE;
    if (last <= address || end <= start) continue;
    delete ranges[start];
    const before = frames.slice(0, Math.max(0, (address - start) / PAGE));
    const after = end < last ? frames.slice((end - start) / PAGE) : [];
    if (before.length > 0) ranges[start] = before;
    if (after.length > 0) ranges[end] = after;
  }
}

/** A page got an owner in the machine's tags. */
export function notePage(state: LedgerState, page: number, owner: string): void {
  if (owner === "free" || owner === "kernel" || owner === "tables") return;
  const own = state.fresh[owner] ?? [];
  own.push(page);
  state.fresh[owner] = own;
}

/** A process's call reached a queue: it set it up for the device it opens, or gave it work. */
export function noteQueue(
  state: LedgerState,
  process: string,
  call: SystemCall,
  function_: RequesterId,
  queue: number,
): void {
  const handles = state.handles[process] ?? {};
  let device: string | null = null;
  if (call.call === "ioctl" && call.request === "VFIO_GROUP_GET_DEVICE_FD") {
    device = String(call.argument);
  } else if (call.call === "pwrite" || call.call === "ioctl" || call.call === "mmap") {
    const handle = handles[call.fd ?? -1];
    if (handle?.kind === "device") device = handle.device;
  } else if (call.call === "movdir64b") {
    const page = call.address - (call.address % PAGE);
    device = state.windows[process]?.[page]?.device ?? null;
  }
  if (device === null) return;
  state.tenants[queueKey(function_, queue)] = { process, device };
}

/** File of the group of a device that a process has open; null: it has not. */
function groupOf(state: LedgerState, process: string, device: string): string | null {
  for (const handle of Object.values(state.handles[process] ?? {})) {
    if (handle.kind === "device" && handle.device === device) return handle.group;
  }
  const windows = Object.values(state.windows[process] ?? {});
  return windows.find((one) => one.device === device)?.group ?? null;
}

/** Reads the ledger; `owner`, `queues`: the machine's own answers. */
export function ledgerOf(
  state: LedgerState,
  machine: {
    ownerOf(page: number): string;
    queues(): readonly DeviceQueue[];
    /** Requester id of "0000:6a:01.0". */
    requesterOf(device: string): RequesterId | undefined;
  },
): Ledger {
  const granted = (process: string, device: string | null, write: boolean): ReadonlySet<number> => {
    const frames = new Set<number>();
    const group = device === null ? null : groupOf(state, process, device);
    for (const container of Object.values(state.containers)) {
      if (container.process !== process) continue;
      if (group !== null && !container.groups.includes(group)) continue;
      for (const mapping of container.mappings) {
        if (write && !mapping.write) continue;
        for (const frame of mapping.frames) frames.add(frame);
      }
    }
    return frames;
  };
  return {
    ownerOf: (page) => machine.ownerOf(page),
    mapped: (process, mdev = null) => granted(process, mdev, false),
    writable: (process, mdev = null) => granted(process, mdev, true),
    get tenants() {
      const found: Ledger["tenants"][number][] = [];
      for (const { function: requester, queue, enabled, pasid } of machine.queues()) {
        const tenant = enabled ? state.tenants[queueKey(requester, queue)] : undefined;
        // Who has closed the device works with its queues no more.
        if (!tenant || groupOf(state, tenant.process, tenant.device) === null) continue;
        const { process, device } = tenant;
        found.push({ requester, pasid, process, mdev: UUID.test(device) ? device : null });
      }
      for (const [process, handles] of Object.entries(state.handles)) {
        for (const handle of Object.values(handles)) {
          if (handle.kind !== "device" || UUID.test(handle.device)) continue;
          const requester = machine.requesterOf(handle.device);
          if (requester !== undefined) {
            found.push({ requester, pasid: null, process, mdev: null });
          }
        }
      }
      return found;
    },
    get unmapped() {
      return Object.entries(state.unmapped).map(([process, frames]) => ({ process, frames }));
    },
  };
}
