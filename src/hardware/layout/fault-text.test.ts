import { expect, test } from "vitest";
import { FAULT } from "../vtd/fault-codes.ts";
import { faultText } from "./fault-text.ts";

test.each(Object.entries(FAULT))("%s is told in sentences", (_, code) => {
  const { refused, causes } = faultText(code);
  expect(causes.length).toBeGreaterThanOrEqual(1);
  expect(causes.length).toBeLessThanOrEqual(3);
  for (const sentence of [refused, ...causes]) {
    expect(sentence).toMatch(/^[A-Z].*[^.]\.$/);
    expect(sentence).not.toMatch(/!|\binvalid\b|second-level|first-level|please|simply/i);
    expect(sentence.split(" ").length).toBeLessThanOrEqual(40);
  }
});

test("a code points at the table that its name says", () => {
  const places = { LRT: "root", SRT: "root", LCT: "context", SCT: "context", SPD: "PASID dir" };
  for (const [name, code] of Object.entries(FAULT)) {
    const expected = places[name.slice(0, 3) as keyof typeof places];
    if (expected) expect(faultText(code).place).toMatch(expected);
  }
});
