// The fault event and the invalidation completion event: masking, pending, withdrawal, retriggering, up to the processor.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hpa, iova, requesterId } from "../../base/brand.ts";
import { FULL } from "../vtd/machine-fixture.ts";
import type { Platform } from "./platform.ts";
import { DESCRIPTION, open } from "./platform-fixture.ts";

const FSTS = 0x34;
const FECTL = 0x38;
const ICS = 0x9c;
const IECTL = 0xa0;
const FRO = 0x500;
const IM = 0x8000_0000n;
const IP = 0x4000_0000n;
const PFO = 1n;
const VECTOR = 0x61;

/** A platform whose unit refuses everything, with the fault event set up and unmasked. */
function refusing(registers = 8): Platform {
  const cap = (FULL.cap & ~(0xffn << 40n)) | (BigInt(registers - 1) << 40n);
  const p = open({ unit: { ...DESCRIPTION.unit, cap: `0x${cap.toString(16)}` } });
  p.writeUnit(0x20, 8, 0x1_0000n);
  p.writeUnit(0x18, 4, 0x4000_0000n);
  p.writeUnit(0x18, 4, 0x8000_0000n);
  p.writeUnit(0x3c, 4, BigInt(VECTOR));
  p.writeUnit(0x40, 4, 0xfee0_0000n);
  p.writeUnit(FECTL, 4, 0n);
  p.takeEvents();
  return p;
}

const fault = (p: Platform, requester = 1) =>
  p.dma({
    requester: requesterId(requester),
    pasid: null,
    access: "read",
    address: iova(0x5000n),
    length: 4,
  });
const clearRecord = (p: Platform, index: number) =>
  p.writeUnit(FRO + 16 * index + 12, 4, 0x8000_0000n);
const did = (p: Platform) =>
  p.takeEvents().flatMap((event) => (event.kind === "unit event" ? [event.did] : []));

describe("the fault event", () => {
  test("reaches the processor with the first fault, not with the ones that follow", () => {
    const p = refusing();
    for (const requester of [1, 2, 3]) fault(p, requester);
    expect(p.takeInterrupts()).toEqual([VECTOR]);
    expect(p.readUnit(FECTL, 4)).toBe(0n);
    const events = p.takeEvents().filter(({ kind }) => kind === "message" || kind === "unit event");
    expect(events).toEqual([
      { kind: "unit event", register: "FECTL", did: "sent" },
      { kind: "message", address: 0xfee0_0000n, data: VECTOR },
    ]);
  });

  test("comes again only after all records and PFO were cleared", () => {
    const p = refusing();
    for (const requester of [1, 2]) fault(p, requester);
    p.takeInterrupts();
    clearRecord(p, 0);
    fault(p, 3);
    expect(p.takeInterrupts()).toEqual([]);
    for (const index of [1, 2]) clearRecord(p, index);
    expect(p.readUnit(FSTS, 4) & 3n).toBe(0n);
    fault(p, 4);
    expect(p.takeInterrupts()).toEqual([VECTOR]);
  });

  test("an overflow that is left standing holds back both records and messages", () => {
    const p = refusing(1);
    fault(p, 1);
    fault(p, 2);
    p.takeInterrupts();
    clearRecord(p, 0);
    expect(p.readUnit(FSTS, 4) & 3n).toBe(PFO);
    expect(fault(p, 3).record).toBeNull();
    expect(p.takeInterrupts()).toEqual([]);
    p.writeUnit(FSTS, 4, PFO);
    expect(fault(p, 3).record).not.toBeNull();
    expect(p.takeInterrupts()).toEqual([VECTOR]);
  });

  test("waits behind the mask and comes when the mask goes", () => {
    const p = refusing();
    p.writeUnit(FECTL, 4, IM);
    fault(p);
    expect(p.readUnit(FECTL, 4)).toBe(IM | IP);
    expect(p.takeInterrupts()).toEqual([]);
    // Software cannot write IP.
    p.writeUnit(FECTL, 4, IM);
    expect(p.readUnit(FECTL, 4)).toBe(IM | IP);
    p.writeUnit(FECTL, 4, 0n);
    expect(p.readUnit(FECTL, 4)).toBe(0n);
    expect(p.takeInterrupts()).toEqual([VECTOR]);
    expect(did(p)).toEqual(["held back", "sent"]);
  });

  test("is withdrawn when software clears the last condition first", () => {
    const p = refusing();
    p.writeUnit(FECTL, 4, IM);
    fault(p);
    clearRecord(p, 0);
    expect(p.readUnit(FECTL, 4)).toBe(IM);
    p.writeUnit(FECTL, 4, 0n);
    expect(p.takeInterrupts()).toEqual([]);
    expect(did(p)).toEqual(["held back", "withdrawn"]);
  });

  test("goes where FEADDR and FEUADDR say, and only there is an interrupt", () => {
    const p = refusing();
    p.writeUnit(0x40, 4, 0x1234_5000n);
    fault(p);
    expect(p.takeInterrupts()).toEqual([]);
    expect(did(p)).toEqual(["sent"]);
  });

  test("an error of the invalidation queue raises it too", () => {
    const p = refusing();
    p.writeUnit(0x90, 8, 0x4_0800n);
    p.writeUnit(0x18, 4, 0x8400_0000n);
    p.store.writeWord(hpa(0x4_0000n), 0xfn);
    p.writeUnit(0x88, 8, 32n);
    expect(p.readUnit(FSTS, 4) & 0x10n).toBe(0x10n);
    expect(p.takeInterrupts()).toEqual([VECTOR]);
    fault(p);
    expect(p.takeInterrupts()).toEqual([]);
  });
});

