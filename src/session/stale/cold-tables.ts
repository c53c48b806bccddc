// A paging table as memory holds it now: what leads to it from a root, with the rights on the way (sections 3.6 and 3.7).
import { type Hpa, hpa } from "../../base/brand.ts";
import type { WordMemory } from "./cold-entries.ts";

export interface ColdTable {
  readonly table: Hpa;
  readonly read: boolean;
  readonly write: boolean;
}

/**
 * The table of `level` that covers `address`, from a root of `levels` levels; null when an entry on the way
 * is not present, maps a page or cannot be read.
 */
export function coldTable(
  memory: WordMemory,
  stage: "first-stage" | "second-stage",
  root: Hpa,
  levels: number,
  address: bigint,
  level: number,
  haw: number,
): ColdTable | null {
  const first = stage === "first-stage";
  let table: bigint = root;
  let read = true;
  let write = true;
  for (let at = levels; at > level; at--) {
    const index = (address >> BigInt(3 + 9 * at)) & 0x1ffn;
    const place = hpa(table + index * 8n);
    if (!memory.isMemory(place)) return null;
    const word = memory.readWord(place);
    if ((word & (first ? 1n : 3n)) === 0n || (at <= 3 && (word & 0x80n) !== 0n)) return null;
    read &&= first || (word & 1n) !== 0n;
    write &&= (word & 2n) !== 0n;
    table = word & ((1n << BigInt(haw)) - 4096n);
  }
  return { table: hpa(table), read, write };
}
