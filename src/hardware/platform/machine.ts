// From a description in words and numbers to what a platform is built of; says what is wrong with it.
import { parseBdf } from "../../base/bdf.ts";
import type { RequesterId } from "../../base/brand.ts";
import { parseNumber } from "../../base/hex.ts";
import { ok, problem, type Result } from "../../base/result.ts";
import type { CacheSizes, Identification } from "../vtd/types.ts";
import type { PlatformDescription } from "./description.ts";
import { buildTopology, type PciFunction } from "./topology.ts";

/** Registers of the remapping unit; interrupt messages and other registers stand near: no memory may. */
export const UNIT_BASE = 0xfed9_0000n;
const HOLE = { first: 0xfe00_0000n, end: 0x1_0000_0000n };
/** Memory that a described machine may have: 16 GiB. */
const MOST_MEMORY = 1n << 34n;
const DEFAULT_CACHES: CacheSizes = { context: 16, pasid: 32, iotlb: 64, paging: 32 };

export interface MemoryRange {
  readonly start: bigint;
  readonly length: bigint;
}

export interface Reserved {
  readonly devices: readonly RequesterId[];
  readonly start: bigint;
  readonly end: bigint;
}

export interface Machine {
  readonly haw: number;
  readonly identification: Identification;
  readonly caches: CacheSizes;
  readonly memory: readonly MemoryRange[];
  readonly functions: readonly PciFunction[];
  readonly reserved: readonly Reserved[];
}

const wrong = (place: string, message: string): Result<never> => problem("machine", place, message);

/** Addresses are texts; `parseNumber` takes both forms. */
function numberAt(place: string, text: string): Result<bigint> {
  const value = typeof text === "string" ? parseNumber(text) : undefined;
  if (value !== undefined) return ok(value);
  return wrong(place, `"${String(text)}" is no number; write a text such as "0x100000".`);
}

export function readMachine(description: PlatformDescription): Result<Machine> {
  const { haw } = description;
  if (!Number.isInteger(haw) || haw < 32 || haw > 52) {
    return wrong("haw", "The host address width is 32 to 52 bits.");
  }
  const identification = readIdentification(description);
  if (!identification.ok) return identification;
  const caches = { ...DEFAULT_CACHES, ...description.unit.caches };
  for (const [name, size] of Object.entries(caches)) {
    if (!Number.isInteger(size) || size < 0 || size > 4096 || size % 4 !== 0) {
      return wrong(`unit.caches.${name}`, "A cache has 0 to 4096 entries, a multiple of 4.");
    }
  }
  const memory = readMemory(description);
  if (!memory.ok) return memory;
  const functions = buildTopology(description.functions, registersFrom(memory.value, haw));
  if (!functions.ok) return functions;
  const reserved = readReserved(description, functions.value);
  if (!reserved.ok) return reserved;
  return ok({
    haw,
    identification: identification.value,
    caches,
    memory: memory.value,
    functions: functions.value,
    reserved: reserved.value,
  });
}

function readIdentification({ unit }: PlatformDescription): Result<Identification> {
  const ver = numberAt("unit.version", unit.version);
  if (!ver.ok) return ver;
  const cap = numberAt("unit.cap", unit.cap);
  if (!cap.ok) return cap;
  const ecap = numberAt("unit.ecap", unit.ecap);
  if (!ecap.ok) return ecap;
  if (ver.value > 0xffn) return wrong("unit.version", "VER has 8 bits: major and minor version.");
  return ok({ ver: Number(ver.value), cap: cap.value, ecap: ecap.value });
}

function readMemory({ haw, memory }: PlatformDescription): Result<readonly MemoryRange[]> {
  const ranges: MemoryRange[] = [];
  let total = 0n;
  for (const [n, range] of memory.entries()) {
    const place = `memory[${n}]`;
    const start = numberAt(`${place}.start`, range.start);
    if (!start.ok) return start;
    const length = numberAt(`${place}.length`, range.length);
    if (!length.ok) return length;
    const end = start.value + length.value;
    if (((start.value | length.value) & 0xfffn) !== 0n || length.value === 0n) {
      return wrong(place, "Memory begins and ends at a multiple of 0x1000, and has a length.");
    }
    if (end > 1n << BigInt(haw)) {
      return wrong(place, `The range ends beyond the host address width of ${haw} bits.`);
    }
    if (start.value < HOLE.end && end > HOLE.first) {
      return wrong(place, "From 0xfe000000 to 0xffffffff are registers: no memory can be there.");
    }
    if (ranges.some((other) => start.value < other.start + other.length && other.start < end)) {
      return wrong(place, "The range overlaps an earlier one.");
    }
    total += length.value;
    ranges.push({ start: start.value, length: length.value });
  }
  if (ranges.length === 0) return wrong("memory", "A machine needs memory.");
  if (total > MOST_MEMORY) return wrong("memory", "A machine has at most 16 GiB of memory.");
  return ok(ranges.sort((a, b) => (a.start < b.start ? -1 : 1)));
}

/** Above all memory and above 4 GiB; on a machine that ends there, below the hole. */
function registersFrom(memory: readonly MemoryRange[], haw: number): bigint {
  const gib = 1n << 30n;
  const last = memory.at(-1);
  const end = last ? last.start + last.length : 0n;
  const above = end > 4n * gib ? ((end + gib - 1n) / gib) * gib : 4n * gib;
  return above + gib <= 1n << BigInt(haw) ? above : 0xe000_0000n;
}

function readReserved(
  { reserved = [] }: PlatformDescription,
  functions: readonly PciFunction[],
): Result<readonly Reserved[]> {
  const read: Reserved[] = [];
  for (const [n, one] of reserved.entries()) {
    const place = `reserved[${n}]`;
    const start = numberAt(`${place}.start`, one.start);
    if (!start.ok) return start;
    const end = numberAt(`${place}.end`, one.end);
    if (!end.ok) return end;
    if ((start.value & 0xfffn) !== 0n || (end.value & 0xfffn) !== 0xfffn) {
      return wrong(
        place,
        "A reserved range covers whole pages: it begins at 0x...000 and ends at 0x...fff.",
      );
    }
    if (end.value < start.value) return wrong(place, "The range ends before it begins.");
    const devices: RequesterId[] = [];
    for (const address of one.devices) {
      const device = parseBdf(address);
      if (device === undefined || !functions.some((f) => f.requester === device)) {
        return wrong(`${place}.devices`, `The machine has no function ${address}.`);
      }
      devices.push(device);
    }
    read.push({ devices, start: start.value, end: end.value });
  }
  return ok(read);
}
