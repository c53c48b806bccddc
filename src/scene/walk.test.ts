import { describe, expect, it } from "vitest";
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import { hex } from "../base/hex.ts";
import type { Decision, HardwareEvent, TableKind } from "../hardware/vtd/events.ts";
import { walkOf } from "./walk.ts";
import { FIRST_STAGE_WORDS, unitWith } from "./walk-fixture.ts";
import { partWords } from "./walk-split.ts";
import type { Unit, Walk } from "./walk-types.ts";

const ADDRESS = iova(0x7f3a_9c5e_2d48n);
const TARGET = hpa(0x2_245d_9d48n);

const request = (
  change: Partial<Extract<HardwareEvent, { kind: "request" }>> = {},
): HardwareEvent => ({
  kind: "request",
  requester: requesterId(0x3b01),
  pasid: pasid(0x25),
  access: "write",
  address: ADDRESS,
  length: 4,
  ...change,
});

const miss = (cache: "context" | "pasid" | "iotlb" | "paging"): HardwareEvent => ({
  kind: "lookup",
  cache,
  slot: null,
});
const hit = (cache: "context" | "pasid" | "iotlb" | "paging"): HardwareEvent => ({
  kind: "lookup",
  cache,
  slot: 2,
});

function read(
  unit: Unit,
  table: TableKind,
  level: number | null,
  index: number,
  address: bigint,
  count: number,
  decision: Decision,
): HardwareEvent {
  const words = Array.from({ length: count }, (_, i) =>
    unit.readWord(hpa(address + BigInt(8 * i))),
  );
  return { kind: "read", table, level, index, address: hpa(address), words, decision };
}

const unit = unitWith(FIRST_STAGE_WORDS);
const upper = [
  read(unit, "root entry", null, 0x3b, 0x1_06a0_03b0n, 2, "next table"),
  read(unit, "context entry", null, 1, 0x1_06b3_b020n, 4, "next table"),
];
const tagged = [
  read(unit, "PASID directory entry", null, 0, 0x1_06c0_0000n, 1, "next table"),
  read(unit, "PASID table entry", null, 0x25, 0x1_06c0_4940n, 8, "first-stage"),
];
const paging = [
  read(unit, "first-stage entry", 4, 0xfe, 0x1_0700_07f0n, 1, "next table"),
  read(unit, "first-stage entry", 3, 0xea, 0x1_0700_1750n, 1, "next table"),
  read(unit, "first-stage entry", 2, 0xe2, 0x1_0700_2710n, 1, "next table"),
  read(unit, "first-stage entry", 1, 0x1e2, 0x1_0700_3f10n, 1, "4 KiB page"),
];
const reached = (how: "walk" | "iotlb"): HardwareEvent => ({
  kind: "reached",
  address: ADDRESS,
  target: TARGET,
  length: 4,
  how,
});

const lines = (walk: Walk | null) =>
  walk?.hops.map(
    (hop) =>
      `${hop.number} ${hop.title} [${hop.digits}] ${hop.state}: ${hop.decision} | ${hop.arithmetic}`,
  );
const states = (walk: Walk | null) => walk?.hops.map((hop) => hop.state).join(", ");

