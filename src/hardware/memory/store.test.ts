// The page-slot store: what reads and writes see, checkpoints inside checkpoints, digests, hand-over.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hpa } from "../../base/brand.ts";
import { Store } from "./store.ts";

const ONES = 0xffff_ffff_ffff_ffffn;
/** 70 GiB: beyond the page index. */
const FAR = 70n << 30n;

function withRange(): Store {
  const store = new Store();
  store.addRange(hpa(0x1000n), 0x10_0000n);
  return store;
}

describe("reads and writes", () => {
  test("memory that was never written reads as zero, no memory as all ones", () => {
    const store = withRange();
    expect(store.readWord(hpa(0x1ff8n))).toBe(0n);
    expect(store.readWord(hpa(0x0n))).toBe(ONES);
    expect(store.isMemory(hpa(0x10_0fffn))).toBe(true);
    expect(store.isMemory(hpa(0x10_1000n))).toBe(false);
  });

  test("a write without memory is lost", () => {
    const store = withRange();
    store.writeWord(hpa(0x20_0000n), 5n);
    expect(store.readWord(hpa(0x20_0000n))).toBe(ONES);
    store.writeBytes(hpa(0xffcn), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect([...store.readBytes(hpa(0xffcn), 8)]).toEqual([255, 255, 255, 255, 5, 6, 7, 8]);
  });

  test("a page keeps what was written when another page takes the next slot", () => {
    const store = withRange();
    store.writeWord(hpa(0x3000n), 0x1122_3344_5566_7788n);
    store.writeWord(hpa(0x2008n), 9n);
    expect(store.readWord(hpa(0x3000n))).toBe(0x1122_3344_5566_7788n);
    expect([...store.readBytes(hpa(0x3000n), 2)]).toEqual([0x88, 0x77]);
    expect(store.readWord(hpa(0x2000n))).toBe(0n);
  });

  test("partial pages of an image leave the rest zero", () => {
    const store = new Store();
    store.addPages(hpa(0x5ffen), Uint8Array.of(1, 2, 3));
    expect([...store.readBytes(hpa(0x5ffcn), 8)]).toEqual([0, 0, 1, 2, 3, 0, 0, 0]);
    expect(store.ranges()).toEqual([{ start: 0x5000n, length: 0x2000n }]);
  });

  test("pages beyond the index work alike", () => {
    const store = new Store();
    store.addRange(hpa(FAR), 0x2000n);
    store.addPages(hpa(FAR + 0x8000n), Uint8Array.of(7));
    store.writeWord(hpa(FAR + 0x1000n), 3n);
    expect(store.readWord(hpa(FAR + 0x1000n))).toBe(3n);
    expect(store.readWord(hpa(FAR))).toBe(0n);
    expect(store.readWord(hpa(FAR + 0x2000n))).toBe(ONES);
    expect(store.ranges()).toEqual([
      { start: FAR, length: 0x2000n },
      { start: FAR + 0x8000n, length: 0x1000n },
    ]);
  });

  test("65,000 separate pages above 64 GiB are taken, found and listed at once", () => {
    const store = new Store();
    const count = 65_000;
    const page = new Uint8Array(4096).fill(9);
    store.reserve(count);
    const start = performance.now();
    for (let n = 0; n < count; n++) store.addPages(hpa(FAR + BigInt(n) * 0x2000n), page);
    expect(store.isMemory(hpa(FAR + 0x1000n))).toBe(false);
    expect(store.isMemory(hpa(FAR + BigInt(count - 1) * 0x2000n))).toBe(true);
    expect(store.ranges()).toHaveLength(count);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("reserved room is not outgrown while an image of that size is loaded", () => {
    const store = new Store();
    store.reserve(2000);
    const { version } = store;
    const { words } = store;
    store.addPages(hpa(0n), new Uint8Array(2000 * 4096).fill(1));
    expect(store.words).toBe(words);
    expect(words.length).toBeLessThan(2 * 2000 * 1024);
    expect(store.version).toBeGreaterThanOrEqual(version);
  });
});

describe("checkpoints", () => {
  test("restore brings back contents, pages and slots; the checkpoint stays", () => {
    const store = withRange();
    store.writeWord(hpa(0x1000n), 1n);
    const before = store.digest();
    const id = store.checkpoint();
    for (const value of [2n, 3n]) {
      store.writeWord(hpa(0x1000n), value);
      store.writeWord(hpa(0x4000n), value);
      store.addPages(hpa(FAR), Uint8Array.of(1));
      expect(store.digest()).not.toBe(before);
      store.restore(id);
      expect(store.readWord(hpa(0x1000n))).toBe(1n);
      expect(store.readWord(hpa(0x4000n))).toBe(0n);
      expect(store.isMemory(hpa(FAR))).toBe(false);
      expect(store.digest()).toBe(before);
    }
  });

  test("an inner checkpoint can be forgotten without loss for the outer one", () => {
    const store = withRange();
    const outer = store.checkpoint();
    store.writeWord(hpa(0x1000n), 1n);
    const inner = store.checkpoint();
    store.writeWord(hpa(0x1000n), 2n);
    store.writeWord(hpa(0x2000n), 2n);
    store.forget(inner);
    expect(() => store.restore(inner)).toThrow(RangeError);
    store.restore(outer);
    expect(store.readWord(hpa(0x1000n))).toBe(0n);
    expect(store.readWord(hpa(0x2000n))).toBe(0n);
  });

  test("any sequence of writes, checkpoints and restores equals a plain model", () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant("write" as const),
        page: fc.nat(5),
        value: fc.bigInt(0n, ONES),
      }),
      fc.record({ do: fc.constant("checkpoint" as const) }),
      fc.record({ do: fc.constant("restore" as const), which: fc.nat(5) }),
      fc.record({ do: fc.constant("forget" as const), which: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = withRange();
        const model = new Map<number, bigint>();
        const taken: { id: number; state: Map<number, bigint> }[] = [];
        for (const one of steps) {
          if (one.do === "write") {
            store.writeWord(hpa(BigInt(one.page + 1) << 12n), one.value);
            model.set(one.page, one.value);
          } else if (one.do === "checkpoint") {
            taken.push({ id: store.checkpoint(), state: new Map(model) });
          } else if (taken.length > 0) {
            const at = one.which % taken.length;
            const chosen = taken[at] as (typeof taken)[number];
            if (one.do === "forget") {
              store.forget(chosen.id);
              taken.splice(at, 1);
            } else {
              store.restore(chosen.id);
              taken.length = at + 1;
              model.clear();
              for (const [page, value] of chosen.state) model.set(page, value);
            }
          }
          for (let page = 0; page <= 5; page++) {
            expect(store.readWord(hpa(BigInt(page + 1) << 12n))).toBe(model.get(page) ?? 0n);
          }
        }
      }),
    );
  });
});

