// A file of the page as a source of unpacked bytes: gzip is recognised by content and unpacked on the way.
import { type ByteSource, isGzip, unpackedAtMost } from "../../interchange/byte-source.ts";
import type { NamedBlob } from "./protocol.ts";

export async function openSource({ name, blob }: NamedBlob): Promise<ByteSource> {
  const packed = isGzip(new Uint8Array(await blob.slice(0, 2).arrayBuffer()));
  const bytes = blob.stream();
  const reader = (packed ? bytes.pipeThrough(new DecompressionStream("gzip")) : bytes).getReader();
  return {
    name,
    atMost: packed ? unpackedAtMost(blob.size) : blob.size,
    read: () => reader.read(),
    cancel: () => reader.cancel(),
  };
}
