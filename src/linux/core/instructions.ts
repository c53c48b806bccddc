// Instructions of a process on its mapped memory: stores, loads, and MOVDIR64B to a portal. No kernel code runs.
import type { RequesterId } from "../../base/brand.ts";
import type { CallResult } from "../calls.ts";
import { ERRNO } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { frameOf } from "./pages.ts";
import type { Window } from "./tables.ts";

const PAGE = 4096;

/** BARs of a function: registers, and portals. */
const REGISTERS = 0;
const PORTALS = 2;

/** Bytes that one load or store may move. */
const MOST_BYTES = 65_536;

const failed = (errno: number): CallResult => ({ result: -errno, value: null });

/** Bytes of a hexadecimal text; null when it is none. */
export function bytesOf(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** 64 bytes at once. -EFAULT where nothing is mapped (a process would get SIGSEGV), -EINVAL for other than 64 bytes. */
export function movdir64b(k: Kernel, process: number, address: number, text: string): CallResult {
  const bytes = bytesOf(text);
  if (bytes?.length !== 64 || address % 64 !== 0) return failed(ERRNO.EINVAL);
  const target = windowAt(k, process, address);
  if (!target) return store(k, process, address, text);
  if (target.window.bar !== PORTALS) return failed(ERRNO.EFAULT);
  k.machine.submit(target.window.function as RequesterId, target.at, bytes);
  return { result: 0, value: null };
}

/** Bytes into memory, or 4 or 8 of them into a register. */
export function store(k: Kernel, process: number, address: number, text: string): CallResult {
  const bytes = bytesOf(text);
  if (!bytes || bytes.length === 0 || bytes.length > MOST_BYTES) return failed(ERRNO.EINVAL);
  const target = windowAt(k, process, address);
  if (target) {
    const size = registerSize(target, bytes.length);
    if (size === 0) return failed(ERRNO.EFAULT);
    let value = 0n;
    for (const byte of [...bytes].reverse()) value = (value << 8n) | BigInt(byte);
    k.machine.writeDevice(target.window.function as RequesterId, target.at, size, value);
    return { result: 0, value: null };
  }
  const parts = pieces(k, process, address, bytes.length);
  if (!parts) return failed(ERRNO.EFAULT);
  let done = 0;
  for (const { physical, length } of parts) {
    k.machine.writeBytes(physical, bytes.subarray(done, done + length));
    done += length;
  }
  return { result: 0, value: null };
}

/** Bytes in hex. */
export function load(k: Kernel, process: number, address: number, count: number): CallResult {
  if (!(count > 0) || count > MOST_BYTES) return failed(ERRNO.EINVAL);
  const target = windowAt(k, process, address);
  if (target) {
    const size = registerSize(target, count);
    if (size === 0) return failed(ERRNO.EFAULT);
    const value = k.machine.readDevice(target.window.function as RequesterId, target.at, size);
    const bytes = Uint8Array.from({ length: size }, (_, i) =>
      Number((value >> BigInt(8 * i)) & 0xffn),
    );
    return { result: 0, value: hexOf(bytes) };
  }
  const parts = pieces(k, process, address, count);
  if (!parts) return failed(ERRNO.EFAULT);
  const text = parts.map(({ physical, length }) => hexOf(k.machine.readBytes(physical, length)));
  return { result: 0, value: text.join("") };
}

interface InWindow {
  readonly window: Window;
  /** Offset in the BAR. */
  readonly at: number;
}

function windowAt(k: Kernel, process: number, address: number): InWindow | null {
  for (const { start, pages, window } of k.state.core.processes[process]?.ranges ?? []) {
    if (!window || address < start || address >= start + pages * PAGE) continue;
    return { window, at: window.barOffset + address - start };
  }
  return null;
}

const registerSize = ({ window, at }: InWindow, length: number): 0 | 4 | 8 =>
  window.bar === REGISTERS && (length === 4 || length === 8) && at % length === 0 ? length : 0;

/** Physical pieces of a run of user addresses; null where one page is missing. */
function pieces(k: Kernel, process: number, address: number, length: number) {
  if (!Number.isSafeInteger(address) || address < 0) return null;
  const parts: { physical: bigint; length: number }[] = [];
  for (let at = address; at < address + length; ) {
    const frame = frameOf(k, process, at);
    if (frame < 0) return null;
    const inside = at % PAGE;
    const size = Math.min(PAGE - inside, address + length - at);
    parts.push({ physical: BigInt(frame) * BigInt(PAGE) + BigInt(inside), length: size });
    at += size;
  }
  return parts;
}
