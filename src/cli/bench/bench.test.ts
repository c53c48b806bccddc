import { afterAll, describe, expect, test } from "vitest";
import { hpa } from "../../base/brand.ts";
import { UsageError } from "../output.ts";
import { runBench } from "./bench.ts";
import { NativeWalks } from "./native.ts";
import { describe as describeReport, goals, type Report } from "./report.ts";
import { type Contestant, measureRates, median } from "./rounds.ts";
import { UnitUnderTest } from "./unit-under-test.ts";
import { makeWorkload, REQUEST_WORDS, type Workload } from "./workload.ts";

/** The checksum by a walk of BigInt words, which shares nothing with unit or C. */
function expectedChecksum({ store, tops, requests, stage }: Workload): number {
  const bytes = store.readBytes(hpa(0x10_0000n), 0x40_0000);
  const view = new DataView(bytes.buffer);
  let sum = 0;
  for (let at = 0; at < requests.length; at += REQUEST_WORDS) {
    const address =
      (BigInt(requests[at + 2] ?? 0) << 32n) | BigInt.asUintN(32, BigInt(requests[at + 3] ?? 0));
    let table = BigInt(tops[requests[at + 4] ?? 0] ?? 0);
    for (const shift of [39n, 30n, 21n, 12n]) {
      const entry = table + ((address >> shift) & 511n) * 8n;
      const word = view.getBigUint64(Number(entry) - 0x10_0000, true);
      if ((word & (stage === "first-stage" ? 1n : 3n)) === 0n) throw new Error("not present");
      table = word & 0x000f_ffff_ffff_f000n;
    }
    const target = table | (address & 0xfffn);
    sum = (sum + (Number(target & 0xffff_ffffn) ^ Number(target >> 32n))) | 0;
  }
  return sum >>> 0;
}

const workloads = (["first-stage", "second-stage"] as const).flatMap((stage) =>
  [1, 64].map((contexts) => makeWorkload(stage, contexts)),
);
const named = workloads.map((workload) => [workload.stage, workload.contexts, workload] as const);

describe("what is measured", () => {
  const native = NativeWalks.compile();
  afterAll(() => native?.remove());

  test.each(named)("%s, contexts: %i: unit and C reach the same addresses", (...[, , workload]) => {
    const expected = expectedChecksum(workload);
    for (const path of ["hit", "miss"] as const) {
      for (const trace of [false, true]) {
        const unit = new UnitUnderTest(workload, { path, trace });
        expect([unit.pass(), unit.pass()]).toEqual([expected, expected]);
      }
    }
    for (const walk of ["bare", "checked"] as const) {
      const run = native?.run(walk, workload, 1) ?? { seconds: 1, checksum: expected };
      expect(run.checksum).toBe(expected);
      expect(run.seconds).toBeGreaterThan(0);
    }
  });

  test("a request that is refused ends the measurement", () => {
    const workload = makeWorkload("first-stage", 1);
    workload.requests[3] = 0x1000;
    expect(() => new UnitUnderTest(workload, { path: "miss", trace: false }).pass()).toThrow(
      "request 0 is refused",
    );
    if (native) expect(() => native.run("checked", workload, 1)).toThrow("0x1000 is refused");
  });

  test("contestants take turns, and the median of three rounds counts", () => {
    const order: string[] = [];
    const speeds = [1, 1, 2, 8, 4];
    const contestant = (name: string): Contestant => {
      let call = 0;
      return {
        name,
        run(passes) {
          order.push(name);
          return { seconds: passes / (speeds[call++] ?? 1), checksum: 7 };
        },
      };
    };
    const [a] = measureRates([contestant("a"), contestant("b")], 1e6);
    expect(order.slice(4).join("")).toBe("ababab");
    expect(a).toEqual({ name: "a", median: 4, rounds: [2, 8, 4], checksum: 7 });
    expect(median([3, 1, 2])).toBe(2);
  });
});

describe("the report", () => {
  const rate = (name: string, value: number) => ({
    name,
    median: value,
    rounds: [value],
    checksum: 1,
  });
  const report = (compiler: string | null): Report => ({
    compiler,
    groups: [
      {
        stage: "first-stage",
        contexts: 64,
        rates: [
          rate("hit", 30),
          rate("hit traced", 20),
          rate("miss", 16),
          rate("miss traced", 5),
          ...(compiler === null ? [] : [rate("bare", 100), rate("checked", 40)]),
        ],
      },
    ],
    steady: [{ path: "miss", trace: true, translations: 10_000_000, collections: 1, growth: 2e6 }],
  });

  test("goals hold or are missed", () => {
    const outcomes = Object.fromEntries(
      goals(report("gcc")).map(({ name, value, holds }) => [name, [value, holds]]),
    );
    expect(outcomes).toEqual({
      "first-stage miss / bare C": [0.16, true],
      "first-stage miss / checked C": [0.4, true],
      "first-stage hit / bare C walk": [0.3, false],
      "first-stage miss: cost of the trace": [3.2, false],
      "first-stage hit: cost of the trace": [1.5, true],
      "miss traced, 10 million: heap growth, MB": [2, false],
      "miss traced, 10 million: garbage collections": [1, false],
    });
  });

  test("without a compiler there is no ratio", () => {
    expect(goals(report(null)).filter(({ name }) => name.includes(" C"))).toEqual([]);
    expect(describeReport(report(null))).toMatch(/^no gcc: no ratios\n/);
    expect(describeReport(report(null))).not.toContain("of bare C");
    expect(describeReport(report("gcc"))).toContain("of bare C");
  });

  test("unknown options are refused", async () => {
    await expect(runBench(["--jsn"])).rejects.toThrow(UsageError);
    await expect(runBench(["file"])).rejects.toThrow(UsageError);
  });
});