describe("a cold walk", () => {
  const events = [
    request(),
    miss("context"),
    ...upper,
    miss("pasid"),
    ...tagged,
    miss("iotlb"),
    ...paging,
    {
      kind: "update",
      address: hpa(0x1_0700_3f10n),
      before: 0x8000_0002_245d_9027n,
      after: 0x8000_0002_245d_9067n,
    },
    reached("walk"),
  ] satisfies HardwareEvent[];
  const walk = walkOf(events, unit, 0xfffn);

  it("numbers every read with its index, arithmetic and decision", () => {
    expect(lines(walk)).toEqual([
      "1 Root entry [3b] read: lower half present | 0x1_06a0_0000 + 0x3b × 16 = 0x1_06a0_03b0",
      "2 Context entry [01] read: PASIDE 1, PDTS 0 | 0x1_06b3_b000 + 0x01 × 32 = 0x1_06b3_b020",
      "3 Directory entry [000] read: present | 0x1_06c0_0000 + 0x000 × 8 = 0x1_06c0_0000",
      "4 PASID entry [25] read: first-stage, DID 18 | 0x1_06c0_4000 + 0x25 × 64 = 0x1_06c0_4940",
      "5 Level 4 [0fe] read: R W U | 0x1_0700_0000 + 0x0fe × 8 = 0x1_0700_07f0",
      "6 Level 3 [0ea] read: R W U | 0x1_0700_1000 + 0x0ea × 8 = 0x1_0700_1750",
      "7 Level 2 [0e2] read: R W U | 0x1_0700_2000 + 0x0e2 × 8 = 0x1_0700_2710",
      "8 Level 1 [1e2] read: page 0x2_245d_9000, R W U | 0x1_0700_3000 + 0x1e2 × 8 = 0x1_0700_3f10",
    ]);
  });

  it("splits the three numbers into the fields that select those entries", () => {
    const split = walk?.split;
    expect(split?.requester.map(partWords)).toEqual([
      "bus [15:8] is 0x3b, selects the entry of hop 1",
      "devfn [7:0] is 0x1, selects the entry of hop 2",
    ]);
    expect(split?.pasid.map(partWords)).toEqual([
      "directory index [19:6] is 0x0, selects the entry of hop 3",
      "slot [5:0] is 0x25, selects the entry of hop 4",
    ]);
    expect(split?.address.map((p) => `${p.tint} ${p.digits} ${p.hop}`)).toEqual([
      "unused 0000 null",
      "level-4 0fe 5",
      "level-3 0ea 6",
      "level-2 0e2 7",
      "level-1 1e2 8",
      "offset d48 null",
    ]);
  });

  it("names the entry whose accessed or dirty bits were written, and the target", () => {
    expect(walk?.updates.map((update) => update.hop)).toEqual([8]);
    expect(walk?.result).toEqual({ kind: "reached", target: TARGET, how: "walk" });
    expect(walk?.stage).toBe("first-stage");
  });
});

describe("caches", () => {
  it("show the hops that a context and a PASID hit skipped, with the words of memory now", () => {
    const walk = walkOf(
      [request(), hit("context"), hit("pasid"), miss("iotlb"), ...paging, reached("walk")],
      unit,
      0xfffn,
    );
    expect(states(walk)).toBe("cached, cached, cached, cached, read, read, read, read");
    expect(walk?.hops[3]?.arithmetic).toBe("0x1_06c0_4000 + 0x25 × 64 = 0x1_06c0_4940");
    expect(walk?.lookups.map((lookup) => lookup.skips)).toEqual([[1, 2], [3, 4], []]);
  });

  it("show all hops as cached after an IOTLB hit, found through the tables of now", () => {
    const walk = walkOf(
      [request(), hit("context"), hit("pasid"), hit("iotlb"), reached("iotlb")],
      unit,
      0xfffn,
    );
    expect(states(walk)).toBe(Array(8).fill("cached").join(", "));
    expect(walk?.hops[7]?.address).toBe(0x1_0700_3f10n);
    expect(walk?.lookups[2]?.skips).toEqual([5, 6, 7, 8]);
  });

  it("show upper levels as cached when a paging-structure entry answered", () => {
    const walk = walkOf(
      [
        request(),
        hit("context"),
        hit("pasid"),
        miss("iotlb"),
        hit("paging"),
        ...paging.slice(3),
        reached("walk"),
      ],
      unit,
      0xfffn,
    );
    expect(states(walk)).toBe("cached, cached, cached, cached, cached, cached, cached, read");
  });

  it("do not invent addresses when the tables no longer lead there", () => {
    const gone = unitWith({ ...FIRST_STAGE_WORDS, "0x107001750": 0n });
    const walk = walkOf(
      [request(), hit("context"), hit("pasid"), hit("iotlb"), reached("iotlb")],
      gone,
      0xfffn,
    );
    expect(walk?.hops.slice(5).map((hop) => hop.address && hex(hop.address))).toEqual([
      "0x1_0700_1750",
      null,
      null,
    ]);
    expect(walk?.hops[6]?.arithmetic).toBe("");
  });

  it("show where a stale answer came from when only the present bit is gone", () => {
    const detached = unitWith({ ...FIRST_STAGE_WORDS, "0x106c04940": 0x48n });
    const walk = walkOf([request(), hit("iotlb"), reached("iotlb")], detached, 0xfffn);
    expect(states(walk)).toBe(Array(8).fill("cached").join(", "));
    expect(walk?.hops[3]?.decision).toBe("P = 0");
    expect(walk?.hops[7]?.address).toBe(0x1_0700_3f10n);
  });
});

