// Files that would go on for ever, or nearly: refused before they start, or stopped at a stated limit.
import { describe, expect, it } from "vitest";
import { describeProblem } from "../base/result.ts";
import { playing, type Run } from "../session/play.ts";
import { expectAnswer } from "../testing/mutations.ts";
import { readScenario } from "./scenario.ts";

const UUID = "83b8f4f2-509f-4f73-aeab-e5cb1fbf8b1b";

const fileOf = (operations: readonly object[], checks: readonly object[] = []): string =>
  JSON.stringify({
    format: "iommu-playground scenario",
    version: 1,
    id: "big",
    title: "Big",
    summary: "For tests.",
    machine: "server",
    design: "D1",
    seed: 1,
    operations: operations.map((one, index) => ({ id: `o${index}`, ...one })),
    checks: checks.map((one, index) => ({ id: `c${index}`, at: "end", declared: "holds", ...one })),
  });

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const demand = (actor: string, wanted: object) => ({ op: "demand", actor, demand: wanted });

/** Milliseconds of this process's own time. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface Ended {
  readonly problem: string | null;
  readonly run: Run | null;
  /** The longest the page would have waited for a turn. */
  readonly longest: number;
}

function play(text: string, limit?: number): Ended {
  const read = readScenario("big.json", text);
  if (!read.ok) throw new Error(describeProblem(read.problem));
  const run = playing(read.value, undefined, limit);
  let longest = 0;
  for (;;) {
    const before = cpu();
    const next = run.next();
    longest = Math.max(longest, cpu() - before);
    if (!next.done) continue;
    return next.value.ok
      ? { problem: null, run: next.value.value, longest }
      : { problem: describeProblem(next.value.problem), run: null, longest };
  }
}

const refusal = async (text: string): Promise<string> => {
  const read = await expectAnswer(() => readScenario("big.json", text));
  if (read.ok) throw new Error("the file was read");
  return describeProblem(read.problem);
};

describe("a file is refused", () => {
  it("with too many operations, too long waits, too many tasks, pages and requests", async () => {
    const wait = (microseconds: number) => ({ op: "wait", microseconds });
    expect(await refusal(fileOf(times(100_001, () => wait(1))))).toContain("100000");
    expect(await refusal(fileOf(times(25, () => wait(3_600_000_000))))).toContain("of all waits");
    expect(await refusal(fileOf([wait(3_600_000_001)]))).toContain("operations[0].microseconds");
    const call = { process: "root", call: { call: "getdents", path: "/sys" } };
    expect(await refusal(fileOf([{ op: "together", calls: times(17, () => call) }]))).toContain(
      "16",
    );
    const start = (pages: number) => demand("vm-a", { want: "start VM", pages });
    expect(await refusal(fileOf([start(65_537)]))).toContain("operations[0].demand.pages");
    expect(await refusal(fileOf(times(16, () => start(65_536))))).toContain("pages of VMs");
    const stream = (repeat: number) => ({
      ...{ op: "dma", requester: "6a:01.0", pasid: null, access: "write", address: "0x1000" },
      ...{ length: 8, repeat },
    });
    expect(await refusal(fileOf([stream(250_001)]))).toContain("operations[0].repeat");
    expect(await refusal(fileOf(times(5, () => stream(250_000))))).toContain("requests of all");
  });

  it("when brackets stand too deep, or it is too large", async () => {
    expect(await refusal("[".repeat(100_000))).toContain("32 deep");
    expect(await refusal(" ".repeat(16 * 2 ** 20 + 1))).toContain("16 MiB");
  });
});

describe("a file that keeps to the limits plays, and the page gets its turns", () => {
  it("with 100,000 waits that make a day together", () => {
    const { problem, run, longest } = play(
      fileOf(times(100_000, () => ({ op: "wait", microseconds: 860_000 }))),
    );
    expect(problem).toBeNull();
    expect(run?.session.place.operation).toBe(100_000);
    expect(longest).toBeLessThan(1000);
  });

  it("with the largest VM, its mapping and unmapping, and sixteen tasks at a time", () => {
    const parent = { parent: "0000:6a:01.0", type: "idxd-1dwq-v1", uuid: UUID };
    const call = { process: "root", call: { call: "getdents", path: "/sys" } };
    const { problem, longest } = play(
      fileOf([
        demand("root", { want: "load module", module: "idxd" }),
        demand("root", { want: "create mdev", ...parent }),
        demand("vm-a", { want: "start VM", pages: 4096 }),
        demand("vm-a", { want: "assign device", device: UUID }),
        demand("vm-a", { want: "unmap", iova: "0x0", pages: 4096 }),
        demand("vm-b", { want: "start VM", pages: 65_536 }),
        ...times(20, () => ({ op: "together", calls: times(16, () => call) })),
      ]),
    );
    expect(problem).toBeNull();
    expect(longest).toBeLessThan(1000);
  });

  it("with the longest stream", () => {
    const request = { requester: "6a:01.0", pasid: null, access: "write", address: "0x1000" };
    const { problem, longest } = play(
      fileOf([{ op: "dma", ...request, length: 8, repeat: 250_000 }]),
    );
    expect(problem).toBeNull();
    expect(longest).toBeLessThan(2000);
  });
});

it("a document that causes too much is stopped where it does, checks counted in", () => {
  const names = times(50, () => ({
    op: "call",
    process: "root",
    call: { call: "getdents", path: "/sys" },
  }));
  const all = play(fileOf(names));
  const events = all.run?.events ?? 0;
  expect(events).toBeGreaterThan(50);
  expect(play(fileOf(names), events).problem).toBeNull();
  expect(play(fileOf(names), events - 1).problem).toContain(
    "o49: stopped here: a document may cause",
  );
  const checks = times(10, () => ({ check: "balanced" }));
  expect(play(fileOf(names, checks), 5 * events).problem).toContain("end: stopped here");
});
