// The quick walk and the IOTLB answer as the careful walk does: same results, same memory, same events.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hpa } from "../../base/brand.ts";
import type { HardwareEvent } from "./events.ts";
import { AT, FULL, IOVA, Machine, QEMU_SECOND, REQUESTER } from "./machine-fixture.ts";
import { FLAG } from "./request.ts";
import type { CacheSizes, DmaRequest } from "./types.ts";

const NONE: CacheSizes = { context: 0, pasid: 0, iotlb: 0, paging: 0 };
const FRONT: CacheSizes = { context: 8, pasid: 8, iotlb: 0, paging: 0 };
const TRANSLATIONS: CacheSizes = { context: 8, pasid: 8, iotlb: 8, paging: 0 };
const ALL: CacheSizes = { context: 8, pasid: 8, iotlb: 8, paging: 8 };

/** Bits worth flipping in an entry: rights, U/S, PS, A, D, SNP, addresses near and far, reserved and ignored ones. */
const BITS = [
  0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21, 29, 30, 33, 36, 40, 45, 46, 51, 52, 62, 63,
];

const change = fc.record({
  level: fc.integer({ min: 1, max: 4 }),
  bit: fc.constantFrom(...BITS),
});

const request = fc.record({
  access: fc.constantFrom("read", "write", "atomic" as const) as fc.Arbitrary<DmaRequest["access"]>,
  pasid: fc.constantFrom(null, null, 0, 9),
  offset: fc.constantFrom(
    0n,
    8n,
    0x1000n,
    0x1f_f000n,
    0x3fff_f000n,
    1n << 39n,
    1n << 48n,
    1n << 63n,
  ),
  privileged: fc.boolean(),
});

const situation = fc.record({
  mode: fc.constantFrom(0, 1, 1, 1) as fc.Arbitrary<0 | 1>,
  stage: fc.constantFrom(1, 2, 3, 4) as fc.Arbitrary<1 | 2 | 3 | 4>,
  unit: fc.constantFrom(FULL, FULL, QEMU_SECOND),
  more: fc.constantFrom(0n, 0n, 1n << 9n),
  target: fc.constantFrom(0x50_0000n, 0xfee0_0000n, 0xc000_0000n, 0x3_0000_0000n),
  changes: fc.array(change, { maxLength: 3 }),
  requests: fc.array(request, { minLength: 1, maxLength: 4 }),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

function build(s: Situation, caches: CacheSizes): Machine {
  const stage = s.unit === FULL ? s.stage : 2;
  const m = new Machine({
    mode: s.mode,
    stage,
    identification: s.unit,
    profile: "spec",
    caches,
    // QEMU's unit does not snoop its walks.
    overrides: { updatesUnsnooped: s.unit !== FULL },
  });
  if (s.mode === 1) {
    if (s.unit === FULL) m.put(AT.contexts + 0x400n, AT.directory | 9n);
    m.putPasid(9, stage, s.unit === FULL ? s.more : 0n);
  }
  for (const tables of [AT.first, AT.second]) {
    const leaf = m.entry(tables, 1);
    m.put(leaf, s.target | (m.word(leaf) & 0xfffn));
    for (const { level, bit } of s.changes) {
      const at = m.entry(tables, level);
      m.put(at, m.word(at) ^ (1n << BigInt(bit)));
    }
  }
  return m;
}

const HALF = 0xffff_ffffn;
const FLAGS = { read: FLAG.READ, write: FLAG.WRITE, atomic: FLAG.ATOMIC };

/** What translating each request three times over ends in. No data is moved, so no request edits the tables. */
function play(m: Machine, s: Situation): string {
  const seen: string[] = [];
  for (const one of [...s.requests, ...s.requests, ...s.requests]) {
    const address = IOVA + one.offset;
    const high = Number(BigInt.asIntN(32, address >> 32n));
    const low = Number(BigInt.asIntN(32, address & HALF));
    const flags = FLAGS[one.access] | (one.pasid !== null && one.privileged ? FLAG.PRIVILEGED : 0);
    const status = m.unit.translate(REQUESTER, one.pasid ?? -1, high, low, flags);
    const { result } = m.unit;
    const [reachedHigh, reachedLow, level] = result;
    seen.push(status === 0 ? `${reachedHigh}:${reachedLow} level ${level}` : `status ${status}`);
    m.unit.writeRegister(m.unit.capabilities.fro + 12, 4, 0x8000_0000n);
  }
  return seen.join("\n");
}

/** Words of memory that differ, as text; the first few. */
function differences(a: Machine, b: Machine): string {
  const [one, two] = [a, b].map((m) => m.store.readBytes(hpa(AT.root), 0x3_0000)) as [
    Uint8Array,
    Uint8Array,
  ];
  const at = one.findIndex((byte, n) => byte !== two[n]);
  return at < 0 ? "" : `byte ${at}: ${one[at]}, ${two[at]}`;
}

test.each([
  ["context and PASID caches", FRONT],
  ["and an IOTLB", TRANSLATIONS],
  ["and paging-structure caches", ALL],
])("with %s every request ends as without caches", (_, caches) => {
  fc.assert(
    fc.property(situation, fc.boolean(), (s, traced) => {
      const plain = build(s, NONE);
      const cached = build(s, caches);
      cached.unit.setTrace(traced);
      expect(play(cached, s)).toBe(play(plain, s));
      expect(differences(cached, plain)).toBe("");
    }),
    { numRuns: 200 },
  );
});

const pagingReads = (events: readonly HardwareEvent[]) =>
  events
    .filter(({ kind }) => kind === "read" || kind === "reached")
    .filter((event) => {
      return event.kind !== "read" || event.level !== null;
    });

describe("events of a walk do not depend on how it was done", () => {
  test.each([
    ["first stage", { stage: 1 }],
    ["second stage", { stage: 2 }],
    ["legacy", { mode: 0 }],
  ] as const)("%s", (_, options) => {
    const walkOf = (caches: CacheSizes, times: number) => {
      const m = new Machine({ ...options, caches });
      for (let n = 0; n < times; n++) {
        m.unit.takeEvents();
        m.dma();
      }
      return pagingReads(m.unit.takeEvents());
    };
    const careful = walkOf(NONE, 2);
    expect(careful).toHaveLength(5);
    expect(walkOf(FRONT, 2)).toEqual(careful);
    expect(walkOf(FRONT, 3)).toEqual(careful);
  });

  test("the caches in front are reported too", () => {
    const m = new Machine({ caches: FRONT });
    m.dma();
    m.dma();
    for (let n = 0; n < 2; n++) {
      m.unit.takeEvents();
      m.dma();
      const [context, table] = m.unit.cacheEntries();
      expect(m.unit.takeEvents().filter(({ kind }) => kind === "lookup")).toEqual([
        { kind: "lookup", cache: "context", slot: context?.slot },
        { kind: "lookup", cache: "pasid", slot: table?.slot },
      ]);
    }
  });
});

test("going back to a checkpoint also takes back what the quick walk had ready", () => {
  const m = new Machine({ caches: FRONT });
  const id = m.store.checkpoint();
  m.dma();
  m.dma();
  m.store.restore(id);
  m.put(AT.pasids, 0n);
  expect(m.outcome()).toBe("0x59");
});
