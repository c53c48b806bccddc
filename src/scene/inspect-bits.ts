// An entry as named bits and as bytes: which cells and bytes a field covers, and where its name fits under them.
import { hex } from "../base/hex.ts";
import type { DecodedField } from "../hardware/layout/types.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import { levelTint, type Tint } from "./walk-split.ts";

/** One field as people read it. */
export interface FieldView {
  /** Unique inside its entry. */
  readonly key: string;
  readonly name: string;
  readonly word: number;
  readonly high: number;
  readonly low: number;
  readonly kind: DecodedField["field"]["kind"];
  /** `q0[4:2]`, or `[4:2]` in a structure of one word. */
  readonly range: string;
  /** `0x1_1000_0000`, `2`, `18 (0x12)`. */
  readonly value: string;
  /** What this value says: "48-bit, 4 levels"; empty when the value says it all. */
  readonly says: string;
  /** What the field is for. */
  readonly meaning: string;
  readonly violates: boolean;
  /** Reserved and ignored bits that are 0 are left out of lists of fields. */
  readonly listed: boolean;
}

const valueText = (decoded: DecodedField): string => {
  if (decoded.field.kind === "address" || decoded.value > 0xffffn) return hex(decoded.value);
  return decoded.value < 10n
    ? decoded.value.toString()
    : `${decoded.value} (${hex(decoded.value)})`;
};

/** Fields as people read them, in the order of the layout table. `words` is the number of 64-bit words. */
export function fieldViews(fields: readonly DecodedField[], words: number): FieldView[] {
  return fields.map((decoded) => {
    const { field, high, low } = decoded;
    const bits = high === low ? `[${high}]` : `[${high}:${low}]`;
    const named = field.kind !== "reserved" && field.kind !== "ignored";
    return {
      key: `${field.word}:${high}:${low}`,
      name: field.name,
      word: field.word,
      high,
      low,
      kind: field.kind,
      range: words > 1 ? `q${field.word}${bits}` : bits,
      value: valueText(decoded),
      says: decoded.words === hex(decoded.value) ? "" : decoded.words,
      meaning: field.meaning,
      violates: decoded.violates,
      listed: named || decoded.value !== 0n,
    };
  });
}

/** First and last byte of an entry that hold bits high..low of a word, from 0. */
export const bytesOfField = (field: Pick<FieldView, "word" | "high" | "low">) => ({
  first: field.word * 8 + (field.low >> 3),
  last: field.word * 8 + (field.high >> 3),
});

/** "bytes 8 and 9 are DID, little endian". */
export function bytesWords(field: Pick<FieldView, "word" | "high" | "low" | "name">): string {
  const { first, last } = bytesOfField(field);
  const whole = field.low % 8 === 0 && field.high % 8 === 7;
  if (first === last) return `byte ${first} ${whole ? "is" : "holds"} ${field.name}`;
  const joined = last === first + 1 ? `${first} and ${last}` : `${first} to ${last}`;
  return `bytes ${joined} ${whole ? "are" : "hold"} ${field.name}, little endian`;
}

/** A name under the cells of a word. Positions are in cells from the left edge of the word. */
export interface BitLabel {
  readonly field: FieldView;
  readonly text: string;
  /** Middle of the field, where its leader goes down. */
  readonly x: number;
  /** Left edge and width of the text. */
  readonly from: number;
  readonly width: number;
  /** 0: centred directly below its cells. Others hang on a leader, lower with each lane. */
  readonly lane: number;
}

/** Width of a letter of the labels, in cells of 13 px. */
const LETTER = 0.47;

/**
 * Names of the fields of one word, lowest bit first. A name that is too wide for its cells hangs on a leader and is
 * written to its right, below every leader that it passes, so that no line crosses a name.
 */
export function bitLabels(fields: readonly FieldView[], word: number): BitLabel[] {
  const labels: BitLabel[] = [];
  const own = fields.filter((field) => field.word === word).sort((a, b) => a.low - b.low);
  for (const field of own) {
    const width = field.name.length * LETTER + 0.5;
    const cells = field.high - field.low + 1;
    const x = 63 - field.high + cells / 2;
    if (width <= cells) {
      labels.push({ field, text: field.name, x, from: x - width / 2, width, lane: 0 });
      continue;
    }
    if (field.kind === "reserved" || field.kind === "ignored") continue;
    const from = Math.min(x - 0.25, 64.6 - width);
    const passed = labels.filter((other) => other.lane > 0 && other.from < from + width);
    const lane = 1 + Math.max(0, ...passed.map((other) => other.lane));
    labels.push({ field, text: field.name, x, from, width, lane });
  }
  return labels;
}

/** Tint of what the pointer of an entry leads to. `levels` is the depth of the tables below, 0 when unknown. */
export function pointerTint(
  table: TableKind,
  level: number | null,
  leaf: boolean,
  scalable: boolean,
  levels: number,
): Tint {
  switch (table) {
    case "root entry":
      return "devfn";
    case "context entry":
      return scalable ? "directory" : topTint(levels);
    case "PASID directory entry":
      return "pasid";
    case "PASID table entry":
      return topTint(levels);
    default:
      return leaf || level === null || level === 1 ? "offset" : levelTint(level - 1);
  }
}

const topTint = (levels: number): Tint => (levels === 0 ? "offset" : levelTint(levels));

/** The bytes of an entry in memory, lowest address first. */
export function bytesOfWords(words: readonly bigint[]): number[] {
  return words.flatMap((word) =>
    Array.from({ length: 8 }, (_, at) => Number((word >> BigInt(8 * at)) & 0xffn)),
  );
}

/** `words` with byte `at` of the entry replaced. */
export function withByte(words: readonly bigint[], at: number, value: number): bigint[] {
  const shift = BigInt((at % 8) * 8);
  return words.map((word, index) =>
    index === at >> 3 ? (word & ~(0xffn << shift)) | (BigInt(value) << shift) : word,
  );
}

/** `words` with bits high..low of one word replaced; `value` counts from bit 0. Null when it does not fit. */
export function withField(
  words: readonly bigint[],
  field: Pick<FieldView, "word" | "high" | "low" | "kind">,
  value: bigint,
): bigint[] | null {
  const mask = ((1n << BigInt(field.high - field.low + 1)) - 1n) << BigInt(field.low);
  const inPlace = field.kind === "address" ? value : value << BigInt(field.low);
  if (value < 0n || (inPlace & ~mask) !== 0n) return null;
  return words.map((word, index) => (index === field.word ? (word & ~mask) | inPlace : word));
}

/** `words` with one bit flipped. */
export const withBitFlipped = (words: readonly bigint[], word: number, bit: number): bigint[] =>
  words.map((old, index) => (index === word ? old ^ (1n << BigInt(bit)) : old));

/**
 * "P: 1 present, becomes 0 not present", for each field whose value differs. Fields that the entry gains by the edit
 * (a large page has others than a table) are told with their value, unless that is 0.
 */
export function changedFields(before: readonly FieldView[], after: readonly FieldView[]): string[] {
  const old = new Map(before.map((field) => [field.key, field]));
  const say = (field: FieldView) => (field.says ? `${field.value} ${field.says}` : field.value);
  const lines: string[] = [];
  for (const field of after) {
    const was = old.get(field.key);
    if (!was && field.listed && !/^(0x)?0$/.test(field.value)) {
      lines.push(`${field.name} ${field.range}: ${say(field)}`);
    } else if (was && was.value !== field.value) {
      lines.push(`${field.name} ${field.range}: ${say(was)}, becomes ${say(field)}`);
    }
  }
  return lines;
}
