// The stage of machines with a running kernel: what is drawn, where it comes from, and that nothing is drawn unsaid.
import { beforeAll, describe, expect, test } from "vitest";
import { pasid, requesterId } from "../base/brand.ts";
import type { Demand } from "../session/document.ts";
import { hardwareEvents } from "../session/event-kinds.ts";
import { SAMPLES } from "../session/presets/samples.ts";
import { SERVER } from "../session/presets/server.ts";
import { Session } from "../session/session.ts";
import type { Operation } from "../session/types.ts";
import { castOf, type SceneInput } from "./cast.ts";
import { journeyOf } from "./journey.ts";
import { holdingsOf } from "./memory-bands.ts";
import { type OutlineNode, outlineOf } from "./outline.ts";
import { elementCount, type Scene, sceneOf } from "./scene.ts";
import { shownRequest } from "./shown-request.ts";
import { tableHeadings, tableOf } from "./table.ts";
import { NO_FUNCTION, worldFacts } from "./world-facts.ts";

const PARENT = "0000:6a:01.0";
const ACCELERATOR = requesterId(0x6a08);
const ISOLATED = "a297db4a-509f-4f73-aeab-e5cb1fbf8b1b";
const IDLE = "83b8f4f2-509f-4f73-aeab-e5cb1fbf8b1b";
const MEDIATED = "c1f05a3e-509f-4f73-aeab-e5cb1fbf8b1b";

const demand = (actor: string, wanted: Demand): Operation => ({
  op: "demand",
  actor,
  demand: wanted,
});
const create = (uuid: string, type: string): Operation =>
  demand("root", { want: "create mdev", parent: PARENT, type, uuid });

const STORY: readonly Operation[] = [
  demand("root", { want: "load module", module: "idxd" }),
  create(ISOLATED, "idxd-1dwq-v1"),
  create(IDLE, "idxd-1dwq-v1"),
  create(MEDIATED, "idxd-1dwq-mediated"),
  demand("vm-a", { want: "start VM", pages: 8 }),
  demand("vm-a", { want: "assign device", device: ISOLATED }),
  demand("vm-b", { want: "start VM", pages: 8 }),
  demand("vm-b", { want: "assign device", device: MEDIATED }),
  demand("vm-b", { want: "device fill", device: MEDIATED, to: "0x2000", length: 64 }),
];

function play(operations: readonly Operation[], machine = SERVER): Session {
  const opened = Session.openWorld({ machine, design: "D1", seed: 1 });
  if (!opened.ok) throw new Error(opened.problem.message);
  for (const operation of operations) {
    const done = opened.value.run(operation);
    if (!done.ok) throw new Error(done.problem.message);
  }
  return opened.value;
}

/** What the stage is given, with the request of the last operation. */
function inputOf(session: Session, change: Partial<SceneInput> = {}): SceneInput {
  const shown = shownRequest(session, session.moments.length - 1);
  return {
    survey: session.survey(),
    names: session.info.names,
    roster: session.firstSeen(),
    cacheEntries: session.cacheEntries(),
    cacheSizes: session.cacheSizes(),
    stale: session.stale(),
    memory: session.memory.ranges(),
    queue: null,
    world: session.world && worldFacts(session.world),
    journey: shown && journeyOf(shown.events, session.survey().mode === "scalable"),
    selection: null,
    focus: ACCELERATOR,
    size: { width: 872, height: 632 },
    ...change,
  };
}

const itemOf = (scene: Scene, id: string) => {
  const item = scene.items.find((one) => one.id === id);
  if (!item) throw new Error(`${id} is not drawn`);
  return item;
};
const textsOf = (scene: Scene, id: string): string[] =>
  itemOf(scene, id).shapes.flatMap((shape) => (shape.kind === "text" ? [shape.text] : []));
const looksOf = (scene: Scene, id: string): string[] =>
  itemOf(scene, id).shapes.map((shape) => (shape.kind === "text" ? "" : shape.look));

let session: Session;
let input: SceneInput;
let scene: Scene;
beforeAll(() => {
  session = play(STORY);
  input = inputOf(session);
  scene = sceneOf(input);
});

