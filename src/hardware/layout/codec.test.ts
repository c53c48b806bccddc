import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STRUCTURES } from "./catalogue.ts";
import { decode, encode, fieldAt, maskOf, reservedMasks, wordCount } from "./codec.ts";
import { anyEnvironment, unit } from "./environments.fixture.ts";
import { bitOf } from "./fields.ts";
import { FIRST_STAGE_ENTRY, SECOND_STAGE_ENTRY } from "./paging.ts";
import { PASID_DIRECTORY_ENTRY, PASID_ENTRY } from "./pasid.ts";
import { FRCD, REGISTERS } from "./registers.ts";
import { CONTEXT_LEGACY, CONTEXT_SCALABLE, ROOT_LEGACY, ROOT_SCALABLE } from "./root-context.ts";
import type { Structure } from "./types.ts";

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const wordsOf = (structure: Structure) =>
  fc
    .array(word, { minLength: wordCount(structure), maxLength: wordCount(structure) })
    .map((words) => (structure.bits === 32 ? words.map((w) => w & 0xffff_ffffn) : words));

const named = (
  structure: Structure,
  words: readonly bigint[],
  environment: Parameters<typeof decode>[2],
) =>
  Object.fromEntries(
    decode(structure, words, environment)
      .filter(({ field }) => field.kind !== "reserved" && field.kind !== "ignored")
      .map(({ field, value }) => [field.name, value]),
  );

describe.each(STRUCTURES.map((structure) => [structure.id, structure] as const))(
  "%s",
  (_, structure) => {
    test("covers every bit exactly once in every environment", () => {
      fc.assert(
        fc.property(anyEnvironment, (environment) => {
          const covered = new Array<bigint>(wordCount(structure)).fill(0n);
          for (const field of structure.fields(environment)) {
            const mask = maskOf(bitOf(field.high, environment), bitOf(field.low, environment));
            expect((covered[field.word] ?? -1n) & mask).toBe(0n);
            covered[field.word] = (covered[field.word] ?? 0n) | mask;
          }
          const full = (1n << BigInt(Math.min(64, structure.bits))) - 1n;
          expect(covered).toEqual(covered.map(() => full));
        }),
      );
    });

    test("names every field once", () => {
      fc.assert(
        fc.property(anyEnvironment, (environment) => {
          const names = structure
            .fields(environment)
            .filter(({ kind }) => kind !== "reserved" && kind !== "ignored")
            .map(({ name }) => name);
          expect(new Set(names).size).toBe(names.length);
        }),
      );
    });

    test("encodes what it decodes: only reserved and ignored bits are lost", () => {
      fc.assert(
        fc.property(anyEnvironment, wordsOf(structure), (environment, words) => {
          const kept = new Array<bigint>(wordCount(structure)).fill(0n);
          for (const field of structure.fields(environment)) {
            if (field.kind === "reserved" || field.kind === "ignored") continue;
            kept[field.word] =
              (kept[field.word] ?? 0n) |
              maskOf(bitOf(field.high, environment), bitOf(field.low, environment));
          }
          const values = named(structure, words, environment);
          const encoded = encode(structure, values, environment);
          expect(encoded).toEqual(words.map((w, i) => w & (kept[i] ?? 0n)));
          expect(named(structure, encoded, environment)).toEqual(values);
        }),
      );
    });

    test("reserves the bits of reserved fields and of fields whose capability is off, and no others", () => {
      fc.assert(
        fc.property(anyEnvironment, (environment) => {
          const masks = reservedMasks(structure, environment);
          masks.forEach((mask, index) => {
            for (let bit = 0; bit < Math.min(64, structure.bits); bit++) {
              const field = fieldAt(structure, index, bit, environment);
              const must0 =
                field?.kind === "reserved" ||
                (field?.needs && !field.needs.test(environment)) === true;
              expect(((mask >> BigInt(bit)) & 1n) === 1n).toBe(must0);
            }
          });
        }),
        { numRuns: 25 },
      );
    });

    test("an all-zero entry breaks no reserved rule", () => {
      fc.assert(
        fc.property(anyEnvironment, (environment) => {
          const fields = decode(structure, [], environment);
          expect(fields.filter((f) => f.violates && !f.field.closed)).toEqual([]);
        }),
      );
    });
  },
);

