// The front end of a request: remapping off, the interrupt range, the table mode (sections 3.1, 3.15 and table 30).
import { type Core, STATE } from "./core.ts";
import { FAULT } from "./fault-codes.ts";
import { refuse } from "./faults.ts";
import { FLAG, STATUS } from "./request.ts";

/** Requests without PASID into 0xFEExxxxx (section 3.15 and table 15). */
export function interruptRange(core: Core): number {
  const { flags } = core;
  if ((flags & FLAG.ZERO_LENGTH) !== 0 && (flags & FLAG.ATOMIC) === FLAG.READ) {
    return STATUS.ABSORBED;
  }
  if ((flags & FLAG.ATOMIC) === FLAG.WRITE && (flags & FLAG.NO_DWORD) === 0) {
    return STATUS.INTERRUPT;
  }
  if (core.switches.interruptRangeAbsorbed) return STATUS.ABSORBED;
  return refuse(core, FAULT.IR_NOT_INTERRUPT);
}

/** Table mode of the latched root. Sets `core.scalable`. */
export function tableMode(core: Core): number {
  const { capabilities, flags, pasid, switches } = core;
  const root = core.getState(STATE.ROOT_LOW);
  const mode = (root >> 10) & 3;
  if (switches.tableModeBitTen) core.scalable = (mode & 1) === 1 && capabilities.smts;
  else {
    if (mode === 3) return capabilities.adms ? FAULT.RTA_4 : FAULT.RTA_1;
    if (mode === 2 || (mode === 1 && !capabilities.smts)) return FAULT.RTA_1;
    core.scalable = mode === 1;
    if (mode === 0 && capabilities.ssirws && (root & 0x80) !== 0) return FAULT.RTA_1;
  }
  if (!core.scalable && pasid >= 0) return FAULT.RTA_2;
  if (pasid >= 0 && (flags & FLAG.EXECUTE) !== 0 && capabilities.major >= 8) return FAULT.RTA_5;
  if (pasid >= 0 && (flags & FLAG.TRANSLATED) !== 0 && !capabilities.ptrs) {
    return STATUS.UNSUPPORTED;
  }
  return 0;
}
