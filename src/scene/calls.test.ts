import { describe, expect, it } from "vitest";
import type { KernelEvent } from "../linux/kernel/events.ts";
import type { Moment } from "../session/types.ts";
import {
  brief,
  callForest,
  commandAround,
  countCalls,
  functionInRun,
  pathToSymbol,
} from "./calls.ts";

const enter = (
  call: number,
  caller: number,
  symbol: string,
  more: Partial<Extract<KernelEvent, { kind: "enter" }>> = {},
): KernelEvent => ({
  kind: "enter",
  call,
  caller,
  task: 1,
  symbol,
  module: "vfio_iommu_type1",
  exported: false,
  arguments: ["12", "31"],
  ...more,
});
const leave = (call: number, result: string): KernelEvent => ({ kind: "leave", call, result });

/** VFIO_SET_IOMMU as the record has it. */
const EVENTS: readonly KernelEvent[] = [
  {
    kind: "system call",
    task: 1,
    process: "vm-a",
    name: "ioctl",
    arguments: '{"argument":3,"fd":4,"request":"VFIO_SET_IOMMU"}',
  },
  enter(1, 0, "vfio_iommu_type1_attach_group"),
  enter(2, 1, "vfio_bus_is_mdev"),
  { kind: "special case", call: 2, name: "mdev bus", when: "the group's device is an mdev" },
  { kind: "symbol lookup", call: 2, symbol: "mdev_bus_type", found: true },
  leave(2, "true"),
  enter(3, 1, "iommu_aux_attach_device", { module: "vmlinux", exported: true }),
  { kind: "store", call: 3, address: 8n, before: 0n, after: 1n },
  leave(3, "-22"),
  leave(1, "-22"),
  { kind: "system call returned", task: 1, result: -22, value: "" },
  { kind: "interrupt handled", vector: 5 },
  enter(4, 0, "dmar_fault", { task: 0, module: "vmlinux" }),
  leave(4, "0"),
];

const moment = (events: readonly KernelEvent[]): Moment => ({
  operation: { op: "wait", microseconds: 1 },
  events,
  outcome: null,
});

describe("call tree", () => {
  const forest = callForest(EVENTS);

  it("nests runs in the system call that led to them, and interrupts apart", () => {
    const names = (nodes: typeof forest): unknown[] =>
      nodes.map((node) => [node.name, names(node.children)]);
    expect(names(forest)).toEqual([
      [
        "ioctl",
        [
          [
            "vfio_iommu_type1_attach_group",
            [
              ["vfio_bus_is_mdev", []],
              ["iommu_aux_attach_device", []],
            ],
          ],
        ],
      ],
      ["interrupt 5", [["dmar_fault", []]]],
    ]);
  });

  it("keeps marks with the very run they belong to", () => {
    const [attach] = forest[0]?.children ?? [];
    const [isMdev, aux] = attach?.children ?? [];
    expect(attach?.specialCases).toEqual([]);
    expect(isMdev?.specialCases).toEqual([
      { name: "mdev bus", when: "the group's device is an mdev" },
    ]);
    expect(isMdev?.lookups).toEqual([{ symbol: "mdev_bus_type", found: true }]);
    expect(aux).toMatchObject({ exported: true, failed: true, result: "-22", writes: 1 });
    expect(forest[0]).toMatchObject({ failed: true, module: "vm-a" });
  });

  it("counts what it holds", () => {
    expect(countCalls(forest)).toEqual({
      systemCalls: 1,
      functions: 4,
      specialCases: 1,
      lookups: 1,
      writes: 1,
    });
  });

  it("loses a run when its event is missing", () => {
    const without = EVENTS.filter((event) => !(event.kind === "enter" && event.call === 3));
    expect(countCalls(callForest(without)).functions).toBe(3);
  });

  it("shows a call that has not returned as open", () => {
    const [open] = callForest(EVENTS.slice(0, 4));
    expect(open).toMatchObject({ returned: false, result: "" });
  });

  it("finds the way to a function", () => {
    expect(pathToSymbol(forest, "iommu_aux_attach_device")).toEqual([
      "system 0",
      "call 1",
      "call 3",
    ]);
    expect(pathToSymbol(forest, "nothing")).toEqual([]);
  });
});

describe("callers in this run", () => {
  const moments = [moment([]), moment(EVENTS), moment(EVENTS)];

  it("counts callers and remembers where they were first", () => {
    expect(functionInRun(moments, 3, "iommu_aux_attach_device")).toMatchObject({
      runs: 2,
      failed: 2,
      exported: true,
      callers: [{ caller: "vfio_iommu_type1_attach_group", times: 2, operation: 1 }],
    });
  });

  it("names the system call where no function called", () => {
    const found = functionInRun(moments, 3, "vfio_iommu_type1_attach_group");
    expect(found?.callers.map((one) => one.caller)).toEqual(["vm-a: ioctl"]);
  });

  it("does not look beyond the present", () => {
    expect(functionInRun(moments, 1, "iommu_aux_attach_device")).toBeNull();
  });

  it("finds what was only looked up by name", () => {
    expect(functionInRun(moments, 2, "mdev_bus_type")).toMatchObject({
      runs: 0,
      lookups: [{ caller: "vfio_bus_is_mdev", times: 1 }],
    });
  });
});

it("writes arguments of a system call in short", () => {
  expect(brief('{"call":"open","path":"/dev/vfio/7"}')).toBe('path="/dev/vfio/7"');
  expect(brief("no json")).toBe("no json");
});

it("finds the operations of one line of the console", () => {
  const call = (call: object, as?: string) =>
    ({ op: "call", process: "root", call, ...(as && { as }) }) as Moment["operation"];
  const operations = [
    call({ call: "close", fd: "$console-0" }),
    call({ call: "open", path: "/sys/x" }, "console-1"),
    call({ call: "write", fd: "$console-1", text: "1" }),
    call({ call: "close", fd: "$console-1" }),
    call({ call: "exit" }),
  ];
  expect(commandAround(operations, 2)).toEqual([1, 2, 3]);
  expect(commandAround(operations, 0)).toEqual([0]);
  expect(commandAround(operations, 4)).toEqual([4]);
});
