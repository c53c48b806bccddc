// Any moment of a long session in little time and bounded memory: 2,000 operations here, 100,000 with DEEP=1.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { Session } from "../session/session.ts";
import { longScenario, middle, placesOf } from "./long-session.ts";

const COUNT = process.env["DEEP"] === "1" ? 100_000 : 2000;
const SEEKS = 40;
/** Milliseconds of the process's CPU time; of three attempts the best, since garbage of others is collected now and then. */
const LIMIT = 50;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function megabytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

const cpu = (): number => process.cpuUsage().user / 1000;

describe(`a session of ${COUNT} operations`, () => {
  const before = megabytes();
  const scenario = longScenario(COUNT);
  const opened = Session.openScenario(scenario);
  if (!opened.ok) throw new Error(opened.problem.message);
  const session = opened.value;
  const start = performance.now();
  let failed = 0;
  const digests = new Map<number, string>();
  const kept = new Set(placesOf(20, COUNT));
  for (const [index, operation] of scenario.operations.entries()) {
    const done = session.run(operation);
    if (!done.ok) throw new Error(done.problem.message);
    if (done.value.answers?.some(({ result }) => result < 0)) failed++;
    if (kept.has(index + 1)) digests.set(index + 1, session.digest());
  }
  const ran = performance.now() - start;
  const seek = (operation: number, event: number | null): number => {
    const from = cpu();
    const done = session.seek({ branch: 0, operation, event });
    // Time that passes has no events to stop at.
    const quiet = scenario.operations[operation]?.op === "wait";
    if (!done.ok && !quiet) throw new Error(done.problem.message);
    return cpu() - from;
  };

  it("does something in every operation", () => {
    expect(failed).toBe(0);
    expect(session.moments.length).toBe(COUNT);
  });

  it("is at any moment in less than 50 ms", () => {
    for (const [what, event] of [
      ["operation", null],
      ["event", 3],
    ] as const) {
      const first: number[] = [];
      const best: number[] = [];
      for (const operation of placesOf(SEEKS, COUNT)) {
        const times = [0, 1, 2].map(() => {
          const time = seek(operation, event);
          seek((operation + COUNT / 2) % COUNT, null);
          return time;
        });
        first.push(times[0] ?? Number.NaN);
        best.push(Math.min(...times));
      }
      first.sort((a, b) => a - b);
      console.log(
        `${COUNT} operations in ${(ran / 1000).toFixed(1)} s; to any ${what}: median ${middle(first, 0.5).toFixed(1)}, 95 % ${middle(first, 0.95).toFixed(1)}, most ${middle(first, 1).toFixed(1)} ms of CPU`,
      );
      expect(Math.max(...best)).toBeLessThan(LIMIT);
    }
  });

  it("is the same there as when it came by first", () => {
    expect(digests.size).toBeGreaterThan(15);
    for (const [operation, digest] of digests) {
      seek(operation, null);
      expect(session.digest(), `after ${operation}`).toBe(digest);
    }
  });

  it("takes bounded memory", () => {
    const used = megabytes() - before;
    console.log(
      `${used.toFixed(0)} MB with the scenario, every moment and the states to go back to`,
    );
    expect(used).toBeLessThan(COUNT > 50_000 ? 256 : 64);
  });
});
