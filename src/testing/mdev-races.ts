// Two actors on one mdev parent, over every order of their steps: explored on a whole machine, judged by the state
// machine of an mdev's life, and written down as scenarios.

import type { Choose } from "../linux/kernel/scheduler.ts";
import { judge, type MdevSight } from "../linux/mdev/life-cycle.ts";
import { SAMPLES } from "../session/presets/samples.ts";
import type { NamedOperation, Scenario } from "../session/scenario.ts";
import type { Operation } from "../session/types.ts";
import { worldSource } from "../session/world/open-world.ts";
import type { World } from "../session/world/world.ts";

export type Deed = "create same" | "create other" | "remove" | "unregister";

export const DEEDS: readonly Deed[] = ["create same", "create other", "remove", "unregister"];

/** Orders of one pair that are tried at most; a pair with more would not be explored whole. */
export const ORDER_BOUND = 3000;

const SAME = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
const OTHER = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002";
const CREATE = "/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create";
const REMOVE = `/sys/bus/mdev/devices/${SAME}/remove`;

/** What happens before: an mdev is there, or not, and each actor has its file open. */
function before(deeds: readonly Deed[], existing: boolean): readonly NamedOperation[] {
  const type = { parent: "mtty", type: "mtty-1", uuid: SAME };
  return [
    ...(existing
      ? [
          {
            id: "existing",
            op: "demand",
            actor: "root",
            demand: { want: "create mdev", ...type },
          } as const,
        ]
      : []),
    ...deeds.flatMap((deed, i) =>
      deed === "unregister"
        ? []
        : [
            {
              id: `open-${i + 1}`,
              op: "call",
              process: "root",
              call: { call: "open", path: deed === "remove" ? REMOVE : CREATE },
              as: `file-${i + 1}`,
            } as const,
          ],
    ),
  ];
}

/** Both deeds at once; `schedule` says who goes on at each choice. */
function together(deeds: readonly Deed[], schedule: readonly number[]): NamedOperation {
  const TEXT: Readonly<Record<Deed, string>> = {
    "create same": `${SAME}\n`,
    "create other": `${OTHER}\n`,
    remove: "1\n",
    unregister: "",
  };
  return {
    id: "race",
    op: "together",
    schedule,
    calls: deeds.map((deed, i) => ({
      process: "root",
      call:
        deed === "unregister"
          ? { call: "delete_module", name: "mtty" }
          : { call: "write", fd: `$file-${i + 1}`, text: TEXT[deed] },
      as: `result-${i + 1}`,
    })),
  } as NamedOperation;
}

export interface Order {
  /** Choices made, each with how many tasks there were to choose from. */
  readonly choices: readonly (readonly [chosen: number, of: number])[];
  /** What the calls returned, in the order of the deeds. */
  readonly results: readonly number[];
  /** What the judge objects to, in words. */
  readonly verdicts: readonly string[];
  /** UUIDs of the mdevs that are there at the end, by their last digit. */
  readonly left: string;
}

/** A desktop with mtty as it is before both deeds. */
function prepare(deeds: readonly Deed[], existing: boolean): World {
  const source = worldSource({ machine: SAMPLES, design: "D1", seed: 1 });
  const opened = source.open("spec");
  if (!opened.ok) throw new Error(opened.problem.message);
  const world = opened.value as World;
  before(deeds, existing).forEach((operation, ordinal) => {
    const done = world.run(operation, { ordinal });
    if (!done.ok) throw new Error(done.problem.message);
  });
  return world;
}

/** Watches every mdev at every choice, and what stays when nothing is under way. */
class Watch {
  readonly verdicts: string[] = [];
  readonly #world: World;
  readonly #seen = new Map<number, MdevSight>();

  constructor(world: World) {
    this.#world = world;
  }

