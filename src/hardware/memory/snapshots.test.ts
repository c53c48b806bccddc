// Snapshots against a plain model, with checkpoints, new memory and private pages between; what they share and what they cost.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hpa } from "../../base/brand.ts";
import { Store } from "./store.ts";

const BASE = 0x10_0000n;
/** 70 GiB: beyond the page index. */
const FAR = 70n << 30n;
const PAGES = 12;
const ONES = 0xffff_ffff_ffff_ffffn;

/** Pages 0 .. 5 are memory from the start, 6 .. 8 may become memory, 9 .. 11 lie beyond the index. */
const address = (page: number) =>
  hpa((page < 9 ? BASE + BigInt(page) * 4096n : FAR + BigInt(page) * 4096n) + 8n);

function small(): Store {
  const store = new Store();
  store.addRange(hpa(BASE), 6n * 4096n);
  store.addPrivate(1);
  return store;
}

const page = fc.integer({ min: 0, max: PAGES - 1 });
const which = fc.nat({ max: 1000 });
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("write" as const), page, value: fc.nat(3) }),
  },
  { weight: 3, arbitrary: fc.constant({ do: "take" as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("go" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("range" as const), page }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("load" as const), page }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("private" as const), value: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.constant({ do: "checkpoint" as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restore" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const), which }) },
);

/** What can be seen of a store. */
const look = (store: Store): string => {
  const words = Array.from({ length: PAGES }, (_, n) => store.readWord(address(n)));
  const ranges = store.ranges().map(({ start, length }) => `${start}+${length}`);
  return [...words, ...ranges, store.digest(), store.used].join(" ");
};

test("any state can be gone to from any other, with checkpoints, new memory and private pages between", () => {
  let gone = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 5, maxLength: 60 }), (actions) => {
      const store = small();
      const taken = [{ snapshot: store.snapshot(), seen: look(store) }];
      const marks: { id: number; seen: string }[] = [];
      for (const one of actions) {
        switch (one.do) {
          case "write":
            store.writeWord(address(one.page), BigInt(one.value));
            break;
          case "take":
            taken.push({ snapshot: store.snapshot(), seen: look(store) });
            break;
          case "range":
            store.addRange(hpa(address(one.page) - 8n), 0x2000n);
            break;
          case "load":
            store.addPages(hpa(address(one.page) - 8n), new Uint8Array(16).fill(7));
            break;
          case "private": {
            const slot = store.addPrivate(1);
            store.touch(slot);
            store.words[slot * 1024] = one.value;
            break;
          }
          case "go": {
            const wanted = taken[one.which % taken.length];
            if (!wanted) break;
            store.restoreSnapshot(wanted.snapshot);
            expect(look(store)).toBe(wanted.seen);
            gone++;
            break;
          }
          case "checkpoint":
            marks.push({ id: store.checkpoint(), seen: look(store) });
            break;
          default: {
            if (marks.length === 0) break;
            const at = one.which % marks.length;
            const mark = marks[at];
            if (!mark) break;
            if (one.do === "forget") {
              store.forget(mark.id);
              marks.splice(at, 1);
            } else {
              store.restore(mark.id);
              marks.length = at + 1;
              expect(look(store)).toBe(mark.seen);
            }
          }
        }
      }
      for (const { snapshot, seen } of [...taken].reverse()) {
        store.restoreSnapshot(snapshot);
        expect(look(store)).toBe(seen);
      }
      for (const { id, seen } of [...marks].reverse()) {
        store.restore(id);
        expect(look(store)).toBe(seen);
      }
    }),
    { numRuns: 150 },
  );
  expect(gone).toBeGreaterThan(150);
});

test("a page that was never written is memory again, and zero", () => {
  const store = small();
  const before = store.snapshot();
  store.writeWord(hpa(BASE), 1n);
  const after = store.snapshot();
  store.restoreSnapshot(before);
  expect(store.isMemory(hpa(BASE))).toBe(true);
  expect(store.readWord(hpa(BASE))).toBe(0n);
  store.writeWord(hpa(BASE + 4096n), 2n);
  store.restoreSnapshot(after);
  expect(store.readWord(hpa(BASE))).toBe(1n);
  expect(store.readWord(hpa(BASE + 4096n))).toBe(0n);
});

test("memory that came after a snapshot is no memory in it", () => {
  const store = small();
  const before = store.snapshot();
  store.addRange(hpa(FAR), 0x1000n);
  store.writeWord(hpa(FAR), 5n);
  const after = store.snapshot();
  store.restoreSnapshot(before);
  expect(store.readWord(hpa(FAR))).toBe(ONES);
  store.restoreSnapshot(after);
  expect(store.readWord(hpa(FAR))).toBe(5n);
});

test("pages that are alike are held once, and only changed parts of a page are copied", () => {
  const store = new Store();
  store.addPages(hpa(0n), new Uint8Array(1000 * 4096).fill(1));
  const snapshots = [store.snapshot()];
  for (let n = 1; n <= 100; n++) {
    store.writeWord(hpa(0x5008n), BigInt(n));
    snapshots.push(store.snapshot());
  }
  store.writeWord(hpa(0x5008n), 0n);
  const chunks = new Set(snapshots.flatMap((one) => one.chunks));
  const parts = new Set(
    [...chunks].flatMap((chunk) => chunk.flatMap((saved) => saved?.parts ?? [])),
  );
  // One chunk of 64 changes each time; of the page in it, one part of 8 (all 8 the first time).
  expect(chunks.size).toBeLessThan(130);
  expect(parts.size).toBe(108);
});

test("a snapshot of a large memory copies nothing, and small steps are quick in both directions", () => {
  const store = new Store();
  const pages = 20_000;
  store.addPages(hpa(0n), new Uint8Array(pages * 4096).fill(1));
  const took = (work: () => void): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  const first = store.snapshot();
  expect(first.chunks.flat().every((saved) => !saved?.parts)).toBe(true);
  for (let n = 0; n < 50; n++) store.writeWord(hpa(BigInt(n * 37) << 12n), 3n);
  const second = store.snapshot();
  store.restoreSnapshot(first);
  const times = Array.from({ length: 20 }, (_, n) =>
    took(() => store.restoreSnapshot(n % 2 ? first : second)),
  ).sort((a, b) => a - b);
  expect(times[10]).toBeLessThan(5);
});
