// The platform as a whole: memory, tags, time, interrupts, and how a description that is no machine is refused.
import { describe, expect, test } from "vitest";
import { iova } from "../../base/brand.ts";
import type { PlatformDescription } from "./description.ts";
import { Platform } from "./platform.ts";
import { ACCELERATOR, bdf, DESCRIPTION, enable, open } from "./platform-fixture.ts";

test("a request of a function reaches memory under its own name while remapping is off", () => {
  const p = open();
  enable(p, "6a:01.0");
  p.writeWord(0x3000n, 0x1122n);
  const outcome = p.send(ACCELERATOR, {
    pasid: null,
    access: "read",
    address: iova(0x3000n),
    length: 2,
  });
  expect([...(outcome.data ?? [])]).toEqual([0x22, 0x11]);
  expect(p.takeEvents().map(({ kind }) => kind)).toEqual(["bus request", "request", "reached"]);
});

test("pages have owners, and unknown pages are free", () => {
  const p = open();
  p.tagPage(5n, "kernel");
  p.tagPage(9n, "vm-a");
  p.tagPage(6n, "kernel");
  p.tagPage(0x10_0000n, "kernel");
  expect(p.ownerOf(9)).toBe("vm-a");
  expect(p.ownerOf(7)).toBe("free");
  expect(p.ownerOf(0x10_0000)).toBe("free");
  expect([...p.pageOwners()]).toEqual([
    [5, "kernel"],
    [6, "kernel"],
    [9, "vm-a"],
  ]);
  p.tagPage(5n, "free");
  expect([...p.pageOwners().keys()]).toEqual([6, 9]);
});

test("time, tags, vectors, configuration and device registers go back with a checkpoint", () => {
  const p = open();
  p.unit.writeRegister(0x38, 4, 0n);
  const look = () => [
    p.now(),
    p.ownerOf(4),
    p.readConfiguration(ACCELERATOR, 4, 2),
    p.readDevice(ACCELERATOR, 0x100, 4),
    p.store.digest(),
  ];
  const before = look();
  const mark = p.store.checkpoint();
  p.advance(5_000_000_000);
  p.tagPage(4n, "vm-b");
  enable(p, "6a:01.0");
  p.writeDevice(ACCELERATOR, 0x100, 4, 7n);
  const fee = {
    pasid: null,
    access: "write",
    length: 4,
    data: Uint8Array.of(0x41, 0, 0, 0),
  } as const;
  p.send(ACCELERATOR, { ...fee, address: iova(0xfee0_0000n) });
  expect(p.now()).toBe(5_000_000_000);
  expect(look()).not.toEqual(before);
  p.store.restore(mark);
  expect(look()).toEqual(before);
  expect(p.takeInterrupts()).toEqual([]);
});

test("interrupt requests reach the processor once each, oldest first", () => {
  const p = open();
  enable(p, "6a:01.0");
  const send = (vector: number, control = 0) =>
    p.send(ACCELERATOR, {
      pasid: null,
      access: "write",
      address: iova(0xfee0_1000n),
      length: 4,
      data: Uint8Array.of(vector, control, 0, 0),
    });
  for (const vector of [0x60, 0x31, 0x60]) send(vector);
  // NMI, and a vector that only exceptions have.
  send(0x50, 4);
  send(3);
  expect(p.takeInterrupts()).toEqual([0x60, 0x31]);
  expect(p.takeInterrupts()).toEqual([]);
  expect(p.takeEvents().filter(({ kind }) => kind === "message")).toHaveLength(3);
});

describe("what is no machine", () => {
  const [bridge] = DESCRIPTION.functions.filter(({ address }) => address === "00:01.0");
  const [card] = DESCRIPTION.functions.filter(({ address }) => address === "03:00.0");
  const cases: readonly (readonly [string, Partial<PlatformDescription>, string])[] = [
    ["width", { haw: 64 }, "haw: The host"],
    ["registers", { unit: { version: "0x10", cap: "what", ecap: "0x0" } }, "unit.cap"],
    ["caches", { unit: { ...DESCRIPTION.unit, caches: { iotlb: 3 } } }, "unit.caches.iotlb"],
    ["no memory", { memory: [] }, "memory: A machine needs"],
    ["part of a page", { memory: [{ start: "0x10", length: "0x1000" }] }, "memory[0]"],
    ["beyond the width", { memory: [{ start: "0x400000000000", length: "0x1000" }] }, "width"],
    ["registers there", { memory: [{ start: "0xfed00000", length: "0x1000" }] }, "registers"],
    ["too much", { memory: [{ start: "0x100000000", length: "0x800000000" }] }, "16 GiB"],
    [
      "twice",
      {
        memory: [
          { start: "0x0", length: "0x2000" },
          { start: "0x1000", length: "0x1000" },
        ],
      },
      "overlaps",
    ],
    ["address", { functions: [{ ...card, address: "3.0" } as never] }, "functions[0].address"],
    ["same address", { functions: [bridge as never, bridge as never] }, "twice"],
    ["orphan below a port", { functions: [{ ...card, address: "00:01.0" } as never] }, ""],
    ["bus", { functions: [{ ...bridge, secondary: 0 } as never] }, "secondary"],
    [
      "no way there",
      { functions: [{ ...bridge, address: "02:00.0", subordinate: 1, secondary: 1 } as never] },
      "greater number",
    ],
    ["reserved", { reserved: [{ devices: ["09:00.0"], start: "0x0", end: "0xfff" }] }, "09:00.0"],
    ["reserved part", { reserved: [{ devices: [], start: "0x0", end: "0x1000" }] }, "whole pages"],
  ];
  test.each(cases)("%s", (name, changes, message) => {
    const opened = Platform.open({ ...DESCRIPTION, ...changes }, { profile: "spec" });
    // A lone card is a machine: nothing says that a bus needs a bridge.
    if (message === "") expect(opened.ok, name).toBe(false);
    else {
      expect(opened.ok).toBe(false);
      if (!opened.ok) {
        expect(`${opened.problem.place}: ${opened.problem.message}`).toContain(message);
      }
    }
  });
});

test("a function that does not exist sends nothing", () => {
  const p = open();
  const request = { pasid: null, access: "read", address: iova(0n), length: 4 } as const;
  expect(p.send(bdf("7f:00.0"), request).ok).toBe(false);
  expect(p.takeEvents()).toEqual([
    { kind: "not sent", function: bdf("7f:00.0"), because: "there is no such function" },
  ]);
});