  look(): void {
    const { core, mdev } = this.#world.kernel.state;
    const gone = new Set(this.#seen.keys());
    const uuids = new Set<string>();
    for (const { id, uuid, stage, active, device, parent } of Object.values(mdev.devices)) {
      gone.delete(id);
      if (uuids.has(uuid)) this.verdicts.push("a UUID stands on the list twice");
      uuids.add(uuid);
      const now: MdevSight = {
        stage,
        active,
        added: core.devices[device]?.added ?? false,
        parent: parent in mdev.parents,
      };
      this.#judge(id, now);
    }
    for (const id of gone) {
      this.#judge(id, { stage: "none", active: false, added: false, parent: false });
      this.#seen.delete(id);
    }
  }

  /** Nothing is under way any more. */
  end(): void {
    this.look();
    const { core, locks, mdev, parents } = this.#world.kernel.state;
    for (const { uuid, stage, parent, device } of Object.values(mdev.devices)) {
      if (stage !== "active") this.verdicts.push(`${uuid} stays ${stage}`);
      if (!mdev.parents[parent]?.listed) this.verdicts.push(`${uuid} outlived its parent`);
      const path = core.devices[device]?.path ?? "";
      if (!(`/sys/devices/${path}/remove` in core.nodes))
        this.verdicts.push(`${uuid} has no files`);
    }
    const known = Object.keys(mdev.devices).sort().join();
    if (Object.keys(parents.sampleMdevs).sort().join() !== known) {
      this.verdicts.push("the driver and the core know different mdevs");
    }
    for (const name of Object.keys(locks)) this.verdicts.push(`${name} is still held`);
  }

  #judge(id: number, now: MdevSight): void {
    const verdict = judge(this.#seen.get(id) ?? now, now);
    if (verdict !== "") this.verdicts.push(verdict);
    this.#seen.set(id, now);
  }
}

/** Runs one order: `prefix` says the first choices, the oldest task goes first after that. */
function run(world: World, operation: Operation, prefix: readonly number[]): Order {
  const { recorder } = world;
  const { scheduler } = world.kernel;
  const choices: [number, number][] = [];
  const watch = new Watch(world);
  const choose: Choose = (count) => {
    const chosen = prefix[choices.length] ?? 0;
    choices.push([chosen, count]);
    return chosen;
  };
  watch.look();
  // The operation would set its own chooser, and every record of a function's run is a moment to look at.
  const { setChoose } = scheduler;
  const { record } = recorder;
  scheduler.setChoose = () => setChoose.call(scheduler, choose);
  recorder.record = (event) => {
    watch.look();
    record.call(recorder, event);
  };
  const done = world.run(operation, { ordinal: 9 });
  scheduler.setChoose = setChoose;
  recorder.record = record;
  if (!done.ok) throw new Error(done.problem.message);
  watch.end();
  if (scheduler.live.length > 0) watch.verdicts.push(`${scheduler.live.length} calls never return`);
  const left = Object.values(world.kernel.state.mdev.devices).map(({ uuid }) => uuid.slice(-1));
  return {
    choices,
    results: [1, 2].map((which) => Number(world.results[`result-${which}`] ?? Number.NaN)),
    verdicts: [...new Set(watch.verdicts)],
    left: left.sort().join(),
  };
}

export interface Explored {
  readonly orders: readonly Order[];
  /** Every order up to the bound was tried. */
  readonly whole: boolean;
}

/** Every order of two deeds, depth first, until one is wanted no more. */
export function explore(
  deeds: readonly Deed[],
  existing: boolean,
  stop: (order: Order) => boolean = () => false,
): Explored {
  const world = prepare(deeds, existing);
  const start = world.save();
  const orders: Order[] = [];
  let prefix: number[] | null = [];
  while (prefix && orders.length < ORDER_BOUND) {
    world.restore(start);
    const order = run(world, together(deeds, []), prefix);
    orders.push(order);
    if (stop(order)) break;
    const made = [...order.choices];
    let last = made.pop();
    while (last && last[0] + 1 >= last[1]) last = made.pop();
    prefix = last ? [...made.map(([chosen]) => chosen), last[0] + 1] : null;
  }
  return { orders, whole: prefix === null };
}

/** The judge on one schedule, from a machine that has just booted. */
export function judgeSchedule(
  deeds: readonly Deed[],
  existing: boolean,
  schedule: readonly number[],
): Order {
  return run(prepare(deeds, existing), together(deeds, schedule), schedule);
}

/** The order as a scenario that plays by itself. */
export function scenarioOf(deeds: readonly Deed[], existing: boolean, order: Order): Scenario {
  return {
    format: "iommu-playground scenario",
    version: 1,
    id: `race-${deeds.join("-").replaceAll(" ", "-")}`,
    title: `${deeds.join(" against ")}`,
    summary: `An order in which the life of an mdev goes wrong: ${order.verdicts[0]}.`,
    machine: "samples",
    design: "D1",
    seed: 1,
    operations: [
      ...before(deeds, existing),
      together(
        deeds,
        order.choices.map(([chosen]) => chosen),
      ),
    ],
    checks: [{ id: "balanced", check: "balanced", at: "end", declared: "breaks" }],
  } as Scenario;
}