describe("slots of mdevs", () => {
  test("isolated by the IOMMU: full outline, its owner, its PASID and group at a port", () => {
    const id = `mdev-${ISOLATED}`;
    expect(textsOf(scene, id)).toEqual(["mdev a297db4a", "PASID 0x001, group 4"]);
    expect(looksOf(scene, id)).toContain("slot");
    expect(looksOf(scene, id)).toContain("mark own-1");
    expect(looksOf(scene, id)).toContain("port own-1");
    expect(itemOf(scene, id).target?.selection).toEqual({ kind: "object", id: `mdev ${ISOLATED}` });
    expect(scene.edges.some((edge) => edge.from === id && edge.to === `entry-${id}`)).toBe(true);
  });

  test("vendor isolation: dashed outline, no port, an arrow to the parent's own DMA", () => {
    const id = `mdev-${MEDIATED}`;
    expect(textsOf(scene, id)).toEqual(["mdev c1f05a3e", "vendor isolation, group 6"]);
    const looks = looksOf(scene, id);
    expect(looks).toContain("slot vendor own-2");
    expect(looksOf(scene, `rides-${id}`)).toContain("software own-2");
    expect(looks.some((look) => look.startsWith("port"))).toBe(false);
    expect(scene.edges.some((edge) => edge.from === id)).toBe(false);
  });

  test("nobody's: no mark, no port", () => {
    const looks = looksOf(scene, `mdev-${IDLE}`);
    expect(looks.filter((look) => /mark|port/.test(look))).toEqual([]);
  });

  test("a request of the vendor-isolated one leaves from the parent's port", () => {
    const own = scene.cast.actors
      .find((actor) => actor.requester === ACCELERATOR)
      ?.slots.find((slot) => slot.pasid === null && !slot.mdev);
    expect(scene.cast.followed).toBe(own?.id);
    const port = scene.columns.requesters.ports.get(own?.id ?? "");
    expect(scene.route?.segments[0]?.curve.samples[0]).toMatchObject(port ?? { x: -1 });
    expect(textsOf(scene, own?.id ?? "")[0]).toBe("Parent's own DMA");
  });

  test("a queue whose entry is gone: its port is in fault", () => {
    const survey = {
      ...input.survey,
      requesters: input.survey.requesters.map((one) => ({
        ...one,
        entries: one.entries.filter((entry) => entry.pasid !== 1),
      })),
    };
    const cut = sceneOf({ ...input, survey });
    const id = `mdev-${ISOLATED}`;
    expect(textsOf(cut, id)).toEqual(["mdev a297db4a", "PASID 0x001, detached"]);
    expect(looksOf(cut, id)).toContain("port refused");
    expect(textsOf(cut, `entry-${id}`)).toContain("not present");
  });
});

describe("spaces and memory", () => {
  test("address spaces have their owners' names", () => {
    const names = scene.items
      .filter((item) => item.id.startsWith("space-"))
      .map((item) => item.target?.label.split(",")[0]);
    expect(names).toContain("Address space VM-A");
    expect(names).toContain("Address space Default DMA domain of 6a:01.0");
  });

  test("memory is in bands by owner, pinned pages apart, and every page is counted once", () => {
    const holdings = holdingsOf(input, scene.cast);
    expect(holdings.map((one) => one.name)).toEqual([
      "Kernel",
      "Tables",
      "VM-A, pinned",
      "VM-B",
      "VM-B, pinned",
      "Free",
    ]);
    const all = input.memory.reduce((sum, run) => sum + run.length / 4096n, 0n);
    expect(holdings.reduce((sum, one) => sum + one.count, 0n)).toBe(all);
  });

  test("the parent's domain leads to pages of the VM whose slice has none of its own", () => {
    const domain = scene.cast.spaces.find((space) =>
      space.users.some((user) => user.requester === ACCELERATOR && user.pasid === null),
    );
    const edges = scene.edges.map((edge) => edge.id);
    expect(edges).toContain(`space-${domain?.id}>band-owner-vm-b-pinned`);
    expect(edges).not.toContain(`space-${domain?.id}>band-owner-vm-a-pinned`);
  });
});