describe("refusals", () => {
  it("stop at the PASID entry and leave the address whole when nothing says how deep the tables are", () => {
    const record: HardwareEvent = {
      kind: "record",
      record: {
        index: 0,
        reason: 0x59,
        requester: requesterId(0x3b01),
        address: 0x7f3a_9c5e_2000n,
        access: "read",
        pasidPresent: true,
        pasid: 0x26,
        execute: false,
        privileged: false,
      },
    };
    const walk = walkOf(
      [
        request({ pasid: pasid(0x26), access: "read" }),
        ...upper,
        tagged[0] as HardwareEvent,
        read(unit, "PASID table entry", null, 0x26, 0x1_06c0_4980n, 8, "refused"),
        { kind: "refused", reason: 0x59, address: ADDRESS },
        record,
      ],
      unit,
    );
    expect(lines(walk)?.at(-1)).toBe(
      "4 PASID entry [26] refused: refused: P = 0 | 0x1_06c0_4000 + 0x26 × 64 = 0x1_06c0_4980",
    );
    expect(walk?.split.address.map((p) => p.name)).toEqual(["page", "offset"]);
    expect(walk?.result).toMatchObject({ kind: "fault", reason: 0x59, record: { pasid: 0x26 } });
  });

  it("name the field that the fault is about, also in an entry that is not present", () => {
    const events = [
      request({ pasid: pasid(0x26), access: "read" }),
      ...upper,
      tagged[0] as HardwareEvent,
      read(unit, "PASID table entry", null, 0x26, 0x1_06c0_4980n, 8, "refused"),
      { kind: "refused", reason: 0x5b, address: ADDRESS } as const,
    ];
    expect(walkOf(events, unit)?.hops[3]?.decision).toBe("refused: PGTT 0");
  });

  it("keep the levels behind the refusing entry as not reached", () => {
    const cut = unitWith({ ...FIRST_STAGE_WORDS, "0x107001750": 0n });
    const walk = walkOf(
      [
        request(),
        ...upper,
        ...tagged,
        paging[0] as HardwareEvent,
        read(cut, "first-stage entry", 3, 0xea, 0x1_0700_1750n, 1, "refused"),
        { kind: "refused", reason: 0x71, address: ADDRESS },
        { kind: "no record", reason: 0x71, because: "FPD" },
      ],
      cut,
    );
    expect(states(walk)).toBe("read, read, read, read, read, refused, not reached, not reached");
    expect(walk?.hops[6]?.base).toBeNull();
    expect(walk?.result).toMatchObject({ record: null, unrecorded: "FPD" });
  });

  it("blame the cached context entry when PASIDs are refused by it", () => {
    const walk = walkOf(
      [request(), hit("context"), { kind: "refused", reason: 0x45, address: ADDRESS }],
      unit,
    );
    expect(states(walk)).toBe("cached, refused, not reached, not reached");
  });
});

