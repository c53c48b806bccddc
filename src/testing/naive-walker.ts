// A second, naive VT-d walker: no caches, no sharing of code or layouts with the emulated hardware. It answers what
// the specification (revision 5.10, sections 3, 4.2, 7.1.3 and 9) makes of one request.
import { translateLegacy } from "./naive-legacy.ts";
import {
  bit,
  bits,
  inInterruptRange,
  type NaiveMachine,
  type NaiveOutcome,
  type NaiveRequest,
  type NaiveWalk,
  Refusal,
  refuse,
} from "./naive-request.ts";
import { translateScalable } from "./naive-scalable.ts";

/** Faults that are recorded whatever FPD says. */
const ALWAYS_RECORDED: readonly number[] = [
  0x01, 0x08, 0x09, 0x0a, 0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x38, 0x39, 0x3a, 0x40, 0x50, 0x58,
];

/** What becomes of one request, and the addresses of the table entries that were read for it, in order. */
export function naiveTranslate(
  machine: NaiveMachine,
  request: NaiveRequest,
): { readonly outcome: NaiveOutcome; readonly reads: readonly bigint[] } {
  const walk: NaiveWalk = { machine, request, faultProcessingDisabled: false, reads: [] };
  try {
    return { outcome: frontEnd(walk), reads: walk.reads };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code } = error;
    const qualified = code !== null && !ALWAYS_RECORDED.includes(code);
    const silent = code === null || (qualified && walk.faultProcessingDisabled);
    return { outcome: { kind: "refused", code, silent }, reads: walk.reads };
  }
}

function frontEnd(walk: NaiveWalk): NaiveOutcome {
  const { machine, request } = walk;
  const { capabilities, rtaddr } = machine;
  const untouched: NaiveOutcome = {
    kind: "reached",
    address: request.address,
    walked: false,
    mask: 0n,
    read: true,
    write: true,
    updates: [],
  };
  if (!machine.enabled) return request.translated ? refuse(null) : untouched;

  const plain = request.pasid === null && !request.translated;
  if (plain && inInterruptRange(request.address)) {
    if (request.access === "write" && request.length === 4) return { kind: "interrupt" };
    if (request.access === "read" && request.length === 0) return { kind: "interrupt" };
    refuse(0x29);
  }

  const mode = bits(rtaddr, 11n, 10n);
  if (mode === 3n) refuse(capabilities.abortDma ? 0x33 : 0x30);
  if (mode === 2n) refuse(0x30);
  if (mode === 1n && !capabilities.scalable) refuse(0x30);
  if (mode === 0n && capabilities.secondStageIoBits && bit(rtaddr, 7n)) refuse(0x30);
  if (mode === 0n && request.pasid !== null) refuse(0x31);
  if (request.pasid !== null && request.execute && capabilities.major >= 8) refuse(0x34);
  if (request.translated && request.pasid !== null && !capabilities.pasidInTranslated) refuse(null);
  return mode === 0n ? translateLegacy(walk) : translateScalable(walk);
}
