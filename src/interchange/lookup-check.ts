// Compares recorded lookups with what the tables of an image say now.
import type { Iova } from "../base/brand.ts";
import { plainHex } from "../base/hex.ts";
import type { Access, DmaOutcome } from "../hardware/vtd/types.ts";
import type { SessionPort } from "../session/types.ts";
import type { Lookup } from "./lookups.ts";

/** Asks what one request would do with cold caches. */
export type Prober = Pick<SessionPort, "probe">;

/** Where a page leads, or why it is refused, as texts. */
export interface LookupAnswer {
  readonly result: "translated" | "fault";
  readonly gpa?: string;
  readonly mask?: string;
  readonly reason?: string;
}

export interface LookupScore {
  readonly passed: boolean;
  /** Faults only: for the recorded reason. */
  readonly reasonEqual: boolean;
  readonly want: LookupAnswer;
  /** What each attempt gave, by its direction. */
  readonly got: Readonly<Partial<Record<Access, LookupAnswer>>>;
}

/**
 * Looks one page up. A translated one is tried as a read and then, if that was refused, as a write:
 * recorded lines do not say which it was, and pages may have one right only.
 */
export function checkLookup(lookup: Lookup, machine: Prober): LookupScore {
  const { outcome: recorded } = lookup;
  if (recorded.kind === "fault") {
    const access = recorded.write ? "write" : "read";
    const found = attempt(lookup, access, machine);
    return {
      passed: found.result === "fault",
      reasonEqual: found.result === "fault" && found.reason === plainHex(recorded.reason, 2),
      want: { result: "fault", reason: plainHex(recorded.reason, 2) },
      got: { [access]: found },
    };
  }
  const want: LookupAnswer = {
    result: "translated",
    gpa: plainHex(recorded.target),
    mask: plainHex(recorded.mask),
  };
  const equal = (found: LookupAnswer) =>
    found.result === "translated" && found.gpa === want.gpa && found.mask === want.mask;
  const read = attempt(lookup, "read", machine);
  if (read.result === "translated") {
    return { passed: equal(read), reasonEqual: false, want, got: { read } };
  }
  const write = attempt(lookup, "write", machine);
  return { passed: equal(write), reasonEqual: false, want, got: { read, write } };
}

function attempt(lookup: Lookup, access: Access, machine: Prober): LookupAnswer {
  const { requester, pasid, address } = lookup;
  const { outcome } = machine.probe({
    requester,
    pasid,
    access,
    address,
    length: probeLength(address),
  });
  return outcome ? answer(outcome) : { result: "fault" };
}

/** Bytes of a request that only asks for the translation: four where they fit, since an interrupt request has four. */
export const probeLength = (address: Iova): number => (address % 4n === 0n ? 4 : 1);

function answer(outcome: DmaOutcome): LookupAnswer {
  const target = outcome.pieces[0]?.target ?? null;
  if (target === null || outcome.kind === "fault") {
    return outcome.fault === null
      ? { result: "fault" }
      : { result: "fault", reason: plainHex(outcome.fault, 2) };
  }
  return { result: "translated", gpa: plainHex(target), mask: plainHex(outcome.mask) };
}
