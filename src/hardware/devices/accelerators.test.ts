// The accelerator: queues, what descriptors do, completion records, failures, and whose PASID every request carries.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Platform } from "../platform/platform.ts";
import { ACCELERATOR, enable, open } from "../platform/platform-fixture.ts";
import { REFUSED, STATUS } from "./accelerators.ts";

const ON = { plain: 3n, shared: 5n };
const queueAt = (queue: number) => 0x100 + 0x20 * queue;
const withPasid = (pasid: number) => 7n | (BigInt(pasid) << 12n);

interface Work {
  readonly opcode: number;
  readonly source?: bigint;
  readonly destination?: bigint;
  readonly size?: number;
  readonly record?: bigint;
  readonly pasid?: number;
  readonly flags?: number;
}

function descriptor(work: Work): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, work.pasid ?? 0, true);
  view.setUint32(4, ((work.opcode << 24) | (work.flags ?? 0)) >>> 0, true);
  view.setBigUint64(8, work.record ?? 0n, true);
  view.setBigUint64(16, work.source ?? 0n, true);
  view.setBigUint64(24, work.destination ?? 0n, true);
  view.setUint32(32, work.size ?? 0, true);
  return bytes;
}

function ready(): Platform {
  const p = open();
  enable(p, "6a:01.0");
  return p;
}

/** Submits and gives back the status that the queue shows. */
function run(p: Platform, work: Work, queue = 0): number {
  p.submit(ACCELERATOR, queue * 4096, descriptor(work));
  return Number(p.readDevice(ACCELERATOR, queueAt(queue) + 8, 4)) & 0xff;
}

/** PASIDs of the requests since the last look. */
const pasids = (p: Platform) =>
  new Set(p.takeEvents().flatMap((event) => (event.kind === "request" ? [event.pasid] : [])));

test("a move copies bytes across pages and writes its completion record", () => {
  const p = ready();
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * 7);
  p.writeBytes(0x10ff3n, bytes);
  p.writeDevice(ACCELERATOR, queueAt(0), 4, ON.plain);
  const work = {
    opcode: 3,
    source: 0x10ff3n,
    destination: 0x20123n,
    size: 5000,
    record: 0x3_0040n,
  };
  expect(run(p, work)).toBe(STATUS.SUCCESS);
  expect(p.readBytes(0x20123n, 5000)).toEqual(bytes);
  expect(p.readWord(0x3_0040n)).toBe(1n);
  expect(p.readWord(0x3_0048n)).toBe(5000n);
  expect(p.readDevice(ACCELERATOR, queueAt(0) + 12, 4)).toBe(1n);
  expect(pasids(p)).toEqual(new Set([null]));
});

test("a fill repeats its pattern over page borders, and a no-op only completes", () => {
  const p = ready();
  p.writeDevice(ACCELERATOR, queueAt(1), 4, ON.plain);
  const fill = { opcode: 4, source: 0x0807_0605_0403_0201n, destination: 0x4ff9n, size: 20 };
  expect(run(p, fill, 1)).toBe(STATUS.SUCCESS);
  expect([...p.readBytes(0x4ff9n, 21)]).toEqual([
    ...Array.from({ length: 20 }, (_, i) => (i % 8) + 1),
    0,
  ]);
  expect(run(p, { opcode: 0, record: 0x6000n }, 1)).toBe(STATUS.SUCCESS);
  expect(p.readWord(0x6000n)).toBe(1n);
});

describe("queues", () => {
  test("take nothing while they, or the device, are off", () => {
    const p = ready();
    const refusal = () => Number(p.readDevice(ACCELERATOR, queueAt(2) + 8, 4)) >> 8;
    run(p, { opcode: 0 }, 2);
    expect(refusal()).toBe(REFUSED.QUEUE_OFF);
    p.writeDevice(ACCELERATOR, queueAt(2), 4, ON.plain);
    p.writeDevice(ACCELERATOR, 0, 4, 0n);
    run(p, { opcode: 0 }, 2);
    expect(refusal()).toBe(REFUSED.DEVICE_OFF);
    p.writeDevice(ACCELERATOR, 0, 4, 1n);
    p.submit(ACCELERATOR, 2 * 4096, new Uint8Array(32));
    expect(refusal()).toBe(REFUSED.NOT_64_BYTES);
    p.writeDevice(ACCELERATOR, queueAt(2) + 8, 4, 0n);
    expect(refusal()).toBe(0);
    expect(run(p, { opcode: 0 }, 2)).toBe(STATUS.SUCCESS);
    const accepted = p
      .takeEvents()
      .flatMap((e) => (e.kind === "work submitted" ? [e.accepted] : []));
    expect(accepted).toEqual([false, false, false, true]);
  });

  test("keep their settings while they are on", () => {
    const p = ready();
    const config = () => p.readDevice(ACCELERATOR, queueAt(0), 4);
    p.writeDevice(ACCELERATOR, queueAt(0), 4, withPasid(5));
    p.writeDevice(ACCELERATOR, queueAt(0), 4, withPasid(6));
    expect(config()).toBe(withPasid(5));
    p.writeDevice(ACCELERATOR, queueAt(0), 4, 0n);
    p.writeDevice(ACCELERATOR, queueAt(0), 4, withPasid(6));
    expect(config()).toBe(withPasid(6));
    expect(p.queues()[0]).toEqual({
      function: ACCELERATOR,
      queue: 0,
      enabled: true,
      dedicated: true,
      pasid: 6,
    });
    expect(p.queues()).toHaveLength(4);
    expect(p.queues()[1]?.pasid).toBeNull();
  });

  test("say how many they are; there are no more", () => {
    const p = ready();
    expect(p.readDevice(ACCELERATOR, 8, 4) & 0xffn).toBe(4n);
    const before = p.store.digest();
    p.writeDevice(ACCELERATOR, queueAt(4), 4, 7n);
    p.submit(ACCELERATOR, 4 * 4096, descriptor({ opcode: 0 }));
    expect(p.store.digest()).toBe(before);
  });
});

