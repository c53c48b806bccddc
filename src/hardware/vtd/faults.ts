// Fault recording: FPD, overflow, merging, the recording registers and the fault event (sections 7.2 and 7.3).
import { requesterId } from "../../base/brand.ts";
import { join64 } from "../../base/words.ts";
import { type Core, STATE } from "./core.ts";
import { FAULT, type FaultCode, isQualified } from "./fault-codes.ts";
import { raiseEvent } from "./messages.ts";
import { PFO, PPF, REG } from "./registers.ts";
import { FLAG, RESULT, STATUS } from "./request.ts";
import { KIND } from "./trace.ts";
import type { FaultRecord } from "./types.ts";

/** Why a fault left no record, in the order of the words in trace-events.ts. */
export const NO_RECORD = { FPD: 0, PFO: 1, SAME_REQUESTER: 2, FULL: 3 } as const;

/** FRCD, upper 64 bits: low half. */
const T2 = 1 << 28;
const PRIV = 1 << 29;
const EXE = 1 << 30;
const PP = 1 << 31;
/** High half. */
const T1 = 1 << 30;
export const F = 1 << 31;

/** Refuses the request at hand: records what has to be recorded and returns the code. */
export function refuse(core: Core, code: number): number {
  if (core.trace.on === 1) core.trace.put(KIND.REFUSED, code, core.high, core.low);
  const reason = record(core, code);
  if (reason >= 0 && core.trace.on === 1) core.trace.put(KIND.NO_RECORD, code, reason);
  return code;
}

/** Writes a record; or -1 when done, else why there is none. */
function record(core: Core, code: number): number {
  const { capabilities, switches } = core;
  const qualified =
    isQualified(code as FaultCode) &&
    !(code === FAULT.LCT_3 && switches.reservedContextUnqualified);
  if (core.fpd && qualified) return NO_RECORD.FPD;
  const status = core.register(REG.FSTS);
  if ((status & PFO) !== 0) return NO_RECORD.PFO;
  for (let i = 0; i < capabilities.nfr; i++) {
    const at = capabilities.fro + 16 * i;
    const pending = core.register(at + 12) < 0;
    if (pending && (core.register(at + 8) & 0xffff) === core.requester) {
      return NO_RECORD.SAME_REQUESTER;
    }
  }
  const index = core.getState(STATE.CURSOR);
  const at = capabilities.fro + 16 * index;
  if (core.register(at + 12) < 0) {
    core.setRegister(REG.FSTS, status | PFO);
    raiseEvent(core, REG.FECTL, status);
    return NO_RECORD.FULL;
  }
  core.setRegister(at, core.low & 0xffff_f000);
  core.setRegister(at + 4, core.high);
  core.setRegister(at + 8, core.requester | attributes(core));
  core.setRegister(at + 12, F | code | kindBits(core));
  core.setState(STATE.CURSOR, (index + 1) % capabilities.nfr);
  core.result[RESULT.RECORD] = index;
  if ((status & PPF) === 0) {
    core.setRegister(REG.FSTS, (status & ~0xff00) | (index << 8) | PPF);
    raiseEvent(core, REG.FECTL, status);
  }
  if (core.trace.on === 1) {
    core.trace.put(
      KIND.RECORD,
      index,
      core.low & 0xffff_f000,
      core.high,
      core.register(at + 8),
      core.register(at + 12),
    );
  }
  return -1;
}

/** The PASID that goes into the record, or -1. QEMU 10 puts RID_PASID, cut to 16 bits, where the request has none. */
function recordedPasid(core: Core): number {
  if (core.pasid >= 0) return core.walking || !core.switches.pasidMissingInRecord ? core.pasid : -1;
  return core.recordsRidPasid && core.walking ? core.effectivePasid & 0xffff : -1;
}

function attributes(core: Core): number {
  let bits = recordedPasid(core) >= 0 ? PP : 0;
  if (core.switches.recordsKeepTypeOnly) return bits;
  const { flags } = core;
  if ((flags & FLAG.ATOMIC) === FLAG.ATOMIC) bits |= T2;
  if ((flags & FLAG.PRIVILEGED) !== 0) bits |= PRIV;
  if ((flags & FLAG.EXECUTE) !== 0) bits |= EXE;
  return bits;
}

function kindBits(core: Core): number {
  let bits = (core.flags & FLAG.ATOMIC) === FLAG.WRITE ? 0 : T1;
  bits |= Math.max(0, recordedPasid(core)) << 8;
  const translated = (core.flags & FLAG.TRANSLATED) !== 0 && core.capabilities.dt;
  if (translated && !core.switches.recordsKeepTypeOnly) bits |= 2 << 28;
  return bits;
}

/** A record as it stands in its register. */
export function readRecord(core: Core, index: number): FaultRecord {
  const at = core.capabilities.fro + 16 * index;
  return decodeRecord(
    index,
    core.register(at),
    core.register(at + 4),
    core.register(at + 8),
    core.register(at + 12),
  );
}

/** The four words of a recording register, lowest first. */
export function decodeRecord(
  index: number,
  low: number,
  high: number,
  attributes: number,
  kind: number,
): FaultRecord {
  const type = (kind & T1 ? 1 : 0) | (attributes & T2 ? 2 : 0);
  return {
    index,
    reason: (kind & 0xff) as FaultCode,
    requester: requesterId(attributes & 0xffff),
    address: join64(high, low),
    access: type === 3 ? "atomic" : type === 1 ? "read" : "write",
    pasidPresent: (attributes & PP) !== 0,
    pasid: (kind >> 8) & 0xf_ffff,
    execute: (attributes & EXE) !== 0,
    privileged: (attributes & PRIV) !== 0,
  };
}

/** Software has cleared F somewhere: PPF is whether any F is left. */
export function refreshPending(core: Core): void {
  const { fro, nfr } = core.capabilities;
  let pending = 0;
  for (let i = 0; i < nfr; i++) if (core.register(fro + 16 * i + 12) < 0) pending = PPF;
  const status = core.register(REG.FSTS);
  core.setRegister(REG.FSTS, (status & ~PPF) | pending);
}

/** Whether what `translate` returned is a fault code. */
export const isFault = (status: number): boolean => status > 0 && status < STATUS.BLOCKED;
