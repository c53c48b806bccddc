// Demands against the whole kernel on the emulated machine: two VMs share an accelerator, in both designs.
import { describe, expect, it } from "vitest";
import { Platform } from "../../hardware/platform/platform.ts";
import { DESCRIPTION } from "../../hardware/platform/platform-fixture.ts";
import { boot, handleInterrupt } from "../../linux/boot.ts";
import type { CallResult, SystemCall } from "../../linux/calls.ts";
import { processNamed } from "../../linux/core/processes.ts";
import { DESIGNS } from "../../linux/designs.ts";
import "../../linux/intel/init.ts";
import type { FaultPoint } from "../../linux/kernel/events.ts";
import { Kernel } from "../../linux/kernel/kernel.ts";
import { emptyState } from "../../linux/kernel/state.ts";
import "../../linux/mdev/bus.ts";
import "../../linux/parents/modules.ts";
import { startSystemCall } from "../../linux/system-calls.ts";
import "../../linux/vfio/module.ts";
import "../../linux/vfio/type1/module.ts";
import "../../linux/vfio/vfio-mdev.ts";
import type { Demand } from "../document.ts";
import { expand } from "./expand.ts";
import { type ActorResult, type ActorState, newActor } from "./state.ts";

const PARENT = "0000:6a:01.0";
const ISOLATED = "idxd-1dwq-v1";
const MEDIATED = "idxd-1dwq-mediated";
const ONE = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
const TWO = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002";

class World {
  readonly calls: { readonly actor: string; readonly call: SystemCall }[] = [];
  readonly k: Kernel;
  readonly #memory: Record<string, ActorState> = {};

  constructor(design: "D1" | "D2", words = "") {
    const functions = DESCRIPTION.functions.map((one) =>
      one.model === "accelerator" ? { ...one, device: 0x0b25 } : one,
    );
    const opened = Platform.open({ ...DESCRIPTION, functions }, { profile: "spec" });
    if (!opened.ok) throw new Error(opened.problem.message);
    this.k = new Kernel({
      machine: opened.value,
      state: emptyState(),
      replacements: DESIGNS[design].replaces,
      onEvent: () => undefined,
      onInterrupt: handleInterrupt,
    });
    boot(this.k, {
      commandLine: `intel_iommu=on,sm_on iommu.strict=1 ${words}`,
      modules: ["vfio_iommu_type1", "vfio_mdev", "idxd", "dmatest"],
      processes: [{ name: "root", privileged: true }, { name: "vm-a" }, { name: "vm-b" }],
    });
  }

