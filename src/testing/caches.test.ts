// A cache never changes what a request sees, except after an edit of the tables without its invalidation.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Command } from "./cache-commands.ts";
import { DEVICES, DOMAINS, PLACES } from "./cache-lab-types.ts";
import { CacheTrial, type TrialSettings } from "./cache-trial.ts";

const numRuns = process.env["DEEP"] ? 1500 : 100;

const size = fc.constantFrom(4, 64, 0, 8);
const settings: fc.Arbitrary<TrialSettings> = fc.record({
  shape: fc.record({
    legacy: fc.constantFrom(false, false, false, true),
    widths: fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2, 3)),
    levels: fc.tuple(fc.constantFrom<4 | 5>(4, 5), fc.constantFrom<4 | 5>(4, 5)),
    ssade: fc.boolean(),
  }),
  caches: fc.record({ context: size, pasid: size, iotlb: size, paging: size }),
  byRegisters: fc.boolean(),
});

const domain = fc.constantFrom(...new Set(Object.values(DOMAINS)));
const range = {
  domain,
  address: fc.constantFrom(...PLACES),
  mask: fc.constantFrom(0, 1, 9, 18),
  leafOnly: fc.boolean(),
};
const pasidOf = fc.nat({ max: 3 });
const is = <const T>(value: T): fc.Arbitrary<T> => fc.constant(value);

const strayCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: is("context"), scope: is("domain"), domain }),
  fc.record({
    type: is("context"),
    scope: is("device"),
    domain,
    requester: fc.constantFrom(...DEVICES),
    functionMask: fc.nat({ max: 3 }),
  }),
  fc.record({ type: is("iotlb"), scope: is("domain"), domain }),
  fc.record({ type: is("iotlb"), scope: is("page"), ...range }),
  fc.record({ type: is("pasid"), scope: is("domain"), domain }),
  fc.record({ type: is("pasid"), scope: is("one"), domain, pasid: pasidOf }),
);
const strayPasidCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: is("pasid iotlb"), scope: is("all"), domain, pasid: pasidOf }),
  fc.record({ type: is("pasid iotlb"), scope: is("page"), ...range, pasid: pasidOf }),
);

type Step = (trial: CacheTrial) => void;

interface Named {
  readonly run: Step;
  readonly [fc.toStringMethod]: () => string;
}

const named = (name: string, detail: unknown, run: Step): Named => ({
  run,
  [fc.toStringMethod]: () => `${name} ${fc.stringify(detail)}`,
});

interface RequestDetail {
  readonly device: number;
  readonly pasid: number | null;
  readonly place: number;
  readonly offset: number;
  readonly access: "read" | "write";
}

const requestDetail: fc.Arbitrary<RequestDetail> = fc.record({
  device: fc.nat({ max: 1 }),
  pasid: fc.constantFrom(null, 0, 1, 2, 3),
  place: fc.nat({ max: PLACES.length - 1 }),
  offset: fc.nat({ max: 0xff8 }),
  access: fc.constantFrom<"read" | "write">("read", "read", "write"),
});

function request(trial: CacheTrial, detail: RequestDetail): void {
  const { device, pasid, place, offset, access } = detail;
  trial.request({
    requester: DEVICES[device] ?? 0,
    pasid: trial.legacy ? null : pasid,
    address: (PLACES[place] ?? 0n) + BigInt(offset & ~7),
    length: 8,
    access,
    privileged: false,
    execute: false,
    translated: false,
  });
}

interface EditDetail {
  readonly far: boolean;
  readonly table: number;
  readonly pick: number;
  readonly value: number;
}

const editDetail: fc.Arbitrary<EditDetail> = fc.record({
  far: fc.nat({ max: 9 }).map((n) => n >= 8),
  table: fc.nat(),
  pick: fc.nat(),
  value: fc.nat(),
});

/** Edits an entry of any table that the last request used, or of any other. */
function edit(trial: CacheTrial, detail: EditDetail): void {
  const { editables } = trial.lab;
  const used = editables.filter(({ address }) => trial.lastReads.includes(address));
  const near = detail.far || used.length === 0 ? editables : used;
  const tables = [...new Set(near.map(({ what }) => what.table))];
  const table = tables[detail.table % tables.length];
  const from = near.filter(({ what }) => what.table === table);
  const editable = from[detail.pick % from.length];
  const words = editable?.values[detail.value % editable.values.length];
  if (editable !== undefined && words !== undefined) trial.edit(editable, words);
}

const requestStep = requestDetail.map((detail) =>
  named("request", detail, (trial) => request(trial, detail)),
);

const editStep = editDetail.map((detail) => named("edit", detail, (trial) => edit(trial, detail)));

const flushStep = fc
  .nat()
  .map((pick) => named("flush", pick, (trial) => trial.flush((ways) => pick % ways)));

/** What a driver does, with its device at work: use, edit, invalidate, use again. */
const sceneStep = fc
  .record({
    use: requestDetail,
    twice: fc.boolean(),
    change: editDetail,
    between: fc.array(requestDetail, { maxLength: 2 }),
    again: fc.boolean(),
    pick: fc.nat(),
  })
  .map((detail) =>
    named("scene", detail, (trial) => {
      request(trial, detail.use);
      if (detail.twice) request(trial, detail.use);
      edit(trial, detail.change);
      for (const other of detail.between) request(trial, other);
      if (detail.again) request(trial, detail.use);
      trial.flush((ways) => detail.pick % ways);
      request(trial, detail.use);
    }),
  );

const resetStep = fc
  .constantFrom<"root pointer" | "toggle">("root pointer", "toggle")
  .map((how) => named("reset", how, (trial) => trial.reset(how)));

const strayStep = fc
  .oneof({ weight: 3, arbitrary: strayCommand }, { weight: 1, arbitrary: strayPasidCommand })
  .map((command) =>
    named("command", command, (trial) => {
      if (trial.legacy && (command.type === "pasid" || command.type === "pasid iotlb")) return;
      trial.command(command);
    }),
  );

const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: sceneStep },
    { weight: 6, arbitrary: requestStep },
    { weight: 3, arbitrary: editStep },
    { weight: 1, arbitrary: flushStep },
    { weight: 1, arbitrary: strayStep },
    { weight: 1, arbitrary: resetStep },
  ),
  { minLength: 5, maxLength: 40, size: "max" },
);

function play(trialSettings: TrialSettings, story: readonly Named[]): CacheTrial {
  const trial = new CacheTrial(trialSettings);
  for (const step of story) step.run(trial);
  return trial;
}

test("caches only ever show what tables say, or said before an edit without its invalidation", () => {
  fc.assert(
    fc.property(settings, steps, (trialSettings, story) => {
      play(trialSettings, story);
    }),
    { numRuns },
  );
});

test("old results do occur with caches, and never without", () => {
  const stories = fc.sample(fc.tuple(settings, steps), { numRuns: 60, seed: 7 });
  const staleWith = (entries: number): number =>
    stories
      .map(([{ shape, byRegisters }, story]) => {
        const caches = { context: entries, pasid: entries, iotlb: entries, paging: entries };
        return play({ shape, byRegisters, caches }, story).stale;
      })
      .reduce((sum, stale) => sum + stale, 0);
  expect(staleWith(0)).toBe(0);
  expect(staleWith(64)).toBeGreaterThan(10);
});
