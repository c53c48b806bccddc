// Fourth column: host memory by owner. Each band is a sample of page cells at a true ratio; exact counts are in the outline.

import type { AddressSpace } from "../session/types.ts";
import type { Cast, SceneInput } from "./cast.ts";
import type { Frame } from "./columns.ts";
import type { Point } from "./curve.ts";
import { cellPath, type Owner, patternPath } from "./owners.ts";
import { type PageRun, pagesIn, rankOfPage, subtract, union } from "./page-runs.ts";
import { type Box, type Item, path, type Shape, text } from "./shapes.ts";
import { countWord, domainsWord, processTitle } from "./words.ts";
import { processOwner, type WorldFacts } from "./world-facts.ts";

/** The pages of one owner. */
export interface Holding {
  readonly id: string;
  readonly name: string;
  /** Null: tables, or pages that no table maps. */
  readonly owner: Owner | null;
  readonly look: "table" | "owned" | "other" | "free";
  /** Somebody pinned them: their cells have a hole. */
  readonly pinned: boolean;
  readonly pages: readonly PageRun[];
  readonly count: bigint;
  /** Address space whose pages these are, in an image. */
  readonly space: string | null;
  /** Address spaces that map some of them. */
  readonly spaces: readonly string[];
}

export interface Band {
  readonly holding: Holding;
  readonly item: string;
  /** Where lines come in. */
  readonly in: Point;
  readonly origin: Point;
  readonly columns: number;
  readonly cells: number;
}

export interface MemoryColumn {
  readonly items: readonly Item[];
  readonly bands: readonly Band[];
}

const PITCH = 10;
const CELL = 8;
const LABEL = 18;
const GAP = 8;
const PAGE = 4096n;

/** Who holds which pages, in the order of the stage: by the tags of a running machine, else by what tables say. */
export function holdingsOf(input: SceneInput, cast: Cast): Holding[] {
  const all = union(
    input.memory.map((run) => ({
      first: run.start / PAGE,
      count: (run.length + PAGE - 1n) / PAGE,
    })),
  );
  const list = input.world
    ? taggedHoldings(input.world, all, cast)
    : mappedHoldings(input, cast, all);
  const end = input.journey?.end;
  const landing = end?.kind === "reached" ? end.target / PAGE : null;
  const known = landing === null || list.some((one) => rankOfPage(one.pages, landing) !== null);
  // A page that nothing maps any more can still be reached: it is drawn among the others.
  if (!known) {
    const other = list.pop() as Holding;
    const pages = union([...other.pages, { first: landing, count: 1n }]);
    list.push({ ...other, pages, count: pagesIn(pages) });
  }
  return list.filter((one) => one.count > 0n);
}

/** Tables, each address space, what no table maps. */
function mappedHoldings(input: SceneInput, cast: Cast, all: readonly PageRun[]): Holding[] {
  const tables = union(
    input.survey.tables.map((table) => ({ first: table.address / PAGE, count: 1n })),
  );
  const list: Holding[] = [holding("tables", "Tables", null, "table", tables)];
  const mapped: PageRun[] = [];
  for (const space of cast.spaces) {
    if (space.ranges.length === 0) continue;
    const pages = pagesOf(space);
    mapped.push(...pages);
    const owner = cast.ownerOf(space.id);
    const own = holding(`space-${space.id}`, domainsWord(space.domains), owner, "owned", pages);
    list.push({ ...own, space: space.id, spaces: [space.id] });
  }
  const rest = subtract(subtract(all, tables), union(mapped));
  list.push(holding("other", "Other pages", null, "other", rest));
  return list;
}

const pagesOf = (space: AddressSpace): PageRun[] =>
  union(
    space.ranges.map((range) => ({
      first: range.target / PAGE,
      count: (range.length + PAGE - 1n) / PAGE,
    })),
  );