  play(
    actor: string,
    demand: Demand,
    faults: readonly { readonly point: FaultPoint; readonly ordinal: number }[] = [],
  ): ActorResult {
    this.k.beginOperation(faults);
    const program = expand(demand, actor, this.#memory[actor] ?? newActor());
    let step = program.next();
    while (!step.done) {
      this.calls.push({ actor, call: step.value });
      step = program.next(this.#call(actor, step.value));
    }
    this.#memory[actor] = step.value.memory;
    return step.value;
  }

  /** Plays demands that all must succeed. */
  all(demands: readonly (readonly [string, Demand])[]): void {
    for (const [actor, demand] of demands) {
      expect(this.play(actor, demand).problem, demand.want).toBe(null);
    }
  }

  /** First 64-bit word of a page of a VM's memory. */
  word(actor: string, page: number): bigint {
    const process = this.k.state.core.processes[processNamed(this.k, actor)];
    const frame = process?.ranges[0]?.frames[page] ?? 0;
    return this.k.machine.readWord(BigInt(frame * 4096));
  }

  #call(actor: string, call: SystemCall): CallResult {
    let answer: CallResult | undefined;
    startSystemCall(this.k, processNamed(this.k, actor), call, (given) => {
      answer = given;
    });
    this.k.scheduler.run(this.k);
    if (!answer) throw new Error(`${JSON.stringify(call)} does not return.`);
    return answer;
  }
}

const create = (type: string, uuid: string): readonly [string, Demand] => [
  "root",
  { want: "create mdev", parent: PARENT, type, uuid },
];
const start = (actor: string, uuid: string): (readonly [string, Demand])[] => [
  [actor, { want: "start VM", pages: 16 }],
  [actor, { want: "assign device", device: uuid, at: "0x100000" }],
];
const fill = (device: string, to: string): Demand => ({
  want: "device fill",
  device,
  to,
  length: 64,
  pattern: "1122334455667788",
});
const PATTERN = 0x1122334455667788n;
const END: readonly (readonly [string, Demand])[] = [
  ["vm-a", { want: "stop VM" }],
  ["vm-b", { want: "stop VM" }],
  ["root", { want: "remove mdev", uuid: ONE }],
  ["root", { want: "remove mdev", uuid: TWO }],
  ["root", { want: "unload module", module: "dmatest" }],
  ["root", { want: "unload module", module: "idxd" }],
];

function story(world: World, first: string): void {
  world.all([create(first, ONE), create(MEDIATED, TWO)]);
  world.all([...start("vm-a", ONE), ...start("vm-b", TWO)]);
  world.all([
    ["vm-a", fill(ONE, "0x100000")],
    ["vm-b", fill(TWO, "0x101000")],
    ["vm-b", { want: "device copy", device: TWO, from: "0x101000", to: "0x102000", length: 64 }],
    ["root", { want: "host copy", device: PARENT, pages: 2 }],
  ]);
}

const copies = (world: World) => world.k.state.log.findLast((l) => l.text.startsWith("dmatest"));

describe("two VMs on one accelerator", () => {
  for (const design of ["D1", "D2"] as const) {
    it(`${design}: work lands in the memory of its own VM, and nothing is left at the end`, () => {
      const world = new World(design);
      story(world, ISOLATED);
      expect([world.word("vm-a", 0), world.word("vm-a", 1)]).toEqual([PATTERN, 0n]);
      expect([0, 1, 2].map((page) => world.word("vm-b", page))).toEqual([0n, PATTERN, PATTERN]);
      expect(copies(world)?.text).toContain("2 tests, 0 failures");
      world.all(END);
      const { core, iommu, mdev, parents, vfio } = world.k.state;
      expect([core.pins, iommu.pasids, mdev.devices, vfio.containers]).toEqual([{}, {}, {}, {}]);
      expect([parents.accelerators, parents.acceleratorMdevs]).toEqual([{}, {}]);
    });

    it(`${design}: work at an address that is not mapped fails and changes nothing`, () => {
      const world = new World(design);
      story(world, ISOLATED);
      expect(world.play("vm-a", fill(ONE, "0x900000")).result).toBeLessThan(0);
      expect(world.play("vm-b", fill(TWO, "0x900000")).result).toBe(-22);
      const faults = world.k.state.log.filter((line) => line.text.includes("fault addr"));
      expect(faults.length > 0).toBe(design === "D1");
    });
  }

  it("loads a module with what it depends on, and not twice", () => {
    const world = new World("D1");
    world.all(END.slice(4));
    world.all([["root", { want: "load module", module: "dmatest" }]]);
    expect(Object.keys(world.k.state.parents.accelerators)).toHaveLength(1);
    expect(world.play("root", { want: "load module", module: "dmatest" }).result).toBe(-17);
    expect(world.play("root", { want: "load module", module: "nothing" }).result).toBe(-2);
    expect(world.play("root", { want: "unload module", module: "idxd" }).result).toBe(-11);
  });

  it("makes the same calls in both designs where both mediate", () => {
    const [one, two] = [new World("D1"), new World("D2")];
    for (const world of [one, two]) {
      story(world, MEDIATED);
      world.all(END);
    }
    expect(JSON.stringify(two.calls)).toBe(JSON.stringify(one.calls));
  });

  it("makes other calls only where a region says that it cannot be mapped", () => {
    const lists = (["D1", "D2"] as const).map((design) => {
      const world = new World(design);
      story(world, ISOLATED);
      return world.calls
        .map(({ call }) => call)
        .filter((call) => call.call !== "mmap" || call.fd === undefined)
        .map((call) =>
          call.call === "movdir64b" || call.call === "pwrite" ? call.bytes : JSON.stringify(call),
        );
    });
    expect(lists[1]).toEqual(lists[0]);
  });
});

describe("a driver that goes wrong", () => {
  it("forgets AUX: the VM's table becomes the parent's own, and the host's copies fail", () => {
    const world = new World("D1", "idxd.aux=0");
    world.all([create(ISOLATED, ONE), ...start("vm-a", ONE), ["vm-a", fill(ONE, "0x100000")]]);
    expect(world.word("vm-a", 0)).toBe(PATTERN);
    world.all([["root", { want: "host copy", device: PARENT, pages: 1 }]]);
    expect(copies(world)?.text).toContain("1 tests, 1 failures");
    world.all([["vm-a", { want: "stop VM" }]]);
    world.all([["root", { want: "host copy", device: PARENT, pages: 1 }]]);
    expect(copies(world)?.text).toContain("1 tests, 0 failures");
  });

  it("does not check: a guest reads a page of its sibling", () => {
    const world = new World("D2");
    story(world, ISOLATED);
    const records = Object.values(world.k.state.parents.acceleratorMdevs);
    const own = records.find((one) => world.k.state.mdev.devices[one.mdev]?.uuid === ONE);
    const foreign = own?.pages.find((page) => page.guestPage === 0x100)?.dmaAddress ?? 0;
    const copy: Demand = {
      want: "device copy",
      device: TWO,
      from: `0x${foreign.toString(16)}`,
      to: "0x103000",
      length: 64,
    };
    expect(world.play("vm-b", copy).result).toBe(-22);
    expect(world.word("vm-b", 3)).toBe(0n);
    expect(world.play("vm-b", copy, [{ point: "mediation", ordinal: 1 }]).result).toBe(64);
    expect(world.word("vm-b", 3)).toBe(PATTERN);
  });
});
