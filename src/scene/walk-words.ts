// What entries say, in words, and what of them decides how a walk goes on.

import { formatBdf } from "../base/bdf.ts";
import { type Hpa, hpa } from "../base/brand.ts";
import { hex, pasidHex } from "../base/hex.ts";
import { faultText } from "../hardware/layout/fault-text.ts";
import { mapsPage } from "../hardware/layout/paging.ts";
import type { DecodedField } from "../hardware/layout/types.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import type { FaultCode } from "../hardware/vtd/fault-codes.ts";
import type { Stage } from "../hardware/vtd/types.ts";
import { decodeEntry, fieldValue } from "./inspect-entry.ts";
import type { HopState, Unit, Walk } from "./walk-types.ts";

/** How a context or PASID entry goes on: stage, levels (0: no tables) and root of the tables. */
export interface Onward {
  readonly stage: Stage | null;
  readonly levels: number;
  readonly table: Hpa | null;
}

const STAGES: Readonly<Record<number, Stage>> = {
  1: "first-stage",
  2: "second-stage",
  3: "nested",
  4: "pass-through",
};

/** SPT.4: PGTT, AW or FSPM of a PASID table entry cannot be used. */
const UNUSABLE: FaultCode = 0x5b;

const rootOf = (value: bigint): Hpa | null => (value === 0n ? null : hpa(value));

/** What a context entry of either mode decides. `assumed`: as if it were present, for what a cache still holds. */
export function contextSays(
  words: readonly bigint[],
  unit: Unit,
  assumed = false,
): Onward & { readonly pdts: number; readonly ridPasid: number } {
  const fields = decodeEntry("context entry", null, words, unit);
  if (unit.scalable) {
    const ridPasid = unit.environment.capabilities.rps
      ? Number(fieldValue(fields, "RID_PASID"))
      : 0;
    const pdts = Number(fieldValue(fields, "PDTS"));
    return { stage: null, levels: 0, table: null, pdts, ridPasid };
  }
  const present = assumed || fieldValue(fields, "P") === 1n;
  const type = fieldValue(fields, "TT");
  const stage = !present ? null : type === 2n ? "pass-through" : type < 2n ? "second-stage" : null;
  return {
    stage,
    levels: stage === "second-stage" ? Number(fieldValue(fields, "AW")) + 2 : 0,
    table: rootOf(fieldValue(fields, "SSPTPTR")),
    pdts: 0,
    ridPasid: 0,
  };
}

/** What a PASID table entry decides; `assumed` as above. */
export function pasidEntrySays(words: readonly bigint[], unit: Unit, assumed = false): Onward {
  const fields = decodeEntry("PASID table entry", null, words, unit);
  const stage =
    !assumed && fieldValue(fields, "P") === 0n
      ? undefined
      : STAGES[Number(fieldValue(fields, "PGTT"))];
  if (stage === "first-stage") {
    const levels = Number(fieldValue(fields, "FSPM")) + 4;
    return { stage, levels, table: rootOf(fieldValue(fields, "FSPTPTR")) };
  }
  const levels =
    stage === "second-stage" || stage === "nested" ? Number(fieldValue(fields, "AW")) + 2 : 0;
  return { stage: stage ?? null, levels, table: rootOf(fieldValue(fields, "SSPTPTR")) };
}

/** Rights of a paging entry: "R W", "R", "" when it is not present. First stage adds U. */
export function entryRights(table: TableKind, word: bigint): string {
  const bit = (position: bigint) => (word >> position) & 1n;
  if (table === "first-stage entry") {
    if (bit(0n) === 0n) return "";
    return ["R", bit(1n) ? "W" : "", bit(2n) ? "U" : ""].filter(Boolean).join(" ");
  }
  return [bit(0n) ? "R" : "", bit(1n) ? "W" : ""].filter(Boolean).join(" ");
}

/** What reading (or having cached) an entry led to, in a few words. */
export function decisionWords(
  table: TableKind,
  level: number | null,
  words: readonly bigint[],
  state: HopState,
  unit: Unit,
  reason: FaultCode | null = null,
): string {
  if (state === "not reached") return "not reached";
  if (words.length === 0) return state === "refused" ? "refused: cannot be read" : "not known";
  const says = entrySays(table, level, words, unit);
  if (state !== "refused") return says;
  const fields = decodeEntry(table, level, words, unit);
  // QEMU judges PGTT before P, so an entry of zeros is refused for its PGTT.
  if (reason === UNUSABLE && fieldValue(fields, "P") === 0n) {
    return `refused: PGTT ${fieldValue(fields, "PGTT")}`;
  }
  const wrong = fields.find((field) => field.violates);
  return wrong ? `refused: ${fieldSays(wrong)}` : `refused: ${says}`;
}

function fieldSays(decoded: DecodedField): string {
  const { name } = decoded.field;
  return name === "reserved"
    ? decoded.high === decoded.low
      ? `reserved bit [${decoded.low}] is not 0`
      : `reserved bits [${decoded.high}:${decoded.low}] are not 0`
    : `${name} ${hex(decoded.value)}`;
}

/** What an entry says by itself: "second-stage, DID 7", "page 0x2_245d_9000". */
export function entrySays(
  table: TableKind,
  level: number | null,
  words: readonly bigint[],
  unit: Unit,
): string {
  const fields = decodeEntry(table, level, words, unit);
  const value = (name: string) => fieldValue(fields, name);
  const says = (name: string) => fields.find((f) => f.field.name === name)?.words ?? "";
  switch (table) {
    case "root entry": {
      if (!unit.scalable) return value("P") ? "present" : "P = 0";
      const halves = [value("LP") ? "lower" : "", value("UP") ? "upper" : ""].filter(Boolean);
      if (halves.length === 2) return "both halves present";
      return halves[0] ? `${halves[0]} half present` : "LP = 0, UP = 0";
    }
    case "context entry": {
      if (value("P") === 0n) return "P = 0";
      if (unit.scalable) return `PASIDE ${value("PASIDE")}, PDTS ${value("PDTS")}`;
      const { stage } = contextSays(words, unit);
      return `${stage ?? `TT ${value("TT")}`}, DID ${value("DID")}`;
    }
    case "PASID directory entry":
      return value("P") ? "present" : "P = 0";
    case "PASID table entry":
      if (value("P") === 0n) return "P = 0";
      return `${STAGES[Number(value("PGTT"))] ?? `PGTT ${says("PGTT")}`}, DID ${value("DID")}`;
    default: {
      const rights = entryRights(table, words[0] ?? 0n);
      if (rights === "") return table === "first-stage entry" ? "P = 0" : "R = 0, W = 0";
      return mapsPage(level ?? 1, words[0] ?? 0n)
        ? `page ${hex(value("ADDR"))}, ${rights}`
        : rights;
    }
  }
}

/**
 * Whether a request that got as far as an entry of this kind, and no further, was refused by it. Some reasons of
 * paging (a missing write right, an output in the interrupt range) name no stage; they show at the last entry read.
 */
export const blames = (code: FaultCode, table: TableKind): boolean =>
  table === "first-stage entry" ||
  table === "second-stage entry" ||
  faultText(code).place === table;

/** "DMA write · 6a:01.0 · PASID 0x041". */
export function requestWords(request: Walk["request"]): string {
  const pasid = request.pasid === null ? "no PASID" : `PASID ${pasidHex(request.pasid)}`;
  return `DMA ${request.access} · ${formatBdf(request.requester)} · ${pasid}`;
}
