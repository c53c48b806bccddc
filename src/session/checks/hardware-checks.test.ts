// Hardware checks on views made by hand: each holds where nothing is wrong and breaks where one thing is.
import { describe, expect, it } from "vitest";
import type {
  FunctionDescription,
  PlatformDescription,
} from "../../hardware/platform/description.ts";
import type { CheckArguments } from "../findings.ts";
import { CHECKS, HARDWARE_CHECKS } from "./registry.ts";
import { inseparable } from "./topology.ts";
import { type Given, viewOf } from "./view.fixture.ts";

const RMRR: PlatformDescription = {
  title: "one accelerator",
  haw: 46,
  unit: { version: "0x40", cap: "0x0", ecap: "0x0" },
  memory: [],
  functions: [
    {
      name: "Accelerator",
      address: "6a:01.0",
      kind: "root complex integrated endpoint",
      vendor: 0x8086,
      device: 0xb25,
      class: 0x88000,
      pasidBits: 4,
    },
  ],
  reserved: [{ devices: ["6a:01.0"], start: "0x100000", end: "0x100fff" }],
};

/** Two VMs with a PASID each, and nothing out of order. */
const GOOD: Given = {
  entries: [
    [null, { 256: 0x100, 1280: 50 }],
    [1, { 1: 10, 2: 11 }],
    [2, { 1: 20, 2: 21 }],
  ],
  cached: [
    [1, 1, 10],
    [null, 0x500, 50],
  ],
  owners: {
    10: "vm-a",
    11: "vm-a",
    12: "vm-a",
    20: "vm-b",
    21: "vm-b",
    50: "kernel",
    256: "kernel",
  },
  mapped: { "vm-a": [10, 11], "vm-b": [20, 21] },
  tenants: [
    ["vm-a", 1, "uuid-a"],
    ["vm-b", 2, "uuid-b"],
  ],
  tables: [70, 71],
  platform: RMRR,
};

function outcome(check: string, given: Given, args: CheckArguments = {}): string {
  const found = CHECKS.get(check);
  if (found?.kind !== "hardware") throw new Error(`no hardware check ${check}`);
  const finding = found.evaluate(viewOf(given), args);
  expect(finding.summary).toMatch(/[.]$/);
  expect(finding.evidence.length > 0).toBe(finding.outcome === "breaks");
  return finding.outcome;
}

const withEntries = (
  change: (entries: Map<number | null, Record<number, number>>) => void,
): Given => {
  const entries = new Map(GOOD.entries.map(([tag, pages]) => [tag, { ...pages }]));
  change(entries);
  return { ...GOOD, entries: [...entries] };
};

describe("with nothing out of order", () => {
  it.each(
    HARDWARE_CHECKS.map(({ id }) => id).filter(
      (id) => id !== "reaches" && id !== "nothing-left-in-tables",
    ),
  )("%s holds", (id) => {
    expect(outcome(id, GOOD)).toBe("holds");
  });

  it("nothing-left-in-tables holds when no PASID is in use", () => {
    const given: Given = { ...GOOD, entries: [[null, {}]], cached: [], tenants: [], mapped: {} };
    expect(outcome("nothing-left-in-tables", given)).toBe("holds");
  });
});

describe("with one thing out of order", () => {
  const CASES: readonly (readonly [string, string, Given])[] = [
    [
      "pasid-reaches-its-owner",
      "a table maps a sibling's page",
      withEntries((e) => e.set(1, { 1: 10, 2: 20 })),
    ],
    [
      "pasid-reaches-its-owner",
      "a mapped page is not reached",
      withEntries((e) => e.set(1, { 1: 10 })),
    ],
    [
      "pasid-reaches-its-owner",
      "the IOTLB gives a page that is not mapped",
      { ...GOOD, cached: [[1, 9, 12]] },
    ],
    [
      "pasid-reaches-its-owner",
      "an entry without a queue leads to two owners",
      withEntries((e) => e.set(3, { 1: 10, 2: 20 })),
    ],
    [
      "unmapped-is-unreachable",
      "the IOTLB still gives it",
      { ...GOOD, cached: [[1, 9, 12]], unmapped: { "vm-a": [12] } },
    ],
    [
      "unmapped-is-unreachable",
      "another VM's tables give it, unasked",
      { ...withEntries((e) => e.set(2, { 1: 12 })), unmapped: { "vm-a": [12] } },
    ],
    [
      "pasid-not-reused-early",
      "the IOTLB holds the domain of before",
      { ...GOOD, cached: [[1, 1, 10, 99]] },
    ],
    [
      "pasid-not-reused-early",
      "two owners work with one PASID",
      {
        ...GOOD,
        tenants: [
          ["vm-a", 1, "a"],
          ["vm-b", 1, "b"],
        ],
      },
    ],
    [
      "vendor-mdev-kept-by-tables",
      "the parent's table holds a host page",
      { ...GOOD, tenants: [["vm-a", null, "uuid-v"]] },
    ],
    [
      "groups-owned-whole",
      "the function reaches the host's pages",
      { ...GOOD, tenants: [["vm-a", null, null]] },
    ],
    ["tables-out-of-reach", "a table is mapped", withEntries((e) => e.set(1, { 1: 70 }))],
    ["free-pages-out-of-reach", "a free page is mapped", withEntries((e) => e.set(1, { 1: 400 }))],
    [
      "caches-agree-with-tables",
      "the IOTLB gives what no table does",
      { ...GOOD, cached: [[1, 9, 12]] },
    ],
    [
      "address-not-reused-early",
      "the address is mapped elsewhere by now",
      { ...GOOD, cached: [[1, 1, 12]] },
    ],
    ["queues-have-entries", "the entry is gone", { ...GOOD, entries: GOOD.entries.slice(0, 2) }],
    ["pasids-in-range", "the PASID is too wide", withEntries((e) => e.set(16, {}))],
    [
      "reserved-addresses-not-mapped",
      "the interrupt window is mapped",
      withEntries((e) => e.set(1, { 1043968: 10 })),
    ],
    [
      "reserved-addresses-not-mapped",
      "a firmware range is mapped elsewhere",
      withEntries((e) => e.set(1, { 256: 10 })),
    ],
    ["reserved-memory-stays-reachable", "the range is gone", withEntries((e) => e.set(null, {}))],
    ["nothing-left-in-tables", "PASIDs are in use", GOOD],
  ];
  it.each(CASES)("%s breaks: %s", (id, _, given) => {
    expect(outcome(id, given)).toBe("breaks");
  });
});

