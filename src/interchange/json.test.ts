import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { brief, parseJson } from "./json.ts";
import { findJsonError } from "./json-error.ts";

describe("JSON of other people", () => {
  it.each([
    ["", 0],
    ["[", 1],
    ['{"a":1,}', 7],
    ['{"a":1 "b"', 7],
    ["[1,]", 3],
    ["[1]]", 3],
    ["nul", 0],
    ['["\n"]', 2],
    ["[01]", 2],
    ['{"a" 1}', 5],
    ['["a\\x"]', 3],
    ['["a\\u12', 7],
  ])("finds where %j goes wrong", (text, at) => {
    expect(findJsonError(text)).toBe(at);
  });

  it("agrees with the engine on what is JSON", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (json, where, inserted) => {
        const at = where % (json.length + 1);
        const text = json.slice(0, at) + inserted + json.slice(at + 1);
        const outcome = parseJson("x", text);
        // On valid text the search ends behind it.
        expect(findJsonError(text) >= text.length || !outcome.ok).toBe(true);
        if (!outcome.ok) expect(outcome.problem.place).toMatch(/^line \d+ column \d+$/);
      }),
    );
  });

  it("says where without a stack of its own, however deep the text", () => {
    expect(parseJson("x", "[".repeat(200_000))).toMatchObject({
      problem: { place: "line 1 column 200001", message: "the JSON text ends too early" },
    });
  });

  it("writes any value on one short line", () => {
    expect(brief("a\nb")).toBe('"a\\nb"');
    expect(brief("é".repeat(100))).toMatch(/^.{1,60}$/);
    expect(brief([1, 2])).toBe("a list of 2");
    expect(brief({})).toBe("an object");
    expect(brief(16n)).toBe("0x10");
  });
});
