// Context and PASID table entries as a survey understands them: what they lead to, or why they lead nowhere.
import { domainId } from "../../base/brand.ts";
import { hex } from "../../base/hex.ts";
import { decode } from "../../hardware/layout/codec.ts";
import { PASID_ENTRY } from "../../hardware/layout/pasid.ts";
import { CONTEXT_LEGACY } from "../../hardware/layout/root-context.ts";
import type { DecodedField, Environment, Structure } from "../../hardware/layout/types.ts";
import type { Switches } from "../../hardware/vtd/profile.ts";
import type { SpaceRoot } from "./spaces.ts";

/** An entry by its named fields. */
export const fieldsOf = (decoded: readonly DecodedField[]): ReadonlyMap<string, bigint> =>
  new Map(decoded.map(({ field, value }) => [field.name, value]));

/** What breaks a rule, in words; null when nothing does. */
export function complaint(
  structure: Structure,
  decoded: readonly DecodedField[],
  counts: (field: DecodedField) => boolean = () => true,
): string | null {
  const wrong = decoded.filter((field) => field.violates && counts(field));
  if (wrong.length === 0) return null;
  const list = wrong.map(({ field, high, low, words }) => {
    const bits = high === low ? `bit ${low}` : `bits ${high}:${low}`;
    const where = structure.bits > 64 ? `${bits} of word ${field.word}` : bits;
    if (field.kind === "reserved") return `${where} must be 0`;
    return words.startsWith("must") ? `${field.name} ${words}` : `${field.name} is ${words}`;
  });
  return list.join("; ");
}

export interface Meaning {
  readonly did: number;
  readonly space: SpaceRoot | null;
  readonly problem: string | null;
}

/** Levels that AW stands for. */
const levelsOf = (aw: bigint): number => Number(aw) + 2;

const didOf = (fields: ReadonlyMap<string, bigint>): number =>
  domainId(Number(fields.get("DID") ?? 0n));

/** A legacy context entry that is present. */
export function legacyMeaning(words: readonly bigint[], environment: Environment): Meaning {
  const decoded = decode(CONTEXT_LEGACY, words, environment);
  const fields = fieldsOf(decoded);
  const did = didOf(fields);
  const problem = complaint(CONTEXT_LEGACY, decoded);
  if (problem) return { did, space: null, problem };
  const space: SpaceRoot =
    fields.get("TT") === 2n
      ? { stage: "pass-through" }
      : {
          stage: "second-stage",
          root: Number(fields.get("SSPTPTR") ?? 0n),
          levels: levelsOf(fields.get("AW") ?? 0n),
        };
  return { did, space, problem: null };
}

/** A PASID table entry that is present. */
export function pasidMeaning(
  words: readonly bigint[],
  environment: Environment,
  switches: Switches,
): Meaning {
  const decoded = decode(PASID_ENTRY, words, environment);
  const fields = fieldsOf(decoded);
  const did = didOf(fields);
  const value = (name: string): bigint => fields.get(name) ?? 0n;
  const pgtt = value("PGTT");
  const first = pgtt === 1n || pgtt === 3n;
  const second = pgtt === 2n || pgtt === 3n;
  const problem = complaint(PASID_ENTRY, decoded, ({ field }) => {
    if (field.name === "FSPM") return first;
    return field.closed === true || !switches.pasidReservedUnchecked;
  });
  if (problem) return { did, space: null, problem };
  const aw = value("AW");
  if (
    (second || (first && switches.firstStageWidthFromAw)) &&
    ((environment.capabilities.sagaw >> Number(aw)) & 1) === 0
  ) {
    return { did, space: null, problem: `AW is ${hex(aw)}: a width that the unit cannot walk` };
  }
  const firstStage = { root: Number(value("FSPTPTR")), levels: value("FSPM") === 1n ? 5 : 4 };
  const secondStage = { root: Number(value("SSPTPTR")), levels: levelsOf(aw) };
  switch (pgtt) {
    case 1n:
      return { did, space: { stage: "first-stage", ...firstStage }, problem: null };
    case 2n:
      return { did, space: { stage: "second-stage", ...secondStage }, problem: null };
    case 3n:
      return {
        did,
        space: {
          stage: "nested",
          ...firstStage,
          second: secondStage.root,
          secondLevels: secondStage.levels,
        },
        problem: null,
      };
    default:
      return { did, space: { stage: "pass-through" }, problem: null };
  }
}
