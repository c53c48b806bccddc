// Where the four columns of the stage stand for a given room. Widths of the visual design, section 4.
export interface Column {
  readonly title: string;
  readonly x: number;
  readonly w: number;
}

export interface Frame {
  /** Pixels; at least the view, more where the columns do not fit. */
  readonly width: number;
  readonly height: number;
  readonly columns: readonly [Column, Column, Column, Column];
  /** First pixel below the headings, and the last one of the content. */
  readonly top: number;
  readonly bottom: number;
  /** The columns do not fit side by side: the stage pans from one to the next. */
  readonly pans: boolean;
  /** Page cells in a row of host memory. */
  readonly cells: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MARGIN = 16;
/** Baseline of the headings. */
export const HEADING_Y = 28;
const TOP = 44;
const TITLES = ["Requesters", "Remapping unit", "Address spaces", "Host memory"] as const;
const WIDE = [196, 248, 168, 100] as const;
const NARROW = [168, 232, 152, 100] as const;
/** Below this the stage pans, laid out as for the classic width. */
const PANS_BELOW = 776;
const CLASSIC = 872;
const MIN_HEIGHT = 400;

export function frameFor(size: Size): Frame {
  const pans = size.width < PANS_BELOW;
  const width = pans ? CLASSIC : size.width;
  const widths = width < 840 ? NARROW : WIDE;
  // Above 1200 there is room for sixteen cells in a row.
  const cells = width >= 1200 ? 16 : 10;
  const [requesters, unit, spaces] = widths;
  const memory = cells * 10;
  const free = width - 2 * MARGIN - requesters - unit - spaces - memory;
  // The gap before the unit is the widest: most lines cross there.
  const gaps = [free * 0.38, free * 0.34, free * 0.28];
  let x = MARGIN;
  const columns = [requesters, unit, spaces, memory].map((w, at) => {
    const column = { title: TITLES[at] ?? "", x: Math.round(x), w };
    x += w + (gaps[at] ?? 0);
    return column;
  });
  const height = Math.max(size.height, MIN_HEIGHT);
  return {
    width,
    height,
    columns: columns as unknown as Frame["columns"],
    top: TOP,
    bottom: height - 12,
    pans,
    cells,
  };
}

/**
 * Which of `items` are drawn when only `room` fit: the required ones, then the interesting ones, then the rest, shown in
 * their given order. The others are one line, "and 12 more".
 */
export function choose<T>(
  items: readonly T[],
  room: number,
  rank: (item: T) => number,
): { shown: readonly T[]; hidden: readonly T[] } {
  if (items.length <= room) return { shown: items, hidden: [] };
  const kept = new Set(
    items
      .map((item, at) => ({ item, at, rank: rank(item) }))
      .sort((a, b) => a.rank - b.rank || a.at - b.at)
      .slice(0, Math.max(1, room - 1))
      .map((one) => one.item),
  );
  return {
    shown: items.filter((item) => kept.has(item)),
    hidden: items.filter((item) => !kept.has(item)),
  };
}
