// The computed example of a DMA write from 3b:00.1 with PASID 0x25 through four first-stage levels, and its fault with PASID 0x26.
import { expect, test } from "vitest";
import { hpa, iova, pasid, requesterId } from "../../base/brand.ts";
import { Store } from "../memory/store.ts";
import { FULL } from "./machine-fixture.ts";
import { RemappingUnit } from "./unit.ts";

const ENTRIES: readonly (readonly [bigint, bigint])[] = [
  [0x1_06a0_03b0n, 0x1_06b3_b001n],
  [0x1_06b3_b020n, 0x1_06c0_001dn],
  [0x1_06c0_0000n, 0x1_06c0_4001n],
  [0x1_06c0_4940n, 0x49n],
  [0x1_06c0_4948n, 0x80_0012n],
  [0x1_06c0_4950n, 0x1_0700_0000n],
  [0x1_0700_07f0n, 0x1_0700_1027n],
  [0x1_0700_1750n, 0x1_0700_2027n],
  [0x1_0700_2710n, 0x1_0700_3027n],
  [0x1_0700_3f10n, 0x8000_0002_245d_9027n],
];
const REQUEST = {
  requester: requesterId(0x3b01),
  address: iova(0x7f3a_9c5e_2d48n),
  length: 8,
} as const;

function machine(): { store: Store; unit: RemappingUnit } {
  const store = new Store();
  store.addRange(hpa(0x1_0000_0000n), 0x2_0000_0000n);
  for (const [address, word] of ENTRIES) store.writeWord(hpa(address), word);
  const unit = new RemappingUnit(store, { identification: FULL, haw: 46, profile: "spec" });
  unit.writeRegister(0x20, 8, 0x1_06a0_0400n);
  unit.writeRegister(0x18, 4, 0x4000_0000n);
  unit.writeRegister(0x18, 4, 0x8000_0000n);
  unit.setTrace(true);
  return { store, unit };
}

test("the write reaches 0x2245d9d48 in eight reads and sets D", () => {
  const { store, unit } = machine();
  const outcome = unit.dma({ ...REQUEST, pasid: pasid(0x25), access: "write" });
  expect(outcome.ok).toBe(true);
  expect(outcome.pieces).toEqual([{ address: REQUEST.address, length: 8, target: 0x2_245d_9d48n }]);
  const events = unit.takeEvents();
  const reads = events.flatMap((event) => (event.kind === "read" ? [event] : []));
  expect(reads.map(({ address, index }) => [address, index])).toEqual([
    [0x1_06a0_03b0n, 0x3b],
    [0x1_06b3_b020n, 1],
    [0x1_06c0_0000n, 0],
    [0x1_06c0_4940n, 0x25],
    [0x1_0700_07f0n, 0xfe],
    [0x1_0700_1750n, 0xea],
    [0x1_0700_2710n, 0xe2],
    [0x1_0700_3f10n, 0x1e2],
  ]);
  expect(reads[3]?.words.slice(0, 3)).toEqual([0x49n, 0x80_0012n, 0x1_0700_0000n]);
  expect(events.filter((event) => event.kind === "update")).toEqual([
    {
      kind: "update",
      address: 0x1_0700_3f10n,
      before: 0x8000_0002_245d_9027n,
      after: 0x8000_0002_245d_9067n,
    },
  ]);
  expect(store.readWord(hpa(0x1_0700_3f10n))).toBe(0x8000_0002_245d_9067n);
  expect(unit.cacheEntries().filter(({ cache }) => cache === "iotlb")).toMatchObject([
    {
      domain: 0x12,
      pasid: 0x25,
      stage: "first-stage",
      address: 0x7f3a_9c5e_2000n,
      mask: 0xfffn,
      target: 0x2_245d_9000n,
      read: true,
      write: true,
      dirty: true,
    },
  ]);
});

test("with PASID 0x26 the read is refused with SPT.2 and recorded", () => {
  const { unit } = machine();
  const outcome = unit.dma({ ...REQUEST, pasid: pasid(0x26), access: "read" });
  expect(outcome).toMatchObject({ ok: false, kind: "fault", fault: 0x59 });
  expect(unit.readRegister(0x500, 8)).toBe(0x0000_7f3a_9c5e_2000n);
  expect(unit.readRegister(0x508, 8)).toBe(0xc000_2659_8000_3b01n);
  expect(unit.readRegister(0x34, 4)).toBe(2n);
});
