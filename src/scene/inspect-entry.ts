// Which layout table an entry is read by, and the entry decoded with it.
import { type Hpa, hpa } from "../base/brand.ts";
import { tableStructure } from "../hardware/layout/catalogue.ts";
import { decode } from "../hardware/layout/codec.ts";
import { mapsPage } from "../hardware/layout/paging.ts";
import type { DecodedField, Environment } from "../hardware/layout/types.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import type { Unit } from "./walk-types.ts";

/** A table entry as a reader names it: its kind, its level (paging only) and where it is. */
export interface EntryPlace {
  readonly table: TableKind;
  readonly level: number | null;
  readonly address: Hpa;
}

/** Bytes of one entry of a table. */
export const entrySize = (table: TableKind, scalable: boolean): number =>
  tableStructure(table, scalable).bits / 8;

/** What decides which bits of an entry exist. */
export function entryEnvironment(
  level: number | null,
  words: readonly bigint[],
  unit: Unit,
): Environment {
  const common = unit.environment;
  return level === null ? common : { ...common, level, leaf: mapsPage(level, words[0] ?? 0n) };
}

/** The fields of an entry, in the order of its layout table. */
export const decodeEntry = (
  table: TableKind,
  level: number | null,
  words: readonly bigint[],
  unit: Unit,
): DecodedField[] =>
  decode(tableStructure(table, unit.scalable), words, entryEnvironment(level, words, unit));

/** Value of the field called `name`; 0 when the structure has none. */
export const fieldValue = (fields: readonly DecodedField[], name: string): bigint =>
  fields.find((decoded) => decoded.field.name === name)?.value ?? 0n;

/** Words of memory from `address`, `bytes` long (a multiple of 8). */
export const readWords = (unit: Pick<Unit, "readWord">, address: Hpa, bytes: number): bigint[] =>
  Array.from({ length: bytes / 8 }, (_, word) => unit.readWord(hpa(address + BigInt(word * 8))));