describe("reaches", () => {
  it("answers for a requester with PASID, and for the queue of an mdev", () => {
    const asked = (args: CheckArguments) => outcome("reaches", GOOD, args);
    expect(asked({ requester: "6a:01.0", pasid: 1, address: "0x1000" })).toBe("holds");
    expect(asked({ requester: "6a:01.0", pasid: 1, address: "0x1000", owner: "vm-a" })).toBe(
      "holds",
    );
    expect(asked({ requester: "6a:01.0", pasid: 1, address: "0x1000", owner: "vm-b" })).toBe(
      "breaks",
    );
    expect(asked({ requester: "6a:01.0", pasid: 7, address: "0x1000" })).toBe("breaks");
    expect(asked({ mdev: "uuid-b", address: "0x2000", owner: "vm-b" })).toBe("holds");
    expect(asked({ requester: "6a:01.0", address: "0x500000" })).toBe("holds");
  });
});

describe("sets of functions that cannot be kept apart", () => {
  const at = (
    address: string,
    kind: FunctionDescription["kind"],
    more: Partial<FunctionDescription> = {},
  ): FunctionDescription => ({
    name: address,
    address,
    kind,
    vendor: 1,
    device: 1,
    class: 0,
    ...more,
  });
  const ALL = ["SV", "RR", "CR", "UF"] as const;
  const sets = (functions: FunctionDescription[]) =>
    inseparable({ ...RMRR, functions }).map((set) => set.map((one) => one.toString(16)));

  it("keeps functions below ports with ACS apart", () => {
    const port = (address: string, bus: number) =>
      at(address, "root port", { secondary: bus, subordinate: bus, acs: ALL });
    expect(
      sets([
        port("00:01.0", 1),
        port("00:02.0", 2),
        at("01:00.0", "endpoint"),
        at("02:00.0", "endpoint"),
      ]),
    ).toEqual([["100"], ["200"]]);
  });

  it("joins functions of one device, functions below a port without ACS, and those behind a bridge", () => {
    expect(sets([at("03:00.0", "endpoint"), at("03:00.1", "endpoint")])).toEqual([["300", "301"]]);
    expect(
      sets([at("03:00.0", "endpoint", { acs: ALL }), at("03:00.1", "endpoint", { acs: ALL })]),
    ).toEqual([["300"], ["301"]]);
    expect(
      sets([
        at("00:1c.0", "PCIe to PCI bridge", { secondary: 4, subordinate: 4 }),
        at("04:00.0", "conventional"),
        at("04:01.0", "conventional"),
      ]),
    ).toEqual([["400", "408"]]);
    expect(
      sets([
        at("00:01.0", "root port", { secondary: 1, subordinate: 1 }),
        at("01:00.0", "endpoint", { acs: ALL }),
        at("01:01.0", "endpoint", { acs: ALL }),
      ]),
    ).toEqual([["100", "108"]]);
  });
});

it("a page mapped for reading alone may not be written", () => {
  expect(outcome("pasid-reaches-its-owner", GOOD)).toBe("holds");
  const readOnly = { ...GOOD, writable: { "vm-a": [10] } };
  expect(outcome("pasid-reaches-its-owner", readOnly)).toBe("breaks");
});
