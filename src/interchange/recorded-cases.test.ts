import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { describeProblem } from "../base/result.ts";
import { readRecordedCases } from "./recorded-cases.ts";

const dma = {
  op: "dma",
  dev: "edu0",
  sid: "0x0020",
  pasid: null,
  rw: "read",
  iova: "0x1000",
  len: 8,
};
const expectation = {
  ok: true,
  fault: null,
  pa: [["0x2000", 8]],
  regs: { fsts: "0x0" },
  mem: {},
  quirk: { ignore: ["mem"], why: [] },
};
const base = {
  id: "a",
  feature: "f.g",
  tags: [],
  fill: ["0x2000"],
  mem: { "0x1008": "0xffffffffffffffff" },
  config: { ver: "0x10", cap: "0x1", ecap: "0x2", haw: 48, rid_pasid: false },
  setup: [{ off: "0x20", size: 8, val: "0x1000" }],
  ops: [{ ...dma, expect: expectation }, { op: "ack" }, { op: "shuffle", how: 3 }],
  final_mem: {},
};
const file = (cases: unknown) => JSON.stringify({ format: "vtd-oracle-1", set: "x", cases });
const refusal = (text: string) => {
  const outcome = readRecordedCases("c.json", text);
  if (!outcome.ok) return describeProblem(outcome.problem);
  const [refused] = outcome.value.refused;
  return refused ? describeProblem(refused.problem) : "was read";
};
const withOperation = (change: object) =>
  file([base, { ...base, ops: [dma, { ...dma, ...change }] }]);
const withCase = (change: object) => file([{ ...base, ...change }]);

describe("reading recorded cases", () => {
  it("takes a case, and keeps an operation it does not know", () => {
    const outcome = readRecordedCases("c.json", file([base]));
    const one = outcome.ok ? outcome.value.cases[0] : undefined;
    expect(one).toMatchObject({
      id: "a",
      feature: "f.g",
      profile: undefined,
      config: { ver: 0x10, cap: 1n, ecap: 2n, haw: 48, ridPasid: false },
      mem: new Map([[0x1008n, 0xffff_ffff_ffff_ffffn]]),
      setup: [{ offset: 0x20n, size: 8, value: 0x1000n }],
    });
    expect(one?.steps.map(({ operation }) => operation.op)).toEqual(["dma", "ack", "unknown"]);
    expect(one?.steps[0]?.expect).toMatchObject({
      parts: { ok: true, fault: null, pa: [[0x2000n, 8]], regs: { fsts: 0n } },
      ignore: new Set(["mem"]),
      unknown: [],
    });
  });

  it("keeps parts of an outcome that it does not know", () => {
    const outcome = readRecordedCases(
      "c.json",
      file([{ ...base, ops: [{ ...dma, expect: { ok: true, speed: 3 } }] }]),
    );
    expect(outcome.ok && outcome.value.cases[0]?.steps[0]?.expect?.unknown).toEqual(["speed"]);
  });

  it.each([
    ["open", 191],
    ["spec", 91],
  ])("reads the recorded set %s", (set, count) => {
    const packed = readFileSync(
      new URL(`../testing/fixtures/cases-${set}.json.gz`, import.meta.url),
    );
    const outcome = readRecordedCases("c.json", gunzipSync(packed).toString());
    expect(outcome.ok && outcome.value.cases.length).toBe(count);
  });

  it.each([
    [
      "no JSON",
      '{"format": "vtd-oracle-1",\n "cases": [}',
      "c.json: line 2 column 12: this is not valid JSON from",
    ],
    [
      "another format",
      JSON.stringify({ format: "x", cases: [] }),
      'c.json: format: expected "vtd-oracle-1", found "x"',
    ],
    ["no case", file([]), "c.json: cases: there is no case in this file"],
    ["a case that is a text", file(["a"]), "c.json: cases[0]: expected an object"],
    ["a missing part", withCase({ mem: undefined }), "c.json: cases[0].mem: expected"],
    [
      "memory at an odd address",
      withCase({ mem: { "0x1004": "0x1" } }),
      "cases[0].mem: expected addresses that are multiples of 8",
    ],
    [
      "a page that is none",
      withCase({ fill: ["0x1800"] }),
      "cases[0].fill[0]: expected the address of a page",
    ],
    [
      "a word that is too long",
      withCase({ mem: { "0x1000": "0x10000000000000000" } }),
      "cases[0].mem.0x1000: expected a number like",
    ],
    [
      "a register size",
      withCase({ setup: [{ off: "0x0", size: 2, val: "0x0" }] }),
      "cases[0].setup[0].size: expected (4 | 8), found 2",
    ],
    [
      "a requester id",
      withOperation({ sid: "0x12345" }),
      "c.json: cases[1].ops[1].sid: expected a number of at most 16 bits, found 0x12345",
    ],
    [
      "data of another length",
      withOperation({ rw: "write", data: "00" }),
      "cases[1].ops[1]: expected `data` of as many bytes as `len` says",
    ],
    ["a direction", withOperation({ rw: "sideways" }), "cases[1].ops[1].rw: expected"],
    [
      "an outcome of another kind",
      withOperation({ expect: { ok: "yes" } }),
      'cases[1].ops[1].expect.ok: expected true or false, found "yes"',
    ],
    [
      "descriptors of three words",
      withOperation({ op: "inv", iqa: "0x0", tail: "0x0", desc: [["0x0", "0x0", "0x0"]] }),
      "cases[1].ops[1].desc[0]: expected 2 or 4 words",
    ],
  ])("refuses %s", (_, text, message) => {
    expect(refusal(text)).toContain(message);
  });

  it("refuses a case by itself: the others are read", () => {
    const wrong = {
      ...base,
      id: "b",
      ops: [{ ...dma, rw: "sideways", expect: {} }, { op: "ack" }],
    };
    const outcome = readRecordedCases("c.json", file([base, wrong, "a", { ...base, id: "c" }]));
    if (!outcome.ok) throw new Error(outcome.problem.message);
    expect(outcome.value.cases.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(outcome.value.refused).toMatchObject([
      { id: "b", feature: "f.g", steps: 1, problem: { place: "cases[1].ops[0].rw" } },
      { id: "cases[2]", feature: "refused", steps: 1, problem: { place: "cases[2]" } },
    ]);
  });
});
