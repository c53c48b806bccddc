// Events that the unit reports by message: pending and mask bits of the control registers (section 7.3).
import type { Core } from "./core.ts";
import { DID } from "./message-listener.ts";
import { REG } from "./registers.ts";
import { KIND } from "./trace.ts";

const IP = 1 << 30;

/** Status bits of each group whose first one makes an event. */
const CONDITIONS: Readonly<Record<number, number>> = {
  [REG.FECTL]: 0x73,
  [REG.IECTL]: 1,
  [REG.PECTL]: 3,
};
const STATUS_OF: Readonly<Record<number, number>> = {
  [REG.FECTL]: REG.FSTS,
  [REG.IECTL]: REG.ICS,
  [REG.PECTL]: REG.PRS,
};

/** A condition has appeared. `before`: the status register before it; with one pending already there is no new event. */
export function raiseEvent(core: Core, control: number, before: number): void {
  if ((before & (CONDITIONS[control] ?? 0)) !== 0) return;
  if (core.register(control) < 0) {
    core.setRegister(control, core.register(control) | IP);
    core.listener?.(control, DID.HELD_BACK, 0, 0, 0);
  } else send(core, control);
}

/** Software has written a control register: clearing IM sends what is pending. */
export function controlWritten(core: Core, control: number): void {
  const value = core.register(control);
  if (value < 0 || (value & IP) === 0) return;
  core.setRegister(control, value & ~IP);
  send(core, control);
}

/** Software has cleared status bits: without any left nothing is pending. */
export function statusCleared(core: Core, control: number): void {
  const status = core.register(STATUS_OF[control] ?? 0);
  const value = core.register(control);
  if ((status & (CONDITIONS[control] ?? 0)) !== 0 || (value & IP) === 0) return;
  core.setRegister(control, value & ~IP);
  core.listener?.(control, DID.WITHDRAWN, 0, 0, 0);
}

/** The message itself: never remapped. Data, address and upper address follow the control register. */
function send(core: Core, control: number): void {
  const data = core.register(control + 4);
  const low = core.register(control + 8);
  const high = core.register(control + 12);
  if (core.trace.on === 1) core.trace.put(KIND.INTERRUPT, high, low, data);
  core.listener?.(control, DID.SENT, high, low, data);
}