/** The kernel, tables, each process in the order of the machine, what is free; pinned pages apart from the others. */
function taggedHoldings(world: WorldFacts, all: readonly PageRun[], cast: Cast): Holding[] {
  const reached = cast.spaces.map((space) => ({ id: space.id, pages: pagesOf(space) }));
  const pagesBy = new Map<string, PageRun[]>();
  for (const [page, owner] of world.pages) {
    const key = world.pinned.has(page) ? `${owner} pinned` : owner;
    const runs = pagesBy.get(key) ?? [];
    pagesBy.set(key, runs);
    runs.push({ first: BigInt(page), count: 1n });
  }
  const list: Holding[] = [];
  const taken: PageRun[] = [];
  const add = (name: string, tag: string, owner: Owner | null, look: Holding["look"]) => {
    for (const pinned of [false, true]) {
      const pages = union(pagesBy.get(pinned ? `${tag} pinned` : tag) ?? []);
      taken.push(...pages);
      const own = holding(`owner-${tag}`, name, owner, look, pages);
      const spaces = reached.filter((one) => overlap(one.pages, pages)).map((one) => one.id);
      list.push(
        pinned
          ? { ...own, id: `${own.id}-pinned`, name: `${name}, pinned`, pinned, spaces }
          : { ...own, spaces },
      );
    }
  };
  const others = [...new Set(world.pages.values())].filter(
    (owner) => owner !== "kernel" && owner !== "tables" && !world.processes.includes(owner),
  );
  add("Kernel", "kernel", null, "other");
  add("Tables", "tables", null, "table");
  for (const process of [...world.processes, ...others.sort()]) {
    add(processTitle(process), process, processOwner(world, process), "owned");
  }
  const free = subtract(all, union(taken));
  const spaces = reached.filter((one) => overlap(one.pages, free)).map((one) => one.id);
  list.push({ ...holding("free", "Free", null, "free", free), spaces });
  return list;
}

const overlap = (a: readonly PageRun[], b: readonly PageRun[]): boolean =>
  a.length > 0 && b.length > 0 && pagesIn(subtract(a, b)) < pagesIn(a);

function holding(
  id: string,
  name: string,
  owner: Owner | null,
  look: Holding["look"],
  pages: readonly PageRun[],
): Holding {
  const count = pagesIn(pages);
  return { id, name, owner, look, pinned: false, pages, count, space: null, spaces: [] };
}

export function memoryColumn(cast: Cast, frame: Frame, input: SceneInput): MemoryColumn {
  const { x } = frame.columns[3];
  const room = frame.bottom - frame.top;
  const all = holdingsOf(input, cast);
  const most = Math.max(3, Math.floor((room + GAP) / (LABEL + PITCH + GAP)));
  const shown = keepLargest(all, most, input, cast);
  const rowsFree = Math.floor((room - shown.length * (LABEL + GAP)) / PITCH);
  const { cells: sizes, short } = cellsOf(shown, rowsFree, frame.cells);
  const items: Item[] = [];
  const bands: Band[] = [];
  let y = frame.top;
  shown.forEach((one, at) => {
    const cells = sizes[at] ?? 1;
    const title = short && one.look === "free" ? `${one.name}, cut short` : one.name;
    const lines = Math.ceil(cells / frame.cells);
    const box = { x: x - 2, y, w: frame.cells * PITCH + 2, h: LABEL + lines * PITCH };
    const origin = { x, y: y + LABEL };
    items.push(bandItem(one, title, box, origin, cells, frame.cells));
    bands.push({
      holding: one,
      item: `band-${one.id}`,
      in: { x: x - 3, y: y + LABEL + (lines * PITCH - 2) / 2 },
      origin,
      columns: frame.cells,
      cells,
    });
    y += box.h + GAP;
  });
  return { items, bands };
}

/** All of them, or those with most pages and the one the request lands in; the rest are in the outline. */
function keepLargest(
  all: readonly Holding[],
  most: number,
  input: SceneInput,
  cast: Cast,
): readonly Holding[] {
  if (all.length <= most) return all;
  const end = input.journey?.end;
  const landing = end?.kind === "reached" ? end.target / PAGE : null;
  const needed = (one: Holding) =>
    one.look !== "owned" ||
    (landing !== null && rankOfPage(one.pages, landing) !== null) ||
    cast.focus?.slots.some((slot) => slot.space?.id === one.space) === true;
  const kept = new Set(
    [...all]
      .sort((a, b) => Number(needed(b)) - Number(needed(a)) || (b.count > a.count ? 1 : -1))
      .slice(0, most),
  );
  return all.filter((one) => kept.has(one));
}

