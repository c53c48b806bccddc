// The invalidation queue: order, wrap, waits, errors, and what each command removes.
import { describe, expect, test } from "vitest";
import { pasid } from "../../base/brand.ts";
import { AT, FULL, IOVA, Machine } from "./machine-fixture.ts";

const head = (m: Machine) => m.register(0x80, 8);
const status = (m: Machine) => m.register(0x34);
const reason = (m: Machine) => m.register(0xb0, 8) & 0xfn;
const wait = (data: bigint, address: bigint = AT.status) => [(data << 32n) | 0x25n, address];

function started(wide = true, mode: 0 | 1 = 1): Machine {
  const m = new Machine({ mode });
  m.startQueue(wide);
  return m;
}

describe("running", () => {
  test("descriptors are done in order and the head follows, round the end of the queue", () => {
    const m = started(false, 0);
    const nop = [0x11n];
    m.submit(...Array.from({ length: 255 }, () => nop));
    expect(head(m)).toBe(255n * 16n);
    m.submit(wait(1n), wait(2n, AT.status + 8n));
    expect(head(m)).toBe(16n);
    expect([m.word(AT.status), m.word(AT.status + 8n)]).toEqual([1n, 2n]);
    expect(status(m)).toBe(0n);
  });

  test("a status write changes 32 bits only and both kinds of completion can be asked for", () => {
    const m = started();
    m.put(AT.status, 0x1111_2222_3333_4444n);
    m.submit([(7n << 32n) | 0x35n, AT.status + 4n]);
    expect(m.word(AT.status)).toBe(0x7_3333_4444n);
    expect(m.register(0x9c)).toBe(1n);
    expect(m.register(0xa0)).toBe(0xc000_0000n);
    m.unit.writeRegister(0x9c, 4, 1n);
    expect(m.register(0x9c)).toBe(0n);
    expect(m.register(0xa0)).toBe(0x8000_0000n);
  });

  test("events name each descriptor and the status write", () => {
    const m = started();
    m.unit.takeEvents();
    m.submit([0x11n], wait(5n));
    const events = m.unit.takeEvents().filter(({ kind }) => kind !== "register write");
    expect(events).toEqual([
      { kind: "descriptor", address: AT.queue, words: [0x11n, 0n, 0n, 0n], error: 0 },
      {
        kind: "descriptor",
        address: AT.queue + 32n,
        words: [0x5_0000_0025n, AT.status, 0n, 0n],
        error: 0,
      },
      { kind: "status write", address: AT.status, data: 5 },
    ]);
  });

  test("switching it off needs an empty queue and puts the head to 0", () => {
    const m = started();
    m.submit([0x11n]);
    m.stop(0x0400_0000n);
    expect(head(m)).toBe(0n);
    expect(m.register(0x1c) & 0x0400_0000n).toBe(0n);
  });
});

describe("errors stop the queue at the descriptor", () => {
  test.each([
    ["type 0", [0n], 3n],
    ["an unknown type", [0xan], 3n],
    ["a context-cache granularity that is reserved", [0x01n], 4n],
    ["an IOTLB granularity that is reserved", [0x02n], 4n],
    ["a PASID cache granularity that is reserved", [0x27n], 4n],
    ["a PASID-based IOTLB granularity that is reserved", [0x16n], 4n],
    ["AM beyond MAMV", [0x32n, 0x3fn], 4n],
    ["a reserved bit of the first word", [0x111n], 4n],
    ["a reserved bit of the second word", [0x12n, 0x80n], 4n],
    ["a status address off its boundary", [0x25n, 1n], 4n],
    ["a set bit in the upper half", [0x11n, 0n, 1n, 0n], 4n],
  ])("%s", (_, words, code) => {
    const m = started();
    m.submit([0x11n], words, wait(9n));
    expect([head(m), status(m), reason(m)]).toEqual([0x20n, 0x10n, code]);
    expect(m.word(AT.status)).toBe(0n);
    // More work waits as well; after a repair and the clear everything runs.
    m.submit(wait(3n, AT.status + 8n));
    expect(head(m)).toBe(0x20n);
    m.put(AT.queue + 0x20n, 0x11n, 0n, 0n, 0n);
    m.unit.writeRegister(0x34, 4, 0x10n);
    expect([head(m), status(m), reason(m)]).toEqual([0x80n, 0n, 0n]);
    expect([m.word(AT.status), m.word(AT.status + 8n)]).toEqual([9n, 3n]);
  });

  test("a tail beyond the queue and one off the descriptor width", () => {
    const beyond = started();
    beyond.unit.writeRegister(0x88, 8, 0x1000n);
    expect([status(beyond), reason(beyond)]).toEqual([0x10n, 1n]);
    const odd = started();
    odd.unit.writeRegister(0x88, 8, 0x10n);
    expect([status(odd), reason(odd)]).toEqual([0x10n, 6n]);
  });

  test("a queue where there is no memory", () => {
    const m = new Machine();
    m.unit.writeRegister(0x90, 8, 0x4000_0800n);
    m.command(0x0400_0000n);
    m.unit.writeRegister(0x88, 8, 0x20n);
    expect([status(m), reason(m)]).toEqual([0x10n, 2n]);
  });

  test("128-bit descriptors under scalable tables, and PASID-based ones under legacy tables", () => {
    const narrow = started(false);
    narrow.submit([0x11n]);
    expect(reason(narrow)).toBe(5n);
    const legacy = started(true, 0);
    legacy.submit([0x26n]);
    expect(reason(legacy)).toBe(3n);
  });

  test("device commands are known on a unit with device TLBs only", () => {
    const command = [0x3n | (0x20n << 32n), 0x1001n];
    const m = started();
    m.submit(command);
    expect(status(m)).toBe(0n);
    const without = new Machine({ identification: { ...FULL, ecap: FULL.ecap & ~4n } });
    without.startQueue();
    without.submit(command);
    expect(reason(without)).toBe(3n);
  });
});

