import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import type { ProfileName } from "../hardware/vtd/types.ts";
import { exampleMachine, firstStageMachine, type Machine } from "./example-machines.ts";
import { Session } from "./session.ts";
import type { Operation } from "./types.ts";

function open(machine: Machine = exampleMachine(), profile: ProfileName = "spec"): Session {
  const opened = Session.open({ ...machine, profile });
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
}

const CARD = requesterId(0x6a08);
const SLICE = pasid(0x41);
const write: Operation = {
  op: "dma",
  requester: CARD,
  pasid: SLICE,
  access: "write",
  address: iova(0x1_4a3c_5d48n),
  length: 4,
};
const LEAF = hpa(0x1_1000_3000n + 0x1c5n * 8n);

const edit = (address: bigint, value: bigint): Operation => ({
  op: "edit",
  address: hpa(address),
  value,
});
const everything: Operation = {
  op: "invalidate",
  descriptors: [
    [0x11n, 0n, 0n, 0n],
    [0x37n, 0n, 0n, 0n],
    [0x12n, 0n, 0n, 0n],
  ],
};

/** Operations that hit tables, pages and registers of the example machine, sensible and not. */
const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    op: fc.constant("dma" as const),
    requester: fc.constantFrom(CARD, requesterId(0x6a10), requesterId(0x100)),
    pasid: fc.constantFrom(null, SLICE, pasid(0x42), pasid(0x43), pasid(0)),
    access: fc.constantFrom("read" as const, "write" as const, "atomic" as const),
    address: fc
      .constantFrom(0x1_4a3c_5d48n, 0x1_4a3c_7000n, 0xffff_e010n, 0x2_245d_9000n, 0xfee0_1000n)
      .map(iova),
    length: fc.constantFrom(0, 1, 4, 8, 5000),
  }),
  fc.record({
    op: fc.constant("dma" as const),
    requester: fc.constant(CARD),
    pasid: fc.constantFrom(null, SLICE),
    access: fc.constantFrom("read" as const, "write" as const),
    address: fc.constant(iova(0x1_4a3c_5000n)),
    length: fc.constant(4),
    repeat: fc.integer({ min: 1, max: 5 }),
    stride: fc.constant(4096),
    span: fc.constant(0x3000n),
  }),
  fc.record({
    op: fc.constant("edit" as const),
    address: fc.constantFrom(LEAF, hpa(0x1_06c0_5040n), hpa(0x1_06b3_b100n), hpa(0x1_06c0_0008n)),
    value: fc.constantFrom(0n, 0x2_245d_e003n, 0x1_1100_0089n, 0x1_06c0_0009n),
  }),
  fc.constant(everything),
  fc.constant<Operation>({ op: "invalidate", descriptors: [[0n, 0n, 0n, 0n]] }),
  fc.record({
    op: fc.constant("register write" as const),
    offset: fc.constantFrom(0x18, 0x34, 0x88, 0x50c),
    size: fc.constant(4 as const),
    value: fc.constantFrom(0x8400_0000n, 0x400_0000n, 0xc400_0000n, 0x10n, 0x8000_0000n),
  }),
);

