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

// Advance widths of Inter in thousandths of an em, rounded up.
const WIDTHS: Readonly<Record<string, number>> = {
  " ": 290,
  ".": 290,
  ",": 290,
  ":": 290,
  ";": 300,
  "'": 240,
  "-": 470,
  _: 490,
  "/": 380,
  "(": 380,
  ")": 380,
  "[": 380,
  "]": 380,
  "+": 670,
  "=": 670,
  "×": 670,
  "–": 560,
  a: 570,
  b: 620,
  c: 575,
  d: 620,
  e: 590,
  f: 370,
  g: 620,
  h: 605,
  i: 250,
  j: 250,
  k: 560,
  l: 250,
  m: 890,
  n: 600,
  o: 610,
  p: 620,
  q: 620,
  r: 390,
  s: 540,
  t: 375,
  u: 600,
  v: 570,
  w: 815,
  x: 560,
  y: 570,
  z: 560,
  I: 280,
  J: 580,
  M: 900,
  W: 1010,
  "1": 480,
}; // prettier-like table: one line per dozen keeps it readable

const CAPITAL = 730;
const OTHER = 660;

/** Width in pixels, never less than what the browser will need. */
export function textWidth(text: string, style: TextStyle): number {
  const face: Face = FACES[style];
  if (face.mono) return Math.ceil([...text].length * face.size * 0.6);
  let thousandths = 0;
  for (const letter of text) {
    thousandths += WIDTHS[letter] ?? (letter >= "A" && letter <= "Z" ? CAPITAL : OTHER);
  }
  const heavier = face.weight === 400 ? 1 : 1.045;
  return Math.ceil((thousandths / 1000) * face.size * heavier * 1.02);
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
