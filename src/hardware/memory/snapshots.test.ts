import fc from "fast-check";
import { expect, test } from "vitest";
import { hpa } from "../../base/brand.ts";
import { Store } from "./store.ts";

const BASE = 0x10_0000n;

function small(): Store {
  const store = new Store();
  store.addRange(hpa(BASE), 16n * 4096n);
  store.addPrivate(1);
  return store;
}

const action = fc.oneof(
  fc.record({
    do: fc.constant("write" as const),
    page: fc.integer({ min: 0, max: 15 }),
    value: fc.bigInt({ min: 0n, max: 5n }),
  }),
  fc.constant({ do: "take" as const }),
  fc.record({ do: fc.constant("restore" as const), which: fc.nat() }),
  fc.record({ do: fc.constant("aside" as const), page: fc.integer({ min: 0, max: 15 }) }),
);

test("snapshots come back in any order, with writes and checkpoints between", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const store = small();
      const address = (page: number) => hpa(BASE + BigInt(page) * 4096n + 8n);
      const now = () => Array.from({ length: 16 }, (_, page) => store.readWord(address(page)));
      const taken = [{ snapshot: store.snapshot(), words: now(), digest: store.digest() }];
      for (const one of actions) {
        if (one.do === "write") store.writeWord(address(one.page), one.value);
        else if (one.do === "take") {
          taken.push({ snapshot: store.snapshot(), words: now(), digest: store.digest() });
        } else if (one.do === "aside") {
          const before = now();
          const mark = store.checkpoint();
          store.writeWord(address(one.page), 77n);
          const within = store.snapshot();
          store.writeWord(address(one.page), 78n);
          store.restore(mark);
          store.forget(mark);
          expect(now()).toEqual(before);
          store.restoreSnapshot(within);
          expect(store.readWord(address(one.page))).toBe(77n);
        } else {
          const wanted = taken[one.which % taken.length];
          if (!wanted) continue;
          store.restoreSnapshot(wanted.snapshot);
          expect(now()).toEqual(wanted.words);
          expect(store.digest()).toBe(wanted.digest);
        }
      }
    }),
    { numRuns: 300 },
  );
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
