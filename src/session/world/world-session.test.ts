import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { iova, pasid, requesterId } from "../../base/brand.ts";
import type { Demand } from "../document.ts";
import { SERVER } from "../presets/server.ts";
import { Session } from "../session.ts";
import type { Operation } from "../types.ts";

const PARENT = "0000:6a:01.0";
const ONE = "83b8f4f2-509f-4f73-aeab-e5cb1fbf8b1b";
const TWO = "93b8f4f2-509f-4f73-aeab-e5cb1fbf8b1b";
const ACCELERATOR = requesterId(0x6a08);

function open(seed = 1): Session {
  const opened = Session.openWorld({ machine: SERVER, design: "D1", seed });
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
}

const demand = (actor: string, wanted: Demand): Operation => ({
  op: "demand",
  actor,
  demand: wanted,
});
const create = (uuid: string, type = "idxd-1dwq-v1"): Operation =>
  demand("root", { want: "create mdev", parent: PARENT, type, uuid });

const STORY: readonly Operation[] = [
  demand("root", { want: "load module", module: "idxd" }),
  create(ONE),
  create(TWO, "idxd-1dwq-mediated"),
  demand("vm-a", { want: "start VM", pages: 8 }),
  demand("vm-a", { want: "assign device", device: ONE }),
  demand("vm-a", { want: "device copy", device: ONE, from: "0x0", to: "0x1000", length: 64 }),
  demand("vm-b", { want: "start VM", pages: 8 }),
  demand("vm-b", { want: "assign device", device: TWO }),
  demand("vm-b", { want: "device fill", device: TWO, to: "0x2000", length: 64 }),
  {
    op: "dma",
    requester: ACCELERATOR,
    pasid: pasid(0x77),
    access: "write",
    address: iova(0x1000n),
    length: 8,
  },
  { op: "wait", microseconds: 20_000 },
  demand("vm-a", { want: "unmap", iova: "0x0", pages: 8 }),
  demand("vm-a", { want: "stop VM" }),
  demand("root", { want: "remove mdev", uuid: ONE }),
];

function play(session: Session, operations: readonly Operation[]): Session {
  for (const operation of operations) {
    const done = session.run(operation);
    if (!done.ok) throw new Error(done.problem.message);
  }
  return session;
}

/** Operations that make sense in many orders, and some that do not. */
const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.constantFrom(...STORY),
  fc.constantFrom<Operation>(
    { op: "call", process: "root", call: { call: "open", path: "/dev/vfio/vfio" }, as: "box" },
    { op: "call", process: "root", call: { call: "close", fd: 3 } },
    { op: "call", process: "vm-a", call: { call: "mmap", length: 8192 } },
    demand("vm-a", { want: "release device", device: ONE }),
    demand("vm-b", { want: "stop VM" }),
    demand("root", { want: "host copy", device: PARENT, pages: 1 }),
    demand("root", { want: "unload module", module: "idxd" }),
    { ...create(ONE), faults: [{ point: "allocation", ordinal: 1 }] },
    {
      op: "together",
      calls: [
        { actor: "root", demand: { want: "remove mdev", uuid: ONE } },
        { actor: "vm-a", demand: { want: "assign device", device: ONE } },
      ],
    },
  ),
);

