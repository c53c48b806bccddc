// A whole guest memory of 128 MiB: the tables of a shipped sample at their places, and around them pages that
// pack like those of a running kernel (zeros, repeated code and data, a tenth that does not pack at all).
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const SAMPLES = fileURLToPath(new URL("../../public/samples/", import.meta.url));
/** Its guest has 128 MiB, so all its tables lie below. */
const SAMPLE = "linux-7.2-first-stage";

export const MEMORY_BYTES = 128 * 2 ** 20;
const PAGE = 4096;
const FILE_HEADER = 64;
const PROGRAM_HEADER = 56;
/** Where the memory starts in the file. */
const START = PAGE;

export interface FullMemory {
  readonly tables: string;
  readonly registers: string;
  /** Bytes of the packed file. */
  readonly packed: number;
}

/** A repeatable sequence of numbers 0 .. 2^32 - 1. */
function sequence(): () => number {
  let state = 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function fillMemory(memory: Buffer): void {
  const next = sequence();
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
  const noise = (from: number, count: number) => {
    for (let at = from; at < from + count; at++) words[at] = next();
  };
  noise(0, PAGE);
  for (let page = 4; page < memory.length / PAGE; page++) {
    const at = (page * PAGE) / 4;
    const kind = next() % 100;
    if (kind < 8) noise(at, PAGE / 4);
    else if (kind < 60) {
      // Within reach of the packer's window of 32 KiB.
      const from = (page - 1 - (next() % 4)) * PAGE;
      memory.copy(memory, page * PAGE, from, from + PAGE);
      for (let changes = 0; changes < 32; changes++) words[at + (next() % 1024)] = next();
    }
  }
}

/** Copies what the sample holds of memory to its place. */
function placeTables(memory: Buffer): void {
  const file = gunzipSync(readFileSync(path.join(SAMPLES, `${SAMPLE}.elf.gz`)));
  const headers = Number(file.readBigUInt64LE(32));
  for (let index = 0; index < file.readUInt16LE(56); index++) {
    const header = headers + index * PROGRAM_HEADER;
    if (file.readUInt32LE(header) !== 1) continue;
    const offset = Number(file.readBigUInt64LE(header + 8));
    const address = Number(file.readBigUInt64LE(header + 24));
    const length = Number(file.readBigUInt64LE(header + 32));
    file.copy(memory, address, offset, offset + length);
  }
}

/** ELF64 header and one program header: all memory from physical address 0. */
function makeHeaders(): Buffer {
  const head = Buffer.alloc(START);
  head.write("\x7fELF\x02\x01\x01", 0, "latin1");
  head.writeUInt16LE(4, 16);
  head.writeUInt16LE(62, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(BigInt(FILE_HEADER), 32);
  head.writeUInt16LE(FILE_HEADER, 52);
  head.writeUInt16LE(PROGRAM_HEADER, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(1, FILE_HEADER);
  head.writeBigUInt64LE(BigInt(START), FILE_HEADER + 8);
  head.writeBigUInt64LE(BigInt(MEMORY_BYTES), FILE_HEADER + 32);
  head.writeBigUInt64LE(BigInt(MEMORY_BYTES), FILE_HEADER + 40);
  return head;
}

/** Writes the packed image into `folder`. Takes a few seconds. */
export function makeFullMemory(folder: string): FullMemory {
  const file = Buffer.alloc(START + MEMORY_BYTES);
  makeHeaders().copy(file);
  const memory = file.subarray(START);
  fillMemory(memory);
  placeTables(memory);
  const packed = gzipSync(file, { level: 1 });
  const tables = path.join(folder, "full-memory.elf.gz");
  writeFileSync(tables, packed);
  return {
    tables,
    registers: path.join(SAMPLES, `${SAMPLE}.registers.txt`),
    packed: packed.length,
  };
}
