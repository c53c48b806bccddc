// The fragment of the address bar: what is open, what was done to it and what is looked at, packed into a few characters.
// `1.` and then base64url of deflated JSON. Reading checks everything and runs nothing.
import { ok, problem, type Result } from "../base/result.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { parseJson, validate } from "./json.ts";
import { type LinkState, linkSchema, toJson, workload } from "./link-form.ts";

/** Packing of bytes, deflate without header. Both may reject. */
export interface LinkPacker {
  pack(bytes: Uint8Array): Promise<Uint8Array>;
  /** Rejects when the bytes are damaged; stops and gives more than `limit` bytes when there are more. */
  unpack(bytes: Uint8Array, limit: number): Promise<Uint8Array>;
}

const VERSION = "1.";
/** Longest fragment that is read or written, in characters. */
const LONGEST = 100_000;
/** Most unpacked bytes. */
const LARGEST = 2 ** 20;
/** Most requests that the operations of a link may send, streams counted in full, and most bytes in them. */
const MOST_REQUESTS = 1_000_000;
const MOST_BYTES = 64 * 2 ** 20;

const SOURCE = "link";

/** The fragment for `state`, without `#`. A problem says why it cannot be carried. */
export async function encodeLink(state: LinkState, packer: LinkPacker): Promise<Result<string>> {
  const busy = tooMuch(state);
  if (busy) return busy;
  const text = toJson(state);
  // What is written must be readable: the reader's rules are asked at once, not by the person who follows the link.
  const readable = validate(SOURCE, "", linkSchema, JSON.parse(text));
  if (!readable.ok) return readable;
  if (text.length > LARGEST) return tooLong();
  const fragment = VERSION + toBase64Url(await packer.pack(toBytes(text)));
  return fragment.length > LONGEST ? tooLong() : ok(fragment);
}

const tooLong = (): Result<never> =>
  problem(SOURCE, "", `more operations than a link of ${LONGEST} characters can carry`);

/** The state that a fragment (with or without `#`) describes. */
export async function decodeLink(fragment: string, packer: LinkPacker): Promise<Result<LinkState>> {
  const text = fragment.startsWith("#") ? fragment.slice(1) : fragment;
  if (!text.startsWith(VERSION)) {
    return problem(SOURCE, "", "this is no link of this program, or one of a later version");
  }
  if (text.length > LONGEST) {
    return problem(SOURCE, "", `longer than ${LONGEST} characters, the most that is read`);
  }
  const packed = fromBase64Url(text.slice(VERSION.length));
  if (!packed) return problem(SOURCE, "", "a character is not one of A-Z, a-z, 0-9, - and _");
  const json = await unpackText(packed, packer);
  if (!json.ok) return json;
  const parsed = parseJson(SOURCE, json.value);
  if (!parsed.ok) return parsed;
  const state = validate(SOURCE, "", linkSchema, parsed.value);
  return state.ok ? (tooMuch(state.value) ?? state) : state;
}

async function unpackText(packed: Uint8Array, packer: LinkPacker): Promise<Result<string>> {
  let bytes: Uint8Array;
  try {
    bytes = await packer.unpack(packed, LARGEST);
  } catch {
    return problem(SOURCE, "", "the link is damaged or was cut off: it cannot be unpacked");
  }
  if (bytes.length > LARGEST) return problem(SOURCE, "", "unpacked, it is larger than 1 MiB");
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return ok(text);
}

function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** What running the operations would cost, refused before anybody runs them. */
function tooMuch(state: LinkState): Result<never> | null {
  const { requests, bytes } = workload(state.operations);
  if (requests > MOST_REQUESTS) {
    return problem(SOURCE, "operations", `more than ${MOST_REQUESTS} requests in all`);
  }
  if (bytes > MOST_BYTES) {
    return problem(
      SOURCE,
      "operations",
      `requests of more than ${MOST_BYTES / 2 ** 20} MiB in all`,
    );
  }
  return null;
}
