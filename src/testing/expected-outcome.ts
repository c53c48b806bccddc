// What the naive walker's answer means for everything a unit shows: outcome, fault record, memory.
import type { DmaOutcome } from "../hardware/vtd/types.ts";
import { type NaivePages, readPages, writeBytes, writeWord } from "./naive-memory.ts";
import type { NaiveOutcome, NaiveRequest } from "./naive-request.ts";

export interface Shown {
  readonly ok: boolean;
  readonly target: bigint | null;
  readonly mask: bigint;
  readonly fault: number | null;
  /** The two words of the fault record; null when there is none. */
  readonly record: readonly [bigint, bigint] | null;
}

/** The fault record that section 11.4.7.6 describes. Its address is left out where the specification leaves it open. */
export function faultRecord(request: NaiveRequest, code: number, deviceTlb: boolean): bigint[] {
  const { requester, pasid, access, privileged, execute, translated } = request;
  const flag = (on: boolean, at: bigint): bigint => (on ? 1n << at : 0n);
  const present = pasid !== null;
  const high =
    BigInt(requester) |
    flag(access === "atomic", 28n) |
    flag(present && privileged, 29n) |
    flag(present && execute, 30n) |
    flag(present, 31n) |
    (BigInt(code) << 32n) |
    (BigInt(pasid ?? 0) << 40n) |
    (translated && deviceTlb ? 2n << 60n : 0n) |
    flag(access !== "write", 62n) |
    flag(true, 63n);
  return [request.address & ~0xfffn, high];
}

export function expectedOf(
  outcome: NaiveOutcome,
  request: NaiveRequest,
  deviceTlb: boolean,
): Shown {
  if (outcome.kind === "refused") {
    const { code, silent } = outcome;
    const [low = 0n, high = 0n] = code === null ? [] : faultRecord(request, code, deviceTlb);
    return { ok: false, target: null, mask: 0n, fault: code, record: silent ? null : [low, high] };
  }
  const reached = outcome.kind === "reached" ? outcome : null;
  // With remapping off any address passes; beyond 52 bits it names no host memory.
  const named = reached !== null && reached.address >> 52n === 0n;
  return {
    ok: true,
    target: named ? reached.address : null,
    mask: reached?.mask ?? 0n,
    fault: null,
    record: null,
  };
}

/** The same of a unit's outcome; `record` is what its registers say. */
export function shownBy(outcome: DmaOutcome, record: readonly [bigint, bigint] | null): Shown {
  return {
    ok: outcome.ok,
    target: outcome.pieces[0]?.target ?? null,
    mask: outcome.mask,
    fault: outcome.fault,
    record,
  };
}

/** Does to memory what the request does: accessed and dirty bits, then the written bytes. */
export function applyOutcome(
  pages: NaivePages,
  outcome: NaiveOutcome,
  request: NaiveRequest,
  data: Uint8Array,
): void {
  if (outcome.kind !== "reached") return;
  for (const { address, bits } of outcome.updates) {
    const [word = 0n] = readPages(pages)(address, 1) ?? [];
    writeWord(pages, address, word | bits);
  }
  if (request.access !== "read") writeBytes(pages, outcome.address, data);
}

/** Bytes that differ from request to request. */
export const dataFor = (request: NaiveRequest, seed: number): Uint8Array =>
  Uint8Array.from({ length: request.length }, (_, n) => (n * 37 + seed * 101 + 1) & 0xff);
