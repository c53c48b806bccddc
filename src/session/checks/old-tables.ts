// Paging tables that the unit may still use although today's entries lead elsewhere: those that its caches point to.
// Read entry by entry from memory, without the survey, which follows the entries of today alone.
import { type Hpa, hpa } from "../../base/brand.ts";
import type { HardwareView } from "./types.ts";

/** Pages that some table maps: I/O address, host page number, how many, rights. */
export interface Reach {
  readonly iova: bigint;
  readonly frame: number;
  readonly pages: number;
  readonly read: boolean;
  readonly write: boolean;
  /** "tables", or the cache that still gives it. */
  readonly through: "tables" | "IOTLB" | "PASID cache" | "paging cache";
}

/** Leaves that are listed of one table; more are a wild pointer. */
const MOST_LEAVES = 65_536;
/** Tables that are visited below one root; a table that leads to itself has no end. */
const MOST_TABLES = 4096;
const ADDRESS = 0x000f_ffff_ffff_f000n;
const LARGE = 0x80n;

/**
 * Everything that the table at `root` maps, walked as memory is now. `level`: 1 for a table whose entries are 4 KiB pages.
 * First stage: present is bit 0, writable bit 1; second stage: read bit 0, write bit 1.
 */
export function pagesBelow(
  memory: HardwareView["memory"],
  stage: "first-stage" | "second-stage",
  root: bigint,
  level: number,
  base: bigint,
  through: Reach["through"],
): Reach[] {
  const found: Reach[] = [];
  let tables = 0;
  // Rights of the way down and of the leaf hold together.
  const visit = (table: bigint, at: number, address: bigint, rights: bigint): void => {
    if (!memory.isMemory(hpa(table)) || ++tables > MOST_TABLES) return;
    for (let index = 0n; index < 512n && found.length < MOST_LEAVES; index++) {
      const word = memory.readWord((table + index * 8n) as Hpa);
      const present = stage === "first-stage" ? (word & 1n) !== 0n : (word & 3n) !== 0n;
      if (!present) continue;
      const size = 12n + 9n * BigInt(at - 1);
      const iova = address | (index << size);
      if (at > 1 && (word & LARGE) === 0n) {
        visit(word & ADDRESS, at - 1, iova, rights & word);
        continue;
      }
      const target = word & ADDRESS & ~((1n << size) - 1n);
      found.push({
        iova,
        frame: Number(target >> 12n),
        pages: 2 ** Number(size - 12n),
        read: stage === "first-stage" || (rights & word & 1n) !== 0n,
        write: (rights & word & 2n) !== 0n,
        through,
      });
    }
  };
  visit(root & ADDRESS, level, base, 3n);
  return found;
}
