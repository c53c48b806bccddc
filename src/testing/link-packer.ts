// Packing of links for tests, with Node's zlib.
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import type { LinkPacker } from "../interchange/link.ts";

const pack = promisify(deflateRaw);
const unpack = promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>(inflateRaw);

export const nodePacker: LinkPacker = {
  pack: (bytes) => pack(bytes),
  unpack: (bytes, limit) => unpack(bytes, { maxOutputLength: limit + 1 }),
};
