// Decoder, encoder and reserved-bit masks: the only code that reads layout tables.
import { hex } from "../../base/hex.ts";
import { bitOf } from "./fields.ts";
import type { DecodedField, Environment, Field, Structure } from "./types.ts";

/** 64-bit words of a structure; a 32-bit register counts as one. */
export const wordCount = (structure: Structure): number => Math.ceil(structure.bits / 64);

/** Bits high..low set. */
export const maskOf = (high: number, low: number): bigint =>
  ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);

const exists = (field: Field, environment: Environment): boolean =>
  field.kind !== "reserved" && (field.needs === undefined || field.needs.test(environment));

/** The bits of each 64-bit word that must be 0 in this environment. */
export function reservedMasks(structure: Structure, environment: Environment): bigint[] {
  const masks = new Array<bigint>(wordCount(structure)).fill(0n);
  for (const field of structure.fields(environment)) {
    if (exists(field, environment)) continue;
    const mask = maskOf(bitOf(field.high, environment), bitOf(field.low, environment));
    masks[field.word] = (masks[field.word] ?? 0n) | mask;
  }
  return masks;
}

function inWords(field: Field, value: bigint, environment: Environment): string {
  if (field.kind === "reserved") return value === 0n ? "0" : "must be 0";
  if (field.needs && value !== 0n && !field.needs.test(environment)) {
    return `must be 0: the unit lacks ${field.needs.words}`;
  }
  const named = value < 0x1_0000_0000n ? field.values?.[Number(value)] : undefined;
  if (named !== undefined) return named;
  if (field.closed) return `${hex(value)}, which this unit does not know`;
  if (field.kind === "flag") return value === 0n ? "clear" : "set";
  return hex(value);
}

/**
 * All fields of one entry, in the order of the table.
 * `words` are the entry's 64-bit words, lowest address first; missing ones count as 0.
 * In an entry that is not present nothing violates: hardware stops before it looks.
 */
export function decode(
  structure: Structure,
  words: readonly bigint[],
  environment: Environment,
): DecodedField[] {
  const { presence } = structure;
  const counts = !presence || ((words[presence.word] ?? 0n) & presence.mask) !== 0n;
  return structure.fields(environment).map((field) => {
    const high = bitOf(field.high, environment);
    const low = bitOf(field.low, environment);
    const inPlace = (words[field.word] ?? 0n) & maskOf(high, low);
    const value = field.kind === "address" ? inPlace : inPlace >> BigInt(low);
    const wrong =
      (value !== 0n && !exists(field, environment)) ||
      (field.closed === true && field.values?.[Number(value)] === undefined);
    return {
      field,
      high,
      low,
      value,
      words: inWords(field, value, environment),
      violates: counts && wrong,
    };
  });
}

/**
 * The words of an entry with the named fields set and everything else 0. Fields that the unit lacks can be set:
 * wrong tables must be writable too. Addresses are given as addresses.
 * Throws RangeError for a name the structure does not have and for a value that does not fit.
 */
export function encode(
  structure: Structure,
  values: Readonly<Record<string, bigint>>,
  environment: Environment,
): bigint[] {
  const words = new Array<bigint>(wordCount(structure)).fill(0n);
  const fields = structure
    .fields(environment)
    .filter((f) => f.kind !== "reserved" && f.kind !== "ignored");
  for (const [name, value] of Object.entries(values)) {
    const field = fields.find((candidate) => candidate.name === name);
    if (!field) throw new RangeError(`${structure.name} has no field ${name}`);
    const low = bitOf(field.low, environment);
    const mask = maskOf(bitOf(field.high, environment), low);
    const inPlace = field.kind === "address" ? value : value << BigInt(low);
    if (value < 0n || (inPlace & ~mask) !== 0n) {
      throw new RangeError(`${hex(value)} does not fit in ${name} of the ${structure.name}`);
    }
    words[field.word] = (words[field.word] ?? 0n) | inPlace;
  }
  return words;
}

/** The field that a bit (0 .. 63) of a word belongs to; undefined outside the structure. */
export const fieldAt = (
  structure: Structure,
  word: number,
  bit: number,
  environment: Environment,
): Field | undefined =>
  structure
    .fields(environment)
    .find(
      (field) =>
        field.word === word &&
        bitOf(field.low, environment) <= bit &&
        bit <= bitOf(field.high, environment),
    );
