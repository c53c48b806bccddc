// What a file is, by its first bytes: a memory image, a scenario file, or text that may be a register listing; packed or not.

export type FileKind = "tables" | "registers" | "scenario" | "other";

const GZIP = [0x1f, 0x8b];
const ELF = [0x7f, 0x45, 0x4c, 0x46];
/** Enough packed bytes to unpack the first few of anything. */
const LOOK = 64 * 1024;

const startsWith = (bytes: Uint8Array, magic: readonly number[]) =>
  magic.every((byte, at) => bytes[at] === byte);

/** Kind of `file`. A file that cannot be read or unpacked is "other"; its reader will say why. */
export async function sniff(file: Blob): Promise<FileKind> {
  try {
    const start = new Uint8Array(await file.slice(0, LOOK).arrayBuffer());
    const bytes = startsWith(start, GZIP) ? await firstPiece(start) : start;
    if (startsWith(bytes, ELF)) return "tables";
    if (/^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 256)))) return "scenario";
    // Text has no zero bytes; every binary file of some size does.
    return bytes.length > 0 && !bytes.subarray(0, 4096).includes(0) ? "registers" : "other";
  } catch {
    return "other";
  }
}

async function firstPiece(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const reader = new Blob([packed])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"))
    .getReader();
  const { value } = await reader.read();
  // The slice is cut off on purpose; what becomes of the rest is of no interest.
  reader.cancel().catch(() => {});
  return value ?? new Uint8Array(0);
}
