// Reader of memory images: an ELF64 core file (PT_LOAD: bytes of the file that are bytes of physical memory) goes page by page
// into a store while it is unpacked, so that no second copy of it ever exists.
import { hpa } from "../base/brand.ts";
import { plainHex } from "../base/hex.ts";
import { ok, problem, type Result } from "../base/result.ts";
import { PAGE_SIZE } from "../hardware/memory/memory.ts";
import type { Store } from "../hardware/memory/store.ts";
import { type ByteSource, IMAGE_LIMIT, nextPiece, stop } from "./byte-source.ts";
import { FILE_HEADER, readFileHeader, readSegments, type Segment } from "./elf-headers.ts";

/** Where pages go. */
export type ImageStore = Pick<Store, "reserve" | "addPages">;

export interface ImageOptions {
  /** Host address width in bits, 32 .. 52: memory at and above it is refused. */
  readonly haw: number;
  /** Told after each piece: bytes of the file that are read, and how many there will be. Waited for. */
  readonly progress?: (done: number, total: number) => void | Promise<void>;
  /** Most unpacked bytes that are read. */
  readonly limit?: number;
}

export interface ImageSummary {
  /** Unpacked bytes of the file. */
  readonly bytes: number;
  /** Bytes of memory in it. */
  readonly memory: number;
  readonly segments: number;
}

/**
 * Reads an image into `store`, which should be new: after a problem it holds what came before.
 * Parts of a page that the file does not hold are zero. A problem names the byte of the unpacked file.
 */
export async function readElfCore(
  source: ByteSource,
  store: ImageStore,
  options: ImageOptions,
): Promise<Result<ImageSummary>> {
  const outcome = await readImage(source, store, options);
  if (!outcome.ok) await stop(source);
  return outcome;
}

async function readImage(
  source: ByteSource,
  store: ImageStore,
  options: ImageOptions,
): Promise<Result<ImageSummary>> {
  const limit = options.limit ?? IMAGE_LIMIT;
  const start = await readHead(source, FILE_HEADER, new Uint8Array(0), limit);
  if (!start.ok) return start;
  const headers = readFileHeader(source.name, start.value);
  if (!headers.ok) return headers;
  const head = await readHead(source, headers.value.end, start.value, limit);
  if (!head.ok) return head;
  if (head.value.length < headers.value.end) {
    return endsEarly(source, head.value.length, "the program headers go on", headers.value.end);
  }
  const bounds = { memory: limit, file: source.atMost, haw: options.haw };
  const found = readSegments(source.name, head.value, headers.value, bounds);
  if (!found.ok) return found;
  const segments = found.value;
  const memory = segments.reduce((sum, { length }) => sum + length, 0);
  const last = segments.at(-1);
  const total = last ? last.offset + last.length : 0;
  // A hostile header must not make us take more room than the file can fill.
  store.reserve(Math.ceil(Math.min(memory, source.atMost) / PAGE_SIZE) + segments.length);

  const placer = new Placer(segments, store);
  let piece: Uint8Array | null = head.value;
  let at = 0;
  while (piece !== null) {
    placer.feed(at, piece);
    at += piece.length;
    if (options.progress) await options.progress(Math.min(at, total), total);
    const next = await nextPiece(source, at, limit);
    if (!next.ok) return next;
    piece = next.value;
  }
  if (at < total) {
    return endsEarly(source, at, `memory at ${plainHex(placer.missing(at))} goes on`, total);
  }
  return ok({ bytes: at, memory, segments: segments.length });
}

const endsEarly = (source: ByteSource, at: number, what: string, end: number): Result<never> =>
  problem(
    source.name,
    `byte ${plainHex(at)}`,
    `the file ends here, but ${what} to byte ${plainHex(end)}: it was cut off`,
  );

/** The first bytes of the file, `have` and more, until there are at least `count` or the file ends. */
async function readHead(
  source: ByteSource,
  count: number,
  have: Uint8Array,
  limit: number,
): Promise<Result<Uint8Array>> {
  const pieces = [have];
  let length = have.length;
  while (length < count) {
    const next = await nextPiece(source, length, limit);
    if (!next.ok) return next;
    if (next.value === null) break;
    pieces.push(next.value);
    length += next.value.length;
  }
  if (pieces.length === 1) return ok(have);
  const joined = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return ok(joined);
}

/** Puts the pieces of a file where its segments say. */
class Placer {
  readonly #segments: readonly Segment[];
  readonly #store: ImageStore;
  /** Index of the segment that the next byte belongs to, or that comes next. */
  #current = 0;

  constructor(segments: readonly Segment[], store: ImageStore) {
    this.#segments = segments;
    this.#store = store;
  }

  /** Takes the bytes of the file from offset `at` on; pieces must come in order. */
  feed(at: number, piece: Uint8Array): void {
    for (;;) {
      const segment = this.#segments[this.#current];
      if (!segment || segment.offset >= at + piece.length) return;
      const begin = Math.max(segment.offset, at);
      const end = Math.min(segment.offset + segment.length, at + piece.length);
      if (begin < end) {
        const address = segment.address + BigInt(begin - segment.offset);
        this.#store.addPages(hpa(address), piece.subarray(begin - at, end - at));
      }
      if (end < segment.offset + segment.length) return;
      this.#current++;
    }
  }

  /** The address in memory whose bytes were to come at offset `at` of the file or behind it. */
  missing(at: number): bigint {
    const segment = this.#segments[this.#current];
    return segment ? segment.address + BigInt(Math.max(0, at - segment.offset)) : 0n;
  }
}
