import { expect, test } from "vitest";
import { cellPath, dashOf, markPath, markWord, ownerAt, patternPath } from "./owners.ts";

const eight = Array.from({ length: 8 }, (_, at) => ownerAt(at));

test("eight owners differ in mark, dash and pattern", () => {
  const distinct = (values: string[]) => new Set(values).size;
  expect(distinct(eight.map((owner) => markPath(owner, 10, 10, 5)))).toBe(8);
  expect(distinct(eight.map(markWord))).toBe(8);
  expect(distinct(eight.map(dashOf))).toBe(8);
  expect(distinct(eight.map((o) => cellPath(o, 0, 0, 8) + patternPath(o, 0, 0, 8)))).toBe(8);
});

test("the ninth starts again with a letter", () => {
  expect(ownerAt(0)).toEqual({ index: 0, hue: 1, letter: "" });
  expect(ownerAt(8)).toEqual({ index: 8, hue: 1, letter: "A" });
  expect(ownerAt(17)).toEqual({ index: 17, hue: 2, letter: "B" });
  expect(markWord(ownerAt(8))).toBe("disc A");
});
