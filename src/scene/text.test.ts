import { expect, test } from "vitest";
import { firstThatFits, textWidth, wrapText } from "./text.ts";

// Widths that Chromium gives with the shipped faces.
test.each([
  ["0x1_4a3c_5d48", "code", 85.8],
  ["00:1f.2", "bdf", 50.4],
  ["second-stage", "note", 72.3],
  ["Context table, lower", "strong", 121.4],
  ["Domain 12", "name", 66.9],
] as const)("%s is estimated on the safe side", (words, style, real) => {
  expect(textWidth(words, style)).toBeGreaterThanOrEqual(Math.floor(real * 0.99));
  expect(textWidth(words, style)).toBeLessThan(real * 1.08 + 1);
});

test("wrapping loses nothing and keeps to the width", () => {
  const words = "The second-stage entries do not allow writes to 0xffff_ffff_ffff_f000";
  const lines = wrapText(words, "note", 100);
  expect(lines.join(" ").replaceAll(" ", "")).toBe(words.replaceAll(" ", ""));
  for (const line of lines) expect(textWidth(line, "note")).toBeLessThanOrEqual(100);
});

test("the first wording that fits wins, the last one when none does", () => {
  expect(firstThatFits(["no PASID, domain 7", "domain 7"], "note", 60)).toBe("domain 7");
  expect(firstThatFits(["no PASID", "none"], "note", 1)).toBe("none");
});
