// On random machines the unit translates, refuses, records and sets accessed and dirty bits as the naive walker says.
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareMachine, naiveOutcomes } from "./compare-machine.ts";
import { type RandomMachine, randomMachine } from "./machines.ts";

const numRuns = process.env["DEEP"] ? 10_000 : 300;

test.each([0, 4, 64])(
  "translation equals the naive walker with caches of %i entries",
  (entries) => {
    fc.assert(
      fc.property(randomMachine, (machine) => {
        compareMachine(machine, entries);
      }),
      { numRuns },
    );
  },
);

/** What can be told apart: kind of tables, success by page size or fault code, reads of no bytes. */
function endingsOf(machine: RandomMachine): string[] {
  return naiveOutcomes(machine).map(({ request, outcome }) => {
    const { kind } = outcome;
    const end = kind === "refused" ? outcome.code : kind === "reached" ? outcome.mask : kind;
    return `${machine.kind} ${kind} ${end} ${request.length === 0}`;
  });
}

test("every kind of ending is equal a few times, the rare ones too", () => {
  const seen = new Map<string, number>();
  let compared = 0;
  for (const machine of fc.sample(randomMachine, { numRuns: 5000, seed: 1729 })) {
    const fresh = endingsOf(machine).filter((ending) => (seen.get(ending) ?? 0) < 3);
    if (fresh.length === 0) continue;
    for (const ending of fresh) seen.set(ending, (seen.get(ending) ?? 0) + 1);
    compareMachine(machine, 4);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(400);
  expect(seen.size).toBeGreaterThan(200);
});
