// Rows of the unit: what they say where the room is short.
import { expect, test } from "vitest";
import { kindsFit } from "./unit-rows.ts";

const row = (domain: string) => ({ number: "00:1f.3", says: "second-stage", domain });

test("kinds are shown where every row has room for them", () => {
  expect(kindsFit([row("DID 2"), row("DID 21")], 192)).toBe(true);
  expect(kindsFit([row("DID 2"), row("DID 21")], 176)).toBe(false);
  expect(kindsFit([row("DID 2"), row("DID 65535")], 192), "one long domain is enough").toBe(false);
});

test("a row without a domain takes no part", () => {
  expect(kindsFit([{ number: "00:1f.3", says: "not usable", domain: "" }], 40)).toBe(true);
});
