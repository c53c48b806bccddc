// Packing for links with what the browser has: deflate without a header.
import type { LinkPacker } from "../interchange/link.ts";

export const packer: LinkPacker = {
  pack: (bytes) => squeeze(bytes, new CompressionStream("deflate-raw"), Number.POSITIVE_INFINITY),
  unpack: (bytes, limit) => squeeze(bytes, new DecompressionStream("deflate-raw"), limit),
};

async function squeeze(
  bytes: Uint8Array,
  through: CompressionStream | DecompressionStream,
  limit: number,
): Promise<Uint8Array> {
  const reader = new Blob([bytes.slice()]).stream().pipeThrough(through).getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      break;
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
