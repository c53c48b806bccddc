// Configuration space as software finds it: headers, capability lists, write masks, sizing of base addresses, reset.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RequesterId } from "../../base/brand.ts";
import type { Platform } from "./platform.ts";
import { ACCELERATOR, bdf, DESCRIPTION, enable, open } from "./platform-fixture.ts";

/** Ids of the capabilities of a function and where they stand. */
function capabilities(p: Platform, f: RequesterId): Map<number, number> {
  const found = new Map<number, number>();
  if ((p.readConfiguration(f, 6, 2) & 0x10) === 0) return found;
  for (let at = p.readConfiguration(f, 0x34, 1); at !== 0; ) {
    found.set(p.readConfiguration(f, at, 1), at);
    at = p.readConfiguration(f, at + 1, 1);
  }
  return found;
}

function extended(p: Platform, f: RequesterId): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = 0x100; at !== 0; ) {
    const head = p.readConfiguration(f, at, 4);
    if (head === 0 || head === 0xffff_ffff) break;
    found.set(head & 0xffff, at);
    at = head >>> 20;
  }
  return found;
}

describe("an accelerator", () => {
  test("has the header and the capabilities of its description", () => {
    const p = open();
    const read = (offset: number, size: 1 | 2 | 4) =>
      p.readConfiguration(ACCELERATOR, offset, size);
    expect(read(0, 4)).toBe(0x1000_8086);
    expect(read(8, 4) >>> 8).toBe(0x088000);
    expect(read(0x0e, 1)).toBe(0);
    const standard = capabilities(p, ACCELERATOR);
    expect([...standard.keys()]).toEqual([5, 0x10]);
    const express = standard.get(0x10) ?? 0;
    expect((read(express + 2, 2) >> 4) & 0xf).toBe(9);
    const more = extended(p, ACCELERATOR);
    expect([...more.keys()]).toEqual([0x0d, 0x1b, 0x0f, 0x13, 0x23]);
    expect((read((more.get(0x1b) ?? 0) + 4, 2) >> 8) & 0x1f).toBe(20);
    const vendor = more.get(0x23) ?? 0;
    expect(read(vendor + 4, 2)).toBe(0x8086);
    expect(read(vendor + 8, 2)).toBe(5);
  });

  test("tells the sizes of its register ranges, and answers where they are moved to", () => {
    const p = open();
    const size = (at: number) => {
      const before = p.readConfiguration(ACCELERATOR, at, 4);
      p.writeConfiguration(ACCELERATOR, at, 4, 0xffff_ffff);
      const mask = p.readConfiguration(ACCELERATOR, at, 4) & ~0xf;
      p.writeConfiguration(ACCELERATOR, at, 4, before);
      return -mask;
    };
    expect(size(0x10)).toBe(0x1000);
    expect(size(0x18)).toBe(0x4000);
    p.writeConfiguration(ACCELERATOR, 4, 2, 0);
    expect(p.readDevice(ACCELERATOR, 0, 4)).toBe(0xffff_ffffn);
    p.writeConfiguration(ACCELERATOR, 4, 2, 2);
    expect(p.readDevice(ACCELERATOR, 0, 4)).toBe(1n);
  });

  test("forgets what was set when it is told to reset", () => {
    const p = open();
    enable(p, "6a:01.0");
    const pasid = extended(p, ACCELERATOR).get(0x1b) ?? 0;
    const control = (capabilities(p, ACCELERATOR).get(0x10) ?? 0) + 8;
    const fresh = open().readConfiguration(ACCELERATOR, control, 2);
    p.writeConfiguration(ACCELERATOR, pasid + 6, 2, 1);
    p.writeDevice(ACCELERATOR, 0x100, 4, 7n);
    p.writeConfiguration(ACCELERATOR, control, 2, fresh | 0x8000);
    expect(p.readConfiguration(ACCELERATOR, 4, 2)).toBe(2);
    expect(p.readConfiguration(ACCELERATOR, pasid + 6, 2)).toBe(0);
    expect(p.readConfiguration(ACCELERATOR, control, 2)).toBe(fresh);
    expect(p.readDevice(ACCELERATOR, 0x100, 4)).toBe(0n);
  });
});

test("bridges have type 1 headers with bus numbers that cannot be changed", () => {
  const p = open();
  const port = bdf("00:01.0");
  expect(p.readConfiguration(port, 0x0e, 1)).toBe(1);
  expect(p.readConfiguration(port, 0x18, 4)).toBe(0x0004_0100);
  p.writeConfiguration(port, 0x18, 4, 0xffff_ffff);
  expect(p.readConfiguration(port, 0x18, 4)).toBe(0x0004_0100);
  const acs = extended(p, port).get(0x0d) ?? 0;
  expect(p.readConfiguration(port, acs + 4, 2)).toBe(0x1f);
  p.writeConfiguration(port, acs + 6, 2, 0xffff);
  expect(p.readConfiguration(port, acs + 6, 2)).toBe(0x1f);
  // What is below lies inside what the bridge passes on.
  const bar = (p.readConfiguration(bdf("03:00.0"), 0x10, 4) & ~0xf) >>> 0;
  const window = p.readConfiguration(port, 0x24, 4);
  expect((bar >>> 16) & 0xfff0).toBeGreaterThanOrEqual(window & 0xfff0);
  expect((bar >>> 16) & 0xfff0).toBeLessThanOrEqual((window >>> 16) & 0xfff0);
});

test("functions of one device say that they are several; conventional ones have 256 bytes", () => {
  const p = open();
  expect(p.readConfiguration(bdf("00:1f.0"), 0x0e, 1)).toBe(0x80);
  expect(p.readConfiguration(bdf("00:1f.2"), 0x0e, 1)).toBe(0x80);
  expect(p.readConfiguration(bdf("00:1f.2"), 0x100, 4)).toBe(0xffff_ffff);
  expect(p.readConfiguration(bdf("03:00.0"), 0x200, 4)).toBe(0);
  expect(capabilities(p, bdf("05:01.0")).size).toBe(0);
});

test("where no function is, all ones are read and writes are lost", () => {
  const p = open();
  const before = p.store.digest();
  p.writeConfiguration(bdf("7f:00.0"), 4, 2, 7);
  expect([1, 2, 4].map((size) => p.readConfiguration(bdf("7f:00.0"), 0, size as 1))).toEqual([
    0xff, 0xffff, 0xffff_ffff,
  ]);
  expect(p.store.digest()).toBe(before);
});

test("whatever is written, identities, bus numbers and capability lists stay", () => {
  const fixed = (p: Platform) =>
    DESCRIPTION.functions.map(({ address }) => {
      const f = bdf(address);
      const lists = [...capabilities(p, f), ...extended(p, f)];
      const read = (offset: number) => p.readConfiguration(f, offset, 4);
      return [read(0), read(8), read(0x0c) >>> 16, lists];
    });
  const wanted = fixed(open());
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          which: fc.nat(DESCRIPTION.functions.length - 1),
          offset: fc.nat(0x1ff),
          size: fc.constantFrom(1, 2, 4),
          value: fc.nat(0xffff_ffff),
        }),
        { maxLength: 60 },
      ),
      (writes) => {
        const p = open();
        for (const { which, offset, size, value } of writes) {
          const f = bdf(DESCRIPTION.functions[which]?.address ?? "");
          p.writeConfiguration(f, offset, size as 1 | 2 | 4, value);
        }
        expect(fixed(p)).toEqual(wanted);
      },
    ),
    { numRuns: 40 },
  );
});
