// Context and PASID table entries as memory holds them now, found without caches (sections 9.1 to 9.6).
import { type Hpa, hpa, type Pasid, type RequesterId } from "../../base/brand.ts";
import type { Memory } from "../../hardware/memory/memory.ts";

/** The part of memory that is read here. */
export type WordMemory = Pick<Memory, "isMemory" | "readWord">;

/** Where requests start, as the unit has taken it over. */
export interface TableRoot {
  readonly scalable: boolean;
  readonly root: Hpa;
  /** Host address width in bits. */
  readonly haw: number;
}

/** An entry, or why there is none. */
export type ColdEntry =
  | { readonly words: readonly bigint[]; readonly address: Hpa }
  | { readonly refused: string };

const missing = (refused: string): ColdEntry => ({ refused });

function readEntry(memory: WordMemory, address: bigint, words: number, name: string): ColdEntry {
  if (address >> 52n !== 0n) return missing(`${name} cannot be read`);
  const at = hpa(address);
  if (!memory.isMemory(at)) return missing(`${name} cannot be read`);
  return {
    address: at,
    words: Array.from({ length: words }, (_, i) => memory.readWord(hpa(address + BigInt(8 * i)))),
  };
}

const pointer = (word: bigint, haw: number): bigint => word & ((1n << BigInt(haw)) - 4096n);

/** The context entry of a requester; present or not. */
export function coldContext(
  memory: WordMemory,
  from: TableRoot,
  requester: RequesterId,
): ColdEntry {
  const upper = from.scalable && (requester & 0x80) !== 0;
  const rootAt = from.root + BigInt((requester >> 8) * 16 + (upper ? 8 : 0));
  const root = readEntry(memory, rootAt, 1, "root entry");
  if ("refused" in root) return root;
  const [word = 0n] = root.words;
  if ((word & 1n) === 0n) return missing("root entry not present");
  const table = pointer(word, from.haw);
  const [index, words] = from.scalable ? [requester & 0x7f, 4] : [requester & 0xff, 2];
  return readEntry(memory, table + BigInt(index * words * 8), words, "context entry");
}

/** The PASID table entry of a requester and PASID; present or not. Scalable mode only. */
export function coldPasid(
  memory: WordMemory,
  from: TableRoot,
  requester: RequesterId,
  pasid: Pasid,
): ColdEntry {
  const context = coldContext(memory, from, requester);
  if ("refused" in context) return context;
  const [low = 0n] = context.words;
  if ((low & 1n) === 0n) return missing("context entry not present");
  const directoryAt = pointer(low, from.haw) + BigInt((pasid >> 6) * 8);
  const directory = readEntry(memory, directoryAt, 1, "PASID directory entry");
  if ("refused" in directory) return directory;
  const [word = 0n] = directory.words;
  if ((word & 1n) === 0n) return missing("PASID directory entry not present");
  const table = pointer(word, from.haw);
  return readEntry(memory, table + BigInt((pasid & 0x3f) * 64), 8, "PASID table entry");
}
