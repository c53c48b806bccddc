// The eight owners of the visual design: hue, mark, line dash and page pattern, given in order of first appearance.

/** How one address space, its requesters and its pages are told apart. */
export interface Owner {
  /** Order of first appearance in the document, from 0. */
  readonly index: number;
  /** 1 .. 8: names the colour token and the shapes below; PLAIN_HUE: the kernel's and the parent's own. */
  readonly hue: number;
  /** Empty for the first eight; "A" for the next eight, "B" after those. */
  readonly letter: string;
}

interface Looks {
  /** Word for the mark, for those who do not see it. */
  readonly mark: string;
  /** Stroke dash of its lines; empty: solid. */
  readonly dash: string;
}

const LOOKS: readonly Looks[] = [
  { mark: "disc", dash: "" },
  { mark: "disc with a slash", dash: "8 3" },
  { mark: "triangle", dash: "8 3 2 3" },
  { mark: "diamond", dash: "14 4" },
  { mark: "hexagon", dash: "2 4 8 4" },
  { mark: "triangle down", dash: "14 3 3 3" },
  { mark: "plus", dash: "4 4" },
  { mark: "ring", dash: "8 3 2 3 2 3" },
];

export const OWNER_COUNT = LOOKS.length;

/** Hue of what is nobody's slice: a function's own DMA through the kernel's domains. */
export const PLAIN_HUE = 9;

export const PLAIN_OWNER: Owner = { index: -1, hue: PLAIN_HUE, letter: "" };

/** Whether the hue's bars and ranges carry a pattern. */
export const hasPattern = (hue: number): boolean => hue > 1 && hue !== PLAIN_HUE;

/** The owner that came `index`-th, from 0. The ninth starts again with a letter. */
export function ownerAt(index: number): Owner {
  const round = Math.floor(index / OWNER_COUNT);
  const letter = round === 0 ? "" : String.fromCharCode(64 + (((round - 1) % 26) + 1));
  return { index, hue: (index % OWNER_COUNT) + 1, letter };
}

const looks = (owner: Owner): Looks => LOOKS[owner.hue - 1] ?? { mark: "square", dash: "" };

/** "triangle", "triangle A". */
export const markWord = (owner: Owner): string =>
  owner.letter === "" ? looks(owner).mark : `${looks(owner).mark} ${owner.letter}`;

export const dashOf = (owner: Owner): string => looks(owner).dash;

/** Two decimals are enough on screen and keep goldens readable. */
export const tidy = (value: number): string => String(Math.round(value * 100) / 100);

const polygon = (points: readonly (readonly [number, number])[]): string =>
  `M${points.map(([x, y]) => `${tidy(x)} ${tidy(y)}`).join("L")}Z`;

const circle = (x: number, y: number, r: number): string =>
  `M${tidy(x - r)} ${tidy(y)}a${tidy(r)} ${tidy(r)} 0 1 0 ${tidy(2 * r)} 0a${tidy(r)} ${tidy(r)} 0 1 0 ${tidy(-2 * r)} 0Z`;

/** Fill path (even-odd) of an owner's mark around (x, y) with radius `r`. */
export function markPath(owner: Owner, x: number, y: number, r: number): string {
  switch (owner.hue) {
    case 2:
      return slashedDisc(x, y, r);
    case 3:
      return polygon([
        [x, y - r],
        [x + r, y + r * 0.8],
        [x - r, y + r * 0.8],
      ]);
    case 4:
      return polygon([
        [x, y - r * 1.15],
        [x + r * 1.15, y],
        [x, y + r * 1.15],
        [x - r * 1.15, y],
      ]);
    case 5:
      return polygon([
        [x - r, y],
        [x - r / 2, y - r * 0.87],
        [x + r / 2, y - r * 0.87],
        [x + r, y],
        [x + r / 2, y + r * 0.87],
        [x - r / 2, y + r * 0.87],
      ]);
    case 6:
      return polygon([
        [x, y + r],
        [x + r, y - r * 0.8],
        [x - r, y - r * 0.8],
      ]);
    case 7:
      return plus(x, y, r);
    case 8:
      return circle(x, y, r) + circle(x, y, r * 0.45);
    case PLAIN_HUE:
      return polygon([
        [x - r * 0.8, y - r * 0.8],
        [x + r * 0.8, y - r * 0.8],
        [x + r * 0.8, y + r * 0.8],
        [x - r * 0.8, y + r * 0.8],
      ]);
    default:
      return circle(x, y, r);
  }
}

function plus(x: number, y: number, r: number): string {
  const w = r * 0.4;
  return polygon([
    [x - w, y - r],
    [x + w, y - r],
    [x + w, y - w],
    [x + r, y - w],
    [x + r, y + w],
    [x + w, y + w],
    [x + w, y + r],
    [x - w, y + r],
    [x - w, y + w],
    [x - r, y + w],
    [x - r, y - w],
    [x - w, y - w],
  ]);
}

/** A disc cut by a rising gap: two circular segments. */
function slashedDisc(x: number, y: number, r: number): string {
  const half = Math.acos(0.18);
  const segment = (toward: number): string => {
    const [a, b] = [toward - half, toward + half];
    const at = (angle: number) =>
      `${tidy(x + r * Math.cos(angle))} ${tidy(y + r * Math.sin(angle))}`;
    return `M${at(a)}A${tidy(r)} ${tidy(r)} 0 0 1 ${at(b)}Z`;
  };
  return segment((Math.PI * 5) / 4) + segment(Math.PI / 4);
}

/** Outline of one page cell: a square, with its corner cut (7) or a hole (8) where that is the pattern. */
export function cellPath(owner: Owner, x: number, y: number, size: number): string {
  const square = `M${x} ${y}h${size}v${size}h${-size}Z`;
  if (owner.hue === 7) {
    const cut = size / 2;
    return `M${x + cut} ${y}h${size - cut}v${size}h${-size}v${-(size - cut)}Z`;
  }
  if (owner.hue === 8) return `${square}M${x + 2} ${y + 2}v${size - 4}h${size - 4}v${-(size - 4)}Z`;
  return square;
}

/** Strokes in the colour behind that give a cell its pattern; empty when the outline says it all. */
export function patternPath(owner: Owner, x: number, y: number, size: number): string {
  const rising = `M${x} ${y + size}l${size} ${-size}`;
  const falling = `M${x} ${y}l${size} ${size}`;
  switch (owner.hue) {
    case 2:
      return rising;
    case 3:
      return `M${x} ${y + size / 2}h${size}`;
    case 4:
      return rising + falling;
    case 5:
      return `M${x + size / 2} ${y}v${size}`;
    case 6:
      return falling;
    default:
      return "";
  }
}
