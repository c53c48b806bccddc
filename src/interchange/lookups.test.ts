import { describe, expect, it } from "vitest";
import { describeProblem } from "../base/result.ts";
import { readLookups } from "./lookups.ts";

const GOOD = {
  translated: {
    order: 1,
    sid: "0x0100",
    bdf: "01:00.0",
    iova: "0xffffe000",
    result: "translated",
    gpa: "0xb31000",
    mask: "0xfff",
    agrees: true,
    walk: {},
  },
  fault: {
    sid: "0x0020",
    iova: "0x12345000",
    write: true,
    result: "fault",
    fault_reason: "0x05",
    agrees: false,
  },
};

const read = (...lines: readonly (object | string)[]) =>
  readLookups(
    "l.jsonl",
    lines.map((l) => (typeof l === "string" ? l : JSON.stringify(l))).join("\n"),
  );

describe("reading lookups", () => {
  it("takes both kinds, with the line each stands in", () => {
    expect(read(GOOD.translated, "", { ...GOOD.fault, pasid: "0x25" })).toEqual({
      ok: true,
      value: [
        {
          line: 1,
          requester: 0x100,
          pasid: null,
          address: 0xffff_e000n,
          agrees: true,
          outcome: { kind: "translated", target: 0xb3_1000n, mask: 0xfffn },
        },
        {
          line: 3,
          requester: 0x20,
          pasid: 0x25,
          address: 0x1234_5000n,
          agrees: false,
          outcome: { kind: "fault", reason: 5, write: true },
        },
      ],
    });
  });

  it.each<[string, (object | string)[], string]>([
    ["nothing", ["", ""], "l.jsonl: there is no lookup in this file"],
    [
      "a broken line",
      [GOOD.fault, '{"sid": '],
      "l.jsonl: line 2 column 9: the JSON text ends too early",
    ],
    [
      "a word that is no JSON",
      [GOOD.fault, '{"sid": nope}'],
      "l.jsonl: line 2 column 9: this is not valid JSON from",
    ],
    ["a list", [[1]], "l.jsonl: line 1"],
    [
      "another result",
      [{ ...GOOD.fault, result: "maybe" }],
      'l.jsonl: line 1 result: expected ("translated" | "fault"), found "maybe"',
    ],
    [
      "a missing key",
      [{ ...GOOD.translated, mask: undefined }],
      'l.jsonl: line 1 mask: expected "mask", found nothing',
    ],
    [
      "a requester id that is too large",
      [{ ...GOOD.fault, sid: "0x10000" }],
      "line 1 sid: expected a number of at most 16 bits, found 0x10000",
    ],
    [
      "a number where digits belong",
      [{ ...GOOD.fault, iova: 5 }],
      "line 1 iova: expected a text, found 5",
    ],
    [
      "a text that is no number",
      [{ ...GOOD.translated, gpa: "b31000" }],
      'line 1 gpa: expected a number like "0x1f", found "b31000"',
    ],
  ])("refuses %s", (_, lines, message) => {
    const outcome = read(...lines);
    expect(outcome.ok ? "was read" : describeProblem(outcome.problem)).toContain(message);
  });
});
