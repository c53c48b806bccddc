// Reader of a register listing: lines `fed90000: 0x00000010 0x00000000 ...`, as QEMU's monitor prints memory.
// What each register is stands in section 11.4 of the specification.
import { plainHex } from "../base/hex.ts";
import { ok, problem, type Result } from "../base/result.ts";
import { join64 } from "../base/words.ts";
import { decodeCapabilities } from "../hardware/vtd/capabilities.ts";

/** Registers of one remapping unit, as they were read from the outside. */
export interface RegisterListing {
  /** Address of the unit's first register. */
  readonly base: bigint;
  /** 32-bit words by their offset from `base`, unsigned; offsets are multiples of 4. */
  readonly words: ReadonlyMap<number, number>;
  readonly ver: number;
  readonly cap: bigint;
  readonly ecap: bigint;
  readonly gsts: number;
  readonly rtaddr: bigint;
}

/** The unit's registers cover at most this many bytes: the farthest offset that a capability can name, and a record there. */
const SPAN = 0x10000;

/** Registers without which nothing can be decoded: name, offset, size in bytes. */
const NEEDED = [
  ["VER_REG", 0x00, 4],
  ["CAP_REG", 0x08, 8],
  ["ECAP_REG", 0x10, 8],
  ["GSTS_REG", 0x1c, 4],
  ["RTADDR_REG", 0x20, 8],
] as const;

/** Host address width in bits when nobody says it: the unit's MGAW, at most 52, at least 32. */
export const hostAddressWidth = (listing: RegisterListing): number =>
  Math.max(32, Math.min(decodeCapabilities(listing).mgaw, 52));

interface Line {
  readonly number: number;
  readonly address: bigint;
  readonly words: readonly number[];
}

/** Address and words of one line; null for a line of another kind. */
function parseLine(text: string, number: number): Line | null {
  if (text.length > 1000) return null;
  const [head = "", ...tail] = text.trim().split(/\s+/);
  const found = /^(?:0x)?([0-9a-f]{1,16}):$/i.exec(head);
  if (!found || tail.length === 0) return null;
  const words: number[] = [];
  for (const digits of tail) {
    if (!/^0x(?:[0-9a-f]{1,8}|[0-9a-f]{16})$/i.test(digits)) return null;
    if (digits.length <= 10) words.push(Number(digits));
    else words.push(Number(`0x${digits.slice(10)}`), Number(digits.slice(0, 10)));
  }
  return { number, address: BigInt(`0x${found[1]}`), words };
}

/**
 * Reads a listing. Lines that are not `address: words` are skipped; the unit begins at the page of the lowest address.
 * A problem names the line, or the registers that are missing.
 */
export function readRegisterListing(source: string, text: string): Result<RegisterListing> {
  const lines: Line[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = parseLine(content, index + 1);
    if (line) lines.push(line);
  }
  const first = lines.reduce<Line | null>((a, b) => (a && a.address <= b.address ? a : b), null);
  if (!first) {
    return problem(source, "", "no line of the form `address: 0xword 0xword` is in this file");
  }
  const base = first.address & ~0xfffn;
  const words = new Map<number, number>();
  for (const line of lines) {
    const refused = placeLine(source, line, base, words);
    if (refused) return refused;
  }
  const missing = NEEDED.filter(
    ([, offset, size]) => !words.has(offset) || !words.has(offset + size - 4),
  );
  if (missing.length > 0) {
    const names = missing.map(([name, offset]) => `${name} (offset ${plainHex(offset, 2)})`);
    return problem(
      source,
      `registers at ${plainHex(base)}`,
      `${names.join(", ")} ${names.length === 1 ? "is" : "are"} missing`,
    );
  }
  return ok({
    base,
    words,
    ver: word(words, 0x00),
    cap: wide(words, 0x08),
    ecap: wide(words, 0x10),
    gsts: word(words, 0x1c),
    rtaddr: wide(words, 0x20),
  });
}

function placeLine(
  source: string,
  line: Line,
  base: bigint,
  words: Map<number, number>,
): Result<never> | null {
  const place = `line ${line.number}`;
  if (line.address % 4n !== 0n) {
    return problem(source, place, `address ${plainHex(line.address)} is no multiple of 4`);
  }
  const start = line.address - base;
  if (start + BigInt(4 * line.words.length) > SPAN) {
    return problem(
      source,
      place,
      `address ${plainHex(line.address)} is more than 64 KiB above ${plainHex(base)}, where the registers begin`,
    );
  }
  for (const [index, value] of line.words.entries()) {
    const offset = Number(start) + 4 * index;
    const before = words.get(offset);
    if (before !== undefined && before !== value) {
      return problem(
        source,
        place,
        `offset ${plainHex(offset)} is ${plainHex(value, 8)} here and ${plainHex(before, 8)} in a line before`,
      );
    }
    words.set(offset, value);
  }
  return null;
}

const word = (words: ReadonlyMap<number, number>, offset: number): number => words.get(offset) ?? 0;

const wide = (words: ReadonlyMap<number, number>, offset: number): bigint =>
  join64(word(words, offset + 4), word(words, offset));