describe("a session", () => {
  test("sends, and tells what happened", () => {
    const session = open();
    const moment = session.run(write);
    expect(moment.ok && moment.value.outcome).toMatchObject({
      ok: true,
      kind: "translated",
      pieces: [{ target: 0x2_245d_9d48n }],
    });
    const reads = moment.ok ? moment.value.events.filter((e) => e.kind === "read") : [];
    expect(reads.length).toBe(8);
    expect(session.operations).toEqual([write]);
    expect(session.cacheEntries().map((e) => e.cache)).toEqual(
      expect.arrayContaining(["context", "pasid", "iotlb"]),
    );
  });

  test("an edit without its invalidation leaves stale entries, and the invalidation removes them", () => {
    const session = open();
    session.run(write);
    expect(session.stale()).toEqual([]);
    session.run(edit(LEAF, 0x2_245d_e003n));
    expect(session.stale().map((s) => [s.cache, s.now])).toEqual([
      ["iotlb", "the tables now lead to 0x2_245d_e000"],
    ]);
    const again = session.run(write);
    expect(again.ok && again.value.outcome?.pieces[0]?.target).toBe(0x2_245d_9d48n);
    expect(session.run(everything).ok).toBe(true);
    expect(session.stale()).toEqual([]);
    const fresh = session.run(write);
    expect(fresh.ok && fresh.value.outcome?.pieces[0]?.target).toBe(0x2_245d_ed48n);
  });

  test("every cache can be stale, in words", () => {
    const session = open();
    session.run(write);
    session.run(edit(0x1_06c0_5040n, 0x1_1000_0088n));
    const now = new Map(session.stale().map((s) => [s.cache, s.now]));
    expect(now.get("pasid")).toBe("the tables now refuse: PASID table entry not present");
    expect(now.get("iotlb")).toBe("the tables now refuse: the PASID table entry is not present");
    expect(now.get("paging")).toBe("no entry uses domain 7 any more");
    session.undo();
    session.run(edit(0x1_06b3_b100n, 0x1_06c1_0009n));
    const context = session.stale().find((s) => s.cache === "context");
    expect(context?.now).toBe("the tables now hold other fields: PASIDDIRPTR is 0x1_06c1_0000");
    session.undo();
    session.run(edit(0x1_1000_2000n + 0x51n * 8n, 0x1_1100_3003n));
    const paging = session.stale().find((s) => s.cache === "paging");
    expect(paging?.now).toBe("the tables now lead to the table at 0x1_1100_3000");
    session.undo();
    session.run(edit(LEAF, 0x2_245d_9001n));
    expect(session.stale().map((s) => s.now)).toEqual(["the tables now allow reads only"]);
  });

  test("the first-stage machine: the recorded fault and the dirty bit of the worked example", () => {
    const session = open(firstStageMachine());
    const dma = {
      op: "dma",
      requester: requesterId(0x3b01),
      address: iova(0x7f3a_9c5e_2d48n),
      length: 4,
    } as const;
    session.run({ ...dma, pasid: pasid(0x25), access: "write" });
    expect(session.memory.readWord(hpa(0x1_0700_3f10n))).toBe(0x2_245d_9067n);
    const refused = session.run({ ...dma, pasid: pasid(0x26), access: "read" });
    expect(refused.ok && refused.value.outcome?.fault).toBe(0x59);
    expect(session.readRegister(0x500, 8)).toBe(0x0000_7f3a_9c5e_2000n);
    expect(session.readRegister(0x508, 8)).toBe(0xc000_2659_8000_3b01n);
  });
});

describe("going back", () => {
  test("undo returns to the same digest after every operation, redo and replay to the later one", () => {
    fc.assert(
      fc.property(fc.array(anyOperation, { maxLength: 12 }), (operations) => {
        const session = open();
        const digests = [session.digest()];
        for (const operation of operations) {
          const before = session.operations.length;
          if (!session.run(operation).ok) expect(session.digest()).toBe(digests.at(-1));
          else if (session.operations.length > before) digests.push(session.digest());
          else digests[digests.length - 1] = session.digest();
        }
        const done = session.operations;
        expect(replayed(done)).toBe(digests.at(-1));
        for (let i = digests.length - 2; i >= 0; i--) {
          expect(session.undo()).toBe(done[i]);
          expect(session.digest()).toBe(digests[i]);
        }
        expect(session.undo()).toBe(null);
        for (let i = 1; i < digests.length; i++) {
          expect(session.redo()?.operation).toEqual(done[i - 1]);
          expect(session.digest()).toBe(digests[i]);
        }
        expect(session.redo()).toBe(null);
      }),
      { numRuns: 40 },
    );
  });

  const replayed = (operations: readonly Operation[]): string => {
    const session = open();
    for (const operation of operations) session.run(operation);
    return session.digest();
  };

  test("beyond the kept checkpoints undo runs the list anew", () => {
    const session = open();
    const digests = [session.digest()];
    for (let i = 0; i < 140; i++) {
      session.run(edit(LEAF, 0x2_245d_0003n + BigInt(i) * 0x1000n));
      digests.push(session.digest());
    }
    for (let i = 139; i >= 0; i--) {
      session.undo();
      expect(session.digest()).toBe(digests[i]);
    }
  });

  test("looking around changes nothing", () => {
    fc.assert(
      fc.property(fc.array(anyOperation, { maxLength: 6 }), anyOperation, (operations, look) => {
        const session = open();
        for (const operation of operations) session.run(operation);
        const before = session.digest();
        const entries = session.cacheEntries();
        if (look.op === "dma") session.probe(look);
        session.stale();
        session.survey();
        expect(session.digest()).toBe(before);
        expect(session.cacheEntries()).toEqual(entries);
      }),
      { numRuns: 40 },
    );
  });

  test("a survey is made anew exactly when tables or the registers before them change", () => {
    const session = open();
    session.run(write);
    const survey = session.survey();
    session.run(write);
    expect(session.survey()).toBe(survey);
    session.run(edit(LEAF, 0n));
    expect(session.survey()).not.toBe(survey);
    expect(session.survey().spaces[1]?.mapped).toBe(0x2000n);
    session.undo();
    expect(session.survey()).toEqual(survey);
    // RTADDR counts once SRTP takes it over.
    session.run({ op: "register write", offset: 0x20, size: 8, value: 0x1_06b3_b400n });
    expect(session.survey().rootTable).toBe(0x1_06a0_0000n);
    session.run({ op: "register write", offset: 0x18, size: 4, value: 0xc400_0000n });
    expect(session.survey().rootTable).toBe(0x1_06b3_b000n);
    session.run({ op: "register write", offset: 0x18, size: 4, value: 0x400_0000n });
    expect(session.survey().mode).toBe("remapping off");
  });

  test("a probe is cold: it reads all tables although the IOTLB would answer", () => {
    const session = open();
    session.run(write);
    const moment = session.probe({
      requester: CARD,
      pasid: SLICE,
      access: "write",
      address: iova(0x1_4a3c_5d48n),
      length: 4,
    });
    expect(moment.events.filter((e) => e.kind === "read").length).toBe(8);
    expect(moment.events[0]?.kind).toBe("request");
    expect(session.moments.length).toBe(1);
    const next = session.run(write);
    expect(next.ok && next.value.events[0]?.kind).toBe("request");
  });

  test("switching the profile there and back gives the same machine", () => {
    fc.assert(
      fc.property(fc.array(anyOperation, { maxLength: 8 }), (operations) => {
        const session = open();
        for (const operation of operations) session.run(operation);
        const [spec, list] = [session.digest(), session.operations];
        session.setProfile("qemu");
        expect(session.profile).toBe("qemu");
        expect(session.cacheSizes()).toMatchObject({ pasid: 0, paging: 0 });
        expect(session.operations).toEqual(list);
        session.setProfile("spec");
        expect(session.digest()).toBe(spec);
      }),
      { numRuns: 30 },
    );
  });
});