test("a wait with IF raises the completion event once until software clears IWC", () => {
  const p = refusing();
  p.writeUnit(0xa4, 4, 0x44n);
  p.writeUnit(0xa8, 4, 0xfee0_0000n);
  p.writeUnit(0x90, 8, 0x4_0800n);
  p.writeUnit(0x18, 4, 0x8400_0000n);
  for (let n = 0n; n < 4n; n++) p.store.writeWord(hpa(0x4_0000n + 32n * n), 0x15n);
  p.writeUnit(0x88, 8, 32n);
  expect(p.readUnit(IECTL, 4)).toBe(IM | IP);
  p.writeUnit(IECTL, 4, 0n);
  expect(p.takeInterrupts()).toEqual([0x44]);
  p.writeUnit(0x88, 8, 64n);
  expect(p.takeInterrupts()).toEqual([]);
  p.writeUnit(ICS, 4, 1n);
  p.writeUnit(0x88, 8, 96n);
  expect(p.takeInterrupts()).toEqual([0x44]);
});

test("any sequence of faults, acknowledgements and masking follows the rules of section 7.3", () => {
  const count = 3;
  const act = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("fault" as const), n: fc.nat(4) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("clear" as const), n: fc.nat(count - 1) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("overflow" as const), n: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("mask" as const), n: fc.nat(1) }) },
  );
  let messages = 0;
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 60 }), (acts) => {
      const p = refusing(count);
      const records: number[] = Array.from({ length: count }, () => -1);
      let [cursor, overflow, masked, pending, sent] = [0, false, false, false, 0];
      const conditions = () => overflow || records.some((one) => one >= 0);
      for (const { do: what, n } of acts) {
        if (what === "fault") {
          fault(p, n);
          const before = conditions();
          const merged = records.includes(n);
          if (!overflow && !merged) {
            if ((records[cursor] ?? -1) >= 0) overflow = true;
            else {
              records[cursor] = n;
              cursor = (cursor + 1) % count;
            }
            if (!before && masked) pending = true;
            else if (!before) sent++;
          }
        } else if (what === "clear") {
          clearRecord(p, n);
          records[n] = -1;
        } else if (what === "overflow") {
          p.writeUnit(FSTS, 4, PFO);
          overflow = false;
        } else {
          masked = n === 1;
          p.writeUnit(FECTL, 4, masked ? IM : 0n);
          if (!masked && pending) {
            pending = false;
            sent++;
          }
        }
        if (!conditions()) pending = false;
        expect(p.readUnit(FECTL, 4)).toBe((masked ? IM : 0n) | (pending ? IP : 0n));
        const status = p.readUnit(FSTS, 4) & 3n;
        expect(status).toBe((overflow ? 1n : 0n) | (records.some((one) => one >= 0) ? 2n : 0n));
      }
      expect(did(p).filter((one) => one === "sent")).toHaveLength(sent);
      expect(p.takeInterrupts()).toEqual(sent > 0 ? [VECTOR] : []);
      messages += sent;
    }),
    { numRuns: 300 },
  );
  expect(messages).toBeGreaterThan(300);
});
