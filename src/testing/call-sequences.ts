// Random sequences of system calls, requests and pauses over the whole machine, each from the moment after boot.
import { iova, pasid } from "../base/brand.ts";
import type { FaultPoint } from "../linux/kernel/events.ts";
import type { Saved } from "../session/machinery.ts";
import type { Answer, Operation } from "../session/types.ts";
import type { World } from "../session/world/world.ts";
import { broken, differences, leftOf, tearDown } from "./call-sequences-judge.ts";
import { DEVICES, openSequenceWorld } from "./call-sequences-machine.ts";
import { Random } from "./call-sequences-random.ts";
import {
  bindFunction,
  createMdev,
  giveNic,
  handOver,
  hostCopy,
  lookAround,
  meet,
  race,
  rebindMdev,
  removeMdev,
  useModule,
} from "./call-sequences-root.ts";
import { type Plan, Sight, VMS } from "./call-sequences-sight.ts";
import { Tally } from "./call-sequences-tally.ts";
import * as vmm from "./call-sequences-vmm.ts";

/** Calls of one sequence. */
export const CALLS = 50;

type Maker = (sight: Sight) => Plan;

const ROOT: readonly (readonly [number, Maker])[] = [
  [8, createMdev],
  [3, removeMdev],
  [3, bindFunction],
  [1, rebindMdev],
  [2, useModule],
  [3, hostCopy],
  [4, lookAround],
  [2, race],
  [2, meet],
  [1, vmm.nonsense],
];

const VMM: readonly (readonly [number, Maker])[] = [
  [12, vmm.assign],
  [8, vmm.map],
  [10, vmm.unmap],
  [2, vmm.mapMany],
  [14, vmm.work],
  [4, vmm.openDevice],
  [14, vmm.askContainer],
  [5, vmm.touch],
  [7, vmm.reset],
  [10, vmm.release],
  [2, vmm.nonsense],
  [2, lookAround],
  [3, vmm.misuse],
  [5, vmm.giveBack],
  [2, vmm.leave],
];

const POINTS: readonly (readonly [number, FaultPoint])[] = [
  [12, "allocation"],
  [3, "pin"],
  [1, "unpin"],
  [1, "mediation"],
  [1, "invalidation"],
];

/** Checks that must hold whatever happens, and those that hold as long as every invalidation was submitted. */
const ALWAYS = ["pasids-in-range", "groups-owned-whole", "queues-have-entries"];
const WITH_INVALIDATIONS = [
  "tables-out-of-reach",
  "pasid-not-reused-early",
  "pasid-reaches-its-owner",
  "unmapped-is-unreachable",
  "caches-agree-with-tables",
  "address-not-reused-early",
  "free-pages-out-of-reach",
];

export interface Verdict {
  readonly seed: number;
  /** Empty: all was well. */
  readonly problems: readonly string[];
  readonly operations: readonly Operation[];
  /** What the call of each operation gave; null: it was no single call, or it waits. */
  readonly results: readonly (number | null)[];
}

/** Runs sequences of one design. */
export class Sequences {
  readonly tally = new Tally();
  readonly #world: World;
  readonly #start: Saved;
  /** What is left when nothing was done at all. */
  readonly #empty: Readonly<Record<string, unknown>>;

