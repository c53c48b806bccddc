// File header and program headers of an ELF64 core file: which bytes of the file are which bytes of physical memory.
// Layouts are those of the System V ABI; QEMU's dump-guest-memory writes them.
import { plainHex } from "../base/hex.ts";
import { ok, problem, type Result } from "../base/result.ts";

export const FILE_HEADER = 64;
const PROGRAM_HEADER = 56;
/** Program headers must end within this many bytes, so that they can be looked at before memory comes. */
const TABLE_LIMIT = 8 * 2 ** 20;

const CORE = 4;
const X86_64 = 62;
const LOAD = 1;
/** The count stands elsewhere when there are this many or more. */
const TOO_MANY = 0xffff;

/** One run of bytes in the file that is a run of bytes in memory. All three are whole numbers below 2^53. */
export interface Segment {
  readonly offset: number;
  readonly address: bigint;
  readonly length: number;
}

interface ProgramHeaders {
  readonly offset: number;
  readonly count: number;
  /** The first byte behind the last of them. */
  readonly end: number;
}

/** Where the program headers are. `head` holds at least 64 bytes when the file does. */
export function readFileHeader(source: string, head: Uint8Array): Result<ProgramHeaders> {
  const say = (place: number, message: string) =>
    problem(source, `byte ${plainHex(place)}`, message);
  if (
    head.length < 4 ||
    String.fromCharCode(...head.subarray(1, 4)) !== "ELF" ||
    head[0] !== 0x7f
  ) {
    const start = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0"));
    return say(0, `this is no ELF core file: it begins with ${start.join(" ") || "nothing"}`);
  }
  if (head.length < FILE_HEADER) {
    return say(head.length, `the file ends inside its ELF header of ${FILE_HEADER} bytes`);
  }
  const view = new DataView(head.buffer, head.byteOffset, FILE_HEADER);
  if (head[4] !== 2) return say(4, `ELF class ${head[4]} instead of 2: only 64-bit files are read`);
  if (head[5] !== 1) {
    return say(5, `ELF byte order ${head[5]} instead of 1: only little-endian files are read`);
  }
  const type = view.getUint16(16, true);
  if (type !== CORE) return say(16, `ELF type ${type} instead of 4: this is no core file`);
  const machine = view.getUint16(18, true);
  if (machine !== X86_64) {
    return say(18, `ELF machine ${machine} instead of 62: only memory of x86-64 machines is read`);
  }
  const size = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (count === 0) return say(56, "the file has no program headers, so it holds no memory");
  if (count === TOO_MANY) return say(56, `more than ${TOO_MANY - 1} program headers are not read`);
  if (size !== PROGRAM_HEADER) {
    return say(54, `program headers of ${size} bytes instead of ${PROGRAM_HEADER}`);
  }
  const offset = view.getBigUint64(32, true);
  const end = offset + BigInt(count * PROGRAM_HEADER);
  if (offset < FILE_HEADER || end > TABLE_LIMIT) {
    return say(
      32,
      `${count} program headers at byte ${plainHex(offset)}: they must lie between the ELF header and byte ${plainHex(TABLE_LIMIT)}`,
    );
  }
  return ok({ offset: Number(offset), count, end: Number(end) });
}

/** What the file may hold. */
export interface Bounds {
  /** Most bytes of memory. */
  readonly memory: number;
  /** Most bytes that the file can have. */
  readonly file: number;
  /** Host address width in bits. */
  readonly haw: number;
}

/** The segments that hold memory, by their place in the file, none overlapping another in file or memory. */
export function readSegments(
  source: string,
  head: Uint8Array,
  headers: ProgramHeaders,
  bounds: Bounds,
): Result<readonly Segment[]> {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const segments: (Segment & { readonly place: number })[] = [];
  let memory = 0;
  for (let index = 0; index < headers.count; index++) {
    const place = headers.offset + index * PROGRAM_HEADER;
    const say = (field: number, message: string) =>
      problem(source, `byte ${plainHex(place + field)}`, `program header ${index}: ${message}`);
    if (view.getUint32(place, true) !== LOAD) continue;
    const offset = view.getBigUint64(place + 8, true);
    const address = view.getBigUint64(place + 24, true);
    const length = view.getBigUint64(place + 32, true);
    if (length === 0n) continue;
    if (offset + length > bounds.file) {
      return say(8, `its bytes ${span(offset, length)} lie beyond the end of the file`);
    }
    if (address + length > 1n << BigInt(bounds.haw)) {
      return say(
        24,
        `memory ${span(address, length)} lies above the host address width of ${bounds.haw} bits`,
      );
    }
    memory += Number(length);
    if (memory > bounds.memory) {
      return say(32, `memory is larger than ${bounds.memory / 2 ** 20} MiB, the most that is read`);
    }
    if (offset > Number.MAX_SAFE_INTEGER) return say(8, `offset ${plainHex(offset)} is too large`);
    segments.push({ offset: Number(offset), address, length: Number(length), place });
  }
  if (segments.length === 0) {
    return problem(source, `byte ${plainHex(headers.offset)}`, "no program header holds memory");
  }
  const overlap = (of: "address" | "offset", what: string): Result<never> | null => {
    segments.sort((a, b) => (a[of] < b[of] ? -1 : a[of] > b[of] ? 1 : 0));
    for (const [index, segment] of segments.entries()) {
      const before = segments[index - 1];
      if (!before || BigInt(before[of]) + BigInt(before.length) <= BigInt(segment[of])) continue;
      const at = plainHex(segment[of]);
      return problem(
        source,
        `byte ${plainHex(segment.place)}`,
        `this program header and the one at byte ${plainHex(before.place)} hold the same ${what} ${at}`,
      );
    }
    return null;
  };
  return overlap("address", "memory at") ?? overlap("offset", "byte of the file") ?? ok(segments);
}

const span = (start: bigint, length: bigint): string =>
  `${plainHex(start)} to ${plainHex(start + length - 1n)}`;