describe("streams", () => {
  const stream: Operation = { ...write, repeat: 10, stride: 4096, span: 0x2000n } as Operation;

  test("join the stream before them", () => {
    const session = open();
    session.run(stream);
    session.run(stream);
    expect(session.operations).toEqual([{ ...stream, repeat: 20 }]);
    const other = open();
    other.run({ ...stream, repeat: 20 } as Operation);
    expect(other.digest()).toBe(session.digest());
    session.undo();
    expect(session.operations).toEqual([]);
  });

  test("a long stream keeps its outcome and the events of its end", () => {
    const session = open();
    const done = session.run({ ...stream, repeat: 20_000 } as Operation);
    expect(done.ok && done.value.outcome?.ok).toBe(true);
    expect(done.ok && done.value.events.filter((e) => e.kind === "request").length).toBe(64);
  });
});

test("old moments lose their events and keep their outcome", () => {
  const session = open();
  for (let i = 0; i < 700; i++) {
    session.run({
      ...write,
      access: "read",
      pasid: i % 2 ? SLICE : pasid(0x42),
      length: 4096 * 8,
    } as Operation);
  }
  const { moments } = session;
  const events = moments.reduce((sum, moment) => sum + moment.events.length, 0);
  expect(events).toBeLessThanOrEqual(50_000);
  expect(moments[0]?.outcome).not.toBe(null);
  expect(moments[699]?.events.length).toBeGreaterThan(0);
  expect(moments).toBe(session.moments);
});

describe("what cannot be run is a problem and changes nothing", () => {
  test.each<[string, Operation, string]>([
    ["an edit off a word", edit(LEAF + 4n, 0n), "multiple of 8"],
    ["an edit where no memory is", edit(0x3_0000_0000n, 0n), "no memory"],
    [
      "a request that wraps",
      { ...write, address: 0xffff_ffff_ffff_fffdn, length: 4 } as Operation,
      "beyond 2^64",
    ],
    ["a stream too long", { ...write, repeat: 1e9 } as Operation, "1 to 1000000"],
    [
      "a descriptor of three words",
      { op: "invalidate", descriptors: [[1n, 2n, 3n]] },
      "two or four",
    ],
    [
      "more descriptors than the queue holds",
      { op: "invalidate", descriptors: Array.from({ length: 128 }, () => [0x11n, 0n]) },
      "room for 127",
    ],
  ])("%s", (_, operation, words) => {
    const session = open();
    const before = session.digest();
    const done = session.run(operation);
    expect(done.ok ? "" : done.problem.message).toContain(words);
    expect(session.digest()).toBe(before);
    expect(session.operations).toEqual([]);
  });

  test("a queue that stands still, and a queue page that is not in the image", () => {
    const session = open();
    session.run({ op: "invalidate", descriptors: [[0n, 0n]] });
    const stuck = session.run(everything);
    expect(stuck.ok ? "" : stuck.problem.message).toContain("stands still");
    const machine = exampleMachine();
    const registers = new Map(machine.registers).set(0x90, 0x2000_0800);
    const absent = open({ ...machine, registers }).run(everything);
    expect(absent.ok ? "" : absent.problem.message).toContain("0x1_2000_0000 is not in this image");
  });

  test("registers without capabilities do not open", () => {
    const machine = exampleMachine();
    const opened = Session.open({ ...machine, registers: new Map(), profile: "spec" });
    expect(opened.ok ? "" : opened.problem.message).toContain("missing");
  });
});
