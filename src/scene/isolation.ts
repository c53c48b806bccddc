// Who reaches what, as a matrix: rows of requesters, columns of page owners, cells counted in tables and in caches.
// The tables and caches are read by the same function that the hardware checks use.

import { hex } from "../base/hex.ts";
import { eachPage, type Reach } from "../session/checks/reach.ts";
import type { Ledger } from "../session/findings.ts";
import { type IsolationRow, isolationRows, type RowInput } from "./isolation-rows.ts";
import { countWord, processTitle } from "./words.ts";

export type AccessFilter = "read" | "write" | "both";

export interface MatrixInput extends RowInput {
  readonly ownerOf: Ledger["ownerOf"];
  /** Processes that have a column even when nobody reaches them. */
  readonly processes: readonly string[];
  readonly filter: AccessFilter;
}

/** One way into a page. */
export interface Way {
  readonly iova: bigint;
  readonly frame: number;
  readonly rights: string;
  readonly through: Reach["through"];
}

export interface Cell {
  readonly owner: string;
  /** Pages by the tables, and pages that only a cache still gives. */
  readonly byTables: number;
  readonly byCacheOnly: number;
  /** "read, write". */
  readonly rights: string;
  /** Every page of memory, without translation. */
  readonly everything: boolean;
  /** First of them, cached ones first; at most 8. */
  readonly ways: readonly Way[];
}

export interface MatrixRow {
  readonly row: IsolationRow;
  /** One for each column; null: not reachable. */
  readonly cells: readonly (Cell | null)[];
}

export interface Column {
  readonly owner: string;
  readonly title: string;
}

export interface Matrix {
  readonly columns: readonly Column[];
  readonly rows: readonly MatrixRow[];
  /** Sentences about rows that hardware does not tell apart or that share an address space. */
  readonly notes: readonly { readonly title: string; readonly text: string }[];
}

const WAYS = 8;
const FIXED: readonly Column[] = [
  { owner: "kernel", title: "Kernel" },
  { owner: "tables", title: "Tables" },
];
const LAST: Column = { owner: "free", title: "Free" };

export function isolationMatrix(input: MatrixInput): Matrix {
  const rows = isolationRows(input);
  const reached = new Map<string, ReadonlyMap<string, Cell>>();
  const owners = new Set<string>();
  for (const row of rows) {
    const cells = row.rides === null ? cellsOf(row, input) : (reached.get(row.rides) ?? new Map());
    reached.set(row.id, cells);
    for (const owner of cells.keys()) owners.add(owner);
  }
  const others = [...new Set([...input.processes, ...owners])].filter(
    (owner) => owner !== LAST.owner && !FIXED.some((one) => one.owner === owner),
  );
  const columns = [
    ...FIXED,
    ...others.map((owner) => ({ owner, title: processTitle(owner) })),
    LAST,
  ];
  return {
    columns,
    rows: rows.map((row) => ({
      row,
      cells: columns.map(({ owner }) => {
        if (row.tag?.everything) return all(owner);
        return reached.get(row.id)?.get(owner) ?? null;
      }),
    })),
    notes: notesOf(rows),
  };
}

const all = (owner: string): Cell => ({
  owner,
  byTables: 0,
  byCacheOnly: 0,
  rights: "read, write",
  everything: true,
  ways: [],
});

function cellsOf(row: IsolationRow, { ownerOf, filter }: MatrixInput): ReadonlyMap<string, Cell> {
  interface Count {
    tables: number;
    cache: number;
    read: boolean;
    write: boolean;
    ways: Way[];
    stale: Way[];
  }
  const counts = new Map<string, Count>();
  if (!row.tag) return new Map();
  eachPage(row.tag, (frame, reach) => {
    if (filter === "read" ? !reach.read : filter === "write" && !reach.write) return;
    const owner = ownerOf(frame);
    const count = counts.get(owner) ?? {
      tables: 0,
      cache: 0,
      read: false,
      write: false,
      ways: [],
      stale: [],
    };
    counts.set(owner, count);
    const byTables = reach.through === "tables";
    if (byTables) count.tables++;
    else count.cache++;
    count.read ||= reach.read;
    count.write ||= reach.write;
    const ways = byTables ? count.ways : count.stale;
    if (ways.length < WAYS) {
      const iova = reach.iova + BigInt(frame - reach.frame) * 4096n;
      ways.push({ iova, frame, rights: rightsWord(reach), through: reach.through });
    }
  });
  return new Map(
    [...counts].map(([owner, count]) => [
      owner,
      {
        owner,
        byTables: count.tables,
        byCacheOnly: count.cache,
        rights: rightsWord(count),
        everything: false,
        ways: [...count.stale, ...count.ways].slice(0, WAYS),
      },
    ]),
  );
}

const rightsWord = ({ read, write }: { readonly read: boolean; readonly write: boolean }): string =>
  [read && "read", write && "write"].filter(Boolean).join(", ");

function notesOf(rows: readonly IsolationRow[]): Matrix["notes"] {
  const riding = rows.filter((row) => row.rides !== null);
  const notes = riding.map((row) => ({
    title: "Two rows are the same row",
    text: `${row.title} has no PASID. Its DMA carries the parent's requester id, so hardware gives it whatever the parent may reach. Only the parent driver keeps the two apart.`,
  }));
  const shared = new Map<string, IsolationRow[]>();
  for (const row of rows) {
    const space = row.rides === null ? row.tag?.space?.id : undefined;
    if (space !== undefined) shared.set(space, [...(shared.get(space) ?? []), row]);
  }
  for (const users of shared.values()) {
    if (users.length < 2) continue;
    notes.push({
      title: `${countWord(users.length, "requester")}, one address space`,
      text: `${users.map((row) => row.title).join(" and ")} use the same tables and domain, so they reach the same pages.`,
    });
  }
  return notes;
}

/** What a cell says in one line: "74, read, write", "1, cache only". */
export function cellWords(cell: Cell | null): string {
  if (!cell) return "not reachable";
  if (cell.everything) return "all, not translated";
  const parts = [];
  if (cell.byTables > 0) parts.push(`${countWord(cell.byTables, "page")}, ${cell.rights}`);
  if (cell.byCacheOnly > 0) parts.push(`${countWord(cell.byCacheOnly, "page")} by a cache only`);
  return parts.join(", and ");
}

/** A way in one line: "0x3f20_1000 leads to 0x2_1187_6000, read, write, by the IOTLB". */
export const wayWords = (way: Way): string =>
  `${hex(way.iova)} leads to ${hex(BigInt(way.frame) * 4096n)}, ${way.rights}, by the ${way.through}`;
