// The words in which layout tables are written: short constructors for fields and structures.
import type { BitPosition, Environment, Field, Structure } from "./types.ts";

type Details = Partial<Pick<Field, "values" | "closed" | "needs">>;

export const flag = (
  name: string,
  word: number,
  bit: number,
  meaning: string,
  details: Details = {},
): Field => ({ name, word, high: bit, low: bit, kind: "flag", meaning, ...details });

export const value = (
  name: string,
  word: number,
  high: BitPosition,
  low: BitPosition,
  meaning: string,
  details: Details = {},
): Field => ({ name, word, high, low, kind: "value", meaning, ...details });

/** Address bits that keep their place: bit 12 of the word is bit 12 of the address. */
export const address = (
  name: string,
  word: number,
  high: BitPosition,
  low: BitPosition,
  meaning: string,
  details: Details = {},
): Field => ({ name, word, high, low, kind: "address", meaning, ...details });

export const reserved = (
  word: number,
  high: BitPosition,
  low: BitPosition,
  meaning = "must be 0",
): Field => ({ name: "reserved", word, high, low, kind: "reserved", meaning });

export const ignored = (
  word: number,
  high: BitPosition,
  low: BitPosition,
  meaning = "hardware does not look at it",
): Field => ({ name: "ignored", word, high, low, kind: "ignored", meaning });

/** In context, PASID directory and PASID table entries. */
export const FPD = flag("FPD", 0, 1, "fault processing disable", {
  values: { 0: "faults are recorded", 1: "qualified faults are not recorded" },
});

export const PRESENT = { 0: "not present", 1: "present" } as const;

/** Second-stage widths of AW, by value. */
export const ADDRESS_WIDTHS = {
  1: "39-bit, 3 levels",
  2: "48-bit, 4 levels",
  3: "57-bit, 5 levels",
} as const;

/** Those of them that the unit can walk: bit i of SAGAW stands for AW = i. */
export const supportedWidths = ({ capabilities }: Environment): Readonly<Record<number, string>> =>
  Object.fromEntries(
    Object.entries(ADDRESS_WIDTHS).filter(([aw]) => (capabilities.sagaw >> Number(aw)) & 1),
  );

/** What a field asks of the unit. */
export const needs = (
  words: string,
  test: (environment: Environment) => boolean,
): Required<Pick<Details, "needs">> => ({ needs: { words, test } });

/** The number a bit position stands for. */
export const bitOf = (position: BitPosition, environment: Environment): number =>
  position === "HAW" ? environment.haw : position === "HAW-1" ? environment.haw - 1 : position;

/** A structure whose fields without bits (as [51:HAW] on a unit of 52 bits) are left out. */
export const structure = (
  id: string,
  name: string,
  bits: number,
  source: string,
  fields: readonly Field[] | ((environment: Environment) => readonly Field[]),
  presence?: Structure["presence"],
): Structure => ({
  id,
  name,
  bits,
  source,
  fields: (environment) =>
    (typeof fields === "function" ? fields(environment) : fields).filter(
      (field) => bitOf(field.high, environment) >= bitOf(field.low, environment),
    ),
  ...(presence ? { presence } : {}),
});

/** `fields` with every bit of the `words` words that they leave out made reserved, in order of bits. */
export function withReservedGaps(
  fields: readonly Field[],
  words: number,
  bitsPerWord: 32 | 64 = 64,
): Field[] {
  const out: Field[] = [];
  for (let word = 0; word < words; word++) {
    const inWord = fields
      .filter((field) => field.word === word)
      .sort((a, b) => Number(a.low) - Number(b.low));
    let next = 0;
    for (const field of inWord) {
      if (Number(field.low) > next) out.push(reserved(word, Number(field.low) - 1, next));
      out.push(field);
      next = Number(field.high) + 1;
    }
    if (next < bitsPerWord) out.push(reserved(word, bitsPerWord - 1, next));
  }
  return out;
}