describe("nothing is drawn that nothing says", () => {
  test("pages change hands in the picture as events say, and only so", () => {
    const before = inputOf(play(STORY.slice(0, 3))).world;
    const pages = new Map(before?.pages);
    const pinned = new Set(before?.pinned);
    const events = session.moments.slice(3).flatMap((moment) => moment.events);
    let changes = 0;
    for (const event of events) {
      if (event.kind === "page owner") {
        changes++;
        if (event.owner === "free") pages.delete(Number(event.page));
        else pages.set(Number(event.page), event.owner);
      } else if (event.kind === "pinned") {
        changes++;
        if (event.count > 0) pinned.add(Number(event.page));
        else pinned.delete(Number(event.page));
      }
    }
    expect(changes).toBeGreaterThan(20);
    const drawn = input.world;
    expect([...pages].sort()).toEqual([...(drawn?.pages ?? [])].sort());
    expect([...pinned].sort()).toEqual([...(drawn?.pinned ?? [])].sort());
  });

  test("each PASID at a port was written to its queue, each entry was stored in memory", () => {
    const events = session.moments.flatMap((moment) => moment.events);
    const written = events.flatMap((event) =>
      event.kind === "device register write" ? [event.value] : [],
    );
    const stored = new Map(
      events.flatMap((event) => (event.kind === "store" ? [[event.address, event.after]] : [])),
    );
    const slots = scene.cast.actors.flatMap((actor) => actor.slots.filter((slot) => slot.mdev));
    const ported = slots.filter((slot) => slot.sends);
    expect(ported).toHaveLength(1);
    for (const { pasid: number, entry } of ported) {
      expect(written.some((value) => Number(value >> 12n) === number && (value & 1n) === 1n)).toBe(
        true,
      );
      expect((stored.get(entry?.address ?? -1n) ?? 0n) & 1n).toBe(1n);
    }
    const uuids = events.flatMap((event) =>
      event.kind === "system call" ? [event.arguments] : [],
    );
    for (const { mdev } of slots) {
      expect(uuids.some((text) => text.includes(mdev?.uuid ?? "-"))).toBe(true);
    }
  });

  test("each event of the request that is taken away takes its part of the picture with it", () => {
    const shown = shownRequest(session, session.moments.length - 1);
    const events = hardwareEvents(shown?.events ?? []);
    const drawnFor = (left: typeof events) => {
      const { route, verdict } = sceneOf({ ...input, journey: journeyOf(left, true) });
      return {
        route: route !== null,
        discs: route?.discs.filter((disc) => disc.stop.state === "read").length ?? 0,
        levels: route?.journey.stops.filter((stop) => stop.level !== null).length ?? 0,
        landing: route?.landing ?? null,
        fills: route?.journey.fills.length ?? 0,
        verdict: verdict !== null,
      };
    };
    const whole = drawnFor(events);
    expect(whole.landing).not.toBeNull();
    expect(whole.levels).toBe(4);
    const seen = new Set<string>();
    events.forEach((event, at) => {
      const left = drawnFor(events.filter((_, index) => index !== at));
      seen.add(event.kind);
      if (event.kind === "request") expect(left.route).toBe(false);
      if (event.kind === "reached") expect(left.landing).toBeNull();
      if (event.kind === "read" && event.level !== null) expect(left.levels).toBe(3);
      if (event.kind === "fill") expect(left.fills).toBe(whole.fills - 1);
    });
    expect([...seen]).toEqual(expect.arrayContaining(["request", "read", "reached", "fill"]));
  });

  test("a refusal is drawn with its event only", () => {
    const refused = play([
      ...STORY.slice(0, 6),
      {
        op: "dma",
        requester: ACCELERATOR,
        pasid: pasid(0x77),
        access: "write",
        address: 0x1000n as never,
        length: 8,
      },
    ]);
    const own = inputOf(refused);
    expect(sceneOf(own).verdict).not.toBeNull();
    const events = hardwareEvents(refused.moments.at(-1)?.events ?? []);
    const silent = events.filter((event) => event.kind !== "refused");
    expect(sceneOf({ ...own, journey: journeyOf(silent, true) }).verdict).toBeNull();
  });
});

describe("outline, table and order", () => {
  const labels = (nodes: readonly OutlineNode[]): string[] =>
    nodes.flatMap((node) => [node.label, ...labels(node.children)]);

  test("they list mdevs and groups", () => {
    const lines = labels(outlineOf(input));
    for (const uuid of [ISOLATED, IDLE, MEDIATED]) expect(lines).toContain(`mdev ${uuid}`);
    for (const number of [0, 1, 2, 3, 4, 5, 6]) expect(lines).toContain(`Group ${number}`);
    const rows = tableOf(input).filter((row) => row.sender.kind === "object");
    expect(rows.map((row) => [row.requester, row.group, row.pasid, row.entry])).toEqual([
      ["mdev a297db4a", "4", "0x001", "first-stage"],
      ["mdev 83b8f4f2", "5", "none", "none"],
      ["mdev c1f05a3e", "6", "none", "none, sends as its parent"],
    ]);
    expect(tableHeadings(input)).toContain("Group");
    expect(tableHeadings({ ...input, world: null })).not.toContain("Group");
  });

  test("whoever was created first stands first, and stays", () => {
    const order = (count: number) =>
      castOf(inputOf(play(STORY.slice(0, count)), { journey: null })).actors.flatMap((actor) =>
        actor.slots.flatMap((slot) => (slot.mdev ? [slot.mdev.uuid] : [])),
      );
    expect(order(4)).toEqual([ISOLATED, IDLE, MEDIATED]);
    expect(order(9)).toEqual([ISOLATED, IDLE, MEDIATED]);
  });

  test("the stage stays below 500 elements and inside its columns", () => {
    for (const size of [
      { width: 872, height: 632 },
      { width: 776, height: 432 },
      { width: 1240, height: 760 },
    ]) {
      const drawn = sceneOf({ ...input, size });
      expect(elementCount(drawn)).toBeLessThan(440);
      const [column] = drawn.frame.columns;
      for (const { box } of drawn.items.filter((item) => item.column === 0)) {
        expect(box.x).toBeGreaterThanOrEqual(column.x);
        expect(box.x + box.w).toBeLessThanOrEqual(column.x + column.w);
      }
    }
  });

  test("a parent that is not on PCI has its mdevs, without ports", () => {
    const made = play(
      [
        demand("root", {
          want: "create mdev",
          parent: "mtty",
          type: "mtty-2",
          uuid: ISOLATED,
        }),
      ],
      SAMPLES,
    );
    const own = inputOf(made, { focus: null });
    const parent = castOf(own).actors.find((actor) => actor.requester === NO_FUNCTION);
    expect(parent?.slots.map((slot) => [slot.mdev?.uuid, slot.sends])).toEqual([[ISOLATED, false]]);
    const drawn = sceneOf({ ...own, selection: { kind: "object", id: `mdev ${ISOLATED}` } });
    expect(textsOf(drawn, `mdev-${ISOLATED}`)[0]).toBe("mdev a297db4a");
  });
});
