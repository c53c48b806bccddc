// How wide text will be, without a screen: estimates on the safe side for the two faces that ship with the page.

export interface Face {
  /** Pixels. */
  readonly size: number;
  readonly weight: 400 | 500 | 600;
  readonly mono: boolean;
}

/** Text styles of the stage; their names are also the class names. */
export const FACES = {
  heading: { size: 13, weight: 600, mono: false },
  name: { size: 13, weight: 600, mono: false },
  label: { size: 12, weight: 500, mono: false },
  strong: { size: 12, weight: 600, mono: false },
  note: { size: 11, weight: 400, mono: false },
  code: { size: 11, weight: 400, mono: true },
  bdf: { size: 12, weight: 400, mono: true },
  digit: { size: 11, weight: 600, mono: false },
} as const satisfies Record<string, Face>;

export type TextStyle = keyof typeof FACES;

// Advance widths of Inter's regular weight with tabular figures, in thousandths of an em, rounded up to tens.
const ADVANCES: readonly (readonly [number, string])[] = [
  [250, "ijl"],
  [270, ".,:;I"],
  [300, "'"],
  [330, "t"],
  [340, "f"],
  [360, "/"],
  [400, "()[]r"],
  [460, "_"],
  [500, "–"],
  [530, "s"],
  [550, "kx"],
  [560, "z"],
  [570, "avyL"],
  [580, "cJ"],
  [590, "eF"],
  [600, "hnou"],
  [610, "E"],
  [620, "bdgpq"],
  [630, "Z"],
  [640, "P"],
  [650, "-+=×RST"],
  [660, "B"],
  [680, "KY"],
  [690, "X"],
  [710, "AV"],
  [730, "D"],
  [740, "C"],
  [750, "GHU"],
  [760, "N"],
  [770, "OQ"],
  [820, "w"],
  [880, "m"],
  [910, "M"],
  [1010, "W"],
];
const WIDTHS = new Map(
  ADVANCES.flatMap(([width, letters]) => [...letters].map((letter) => [letter, width] as const)),
);
WIDTHS.set(" ", 270);

/** Figures, and whatever the table does not name. */
const OTHER = 650;

/** What heavier weights add. */
const HEAVIER = { 400: 1, 500: 1.025, 600: 1.045 } as const;

/** Width in pixels, never less than what the browser will need. */
export function textWidth(text: string, style: TextStyle): number {
  const face: Face = FACES[style];
  if (face.mono) return Math.ceil([...text].length * face.size * 0.6);
  let thousandths = 0;
  for (const letter of text) thousandths += WIDTHS.get(letter) ?? OTHER;
  return Math.ceil((thousandths / 1000) * face.size * HEAVIER[face.weight]);
}

/**
 * Breaks text at blanks so that each line fits in `width` pixels. Words that are too wide are broken between
 * letters: nothing is cut off and no dots replace anything.
 */
export function wrapText(text: string, style: TextStyle, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((long) => breakWord(long, style, width))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, style) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

function breakWord(word: string, style: TextStyle, width: number): string[] {
  const parts: string[] = [];
  let part = "";
  for (const letter of word) {
    if (part !== "" && textWidth(part + letter, style) > width) {
      parts.push(part);
      part = "";
    }
    part += letter;
  }
  return [...parts, part];
}

/** The first of several wordings that fits, else the last. */
export const firstThatFits = (
  wordings: readonly string[],
  style: TextStyle,
  width: number,
): string => wordings.find((one) => textWidth(one, style) <= width) ?? wordings.at(-1) ?? "";