describe("the worked example, first stage only", () => {
  const environment = { ...unit(true) };
  const read = (structure: Structure, words: readonly bigint[], level?: number) =>
    named(structure, words, level === undefined ? environment : { ...environment, level });

  test("every entry on the way decodes to its stated fields and nothing violates", () => {
    expect(read(ROOT_SCALABLE, [0x1_06b3_b001n, 0n])).toMatchObject({
      LP: 1n,
      LCTP: 0x1_06b3_b000n,
      UP: 0n,
    });
    expect(read(CONTEXT_SCALABLE, [0x1_06c0_001dn, 0n, 0n, 0n])).toMatchObject({
      P: 1n,
      FPD: 0n,
      DTE: 1n,
      PASIDE: 1n,
      PRE: 1n,
      PDTS: 0n,
      PASIDDIRPTR: 0x1_06c0_0000n,
      RID_PASID: 0n,
    });
    expect(read(PASID_DIRECTORY_ENTRY, [0x1_06c0_4001n])).toMatchObject({
      P: 1n,
      SMPTBLPTR: 0x1_06c0_4000n,
    });
    const entry = [0x49n, 0x80_0012n, 0x1_0700_0000n, 0n, 0n, 0n, 0n, 0n];
    expect(read(PASID_ENTRY, entry)).toMatchObject({
      P: 1n,
      AW: 2n,
      PGTT: 1n,
      DID: 0x12n,
      PWSNP: 1n,
      FSPM: 0n,
      FSPTPTR: 0x1_0700_0000n,
    });
    expect(decode(PASID_ENTRY, entry, environment).filter((f) => f.violates)).toEqual([]);
    expect(read(FIRST_STAGE_ENTRY, [0x1_0700_1027n], 4)).toMatchObject({
      P: 1n,
      "R/W": 1n,
      "U/S": 1n,
      A: 1n,
      ADDR: 0x1_0700_1000n,
    });
    expect(read(FIRST_STAGE_ENTRY, [0x8000_0002_245d_9027n], 1)).toMatchObject({
      D: 0n,
      ADDR: 0x2_245d_9000n,
    });
  });

  test("the fault record of PASID 0x26", () => {
    const record = decode(FRCD, [0x0000_7f3a_9c5e_2000n, 0xc000_2659_8000_3b01n], environment);
    const values = Object.fromEntries(record.map(({ field, value }) => [field.name, value]));
    expect(values).toMatchObject({
      F: 1n,
      T1: 1n,
      AT: 0n,
      PV: 0x26n,
      FR: 0x59n,
      PP: 1n,
      SID: 0x3b01n,
    });
    expect(record.find(({ field }) => field.name === "FI")?.value).toBe(0x7f3a_9c5e_2000n);
  });

  test("words say what values mean", () => {
    const words = (name: string, decoded: ReturnType<typeof decode>) =>
      decoded.find(({ field }) => field.name === name)?.words;
    const entry = decode(PASID_ENTRY, [0x1_1000_0089n, 0x80_0007n], environment);
    expect(words("P", entry)).toBe("present");
    expect(words("AW", entry)).toBe("48-bit, 4 levels");
    expect(words("PGTT", entry)).toBe("second-stage");
    expect(words("SSPTPTR", entry)).toBe("0x1_1000_0000");
    expect(words("DID", entry)).toBe("0x7");
  });
});

