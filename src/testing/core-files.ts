// Hand-made ELF core files and byte sources for tests.
import type { ByteSource } from "../interchange/byte-source.ts";

export interface Piece {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** 1: PT_LOAD, 4: PT_NOTE. */
  readonly type?: number;
}

/** An ELF64 core file of these pieces, in order, with headers in front. */
export function coreFile(pieces: readonly Piece[]): Uint8Array {
  const start = 64 + 56 * pieces.length;
  const file = new Uint8Array(pieces.reduce((sum, { bytes }) => sum + bytes.length, start));
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 4, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, pieces.length, true);
  let offset = start;
  for (const [index, { address, bytes, type = 1 }] of pieces.entries()) {
    const header = 64 + 56 * index;
    view.setUint32(header, type, true);
    view.setBigUint64(header + 8, BigInt(offset), true);
    view.setBigUint64(header + 24, address, true);
    view.setBigUint64(header + 32, BigInt(bytes.length), true);
    view.setBigUint64(header + 40, BigInt(bytes.length), true);
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

/** `length` bytes that tell where they are: the n-th is (first + n) mod 251. */
export const numbered = (length: number, first = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, n) => (first + n) % 251);

/** A source that hands out `bytes` in pieces of `size`. */
export function sourceOf(bytes: Uint8Array, size = 1000, name = "tables.elf"): ByteSource {
  let at = 0;
  return {
    name,
    atMost: bytes.length,
    read: async () => {
      if (at >= bytes.length) return { done: true };
      const value = bytes.subarray(at, at + size);
      at += size;
      return { done: false, value };
    },
    cancel: async () => {
      at = bytes.length;
    },
  };
}