describe("a described machine", () => {
  test("boots, and two runs give the same digests", () => {
    const one = play(open(), STORY);
    const two = play(open(), STORY);
    expect(one.moments.flatMap((m) => m.answers ?? []).map((a) => a.result)).toEqual([
      0,
      0,
      0,
      0,
      0,
      64,
      0,
      0,
      64,
      8 * 4096,
      0,
      0,
    ]);
    expect(two.traceSha256()).toBe(one.traceSha256());
    expect(two.stateSha256()).toBe(one.stateSha256());
    expect(two.digest()).toBe(one.digest());
    expect(one.traceSha256()).toMatch(/^[0-9a-f]{64}$/);
  });

  test("hardware events stand in the order in which the kernel caused them", () => {
    const session = play(open(), STORY.slice(0, 5));
    const events = session.moments.at(-1)?.events ?? [];
    const kinds = events.map((event) => event.kind);
    const store = kinds.indexOf("store");
    const tail = kinds.indexOf("register write");
    const after = kinds.indexOf("leave", tail);
    expect(store).toBeGreaterThan(0);
    expect(tail).toBeGreaterThan(store);
    expect(kinds.indexOf("descriptor")).toBeGreaterThan(tail);
    expect(after).toBeGreaterThan(kinds.indexOf("descriptor"));
  });

  test("the ledger knows tenants, pages and what was unmapped", () => {
    const session = play(open(), STORY.slice(0, 9));
    const ledger = session.world?.ledger;
    expect(ledger?.tenants.map(({ process, mdev }) => [process, mdev])).toEqual([
      ["vm-a", ONE],
      ["vm-b", TWO],
    ]);
    const mapped = [...(ledger?.mapped("vm-a") ?? [])];
    expect(mapped).toHaveLength(8);
    expect(mapped.every((page) => ledger?.ownerOf(page) === "vm-a")).toBe(true);
    play(session, [demand("vm-a", { want: "unmap", iova: "0x0", pages: 8 })]);
    expect(session.world?.ledger.mapped("vm-a").size).toBe(0);
    const [unmapped] = session.world?.ledger.unmapped ?? [];
    expect(unmapped?.process).toBe("vm-a");
    expect(new Set(unmapped?.frames)).toEqual(new Set(mapped));
  });

  test("looking leaves no mark", () => {
    const session = play(open(), STORY.slice(0, 6));
    const before = [session.digest(), session.stateSha256()];
    const read = session.world?.readFile("root", `/sys/bus/mdev/devices/${ONE}/mdev_type/name`);
    const listed = session.world?.peek("root", { call: "getdents", path: "/sys/bus/mdev/devices" });
    expect(read?.result).toBeGreaterThan(0);
    expect(listed?.value).toEqual([ONE, TWO]);
    session.survey();
    session.stale();
    session.firstSeen();
    expect([session.digest(), session.stateSha256()]).toEqual(before);
    const rest = play(session, STORY.slice(6));
    expect(rest.traceSha256()).toBe(play(open(), STORY).traceSha256());
  });
});