describe("reserved bits follow the unit", () => {
  test("legacy root and context entries", () => {
    expect(reservedMasks(ROOT_LEGACY, unit(true, 46))).toEqual([
      0xffff_c000_0000_0ffen,
      0xffff_ffff_ffff_ffffn,
    ]);
    expect(reservedMasks(CONTEXT_LEGACY, unit(true, 39))).toEqual([
      0xffff_ff80_0000_0ff0n,
      0xffff_ffff_ff00_0080n,
    ]);
    const few = unit(true, 39);
    const narrow = { ...few, capabilities: { ...few.capabilities, nd: 2 } };
    expect(reservedMasks(CONTEXT_LEGACY, narrow)[1]).toBe(0xffff_ffff_ffff_0080n);
  });

  test("a scalable context entry of a unit without capabilities keeps P, FPD, PDTS and the pointer", () => {
    expect(reservedMasks(CONTEXT_SCALABLE, unit(false, 39))).toEqual([
      0xffff_ff80_0000_01fcn,
      0xffff_ffff_ffff_ffffn,
      0xffff_ffff_ffff_ffffn,
      0xffff_ffff_ffff_ffffn,
    ]);
  });

  test("AW of a PASID entry without SSTS is reserved unless the caller lets it pass", () => {
    const bare = unit(false);
    expect((reservedMasks(PASID_ENTRY, bare)[0] ?? 0n) & 0x1cn).toBe(0x1cn);
    expect((reservedMasks(PASID_ENTRY, { ...bare, awWithoutSsts: true })[0] ?? 0n) & 0x1cn).toBe(
      0n,
    );
  });

  test("paging entries by level, leaf and page size", () => {
    const first = (level: number, leaf: boolean, all: boolean) =>
      reservedMasks(FIRST_STAGE_ENTRY, { ...unit(all, 46), level, leaf })[0];
    const second = (level: number, leaf: boolean, all: boolean) =>
      reservedMasks(SECOND_STAGE_ENTRY, { ...unit(all, 46), level, leaf })[0];
    const high = 0x000f_c000_0000_0000n;
    expect(first(4, false, true)).toBe(high | 0x80n);
    expect(first(3, false, true)).toBe(high);
    expect(first(3, true, true)).toBe(high | 0x3fff_e000n);
    expect(first(3, true, false)).toBe(high | 0x3fff_e080n);
    expect(first(2, true, false)).toBe(high | 0x1f_e000n);
    expect(first(1, true, true)).toBe(high);
    const tm = 0x4000_0000_0000_0000n;
    expect(second(4, false, true)).toBe(high | tm | 0x880n);
    expect(second(2, false, false)).toBe(high | tm | 0x800n);
    expect(second(2, true, true)).toBe(high | tm | 0x1f_f000n);
    expect(second(2, true, false)).toBe(high | tm | 0x1f_f880n);
    expect(second(3, true, true)).toBe(high | tm | 0x3fff_f000n);
    expect(second(1, true, false)).toBe(high | tm | 0x800n);
  });

  test("a reserved bit of an entry that is not present does not count", () => {
    const environment = { ...unit(true), level: 4 };
    const violating = (w: bigint) =>
      decode(FIRST_STAGE_ENTRY, [w], environment).some((f) => f.violates);
    expect(violating(0x80n)).toBe(false);
    expect(violating(0x81n)).toBe(true);
  });
});

test("encode refuses names and values that do not belong", () => {
  expect(() => encode(PASID_ENTRY, { NOPE: 1n }, unit(true))).toThrow("has no field NOPE");
  expect(() => encode(PASID_ENTRY, { AW: 8n }, unit(true))).toThrow("does not fit in AW");
  expect(() => encode(PASID_ENTRY, { SSPTPTR: 0x1234n }, unit(true))).toThrow("does not fit");
});

test("structures have unique ids and registers do not overlap", () => {
  expect(new Set(STRUCTURES.map(({ id }) => id)).size).toBe(STRUCTURES.length);
  const capabilities = unit(true).capabilities;
  const spans = REGISTERS.map((r) => [r.offset(capabilities), r.bits / 8] as const).sort(
    (a, b) => a[0] - b[0],
  );
  for (let i = 1; i < spans.length; i++) {
    const [before = 0, size = 0] = spans[i - 1] ?? [];
    expect(spans[i]?.[0]).toBeGreaterThanOrEqual(before + size);
  }
});