  constructor(design: "D1" | "D2") {
    this.#world = openSequenceWorld(design);
    this.#start = this.#world.save();
    const problems = tearDown(this.#world, 0);
    if (problems.length > 0) throw new Error(problems.join("; "));
    this.#empty = leftOf(this.#world);
  }

  /** `damage`: done to the machine before everything is given back, to see whether the judge sees it. */
  run(seed: number, damage?: (world: World) => void): Verdict {
    const world = this.#world;
    world.restore(this.#start);
    this.tally.begin();
    const random = new Random(seed);
    const operations: Operation[] = [];
    const results: (number | null)[] = [];
    const struck = new Set<FaultPoint>();
    const problems: string[] = [];
    const perform = (operation: Operation): Answer | null => {
      const done = world.run(operation, { ordinal: seed * 1000 + operations.length });
      operations.push(operation);
      if (!done.ok) {
        problems.push(done.problem.message);
        return null;
      }
      for (const event of done.value.events) {
        if (event.kind === "injected fault") struck.add(event.point);
      }
      this.tally.add(done.value.events);
      const process = operation.op === "call" ? operation.process : "";
      const answer = done.value.answers?.findLast((one) => one.process === process) ?? null;
      results.push(answer?.result ?? null);
      return answer;
    };
    const first = prologue(world, random);
    while (operations.length < CALLS && problems.length === 0) {
      const plan = first.shift() ?? nextPlan(world, random);
      let step = plan.next();
      while (!step.done && operations.length < CALLS && problems.length === 0) {
        const operation = withFaults(step.value, random);
        step = plan.next(world.refuse(operation) ? null : perform(operation));
      }
    }
    damage?.(world);
    const stale = struck.has("invalidation");
    if (problems.length === 0) {
      problems.push(...broken(world, stale ? ALWAYS : [...ALWAYS, ...WITH_INVALIDATIONS]));
      problems.push(...tearDown(world, seed * 1000 + 900));
      problems.push(...differences(this.#empty, leftOf(world)));
    }
    return { seed, problems, operations, results };
  }
}

/** Most sequences begin with something to assign and somebody who takes it. */
function prologue(world: World, random: Random): Plan[] {
  if (random.once(5)) return [];
  const root = new Sight(world, random, "root");
  const [vm, other] = random.once(2) ? VMS : [...VMS].reverse();
  const prepare = random.weighted([
    [8, createMdev],
    [2, bindFunction],
    [3, handOver],
  ]);
  const plans = [prepare(root), vmm.assign(new Sight(world, random, vm ?? "vm-a"))];
  if (random.once(3))
    plans.push(createMdev(root), vmm.assign(new Sight(world, random, other ?? "")));
  return plans;
}

function nextPlan(world: World, random: Random): Plan {
  const kind = random.below(40);
  if (kind === 0) return wait(random);
  if (kind < 3) return request(random);
  if (kind === 3) return joinNic(world, random);
  if (kind < 13) return random.weighted(ROOT)(new Sight(world, random, "root"));
  return random.weighted(VMM)(new Sight(world, random, random.pick(VMS) ?? "vm-a"));
}

/** A VM with a container gets the NIC into it, where a window is mapped that the NIC must not have. */
function* joinNic(world: World, random: Random): Plan {
  const vm = new Sight(world, random, random.pick(VMS) ?? "vm-a");
  const container = vm.held("vfio container").find(({ object }) => vm.mappings(object).length > 0);
  if (!container) return;
  yield* giveNic(new Sight(world, random, "root"));
  const path = vm.groups.find((one) => vm.groupHas(one, DEVICES.nic));
  if (path) yield* vmm.joinWithWindow(vm, container.fd, path);
}

/** Requests in which much can go wrong. */
const FAULTY = ["VFIO_SET_IOMMU", "VFIO_GROUP_SET_CONTAINER", "VFIO_IOMMU_MAP_DMA"];

function withFaults(operation: Operation, random: Random): Operation {
  const text = operation.op === "call" ? operation.call : null;
  const rich = text?.call === "ioctl" && FAULTY.includes(text.request);
  if (!random.once(rich ? 8 : 25)) return operation;
  return {
    ...operation,
    faults: [{ point: random.weighted(POINTS), ordinal: 1 + random.below(6) }],
  };
}

function* wait(random: Random): Plan {
  yield { op: "wait", microseconds: 1 + random.below(20_000) };
}

/** A device that sends what it likes. */
function* request(random: Random): Plan {
  const requester = random.pick([0x6a08, 0x5e00, 0x00a0, 0x00f8, 0x1234]) ?? 0;
  const tagged = random.once(2);
  yield {
    op: "dma",
    requester: requester as Extract<Operation, { op: "dma" }>["requester"],
    pasid: tagged ? pasid(1 + random.below(4)) : null,
    access: random.once(2) ? "read" : "write",
    address: iova(BigInt(random.below(0x200) * 0x800)),
    length: 8,
  };
}
