// Fourth column: host memory by owner. Each band is a sample of page cells at a true ratio; exact counts are in the outline.
import type { Cast, SceneInput } from "./cast.ts";
import type { Frame } from "./columns.ts";
import type { Point } from "./curve.ts";
import { cellPath, type Owner, patternPath } from "./owners.ts";
import { type PageRun, pagesIn, rankOfPage, subtract, union } from "./page-runs.ts";
import { type Box, type Item, path, type Shape, text } from "./shapes.ts";
import { countWord, domainsWord } from "./words.ts";

/** The pages of one owner. */
export interface Holding {
  readonly id: string;
  readonly name: string;
  /** Null: tables, or pages that no table maps. */
  readonly owner: Owner | null;
  readonly look: "table" | "owned" | "other";
  readonly pages: readonly PageRun[];
  readonly count: bigint;
  /** Address space of an owned band. */
  readonly space: string | null;
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

/** Who holds which pages, in the order of the stage: tables, each address space, what no table maps. */
export function holdingsOf(input: SceneInput, cast: Cast): Holding[] {
  const tables = union(
    input.survey.tables.map((table) => ({ first: table.address / PAGE, count: 1n })),
  );
  const list: Holding[] = [holding("tables", "Tables", null, "table", tables, null)];
  const mapped: PageRun[] = [];
  for (const space of cast.spaces) {
    if (space.ranges.length === 0) continue;
    const pages = union(
      space.ranges.map((range) => ({
        first: range.target / PAGE,
        count: (range.length + PAGE - 1n) / PAGE,
      })),
    );
    mapped.push(...pages);
    const owner = cast.ownerOf(space.id);
    list.push(
      holding(`space-${space.id}`, domainsWord(space.domains), owner, "owned", pages, space.id),
    );
  }
  const all = union(
    input.memory.map((run) => ({
      first: run.start / PAGE,
      count: (run.length + PAGE - 1n) / PAGE,
    })),
  );
  const rest = subtract(subtract(all, tables), union(mapped));
  list.push(holding("other", "Other pages", null, "other", rest, null));
  const end = input.journey?.end;
  const landing = end?.kind === "reached" ? end.target / PAGE : null;
  const known = landing === null || list.some((one) => rankOfPage(one.pages, landing) !== null);
  // A page that nothing maps any more can still be reached: it is drawn among the others.
  if (!known) {
    const other = list.pop() as Holding;
    const pages = union([...other.pages, { first: landing, count: 1n }]);
    list.push(holding("other", "Other pages", null, "other", pages, null));
  }
  return list.filter((one) => one.count > 0n);
}

function holding(
  id: string,
  name: string,
  owner: Owner | null,
  look: Holding["look"],
  pages: readonly PageRun[],
  space: string | null,
): Holding {
  return { id, name, owner, look, pages, count: pagesIn(pages), space };
}

export function memoryColumn(cast: Cast, frame: Frame, input: SceneInput): MemoryColumn {
  const { x } = frame.columns[3];
  const room = frame.bottom - frame.top;
  const all = holdingsOf(input, cast);
  const most = Math.max(3, Math.floor((room + GAP) / (LABEL + PITCH + GAP)));
  const shown = keepLargest(all, most, input, cast);
  const rowsFree = Math.floor((room - shown.length * (LABEL + GAP)) / PITCH);
  const rows = shareRows(shown, rowsFree, frame.cells);
  const items: Item[] = [];
  const bands: Band[] = [];
  let y = frame.top;
  shown.forEach((one, at) => {
    const cells = rows[at] ?? 1;
    const lines = Math.ceil(cells / frame.cells);
    const box = { x: x - 2, y, w: frame.cells * PITCH + 2, h: LABEL + lines * PITCH };
    const origin = { x, y: y + LABEL };
    items.push(bandItem(one, box, origin, cells, frame.cells));
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

/** Cells of each band: at least one, otherwise in the ratio of the pages, as many as the rows hold. */
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

function bandItem(one: Holding, box: Box, origin: Point, cells: number, columns: number): Item {
  const owner = one.owner;
  let area = "";
  let strokes = "";
  for (let cell = 0; cell < cells; cell++) {
    const { x, y } = cellAt(origin, columns, cell);
    if (owner) {
      area += cellPath(owner, x, y, CELL);
      strokes += patternPath(owner, x, y, CELL);
    } else if (one.look === "table") area += `M${x + 0.5} ${y + 0.5}h7v7h-7Z`;
    else area += `M${x} ${y}h${CELL}v${CELL}h${-CELL}Z`;
  }
  const shapes: Shape[] = [
    text(box.x + 2, box.y + 12, one.name, "note", "ink-2"),
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