describe("moments", () => {
  test("seek to a random place equals a replay from the start", () => {
    fc.assert(
      fc.property(
        fc.array(anyOperation, { minLength: 3, maxLength: 14 }),
        fc.array(fc.tuple(fc.nat(), fc.option(fc.nat())), { minLength: 1, maxLength: 4 }),
        (operations, places) => {
          const session = open();
          for (const operation of operations) session.run(operation);
          const list = session.operations;
          const end = [session.digest(), session.traceSha256()];
          for (const [which, inside] of places) {
            const operation = which % (list.length + 1);
            const count = session.moments[operation]?.events.length ?? 0;
            const event = inside === null || count === 0 ? null : inside % (count + 1);
            expect(session.seek({ branch: 0, operation, event }).ok).toBe(true);
            const other = open();
            for (const one of list.slice(0, operation)) other.run(one);
            if (event !== null) {
              other.run(list[operation] as Operation);
              other.seek({ branch: 0, operation, event });
            }
            expect(session.digest()).toBe(other.digest());
            expect(session.stateSha256()).toBe(other.stateSha256());
            expect(session.traceSha256()).toBe(other.traceSha256());
            expect(session.digest()).toBe(other.digest());
          }
          session.seek({ branch: 0, operation: list.length, event: null });
          expect([session.digest(), session.traceSha256()]).toEqual(end);
        },
      ),
      { numRuns: 12 },
    );
  }, 60_000);

  test("in the middle of an operation the tables are half made", () => {
    const session = play(open(), STORY.slice(0, 5));
    const events = session.moments[4]?.events ?? [];
    const present = () => session.survey().requesters.flatMap((one) => one.entries).length;
    const after = present();
    const stores = events.flatMap((event, n) => (event.kind === "store" ? [n] : []));
    const first = stores[0] ?? 0;
    expect(session.seek({ branch: 0, operation: 4, event: first }).ok).toBe(true);
    expect(session.place).toEqual({ branch: 0, operation: 4, event: first });
    expect(present()).toBeLessThan(after);
    const store = events[first];
    if (store?.kind !== "store") throw new Error("no store");
    expect(session.memory.readWord(store.address as never)).toBe(store.before);
    session.seek({ branch: 0, operation: 4, event: first + 1 });
    expect(session.memory.readWord(store.address as never)).toBe(store.after);
    expect([...session.trace()]).toHaveLength(
      session.moments.slice(0, 4).reduce((sum, one) => sum + one.events.length, 0) + first + 1,
    );
    session.seek({ branch: 0, operation: 5, event: null });
    expect(session.digest()).toBe(play(open(), STORY.slice(0, 5)).digest());
  });

  test("a place that does not exist is a problem, and nothing moves", () => {
    const session = play(open(), STORY.slice(0, 2));
    const before = session.digest();
    for (const place of [
      { branch: 1, operation: 0, event: null },
      { branch: 0, operation: 3, event: null },
      { branch: 0, operation: 2, event: 1 },
      { branch: 0, operation: 0, event: 1e6 },
    ]) {
      expect(session.seek(place).ok).toBe(false);
      expect(session.digest()).toBe(before);
    }
  });

  test("acting in the past forks; both lines stay", () => {
    const session = play(open(), STORY.slice(0, 6));
    const tip = session.digest();
    session.seek({ branch: 0, operation: 2, event: null });
    const done = session.run(demand("root", { want: "remove mdev", uuid: ONE }));
    expect(done.ok).toBe(true);
    expect(session.place).toEqual({ branch: 1, operation: 3, event: null });
    expect(session.branches.map((one) => [one.from, one.operations.length])).toEqual([
      [null, 6],
      [{ branch: 0, operation: 2 }, 3],
    ]);
    const forked = session.digest();
    session.seek({ branch: 0, operation: 6, event: null });
    expect(session.digest()).toBe(tip);
    session.seek({ branch: 1, operation: 3, event: null });
    expect(session.digest()).toBe(forked);
    expect(session.undo()).not.toBe(null);
    expect(session.undo()).toBe(null);
    expect(session.operations).toHaveLength(2);
    expect(session.redo()?.answers?.[0]?.result).toBe(0);
    expect(session.digest()).toBe(forked);
  });

  test("undo moves the tip, wherever the reader looks", () => {
    const session = play(open(), STORY.slice(0, 4));
    session.seek({ branch: 0, operation: 1, event: null });
    session.undo();
    expect(session.place.operation).toBe(3);
    expect(session.digest()).toBe(play(open(), STORY.slice(0, 3)).digest());
    session.redo();
    expect(session.digest()).toBe(play(open(), STORY.slice(0, 4)).digest());
  });

  test("who was seen first is the same for a link and a live session", () => {
    const live = open();
    for (const operation of STORY) {
      live.run(operation);
      live.firstSeen();
    }
    const link = play(open(), STORY);
    const before = link.digest();
    expect(link.firstSeen()).toEqual(live.firstSeen());
    expect(link.digest()).toBe(before);
  });
});

