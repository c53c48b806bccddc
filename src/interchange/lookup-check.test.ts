import { describe, expect, it } from "vitest";
import { hpa, iova, requesterId } from "../base/brand.ts";
import type { DmaOutcome, DmaRequest } from "../hardware/vtd/types.ts";
import { checkLookup, type Prober } from "./lookup-check.ts";
import type { Lookup } from "./lookups.ts";

const refused = (fault: number | null): DmaOutcome =>
  ({
    ok: false,
    kind: "fault",
    pieces: [{ address: iova(0x1000n), length: 4, target: null }],
    data: null,
    mask: 0n,
    fault,
    record: null,
  }) as DmaOutcome;
const reached = (target: bigint, mask = 0xfffn): DmaOutcome => ({
  ok: true,
  kind: "translated",
  pieces: [{ address: iova(0x1000n), length: 4, target: hpa(target) }],
  data: null,
  mask,
  fault: null,
  record: null,
});

/** A machine that answers by direction, and what it was asked. */
function machine(answers: {
  read: DmaOutcome;
  write: DmaOutcome;
}): Prober & { asked: DmaRequest[] } {
  const asked: DmaRequest[] = [];
  return {
    asked,
    probe: (request) => {
      asked.push(request);
      const outcome = request.access === "write" ? answers.write : answers.read;
      return { operation: { op: "dma", ...request, length: 4 }, events: [], outcome };
    },
  };
}

const lookup = (outcome: Lookup["outcome"]): Lookup => ({
  line: 1,
  requester: requesterId(0x28),
  pasid: null,
  address: iova(0x1000n),
  agrees: true,
  outcome,
});
const translated = lookup({ kind: "translated", target: 0x5000n, mask: 0xfffn });
const fault = (write: boolean) => lookup({ kind: "fault", reason: 6, write });

describe("a recorded translation", () => {
  it("is met by a read", () => {
    const asked = machine({ read: reached(0x5000n), write: refused(5) });
    expect(checkLookup(translated, asked)).toMatchObject({ passed: true });
    expect(asked.asked).toMatchObject([{ access: "read", length: 4, pasid: null }]);
  });

  it("is met by a write when reads are refused", () => {
    expect(
      checkLookup(translated, machine({ read: refused(6), write: reached(0x5000n) })),
    ).toMatchObject({ passed: true });
  });

  it("is not met by another page, another size or two refusals", () => {
    const failing = [
      { read: reached(0x6000n), write: reached(0x5000n) },
      { read: reached(0x5000n, 0x1f_ffffn), write: reached(0x5000n) },
      { read: refused(6), write: refused(5) },
    ];
    for (const answers of failing)
      expect(checkLookup(translated, machine(answers)).passed).toBe(false);
    expect(checkLookup(translated, machine({ read: refused(6), write: refused(null) }))).toEqual({
      passed: false,
      reasonEqual: false,
      want: { result: "translated", gpa: "0x5000", mask: "0xfff" },
      got: { read: { result: "fault", reason: "0x06" }, write: { result: "fault" } },
    });
  });
});

describe("a recorded fault", () => {
  it.each([true, false])("is asked in its own direction (write %s)", (write) => {
    const asked = machine({ read: refused(write ? 9 : 6), write: refused(write ? 6 : 9) });
    expect(checkLookup(fault(write), asked)).toMatchObject({ passed: true, reasonEqual: true });
    expect(asked.asked).toHaveLength(1);
  });

  it("is met by another reason, which is said, and not by a translation", () => {
    expect(
      checkLookup(fault(false), machine({ read: refused(9), write: refused(6) })),
    ).toMatchObject({ passed: true, reasonEqual: false });
    expect(
      checkLookup(fault(false), machine({ read: reached(0x5000n), write: refused(6) })),
    ).toMatchObject({ passed: false, reasonEqual: false });
  });
});