/** A free band takes this share of the rows at most: it recedes. */
const FREE_SHARE = 0.25;

/** Cells of each band; free pages, which are most of a machine, are cut short where they would leave no room. */
function cellsOf(
  list: readonly Holding[],
  rows: number,
  columns: number,
): { readonly cells: readonly number[]; readonly short: boolean } {
  const most = Math.max(1, Math.floor(rows * FREE_SHARE));
  const free = list.find((one) => one.look === "free");
  const plain = shareRows(list, rows, columns);
  const at = free ? list.indexOf(free) : -1;
  if (Math.ceil((plain[at] ?? 0) / columns) <= most) return { cells: plain, short: false };
  const others = shareRows(
    list.filter((one) => one !== free),
    rows - most,
    columns,
  );
  return { cells: [...others.slice(0, at), most * columns, ...others.slice(at)], short: true };
}

/** At least one cell each, otherwise in the ratio of the pages, as many as the rows hold. */
function shareRows(list: readonly Holding[], rows: number, columns: number): number[] {
  const total = list.reduce((sum, one) => sum + one.count, 0n) || 1n;
  // One cell is so many pages; grown until everything fits.
  for (let budget = rows * columns; budget > list.length; budget = Math.floor(budget * 0.95)) {
    const cells = list.map((one) => {
      const wanted = Number((one.count * BigInt(budget) * 16n) / total) / 16;
      const exact = total <= BigInt(budget) ? Number(one.count) : wanted;
      return Math.max(1, Math.round(exact));
    });
    const used = cells.reduce((sum, count) => sum + Math.ceil(count / columns), 0);
    if (used <= rows) return cells;
  }
  return list.map(() => 1);
}

function bandItem(
  one: Holding,
  title: string,
  box: Box,
  origin: Point,
  cells: number,
  columns: number,
): Item {
  const owner = one.owner;
  let area = "";
  let strokes = "";
  for (let cell = 0; cell < cells; cell++) {
    const { x, y } = cellAt(origin, columns, cell);
    if (owner) {
      area += cellPath(owner, x, y, CELL);
      strokes += patternPath(owner, x, y, CELL);
      if (one.pinned) area += `M${x + 2.5} ${y + 2.5}v3h3v-3Z`;
    } else if (one.look === "table") area += `M${x + 0.5} ${y + 0.5}h7v7h-7Z`;
    else area += `M${x} ${y}h${CELL}v${CELL}h${-CELL}Z`;
  }
  const shapes: Shape[] = [
    text(box.x + 2, box.y + 12, title, "note", "ink-2"),
    path(area, owner ? `pages own-${owner.hue}` : `pages-${one.look}`),
  ];
  if (strokes !== "") shapes.push(path(strokes, "page-pattern"));
  return {
    id: `band-${one.id}`,
    column: 3,
    box,
    shapes,
    target: {
      label: `${one.name}: ${countWord(one.count, "page")} of host memory`,
      selection: one.pages[0]
        ? { kind: "memory", address: (one.pages[0].first * PAGE) as never }
        : null,
    },
  };
}

const cellAt = (origin: Point, columns: number, cell: number): Point => ({
  x: origin.x + (cell % columns) * PITCH,
  y: origin.y + Math.floor(cell / columns) * PITCH,
});

/** The cell that stands for a page, or null when none of the drawn bands holds it. `prefer` wins where several do. */
export function cellOfPage(
  bands: readonly Band[],
  target: bigint,
  prefer: string | null,
): { readonly band: Band; readonly box: Box } | null {
  const page = target / PAGE;
  const holders = bands.filter((band) => rankOfPage(band.holding.pages, page) !== null);
  const band = holders.find((one) => one.holding.space === prefer) ?? holders[0];
  if (!band) return null;
  const rank = rankOfPage(band.holding.pages, page) ?? 0n;
  const cell = Number((rank * BigInt(band.cells)) / (band.holding.count || 1n));
  const { x, y } = cellAt(band.origin, band.columns, cell);
  return { band, box: { x, y, w: CELL, h: CELL } };
}
