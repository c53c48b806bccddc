// Host memory as lines of 8 or 16 bytes, each with what the tables say about it: which entry it is, or whose page.

import { type Hpa, hpa } from "../base/brand.ts";
import { hex } from "../base/hex.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import type { AddressSpace, SessionPort, Survey, TablePage, TableRole } from "../session/types.ts";
import { type EntryPlace, entrySize } from "./inspect-entry.ts";
import { capital, stageWord } from "./words.ts";

export interface MemoryLine {
  readonly address: Hpa;
  /** Its last address; lines without memory that follow each other are one. */
  readonly last: Hpa;
  /** Its bytes; empty where there is no memory. */
  readonly bytes: readonly number[];
  /** Entries of tables that start in this line. */
  readonly entries: readonly EntryPlace[];
  /** One for each entry, "level 1, entry 0x1c4", "entry 0x01, word 2"; else one for the line, or none where no table says what it is. */
  readonly notes: readonly string[];
}

/** What the entries of a table are; the invalidation queue has none. */
export const ENTRY_KINDS: Partial<Record<TableRole, TableKind>> = {
  "root table": "root entry",
  "context table": "context entry",
  "PASID directory": "PASID directory entry",
  "PASID table": "PASID table entry",
  "first-stage table": "first-stage entry",
  "second-stage table": "second-stage entry",
};

export const pageOf = (address: Hpa): Hpa => hpa(address & ~0xfffn);

/** The table that a page holds, or null. */
export const tableAt = (survey: Survey, address: Hpa): TablePage | null =>
  survey.tables.find((table) => table.address === pageOf(address)) ?? null;

/** "Second-stage table, level 2, 17 entries present". */
export function tableWords(table: TablePage): string {
  const level = table.level === null ? "" : `, level ${table.level}`;
  const name = capital(table.role);
  return `${name}${level}, ${table.present} present`;
}

/** Whose page it is: the ranges that map it, at most `limit` of them. */
export function mappingsOf(
  survey: Survey,
  address: Hpa,
  limit = 8,
): readonly { readonly space: AddressSpace; readonly address: bigint; readonly rights: string }[] {
  const page = pageOf(address);
  const found = [];
  for (const space of survey.spaces) {
    for (const range of space.ranges) {
      if (page < range.target || page >= range.target + range.length) continue;
      found.push({
        space,
        address: range.start + (page - range.target),
        rights: [range.read ? "R" : "", range.write ? "W" : ""].filter(Boolean).join(" "),
      });
      if (found.length === limit) return found;
    }
  }
  return found;
}

/** What a page is, in one sentence. */
export function pageWords(
  session: Pick<SessionPort, "memory">,
  survey: Survey,
  address: Hpa,
): string {
  const page = hex(pageOf(address));
  if (!session.memory.isMemory(pageOf(address))) {
    return `No memory backs the page ${page}. A table read here is refused.`;
  }
  const table = tableAt(survey, address);
  if (table) return `The page ${page} holds a table. ${tableWords(table)}.`;
  const mappings = mappingsOf(survey, address);
  const first = mappings[0];
  if (!first) return `The page ${page} is memory that no table maps.`;
  const others = mappings.length > 1 ? ` and ${mappings.length - 1} more` : "";
  return `The page ${page} is mapped at ${hex(first.address)} of a ${stageWord(first.space)} address space${others}, ${first.rights}.`;
}

/** `count` lines of `width` bytes from the line that holds `from`. */
export function memoryLines(
  session: Pick<SessionPort, "memory">,
  survey: Survey,
  from: Hpa,
  count: number,
  width: 8 | 16,
): MemoryLine[] {
  const start = from & ~BigInt(width - 1);
  const scalable = survey.mode === "scalable";
  const lines: MemoryLine[] = [];
  for (let at = 0; at < count; at++) {
    const address = start + BigInt(at * width);
    if (address >> 52n !== 0n) break;
    const line = memoryLine(session, survey, hpa(address), scalable, width);
    const before = lines.at(-1);
    if (before?.bytes.length === 0 && line.bytes.length === 0) {
      lines[lines.length - 1] = { ...before, last: line.last };
    } else lines.push(line);
  }
  return lines;
}

function memoryLine(
  session: Pick<SessionPort, "memory">,
  survey: Survey,
  address: Hpa,
  scalable: boolean,
  width: number,
): MemoryLine {
  const last = hpa(address + BigInt(width - 1));
  if (!session.memory.isMemory(address)) {
    return { address, last, bytes: [], entries: [], notes: [] };
  }
  const bytes = [...session.memory.readBytes(address, width)];
  const table = tableAt(survey, address);
  const kind = table ? ENTRY_KINDS[table.role] : undefined;
  if (!table || !kind) {
    return { address, last, bytes, entries: [], notes: table ? [table.role] : [] };
  }
  const size = entrySize(kind, scalable);
  const entries = Array.from({ length: Math.max(1, width / size) }, (_, at) => {
    const start = (address + BigInt(at * size)) & ~BigInt(size - 1);
    return { table: kind, level: table.level, address: hpa(start) };
  });
  const words = entries.map((entry) => entryNote(table, entry.address, size));
  const word = Number(address % BigInt(size)) / 8;
  return {
    address,
    last,
    bytes,
    entries,
    notes: word === 0 ? words : [`${words[0]?.split(", ").at(-1)}, word ${word}`],
  };
}

/** "level 1, entry 0x1c4", "PASID table, entry 0x01". */
function entryNote(table: TablePage, address: Hpa, size: number): string {
  const name = table.level === null ? table.role : `level ${table.level}`;
  const index = Number(address & 0xfffn) / size;
  return `${name}, entry 0x${index.toString(16).padStart(size === 8 ? 3 : 2, "0")}`;
}