describe("faults, groups, names", () => {
  test("an injected fault strikes once, in its operation", () => {
    const session = play(open(), STORY.slice(0, 1));
    const failed = session.run({ ...create(ONE), faults: [{ point: "allocation", ordinal: 1 }] });
    expect(failed.ok && failed.value.answers?.[0]?.result).toBe(-12);
    expect(failed.ok && failed.value.events.some((one) => one.kind === "injected fault")).toBe(
      true,
    );
    const again = session.run(create(ONE));
    expect(again.ok && again.value.answers?.[0]?.result).toBe(0);
  });

  test("a fault drops a descriptor of an invalidation by hand", () => {
    const session = play(open(), STORY.slice(0, 6));
    const cached = session.cacheEntries().length;
    const everything = {
      op: "invalidate",
      descriptors: [
        [0x11n, 0n, 0n, 0n],
        [0x12n, 0n, 0n, 0n],
        [0x37n, 0n, 0n, 0n],
      ],
    } as const;
    const faults = [1, 2, 3].map((ordinal) => ({ point: "invalidation", ordinal }) as const);
    session.run({ ...everything, faults });
    expect(session.cacheEntries().length).toBe(cached);
    session.run(everything);
    expect(session.cacheEntries().length).toBe(0);
  });

  test("results have names, and a name that nobody gave is a problem", () => {
    const session = open();
    session.run({
      op: "call",
      process: "vm-a",
      call: { call: "open", path: "/dev/vfio/vfio" },
      as: "box",
    });
    const version: Operation = {
      op: "call",
      process: "vm-a",
      call: { call: "ioctl", fd: "$box", request: "VFIO_GET_API_VERSION", argument: null },
    };
    const asked = session.run(version);
    expect(asked.ok && asked.value.answers?.[0]?.result).toBe(0);
    expect(session.world?.results).toMatchObject({ box: expect.any(Number) });
    session.undo();
    session.undo();
    const refused = session.run(version);
    expect(refused.ok ? "" : refused.problem.message).toContain("gave a result this name");
  });

  test("the seed chooses among tasks, a schedule overrules it", () => {
    const group = (schedule?: readonly number[]): Operation => ({
      op: "together",
      calls: [
        { actor: "root", demand: { want: "remove mdev", uuid: ONE } },
        { actor: "vm-a", demand: { want: "start VM", pages: 4 } },
        {
          process: "vm-b",
          call: { call: "open", path: "/dev/vfio/vfio" },
        },
      ],
      ...(schedule && { schedule }),
    });
    const order = (seed: number, schedule?: readonly number[]): string => {
      const session = play(open(seed), [...STORY.slice(0, 2), group(schedule)]);
      const calls = session.moments
        .at(-1)
        ?.events.flatMap((event) =>
          event.kind === "system call" ? [`${event.process} ${event.name}`] : [],
        );
      return String(calls);
    };
    expect(order(7)).toBe(order(7));
    expect(new Set(Array.from({ length: 12 }, (_, seed) => order(seed))).size).toBeGreaterThan(1);
    expect(order(1, Array(200).fill(0))).toBe(order(2, Array(200).fill(0)));
    expect(order(1, Array(200).fill(2))).not.toBe(order(1, Array(200).fill(0)));
  });
});

describe("what cannot be run", () => {
  test.each<[string, Operation, string]>([
    ["a process that is not there", demand("nobody", { want: "stop VM" }), "no such process"],
    ["time that stands still", { op: "wait", microseconds: 0 }, "1 to 3600000000"],
    ["an empty group", { op: "together", calls: [] }, "1 to 16"],
    [
      "two demands of one actor at once",
      {
        op: "together",
        calls: [
          { actor: "vm-a", demand: { want: "start VM", pages: 1 } },
          { actor: "vm-a", demand: { want: "stop VM" } },
        ],
      },
      "one demand at a time",
    ],
    [
      "a fault at no point",
      { op: "wait", microseconds: 1, faults: [{ point: "luck" as never, ordinal: 1 }] },
      'no point "luck"',
    ],
  ])("%s", (_, operation, words) => {
    const session = open();
    const before = session.digest();
    const done = session.run(operation);
    expect(done.ok ? "" : done.problem.message).toContain(words);
    expect(session.digest()).toBe(before);
    expect(session.operations).toEqual([]);
  });

  test("a description that is no machine, and a seed that is none", () => {
    const platform = { ...SERVER.platform, memory: [] };
    const machine = { ...SERVER, platform };
    const opened = Session.openWorld({ machine, design: "D1", seed: 1 });
    expect(opened.ok ? "" : opened.problem.message).toContain("needs memory");
    expect(Session.openWorld({ machine: SERVER, design: "D1", seed: -1 }).ok).toBe(false);
  });
});