describe("digest", () => {
  test("does not depend on the order in which pages were written", () => {
    const [a, b] = [withRange(), withRange()];
    a.writeWord(hpa(0x1000n), 1n);
    a.writeWord(hpa(0x2000n), 2n);
    b.writeWord(hpa(0x2000n), 2n);
    b.writeWord(hpa(0x1000n), 1n);
    expect(a.digest()).toBe(b.digest());
    expect(a.digest()).toMatch(/^[0-9a-f]{16}$/);
  });

  test("tells contents and addresses apart, and ignores pages of zeros", () => {
    const digestOf = (address: bigint, value: bigint) => {
      const store = withRange();
      store.writeWord(hpa(address), value);
      return store.digest();
    };
    const digests = [
      digestOf(0x1000n, 1n),
      digestOf(0x2000n, 1n),
      digestOf(0x1008n, 1n),
      digestOf(0x1000n, 1n << 32n),
    ];
    expect(new Set(digests).size).toBe(4);
    // Each word of a page, and the same change in two words, also 16 bytes apart.
    const single = Array.from({ length: 512 }, (_, n) =>
      digestOf(0x1000n + 8n * BigInt(n), 1n << 63n),
    );
    expect(new Set(single).size).toBe(512);
    const twice = (distance: bigint) => {
      const store = withRange();
      for (const at of [0n, distance]) store.writeWord(hpa(0x1000n + at), 1n << 63n);
      return store.digest();
    };
    expect(new Set([8n, 16n, 32n, 256n, 0x1000n].map(twice)).size).toBe(5);
    expect(digestOf(0x1000n, 0n)).toBe(new Store().digest());
  });
});

test("parts can be transferred and give the same memory", () => {
  const store = withRange();
  store.addPages(hpa(FAR), Uint8Array.of(5));
  store.addRange(hpa(FAR + 0x10_0000n), 0x1000n);
  store.writeWord(hpa(0x1000n), 7n);
  const digest = store.digest();
  const parts = store.parts();
  const moved = structuredClone(parts, {
    transfer: [parts.words.buffer, parts.index.buffer, parts.pages.buffer],
  });
  expect(parts.words.length).toBe(0);
  const other = Store.fromParts(moved);
  expect(other.digest()).toBe(digest);
  expect(other.readWord(hpa(FAR))).toBe(5n);
  expect(other.isMemory(hpa(FAR + 0x10_0000n))).toBe(true);
  other.writeWord(hpa(0x2000n), 1n);
  expect(other.readWord(hpa(0x2000n))).toBe(1n);
});