describe("what a command removes", () => {
  /** Caches of a machine after one request without PASID and one with PASID 9, both domain 7. */
  function filled(stage: 1 | 2): Machine {
    const m = new Machine({ stage });
    m.put(AT.contexts + 0x400n, AT.directory | 9n);
    m.putPasid(9, stage);
    m.startQueue();
    m.dma();
    m.dma({ pasid: pasid(9) });
    return m;
  }
  const left = (m: Machine) => {
    const entries = m.unit.cacheEntries();
    const pasids = (cache: string) =>
      entries.flatMap((e) => (e.cache === cache ? [e.pasid] : [])).sort();
    const tables = entries.filter((e) => e.cache === "paging").length;
    return [pasids("context").length, pasids("pasid"), pasids("iotlb"), tables];
  };
  const first = 6;
  const second = 3;
  const page = IOVA & ~0xfffn;

  test("before: two translations, and tables by PASID or by domain", () => {
    expect(left(filled(1))).toEqual([1, [0, 9], [0, 9], first]);
    expect(left(filled(2))).toEqual([1, [0, 9], [0, 9], second]);
  });

  test.each([
    ["context cache, global", 1, [0x11n], [0, [0, 9], [0, 9], first]],
    ["context cache, device", 1, [0x31n | (0x20n << 32n)], [0, [0, 9], [0, 9], first]],
    [
      "context cache, device, masked function",
      1,
      [0x31n | (0x21n << 32n) | (3n << 48n)],
      [0, [0, 9], [0, 9], first],
    ],
    ["context cache, another device", 1, [0x31n | (0x28n << 32n)], [1, [0, 9], [0, 9], first]],
    ["PASID cache, global", 1, [0x37n], [1, [], [0, 9], first]],
    ["PASID cache, domain", 1, [0x7_0007n], [1, [], [0, 9], first]],
    ["PASID cache, PASID", 1, [0x7_0017n | (9n << 32n)], [1, [0], [0, 9], first]],
    [
      "PASID cache, PASID in another domain",
      1,
      [0x8_0017n | (9n << 32n)],
      [1, [0, 9], [0, 9], first],
    ],
    ["IOTLB, global", 1, [0x12n], [1, [0, 9], [], 0]],
    ["IOTLB, domain", 1, [0x7_0022n], [1, [0, 9], [], 0]],
    ["IOTLB, another domain", 1, [0x8_0022n], [1, [0, 9], [0, 9], first]],
    [
      "IOTLB, an unrelated page: all first-stage entries go",
      1,
      [0x7_0032n, 0x1000n],
      [1, [0, 9], [], 0],
    ],
    [
      "IOTLB, an unrelated page: second-stage entries stay",
      2,
      [0x7_0032n, 0x1000n],
      [1, [0, 9], [0, 9], second],
    ],
    ["IOTLB, the page, leaf only", 2, [0x7_0032n, page | 0x40n], [1, [0, 9], [], second]],
    ["IOTLB, the page", 2, [0x7_0032n, page], [1, [0, 9], [], 0]],
    [
      "IOTLB, a range around the page",
      2,
      [0x7_0032n, (page & ~0x1f_ffffn) | 9n],
      [1, [0, 9], [], 0],
    ],
    ["PASID-based IOTLB, all of the PASID", 1, [0x7_0026n | (9n << 32n)], [1, [0, 9], [0], 3]],
    [
      "PASID-based IOTLB, all, second stage: tables stay",
      2,
      [0x7_0026n | (9n << 32n)],
      [1, [0, 9], [0], second],
    ],
    ["PASID-based IOTLB, the page", 1, [0x7_0036n | (9n << 32n), page], [1, [0, 9], [0], 3]],
    [
      "PASID-based IOTLB, the neighbouring page",
      1,
      [0x7_0036n | (9n << 32n), page + 0x1000n],
      [1, [0, 9], [0, 9], 3],
    ],
    [
      "PASID-based IOTLB, page, second stage",
      2,
      [0x7_0036n | (9n << 32n), page],
      [1, [0, 9], [0, 9], second],
    ],
  ] as const)("%s", (_, stage, words, expected) => {
    const m = filled(stage);
    m.submit([...words]);
    expect(status(m)).toBe(0n);
    expect(left(m)).toEqual(expected);
  });

  test("each entry that leaves is reported", () => {
    const m = filled(1);
    m.unit.takeEvents();
    m.submit([0x12n]);
    const drops = m.unit.takeEvents().flatMap((e) => (e.kind === "drop" ? [e.cache] : []));
    expect(drops.filter((cache) => cache === "iotlb")).toHaveLength(2);
    expect(drops.filter((cache) => cache === "paging")).toHaveLength(first);
  });
});
