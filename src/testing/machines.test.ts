// The random machines are worth something only as long as they reach every fault.
import fc from "fast-check";
import { expect, test } from "vitest";
import { naiveOutcomes } from "./compare-machine.ts";
import { randomMachine } from "./machines.ts";

/** Fault codes of memory requests; page requests, failing updates and host permission tables have no place here. */
const REACHABLE = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x29, 0x30,
  0x31, 0x33, 0x34, 0x38, 0x39, 0x3a, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x48, 0x49, 0x50,
  0x51, 0x52, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77,
  0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0x89, 0x90,
];

test("random machines reach every fault code and every kind of success often", () => {
  const seen = new Map<string, number>();
  const count = (key: string): void => void seen.set(key, (seen.get(key) ?? 0) + 1);
  for (const machine of fc.sample(randomMachine, { numRuns: 5000, seed: 42 })) {
    for (const { outcome } of naiveOutcomes(machine)) {
      if (outcome.kind === "refused") {
        count(`0x${(outcome.code ?? 0).toString(16)}`);
        if (outcome.silent) count("not recorded");
      } else if (outcome.kind === "reached") {
        count(`page mask 0x${outcome.mask.toString(16)}`);
        if (outcome.updates.length > 0) count("accessed or dirty bits set");
      } else count(outcome.kind);
    }
  }
  const wanted = [
    ...REACHABLE.map((code) => `0x${code.toString(16)}`),
    ...["0xfff", "0x1fffff", "0x3fffffff"].map((mask) => `page mask ${mask}`),
    "not recorded",
    "accessed or dirty bits set",
    "interrupt",
  ];
  const rare = wanted.filter((key) => (seen.get(key) ?? 0) < 5);
  expect(rare, JSON.stringify(Object.fromEntries(seen))).toEqual([]);
});
