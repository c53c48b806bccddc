// Review checks and counts on short records made by hand.
import { describe, expect, it } from "vitest";
import type { KernelEvent } from "../../linux/kernel/events.ts";
import type { About } from "../../linux/kernel/kernel.ts";
import type { CheckArguments } from "../findings.ts";
import { exportUses, REVIEW_COUNTS, totalOf } from "../review-counts.ts";
import { callsDigest } from "./calls-digest.ts";
import { CHECKS } from "./registry.ts";

const SYMBOLS: ReadonlyMap<string, About> = new Map(
  [
    { symbol: "vfio_iommu_type1_attach_group", module: "vfio_iommu_type1", source: "type1, v5.12" },
    { symbol: "iommu_attach_group", module: "vmlinux", exported: true, source: "iommu.c, v5.12" },
    {
      symbol: "iommu_aux_attach_device",
      module: "vmlinux",
      exported: true,
      source: "iommu.c, v5.12",
    },
    {
      symbol: "mdev_set_iommu_device",
      module: "mdev",
      exported: true,
      source: "mdev_core.c, v5.12",
    },
    { symbol: "idxd_create", module: "idxd", source: "idxd, out of tree (never merged)" },
  ].map((about) => [about.symbol, about]),
);

const enter = (call: number, caller: number, symbol: string): KernelEvent => ({
  kind: "enter",
  call,
  caller,
  task: 1,
  symbol,
  module: SYMBOLS.get(symbol)?.module ?? "vmlinux",
  exported: SYMBOLS.get(symbol)?.exported ?? false,
  arguments: [],
});
const leave = (call: number, result = "0"): KernelEvent => ({ kind: "leave", call, result });
const called = (name: string, args: object, result: number): KernelEvent[] => [
  { kind: "system call", task: 1, process: "vm-a", name, arguments: JSON.stringify(args) },
  { kind: "system call returned", task: 1, result, value: "" },
];

const ATTACH: readonly KernelEvent[] = [
  enter(1, 0, "vfio_iommu_type1_attach_group"),
  { kind: "special case", call: 1, name: "mdev bus", when: "the group is of mdevs" },
  { kind: "symbol lookup", call: 1, symbol: "mdev_bus_type", found: true },
  enter(2, 1, "iommu_aux_attach_device"),
  leave(2),
  leave(1),
];
const PLAIN: readonly KernelEvent[] = [
  enter(1, 0, "vfio_iommu_type1_attach_group"),
  enter(2, 1, "iommu_attach_group"),
  leave(2),
  leave(1),
];

function outcome(check: string, events: readonly KernelEvent[], args: CheckArguments = {}): string {
  const found = CHECKS.get(check);
  if (found?.kind !== "review") throw new Error(`no review check ${check}`);
  return found.evaluate({ events: () => events, symbols: SYMBOLS }, args).outcome;
}

describe("review checks", () => {
  it.each<[string, readonly KernelEvent[], readonly KernelEvent[], CheckArguments?]>([
    ["no-special-cases", PLAIN, ATTACH],
    ["no-run-time-lookups", PLAIN, ATTACH],
    ["core-knows-attachments", PLAIN, ATTACH],
    [
      "exports-have-callers",
      PLAIN,
      [enter(1, 0, "idxd_create"), enter(2, 1, "mdev_set_iommu_device")],
    ],
    ["exports-have-callers", ATTACH, PLAIN, { symbol: "iommu_aux_attach_device" }],
    [
      "pins-balanced",
      [
        { kind: "pinned", page: 5n, count: 1 },
        { kind: "pinned", page: 5n, count: 0 },
      ],
      [{ kind: "pinned", page: 5n, count: 1 }],
    ],
    ["balanced", PLAIN, ATTACH],
    ["balanced", PLAIN, [enter(1, 0, "ioasid_alloc"), leave(1, "1")]],
    [
      "call-fails",
      called("ioctl", { request: "VFIO_SET_IOMMU" }, -1),
      called("ioctl", { request: "VFIO_SET_IOMMU" }, 0),
      { call: "VFIO_SET_IOMMU", error: "EPERM" },
    ],
    [
      "log-says",
      [{ kind: "log", text: "DMAR: fault reason 88" }],
      [{ kind: "log", text: "DMAR: IOMMU enabled" }],
      { text: "fault reason" },
    ],
    [
      "calls-are",
      called("open", { path: "/a" }, 3),
      called("open", { path: "/b" }, 3),
      { digest: callsDigest(called("open", { path: "/a" }, -2)) },
    ],
  ])("%s holds and breaks", (check, good, bad, args = {}) => {
    expect(outcome(check, good, args)).toBe("holds");
    expect(outcome(check, bad, args)).toBe("breaks");
  });

  it("allow as many special cases as are declared", () => {
    expect(outcome("no-special-cases", ATTACH, { most: 1 })).toBe("holds");
    expect(outcome("no-special-cases", [...ATTACH, ...ATTACH], { most: 1 })).toBe("breaks");
  });

  it("call names that do not exist broken", () => {
    expect(outcome("call-fails", PLAIN, { call: "open", error: "ENOSUCH" })).toBe("breaks");
    expect(outcome("exports-have-callers", PLAIN, { symbol: "no_such" })).toBe("breaks");
  });
});

describe("review counts", () => {
  it("count what happened, with the module that did it", () => {
    const events = [
      ...ATTACH,
      ...ATTACH,
      enter(1, 0, "idxd_create"),
      enter(2, 1, "mdev_set_iommu_device"),
    ];
    const input = { events: () => events, symbols: SYMBOLS };
    const figures = Object.fromEntries(
      [...REVIEW_COUNTS.values()].map((count) => [count.id, totalOf(count.count(input))]),
    );
    expect(figures).toMatchObject({
      "special-cases": 2,
      "symbol-lookups": 2,
      "aux-attachments": 2,
      "core-attachments": 0,
      "parent-driver-calls": 1,
      "exports-without-callers": 1,
      "exports-for-out-of-tree": 1,
      "system-calls": 0,
    });
    expect(
      exportUses(input).find(({ symbol }) => symbol === "mdev_set_iommu_device"),
    ).toMatchObject({
      callers: ["idxd"],
      inTree: [],
    });
  });
});
