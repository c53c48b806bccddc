// The same demands make the same system calls in D1 and D2. What an mdev's type offers to user space decides how far:
// mediated mdevs are the same to the byte; for the other type all but the way to the queue is, and the work itself.
import { describe, expect, it } from "vitest";
import type { DesignId } from "../session/document.ts";
import { SERVER } from "../session/presets/server.ts";
import { Session } from "../session/session.ts";
import type { Operation, SessionEvent } from "../session/types.ts";
import { Random } from "./call-sequences-random.ts";

const RUNS = process.env["DEEP"] ? 200 : 12;
const PARENT = "0000:6a:01.0";
const UUIDS = [1, 2, 3].map((n) => `83b8f4f2-509f-382f-3c1e-e6bfe0fa100${n}`);
const VMS = ["vm-a", "vm-b"] as const;
const PAGES = 8;
/** Where each VM's memory is mapped. */
const AT = 0x10_0000;
const PORTAL_REGION = 2 * 2 ** 40;

/** Demands of root and two VMs: both VMs start first, then anything, right or wrong, until both stop. */
function demands(random: Random, type: string): Operation[] {
  const root = (demand: Extract<Operation, { op: "demand" }>["demand"]): Operation => ({
    op: "demand",
    actor: "root",
    demand,
  });
  const made: Operation[] = [root({ want: "load module", module: "dmatest" })];
  for (const actor of VMS) {
    made.push({ op: "demand", actor, demand: { want: "start VM", pages: PAGES } });
  }
  for (const [index, actor] of VMS.entries()) {
    const uuid = UUIDS[index] ?? "";
    made.push(root({ want: "create mdev", parent: PARENT, type, uuid }));
    const at = `0x${AT.toString(16)}`;
    made.push({ op: "demand", actor, demand: { want: "assign device", device: uuid, at } });
  }
  for (let i = 0; i < 20; i++) {
    const uuid = random.pick(UUIDS) ?? "";
    const actor = random.pick(VMS) ?? "vm-a";
    const inside = (): string => `0x${(AT + random.below((PAGES - 1) * 4096 - 64)).toString(16)}`;
    const iova = `0x${(0x100_0000 + random.below(3) * 0x1000).toString(16)}`;
    const by = (demand: Extract<Operation, { op: "demand" }>["demand"]): Operation => ({
      op: "demand",
      actor,
      demand,
    });
    made.push(
      random.weighted<Operation>([
        [2, root({ want: "create mdev", parent: PARENT, type, uuid })],
        [1, root({ want: "host copy", device: PARENT, pages: 2 })],
        [4, by({ want: "assign device", device: uuid, at: `0x${AT.toString(16)}` })],
        [1, by({ want: "release device", device: uuid })],
        [3, by({ want: "map", iova, page: random.below(PAGES), pages: 1 })],
        [2, by({ want: "unmap", iova, pages: 1 })],
        [6, by({ want: "device fill", device: uuid, to: inside(), length: 64 })],
        [4, by({ want: "device copy", device: uuid, from: inside(), to: inside(), length: 64 })],
      ]),
    );
  }
  for (const actor of VMS) made.push({ op: "demand", actor, demand: { want: "stop VM" } });
  for (const uuid of UUIDS) made.push(root({ want: "remove mdev", uuid }));
  return made;
}

interface Made {
  /** Process, call, arguments. */
  readonly calls: readonly string[];
  readonly isolated: number;
}

function play(design: DesignId, operations: readonly Operation[]): Made {
  const machine = { ...SERVER, modules: [...SERVER.modules, "idxd"] };
  const opened = Session.openWorld({ machine, design, seed: 1 });
  if (!opened.ok) throw new Error(opened.problem.message);
  const calls: string[] = [];
  let isolated = 0;
  for (const operation of operations) {
    const done = opened.value.run(operation);
    if (!done.ok) throw new Error(done.problem.message);
    calls.push(...done.value.events.flatMap(textOf));
    for (const event of done.value.events) {
      if (event.kind === "enter" && event.symbol === "mdev_set_iommu_device") isolated++;
    }
  }
  return { calls, isolated };
}

const textOf = (event: SessionEvent): string[] =>
  event.kind === "system call" ? [`${event.process} ${event.name} ${event.arguments}`] : [];

/** Without the portal's window; work is left as its 64 bytes, whichever way they take. */
const withoutWay = (calls: readonly string[]): string[] => {
  const windows = new Set<string>();
  return calls.flatMap((text) => {
    const [process = "", name = "", ...rest] = text.split(" ");
    const fields = JSON.parse(rest.join(" ")) as Readonly<Record<string, unknown>>;
    if (name === "mmap" && fields["fd"] !== undefined) {
      windows.add(process);
      return [];
    }
    // A VMM unmaps one page only where it is a portal: its memory has more.
    if (name === "munmap" && fields["length"] === 4096 && windows.has(process)) return [];
    if (name === "movdir64b") return [`${process} work ${fields["bytes"]}`];
    if (name === "pwrite" && fields["offset"] === PORTAL_REGION) {
      return [`${process} work ${fields["bytes"]}`];
    }
    return [text];
  });
};

describe("D1 and D2", () => {
  it(`receive byte-equal calls for the same demands on mediated mdevs, ${RUNS} runs`, () => {
    let compared = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const operations = demands(new Random(seed), "idxd-1dwq-mediated");
      const [one, two] = [play("D1", operations), play("D2", operations)];
      expect(two.calls, `seed ${seed}`).toEqual(one.calls);
      compared += one.calls.length;
    }
    expect(compared).toBeGreaterThan(80 * RUNS);
  });

  it(`differ on mdevs with a pointer in the way to the queue alone, ${RUNS} runs`, () => {
    const [ways, isolated] = [
      { D1: 0, D2: 0 },
      { D1: 0, D2: 0 },
    ];
    for (let seed = 1; seed <= RUNS; seed++) {
      const operations = demands(new Random(seed), "idxd-1dwq-v1");
      const [one, two] = [play("D1", operations), play("D2", operations)];
      expect(withoutWay(two.calls), `seed ${seed}`).toEqual(withoutWay(one.calls));
      ways.D1 += one.calls.filter((text) => text.includes(" movdir64b ")).length;
      ways.D2 += two.calls.filter((text) => text.includes(" pwrite ")).length;
      isolated.D1 += one.isolated;
      isolated.D2 += two.isolated;
    }
    expect(ways.D1).toBeGreaterThan(RUNS);
    expect(ways.D2).toBe(ways.D1);
    expect([isolated.D1 > RUNS / 2, isolated.D2]).toEqual([true, 0]);
  });
});
