import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bitLabels,
  bytesOfWords,
  bytesWords,
  changedFields,
  fieldViews,
  pointerTint,
  withBitFlipped,
  withByte,
  withField,
} from "./inspect-bits.ts";
import { decodeEntry } from "./inspect-entry.ts";
import { unitWith } from "./walk-fixture.ts";

const unit = unitWith({});
const views = (words: readonly bigint[]) =>
  fieldViews(decodeEntry("PASID table entry", null, words, unit), words.length);
const ENTRY = [0x1_1000_0089n, 0x80_0007n, 1n, 0n, 0n, 0n, 0n, 0n];
const field = (name: string) => {
  const found = views(ENTRY).find((view) => view.name === name);
  if (!found) throw new Error(name);
  return found;
};

describe("fields of an entry", () => {
  it("say bits, value and what the value means", () => {
    const listed = views(ENTRY)
      .filter((view) => view.listed)
      .map((view) => `${view.name} ${view.range} ${view.value} ${view.says}`.trim());
    expect(listed).toContain("P q0[0] 1 present");
    expect(listed).toContain("AW q0[4:2] 2 48-bit, 4 levels");
    expect(listed).toContain("SSPTPTR q0[45:12] 0x1_1000_0000");
    expect(listed).toContain("DID q1[15:0] 7");
    expect(listed.some((line) => line.startsWith("reserved"))).toBe(false);
  });

  it("lists reserved bits once they are set, as a violation", () => {
    const wrong = views([ENTRY[0] ?? 0n, 0x1_0007n, ...ENTRY.slice(2)]);
    expect(wrong.filter((view) => view.violates).map((view) => view.range)).toEqual(["q1[22:16]"]);
  });

  it("covers bytes as memory holds them", () => {
    expect(bytesWords(field("DID"))).toBe("bytes 8 and 9 are DID, little endian");
    expect(bytesWords(field("P"))).toBe("byte 0 holds P");
    expect(bytesWords(field("SSPTPTR"))).toBe("bytes 1 to 5 hold SSPTPTR, little endian");
    expect(bytesOfWords(ENTRY).slice(0, 10)).toEqual([0x89, 0, 0, 0x10, 1, 0, 0, 0, 7, 0]);
  });
});

describe("names under the bits", () => {
  const first = (word: bigint) => fieldViews(decodeEntry("first-stage entry", 1, [word], unit), 1);

  it("never touch each other, and no leader crosses a name", () => {
    for (const [fields, word] of [
      [views(ENTRY), 0],
      [views(ENTRY), 1],
      [views(ENTRY), 2],
      [first(0x27n), 0],
    ] as const) {
      const labels = bitLabels(fields, word);
      for (const one of labels) {
        for (const other of labels) {
          if (one === other) continue;
          const beside = one.from + one.width <= other.from || other.from + other.width <= one.from;
          if (one.lane === other.lane) expect(beside, `${one.text} ${other.text}`).toBe(true);
          const crosses = other.x > one.from && other.x < one.from + one.width;
          if (other.lane > one.lane) expect(crosses, `${other.text} over ${one.text}`).toBe(false);
        }
      }
    }
  });

  it("hang only where they are wider than their bits", () => {
    const hanging = bitLabels(views(ENTRY), 0).filter((label) => label.lane > 0);
    expect(hanging.map((label) => label.text)).toEqual(["FPD", "SSADE"]);
  });
});

describe("edits", () => {
  const words = fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), {
    minLength: 1,
    maxLength: 8,
  });

  it("flipping a bit twice changes nothing", () => {
    fc.assert(
      fc.property(words, fc.nat(), fc.nat(63), (before, pick, bit) => {
        const word = pick % before.length;
        const once = withBitFlipped(before, word, bit);
        expect(once).not.toEqual(before);
        expect(withBitFlipped(once, word, bit)).toEqual(before);
      }),
    );
  });

  it("a byte lands where memory shows it", () => {
    fc.assert(
      fc.property(words, fc.nat(), fc.nat(255), (before, pick, value) => {
        const at = pick % (before.length * 8);
        const bytes = bytesOfWords(before);
        bytes[at] = value;
        expect(bytesOfWords(withByte(before, at, value))).toEqual(bytes);
      }),
    );
  });

  it("a field takes only values that fit it", () => {
    expect(withField(ENTRY, field("PGTT"), 4n)?.[0]).toBe(0x1_1000_0109n);
    expect(withField(ENTRY, field("PGTT"), 8n)).toBeNull();
    expect(withField(ENTRY, field("SSPTPTR"), 0x2_2222_2000n)?.[0]).toBe(0x2_2222_2089n);
    expect(withField(ENTRY, field("SSPTPTR"), 0x2_2222_2001n)).toBeNull();
  });

  it("are told field by field", () => {
    const after = withBitFlipped(ENTRY, 0, 0);
    expect(changedFields(views(ENTRY), views(after))).toEqual([
      "P q0[0]: 1 present, becomes 0 not present",
    ]);
  });
});

it("gives a pointer the tint of what it leads to", () => {
  expect(pointerTint("root entry", null, false, true, 0)).toBe("devfn");
  expect(pointerTint("context entry", null, false, true, 0)).toBe("directory");
  expect(pointerTint("context entry", null, false, false, 3)).toBe("level-3");
  expect(pointerTint("PASID table entry", null, false, true, 4)).toBe("level-4");
  expect(pointerTint("second-stage entry", 2, false, true, 4)).toBe("level-1");
  expect(pointerTint("second-stage entry", 2, true, true, 4)).toBe("offset");
});
