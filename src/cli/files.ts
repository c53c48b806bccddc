// Files of the caller as byte sources: paths relative to where the command was typed, gzip recognised by content.
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { type Duplex, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { ok, problem, type Result } from "../base/result.ts";
import {
  type ByteSource,
  isGzip,
  readAll,
  TEXT_LIMIT,
  unpackedAtMost,
} from "../interchange/byte-source.ts";

/** npm changes the directory to the project's and keeps the caller's in INIT_CWD. */
export const resolvePath = (given: string): string =>
  path.resolve(process.env["INIT_CWD"] ?? process.cwd(), given);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "this is a directory",
  Z_BUF_ERROR: "the gzip data end too early",
  Z_DATA_ERROR: "the gzip data are damaged",
};

/** An error of the platform in words. */
function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException)?.code ?? "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

/** A file, unpacked while it is read. */
export async function openSource(given: string): Promise<Result<ByteSource>> {
  const file = resolvePath(given);
  try {
    const status = await stat(file);
    const pieces = createReadStream(file, { highWaterMark: 1 << 18 })[Symbol.asyncIterator]();
    const first: IteratorResult<Uint8Array, undefined> = await pieces.next();
    const start = first.done ? new Uint8Array(0) : first.value;
    const packed = isGzip(start);
    const size = status.isFile() ? status.size : Number.POSITIVE_INFINITY;
    return ok(sourceOf(given, start, pieces, packed, packed ? unpackedAtMost(size) : size));
  } catch (error) {
    return problem(given, "", explain(error));
  }
}

function sourceOf(
  name: string,
  start: Uint8Array,
  rest: AsyncIterableIterator<Uint8Array>,
  packed: boolean,
  atMost: number,
): ByteSource {
  const raw = Readable.from(joined(start, rest));
  const bytes = packed ? compose(raw, createGunzip({ chunkSize: 1 << 18 })) : raw;
  const pieces: AsyncIterator<Uint8Array> = bytes[Symbol.asyncIterator]();
  return {
    name,
    atMost,
    async read() {
      try {
        const { done, value } = await pieces.next();
        return { done: done === true, value };
      } catch (error) {
        throw new Error(explain(error));
      }
    },
    async cancel() {
      bytes.destroy();
      raw.destroy();
    },
  };
}

async function* joined(start: Uint8Array, rest: AsyncIterable<Uint8Array>) {
  yield start;
  yield* rest;
}

/** Like pipe, but an error of the input is one of the output. */
function compose<T extends Duplex>(input: Readable, output: T): T {
  input.on("error", (error) => output.destroy(error));
  return input.pipe(output);
}

/** Paths of the `.json` files in a directory, in order of name; null when `given` is none. */
export async function jsonFilesIn(given: string): Promise<readonly string[] | null> {
  try {
    const names = await readdir(resolvePath(given));
    return names
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => path.join(given, name));
  } catch {
    // Whatever it is, opening it as a file tells.
    return null;
  }
}

/** The whole of a text file. */
export async function readText(given: string, limit = TEXT_LIMIT): Promise<Result<string>> {
  const source = await openSource(given);
  if (!source.ok) return source;
  const bytes = await readAll(source.value, limit);
  return bytes.ok ? ok(new TextDecoder().decode(bytes.value)) : bytes;
}
