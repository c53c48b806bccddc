// Which layout table an entry is read by, and the entry decoded with it.
import { type Hpa, hpa } from "../base/brand.ts";
import { decode } from "../hardware/layout/codec.ts";
import { FIRST_STAGE_ENTRY, mapsPage, SECOND_STAGE_ENTRY } from "../hardware/layout/paging.ts";
import { PASID_DIRECTORY_ENTRY, PASID_ENTRY } from "../hardware/layout/pasid.ts";
import {
  CONTEXT_LEGACY,
  CONTEXT_SCALABLE,
  ROOT_LEGACY,
  ROOT_SCALABLE,
} from "../hardware/layout/root-context.ts";
import type { DecodedField, Environment, Structure } from "../hardware/layout/types.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import type { Unit } from "./walk-types.ts";

/** A table entry as a reader names it: its kind, its level (paging only) and where it is. */
export interface EntryPlace {
  readonly table: TableKind;
  readonly level: number | null;
  readonly address: Hpa;
}

/** The layout table of an entry. */
export function structureOf(table: TableKind, scalable: boolean): Structure {
  switch (table) {
    case "root entry":
      return scalable ? ROOT_SCALABLE : ROOT_LEGACY;
    case "context entry":
      return scalable ? CONTEXT_SCALABLE : CONTEXT_LEGACY;
    case "PASID directory entry":
      return PASID_DIRECTORY_ENTRY;
    case "PASID table entry":
      return PASID_ENTRY;
    case "first-stage entry":
      return FIRST_STAGE_ENTRY;
    case "second-stage entry":
      return SECOND_STAGE_ENTRY;
  }
}

/** Bytes of one entry of a table. */
export const entrySize = (table: TableKind, scalable: boolean): number =>
  structureOf(table, scalable).bits / 8;

/** What decides which bits of an entry exist. */
export function entryEnvironment(
  level: number | null,
  words: readonly bigint[],
  unit: Unit,
): Environment {
  const common = {
    capabilities: unit.capabilities,
    haw: unit.haw,
    ...(unit.profile === "qemu" ? { awWithoutSsts: true } : {}),
  };
  return level === null ? common : { ...common, level, leaf: mapsPage(level, words[0] ?? 0n) };
}

/** The fields of an entry, in the order of its layout table. */
export const decodeEntry = (
  table: TableKind,
  level: number | null,
  words: readonly bigint[],
  unit: Unit,
): DecodedField[] =>
  decode(structureOf(table, unit.scalable), words, entryEnvironment(level, words, unit));

/** Value of the field called `name`; 0 when the structure has none. */
export const fieldValue = (fields: readonly DecodedField[], name: string): bigint =>
  fields.find((decoded) => decoded.field.name === name)?.value ?? 0n;

/** Words of memory from `address`, `bytes` long (a multiple of 8). */
export const readWords = (unit: Pick<Unit, "readWord">, address: Hpa, bytes: number): bigint[] =>
  Array.from({ length: bytes / 8 }, (_, word) => unit.readWord(hpa(address + BigInt(word * 8))));