describe("PASID of the requests", () => {
  const fill = { opcode: 4, destination: 0x5000n, size: 64, pasid: 77 };
  const enabled = () => {
    const p = ready();
    p.writeConfiguration(ACCELERATOR, 0x116, 2, 1);
    return p;
  };

  test("a dedicated queue uses its own, whatever the descriptor says", () => {
    const p = enabled();
    p.writeDevice(ACCELERATOR, queueAt(0), 4, withPasid(9));
    run(p, fill);
    expect(pasids(p)).toEqual(new Set([9]));
  });

  test("a shared queue uses the descriptor's", () => {
    const p = enabled();
    p.writeDevice(ACCELERATOR, queueAt(0), 4, ON.shared);
    run(p, fill);
    expect(pasids(p)).toEqual(new Set([77]));
  });

  test("nothing is sent while the function may not use PASIDs", () => {
    const p = ready();
    p.writeDevice(ACCELERATOR, queueAt(0), 4, withPasid(9));
    expect(run(p, fill)).toBe(STATUS.NOT_SENT);
    expect(pasids(p)).toEqual(new Set());
  });
});

describe("failures", () => {
  const ready0 = () => {
    const p = ready();
    p.writeDevice(ACCELERATOR, queueAt(0), 4, ON.plain);
    return p;
  };

  test.each([
    ["unknown opcode", { opcode: 0x77 }, STATUS.UNKNOWN_OPCODE],
    ["reserved flags", { opcode: 3, flags: 2 }, STATUS.RESERVED_FLAGS],
    ["more than 1 MiB", { opcode: 4, size: 0x10_0001 }, STATUS.TOO_LONG],
    ["overlap", { opcode: 3, source: 0x5000n, destination: 0x5004n, size: 8 }, STATUS.OVERLAP],
    ["crooked record", { opcode: 0, record: 0x6008n }, STATUS.RECORD_MISALIGNED],
  ])("%s", (_, work, status) => {
    const p = ready0();
    const memory = p.readBytes(0n, 0x8000);
    expect(run(p, work)).toBe(status);
    expect(p.readBytes(0n, 0x8000)).toEqual(memory);
  });

  test("the record says how far it came when the unit refuses", () => {
    const p = ready0();
    // Remapping on, with a root table of zeros: nothing passes, not even the record.
    p.writeUnit(0x20, 8, 0x1_0000n);
    p.writeUnit(0x18, 4, 0x4000_0000n);
    p.writeUnit(0x18, 4, 0x8000_0000n);
    expect(run(p, { opcode: 4, destination: 0x5000n, size: 64, record: 0x6000n })).toBe(
      STATUS.PAGE_FAULT,
    );
    expect(p.readWord(0x6000n)).toBe(0n);
    p.writeUnit(0x18, 4, 0n);
    p.writeConfiguration(ACCELERATOR, 4, 2, 2);
    expect(run(p, { opcode: 4, destination: 0x5000n, size: 64 })).toBe(STATUS.NOT_SENT);
  });
});

test("whatever is submitted, nothing throws and only accepted work is done", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 60, maxLength: 64 }), { maxLength: 8 }),
      fc.nat(0xffff_ffff),
      (descriptors, config) => {
        const p = ready();
        p.writeConfiguration(ACCELERATOR, 0x116, 2, 1);
        p.writeDevice(ACCELERATOR, queueAt(0), 4, BigInt(config));
        for (const bytes of descriptors) p.submit(ACCELERATOR, 0, bytes);
        const events = p.takeEvents();
        const count = (kind: string) => events.filter((event) => event.kind === kind).length;
        const accepted = events.filter((e) => e.kind === "work submitted" && e.accepted).length;
        expect(count("work submitted")).toBe(descriptors.length);
        expect(count("work done")).toBe(accepted);
        expect(Number(p.readDevice(ACCELERATOR, queueAt(0) + 12, 4))).toBe(accepted);
      },
    ),
    { numRuns: 60 },
  );
});
