// The unit's caches as gauges: how full, which entries the tables no longer agree with, and the invalidation queue.
import type { CacheName } from "../hardware/vtd/types.ts";
import type { Cast, SceneInput } from "./cast.ts";
import { type Item, path, type Shape, text } from "./shapes.ts";
import { textWidth } from "./text.ts";
import { countWord } from "./words.ts";

const ROW = 22;
const TITLE = 24;
const LABEL = 56;
const PITCH = 7;
const CELL = { w: 5, h: 10 } as const;
const MOST_CELLS = 16;
const NOTE = 16;

export const CACHE_WORD: Record<CacheName, string> = {
  context: "Context",
  pasid: "PASID",
  iotlb: "IOTLB",
  paging: "Paging",
};

export interface Gauge {
  readonly cache: CacheName;
  readonly size: number;
  readonly used: number;
  readonly stale: number;
  /** Drawn cells, and how many of them are full and stale. */
  readonly cells: number;
  readonly full: number;
  readonly hatched: number;
}

/** One gauge for each cache that the unit has; PASID entries are cached in scalable mode only. */
export function gauges(input: SceneInput, cast: Cast, most = MOST_CELLS): Gauge[] {
  const names: readonly CacheName[] = cast.scalable
    ? ["context", "pasid", "iotlb", "paging"]
    : ["context", "iotlb", "paging"];
  return names
    .filter((cache) => input.cacheSizes[cache] > 0)
    .map((cache) => {
      const size = input.cacheSizes[cache];
      const used = input.cacheEntries.filter((entry) => entry.cache === cache).length;
      const stale = input.stale.filter((entry) => entry.cache === cache).length;
      const cells = Math.min(size, most);
      const scaled = (count: number) => Math.ceil((count * cells) / size);
      const hatched = scaled(stale);
      return { cache, size, used, stale, cells, full: Math.max(hatched, scaled(used)), hatched };
    });
}

export const cacheBlockHeight = (input: SceneInput, cast: Cast): number =>
  TITLE + gauges(input, cast).length * ROW + 4 + NOTE * (input.queue ? 2 : 1);

export function cacheBlock(
  input: SceneInput,
  cast: Cast,
  at: { readonly x: number; readonly y: number; readonly w: number },
): Item[] {
  const counts = gauges(input, cast).map((gauge) => countText(gauge));
  const widest = Math.max(0, ...counts.map((words) => textWidth(words, "note")));
  const most = Math.min(MOST_CELLS, Math.floor((at.w - LABEL - widest - 10) / PITCH));
  const list = gauges(input, cast, most);
  const items: Item[] = list.map((gauge, row) =>
    gaugeItem(gauge, input, at, at.y + TITLE + row * ROW),
  );
  const stale = input.stale.length;
  const y = at.y + TITLE + list.length * ROW + 14;
  const notes: Shape[] = [
    text(at.x, at.y + 12, "Caches", "strong", "ink-2"),
    stale === 0
      ? text(at.x, y, "No entry is stale.", "note", "ink-2")
      : text(
          at.x,
          y,
          `${countWord(stale, "entry is", "entries are")} stale.`,
          "note",
          "fault strong",
        ),
  ];
  if (input.queue) {
    const words = `Invalidation queue: head ${input.queue.head}, tail ${input.queue.tail}`;
    notes.push(text(at.x, y + NOTE, words, "note", "ink-2"));
  }
  const height = cacheBlockHeight(input, cast);
  items.unshift({
    id: "caches",
    column: 1,
    box: { ...at, h: height },
    shapes: notes,
    target: null,
  });
  return items;
}

const countText = (gauge: Gauge): string => `${gauge.used} of ${gauge.size}`;

function gaugeItem(
  gauge: Gauge,
  input: SceneInput,
  at: { readonly x: number; readonly w: number },
  y: number,
): Item {
  const left = at.x + LABEL;
  const cell = (n: number) => `M${left + n * PITCH} ${y + 6}h${CELL.w}v${CELL.h}h${-CELL.w}Z`;
  const run = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, n) => cell(from + n)).join("");
  const shapes: Shape[] = [text(at.x, y + 15, CACHE_WORD[gauge.cache], "label", "ink")];
  // Stale cells come first: what is wrong is found at the same place in every gauge.
  if (gauge.hatched > 0) {
    shapes.push(
      path(run(0, gauge.hatched), "cell stale-back"),
      path(run(0, gauge.hatched), "cell stale"),
    );
  }
  if (gauge.full > gauge.hatched) shapes.push(path(run(gauge.hatched, gauge.full), "cell full"));
  if (gauge.cells > gauge.full) shapes.push(path(run(gauge.full, gauge.cells), "cell empty"));
  shapes.push(text(at.x + at.w, y + 15, countText(gauge), "note", "ink-2", "end"));
  const wrong = input.stale.find((entry) => entry.cache === gauge.cache);
  const first = wrong ?? input.cacheEntries.find((entry) => entry.cache === gauge.cache);
  const stale =
    gauge.stale === 0 ? "none stale" : `${gauge.stale} stale: the tables no longer say so`;
  return {
    id: `cache-${gauge.cache}`,
    column: 1,
    box: { x: at.x - 4, y, w: at.w + 8, h: ROW },
    shapes,
    target: {
      label: `${CACHE_WORD[gauge.cache]} cache, ${countText(gauge)} entries, ${stale}`,
      selection: first ? { kind: "cache entry", cache: gauge.cache, slot: first.slot } : null,
    },
  };
}
