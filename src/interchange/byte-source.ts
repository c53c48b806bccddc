// Bytes of a file, already unpacked, piece by piece. Files and gzip belong to the platform: the page and the command line supply them.
import { plainHex } from "../base/hex.ts";
import { ok, problem, type Result } from "../base/result.ts";

/** The largest unpacked memory image that is read, in bytes: 1 GiB. */
export const IMAGE_LIMIT = 2 ** 30;
/** The largest unpacked text file that is read, in bytes. */
export const TEXT_LIMIT = 64 * 2 ** 20;

/** A file that is read once, from the front. `read` and `cancel` are those of a web stream's reader. */
export interface ByteSource {
  /** The file's name, for messages. */
  readonly name: string;
  /** No more bytes than this can come (the size of a plain file); Infinity when nothing is known. */
  readonly atMost: number;
  /** The next piece. Rejects with an Error when the file cannot be read or unpacked. */
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  /** No more is wanted. */
  cancel(): Promise<unknown>;
}

/** Two bytes at the front that tell gzip from everything else. */
export const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;

/** No more bytes than this can come out of `packed` bytes of gzip: deflate gives at most 1032 for one. */
export const unpackedAtMost = (packed: number): number => packed * 1032;

/** The next piece of `source`, null at its end; `at` is the number of bytes that came before. */
export async function nextPiece(
  source: ByteSource,
  at: number,
  limit: number,
): Promise<Result<Uint8Array | null>> {
  try {
    const { done, value } = await source.read();
    if (done) return ok(null);
    const piece = value ?? new Uint8Array(0);
    if (at + piece.length <= limit) return ok(piece);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return problem(
      source.name,
      `byte ${plainHex(at)}`,
      `the file cannot be read further: ${reason}`,
    );
  }
  await stop(source);
  const megabytes = Math.floor(limit / 2 ** 20);
  return problem(
    source.name,
    `byte ${plainHex(limit)}`,
    `unpacked, the file is larger than ${megabytes} MiB, the most that is read`,
  );
}

/** Gives the source back; one that fails while it is given back is of no interest any more. */
export async function stop(source: ByteSource): Promise<void> {
  try {
    await source.cancel();
  } catch {
    // The outcome is decided already.
  }
}

/** The whole of a small file. At most `limit` bytes. */
export async function readAll(source: ByteSource, limit = TEXT_LIMIT): Promise<Result<Uint8Array>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const next = await nextPiece(source, length, limit);
    if (!next.ok) return next;
    if (next.value === null) break;
    pieces.push(next.value);
    length += next.value.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return ok(whole);
}
