// Random calls, valid and invalid, leave nothing behind and break nothing: in every design of the era. Figures are printed.
import { describe, expect, it } from "vitest";
import { ERRNO } from "../linux/kernel/errno.ts";
import type { World } from "../session/world/world.ts";
import { Sequences } from "./call-sequences.ts";
import { REQUIRED_ERRORS, REQUIRED_KINDS, REQUIRED_ORIGINS } from "./call-sequences-required.ts";

const COUNT = process.env["DEEP"] ? 5000 : 500;
const FIRST_SEED = 1;
/** Seeds of failures that are printed. */
const SHOWN = 20;

describe.each(["D1", "D2"] as const)("random calls in %s", (design) => {
  it(
    `${COUNT} sequences of calls leave nothing and break nothing`,
    () => {
      const sequences = new Sequences(design);
      const { tally } = sequences;
      const failed: string[] = [];
      for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
        const { problems } = sequences.run(seed);
        if (problems.length > 0) failed.push(`seed ${seed}: ${problems.join("; ")}`);
      }
      const seeds = `seeds ${FIRST_SEED} to ${FIRST_SEED + COUNT - 1}, ${design}`;
      console.log([seeds, ...tally.lines()].join("\n"));
      expect(failed.slice(0, SHOWN), `${failed.length} sequences`).toEqual([]);

      const { calls, done } = tally.all;
      expect(done / calls).toBeGreaterThan(0.3);
      const rare = REQUIRED_KINDS.filter((kind) => (tally.kinds.get(kind)?.done ?? 0) < 100);
      expect(rare, "kinds of calls that succeeded less than 100 times").toEqual([]);
      expect(REQUIRED_ERRORS.filter((name) => !tally.errors.has(name))).toEqual([]);
      const origins = [...REQUIRED_ORIGINS.both, ...REQUIRED_ORIGINS[design]];
      expect(origins.filter((origin) => !tally.origins.has(origin))).toEqual([]);
    },
    process.env["DEEP"] ? 3_600_000 : 600_000,
  );
});

describe("the judge", () => {
  const DAMAGE: readonly (readonly [string, (world: World) => void])[] = [
    ["a pin", ({ kernel }) => add(kernel.state.core.pins, 0x4_0000, 1)],
    ["a lock", ({ kernel }) => add(kernel.state.locks, "left", {})],
    ["a PASID", ({ kernel }) => add(kernel.state.iommu.pasids, 99, {})],
    ["a module reference", ({ kernel }) => refer(kernel.state.core.modules["mtty"])],
    ["a device reference", ({ kernel }) => refer(nic(kernel))],
    ["a page of a VM", ({ platform }) => platform.tagPage(0x10_3000n, "vm-a")],
    ["a file", ({ kernel }) => add(kernel.state.core.nodes, "/sys/x", { kind: "directory" })],
  ];
  it.each(DAMAGE)("sees %s that is left", (_, damage) => {
    const sequences = new Sequences("D1");
    expect(sequences.run(3).problems).toEqual([]);
    expect(sequences.run(3, damage).problems).not.toEqual([]);
    expect(sequences.run(3).problems).toEqual([]);
  });

  it("sees a page that a device still reaches", () => {
    const sequences = new Sequences("D1");
    const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
    const seen = seeds.filter((seed) => {
      const free = ({ kernel, platform }: World): void => {
        for (const process of Object.values(kernel.state.core.processes)) {
          for (const { frames } of process.ranges) {
            for (const frame of frames) platform.tagPage(BigInt(frame), "free");
          }
        }
      };
      return sequences.run(seed, free).problems.some((text) => text.includes("free page"));
    });
    expect(seen.length).toBeGreaterThan(3);
  });

  it("knows every error it asks for", () => {
    expect(REQUIRED_ERRORS.filter((name) => !(name in ERRNO))).toEqual([]);
  });
});

const add = (records: object, key: number | string, value: unknown): void => {
  Object.assign(records, { [key]: value });
};

const refer = (record: { references: number } | undefined): void => {
  if (record) record.references++;
};

const nic = (kernel: World["kernel"]) => {
  const found = Object.values(kernel.state.core.devices).find((one) => one.name.includes("5e:"));
  if (!found) throw new Error("There is no NIC.");
  return found;
};