describe("other shapes", () => {
  it("a 2 MiB page ends at level 2 and leaves 21 bits of offset", () => {
    const large = unitWith({ ...FIRST_STAGE_WORDS, "0x107002710": 0x2_2440_00a7n });
    const walk = walkOf(
      [
        request(),
        ...upper,
        ...tagged,
        ...paging.slice(0, 2),
        read(large, "first-stage entry", 2, 0xe2, 0x1_0700_2710n, 1, "2 MiB page"),
        reached("walk"),
      ],
      large,
      0x1f_ffffn,
    );
    expect(walk?.hops).toHaveLength(7);
    expect(walk?.hops[6]?.decision).toBe("page 0x2_2440_0000, R W U");
    expect(walk?.split.address.at(-1)).toMatchObject({ tint: "offset", high: 20, low: 0 });
  });

  it("legacy mode has no PASID hops and takes the stage from the context entry", () => {
    const legacy = unitWith(
      {
        "0x106a003b0": 0x1_06b3_b001n,
        "0x106b3b010": 0x1_1000_0001n,
        "0x106b3b018": 0x701n,
        "0x1100007f0": 0n,
      },
      { scalable: false },
    );
    const walk = walkOf(
      [
        request({ pasid: null, address: iova(0x3a_9c5e_2d48n) }),
        read(legacy, "root entry", null, 0x3b, 0x1_06a0_03b0n, 2, "next table"),
        read(legacy, "context entry", null, 1, 0x1_06b3_b010n, 2, "second-stage"),
        read(legacy, "second-stage entry", 3, 0xea, 0x1_1000_0750n, 1, "refused"),
        { kind: "refused", reason: 0x05, address: iova(0x3a_9c5e_2d48n) },
      ],
      legacy,
    );
    expect(lines(walk)).toEqual([
      "1 Root entry [3b] read: present | 0x1_06a0_0000 + 0x3b × 16 = 0x1_06a0_03b0",
      "2 Context entry [01] read: second-stage, DID 7 | 0x1_06b3_b000 + 0x01 × 16 = 0x1_06b3_b010",
      "3 Level 3 [0ea] refused: refused: R = 0, W = 0 | 0x1_1000_0000 + 0x0ea × 8 = 0x1_1000_0750",
      "4 Level 2 [0e2] not reached: not reached | ",
      "5 Level 1 [1e2] not reached: not reached | ",
    ]);
    expect(walk?.split.pasid).toEqual([]);
    expect(walk?.split.address.map((p) => p.hop)).toEqual([null, 3, 4, 5, null]);
  });

  it("the upper half of a scalable root entry leads devices 16 and up to their context table", () => {
    const words = { ...FIRST_STAGE_WORDS, "0x106a003b8": 0x1_06b3_c001n };
    const walk = walkOf(
      [request({ requester: requesterId(0x3b88) }), hit("context"), hit("iotlb"), reached("iotlb")],
      unitWith(words),
      0xfffn,
    );
    expect(walk?.hops[1]).toMatchObject({
      tableTitle: "Context table, upper half",
      index: 8,
      base: 0x1_06b3_c000n,
    });
  });

  it("tells a request of several pages by the piece that was refused, and the last request of a stream", () => {
    const walk = walkOf(
      [
        request({ length: 4 }),
        hit("iotlb"),
        reached("iotlb"),
        request({ length: 4096 }),
        hit("context"),
        hit("pasid"),
        hit("iotlb"),
        reached("iotlb"),
        hit("context"),
        hit("pasid"),
        miss("iotlb"),
        ...paging.slice(0, 3),
        read(unit, "first-stage entry", 1, 0x1e3, 0x1_0700_3f18n, 1, "refused"),
        { kind: "refused", reason: 0x71, address: iova(0x7f3a_9c5e_3000n) },
      ],
      unit,
    );
    expect(walk).toMatchObject({ pieces: 2, piece: 1, requests: 2 });
    expect(walk?.split.address.find((p) => p.tint === "level-1")?.digits).toBe("1e3");
    expect(walk?.hops.at(-1)?.digits).toBe("1e3");
  });

  it("takes the interrupt that a recorded fault raises for no part of the request", () => {
    const walk = walkOf(
      [
        request({}),
        { kind: "refused", reason: 0x71, address: iova(0x7f3a_9c5e_3000n) },
        { kind: "interrupt", address: iova(0xfee0_0000n), data: 0x21 },
      ],
      unit,
    );
    expect(walk).toMatchObject({ pieces: 1, piece: 0, result: { kind: "fault" } });
  });

  it("has no hops when remapping is off and no walk without a request", () => {
    const off = walkOf(
      [
        request(),
        { kind: "reached", address: ADDRESS, target: TARGET, length: 4, how: "remapping off" },
      ],
      unit,
    );
    expect(off?.hops).toEqual([]);
    expect(walkOf([{ kind: "status write", address: TARGET, data: 1 }], unit)).toBeNull();
  });
});

it("names the reserved bit that refused an entry", () => {
  const damaged = unitWith({ ...FIRST_STAGE_WORDS, "0x1070007f0": 0x1_0700_10a7n });
  const walk = walkOf(
    [
      request(),
      ...upper,
      ...tagged,
      read(damaged, "first-stage entry", 4, 0xfe, 0x1_0700_07f0n, 1, "refused"),
      { kind: "refused", reason: 0x72, address: ADDRESS },
    ],
    damaged,
  );
  expect(walk?.hops[4]?.decision).toBe("refused: reserved bit [7] is not 0");
});
