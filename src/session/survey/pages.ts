// Reading table pages fast: one copy of 4 KiB, then 32-bit halves and plain numbers.
import { type Hpa, hpa } from "../../base/brand.ts";
import { type Memory, PAGE_SIZE } from "../../hardware/memory/memory.ts";
import type { TablePage, TableRole } from "../types.ts";

/** The part of memory that a survey uses. */
export type ReadableMemory = Pick<Memory, "isMemory" | "readBytes">;

const TWO_32 = 0x1_0000_0000;
/** No host-physical address is as high. */
const HOST_LIMIT = 2 ** 52;

/** A page of entries. Addresses are numbers: below 2^52, so exact. */
export interface TableView {
  readonly address: number;
  readonly data: DataView;
}

/** The page at a 4 KiB-aligned address, or null where there is no memory. */
export function readTable(memory: ReadableMemory, address: number): TableView | null {
  if (address >= HOST_LIMIT) return null;
  const at = hpa(BigInt(address));
  if (!memory.isMemory(at)) return null;
  const bytes = memory.readBytes(at, PAGE_SIZE);
  return { address, data: new DataView(bytes.buffer, bytes.byteOffset, PAGE_SIZE) };
}

/** `count` 64-bit words of a page from byte `offset` on. */
export const wordsAt = (table: TableView, offset: number, count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => table.data.getBigUint64(offset + 8 * i, true));

/** The number of two halves, high one masked to the address bits it may hold. */
export const addressOf = (high: number, low: number): number => high * TWO_32 + (low >>> 0);

/** Table pages in the order they were met, each (page, role, level) once. */
export class TableList {
  readonly #seen = new Map<string, TablePage>();

  add(address: number, role: TableRole, level: number | null, present: number): void {
    const key = `${address} ${role} ${level}`;
    if (!this.#seen.has(key)) {
      this.#seen.set(key, { address: hpa(BigInt(address)), role, level, present });
    }
  }

  has(address: number, role: TableRole, level: number | null): boolean {
    return this.#seen.has(`${address} ${role} ${level}`);
  }

  list(): TablePage[] {
    return [...this.#seen.values()];
  }
}

export const hostAddress = (address: number): Hpa => hpa(BigInt(address));
