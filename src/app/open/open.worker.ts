// Reads an image beside the page: files are unpacked and put into a memory store, whose arrays are handed over without a copy.
import { ok, problem, type Result } from "../../base/result.ts";
import { Store } from "../../hardware/memory/store.ts";
import { readAll } from "../../interchange/byte-source.ts";
import { readElfCore } from "../../interchange/elf-core.ts";
import {
  hostAddressWidth,
  type RegisterListing,
  readRegisterListing,
} from "../../interchange/register-listing.ts";
import { openSource } from "./blob-source.ts";
import type { NamedBlob, OpenOrder, OpenReply } from "./protocol.ts";

/** Bytes between two words about progress. */
const NEWS = 4 * 2 ** 20;

const reply = (message: OpenReply, transfer: Transferable[] = []) =>
  // The page's typing of postMessage takes an origin; a worker's takes what is transferred.
  (self as unknown as Worker).postMessage(message, transfer);

self.addEventListener("message", (event: MessageEvent<OpenOrder>) => {
  open(event.data).then(
    (result) => {
      if (!result.ok) reply({ kind: "failed", problem: result.problem });
    },
    (error: unknown) => {
      const { name } = event.data.tables;
      const reason = error instanceof Error ? error.message : String(error);
      const failed = problem(name, "", `the file could not be read: ${reason}`);
      if (!failed.ok) reply({ kind: "failed", problem: failed.problem });
    },
  );
});

async function open(order: OpenOrder): Promise<Result<true>> {
  const listing = await readListing(order.registers);
  if (!listing.ok) return listing;
  const haw = order.haw ?? hostAddressWidth(listing.value);
  const store = new Store();
  let told = 0;
  const image = await readElfCore(await openSource(order.tables), store, {
    haw,
    progress: (read) => {
      if (read - told < NEWS) return;
      told = read;
      reply({ kind: "progress", what: order.tables.name, read });
    },
  });
  if (!image.ok) return image;
  const digest = store.digest() + digestOfRegisters(listing.value);
  const parts = store.parts();
  reply({ kind: "done", parts, listing: listing.value, haw, digest }, [
    parts.words.buffer,
    parts.index.buffer,
    parts.pages.buffer,
  ]);
  return ok(true);
}

async function readListing(file: NamedBlob): Promise<Result<RegisterListing>> {
  const bytes = await readAll(await openSource(file));
  if (!bytes.ok) return bytes;
  return readRegisterListing(file.name, new TextDecoder().decode(bytes.value));
}

/** FNV-1a over offsets and words, 8 hex digits: two listings of one image must not be taken for each other. */
function digestOfRegisters({ words }: RegisterListing): string {
  let hash = 0x811c9dc5;
  for (const [offset, word] of [...words].sort(([a], [b]) => a - b)) {
    hash = Math.imul(hash ^ offset, 0x01000193);
    hash = Math.imul(hash ^ word, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
