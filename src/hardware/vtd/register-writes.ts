// What a register write does: stored bits, bits that clear by one, and the actions behind them (section 11.4).
import { high32, join64, low32 } from "../../base/words.ts";
import { PAGE_SIZE } from "../memory/memory.ts";
import { type Core, STATE } from "./core.ts";
import { refreshPending } from "./faults.ts";
import { dropAll } from "./invalidate.ts";
import { errorCleared, tailWritten, WAIT } from "./invalidation-queue.ts";
import { controlWritten, statusCleared } from "./messages.ts";
import { contextCommandWritten, iotlbCommandWritten } from "./register-invalidation.ts";
import {
  CFIS,
  FSTS_CLEARED_BY_ONE,
  IQE,
  IRES,
  IRTPS,
  QIES,
  REG,
  RTPS,
  TES,
  type WritableMasks,
} from "./registers.ts";
import { KIND } from "./trace.ts";
import type { Capabilities } from "./types.ts";

/** Bytes of the pages that hold registers; what is no register there reads as 0. */
export function registerBytes({ fro, iro, nfr }: Capabilities): number {
  return PAGE_SIZE * Math.ceil(Math.max(0x100, iro + 16, fro + 16 * nfr) / PAGE_SIZE);
}

/** `size` 4 or 8 bytes at an aligned offset; all ones beyond the register pages. */
export function readRegister(core: Core, offset: number, size: 4 | 8): bigint {
  if (offset < 0 || (offset & 3) !== 0 || offset + size > registerBytes(core.capabilities)) {
    return size === 8 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  }
  const value = join64(size === 8 ? visible(core, offset + 4) : 0, visible(core, offset));
  return value;
}

/** What a read sees. GCMD, IVA, and SID and FM of CCMD cannot be read. */
function visible(core: Core, offset: number): number {
  const { iro } = core.capabilities;
  if (core.switches.queueBaseReadAsLatched && (offset | 4) === REG.IQA + 4) {
    const base = core.getState(STATE.QUEUE_LOW) & 0xffff_f000;
    return offset === REG.IQA
      ? base | (core.register(offset) & 0xfff)
      : core.getState(STATE.QUEUE_HIGH);
  }
  if (offset === REG.CCMD) return core.register(offset) & 0xffff;
  if (offset === REG.CCMD + 4) return core.register(offset) & ~3;
  return offset === REG.GCMD || offset === iro || offset === iro + 4 ? 0 : core.register(offset);
}

export function writeRegister(
  core: Core,
  masks: WritableMasks,
  offset: number,
  size: 4 | 8,
  value: bigint,
): void {
  if (core.trace.on === 1) {
    core.trace.put(KIND.REGISTER_WRITE, offset, size, low32(value), high32(value));
  }
  if (offset < 0 || (offset & 3) !== 0 || offset + size > registerBytes(core.capabilities)) return;
  store(core, masks, offset, low32(value));
  if (size === 8) store(core, masks, offset + 4, high32(value));
  act(core, offset, low32(value));
  if (size === 8) act(core, offset + 4, high32(value));
}

function store(core: Core, masks: WritableMasks, offset: number, value: number): void {
  const mask = masks.get(offset >> 2);
  if (mask === undefined) return;
  core.setRegister(offset, (core.register(offset) & ~mask) | (value & mask));
}

function act(core: Core, offset: number, value: number): void {
  const { fro, iro, nfr } = core.capabilities;
  switch (offset) {
    case REG.GCMD:
      commandWritten(core, value);
      break;
    case REG.CCMD + 4:
      contextCommandWritten(core);
      break;
    case REG.FSTS:
      faultStatusWritten(core, value);
      break;
    case REG.FECTL:
    case REG.IECTL:
    case REG.PECTL:
      controlWritten(core, offset);
      break;
    case REG.IQT:
      tailWritten(core);
      break;
    case REG.ICS:
      core.setRegister(offset, core.register(offset) & ~(value & 1));
      statusCleared(core, REG.IECTL);
      break;
    case REG.PRS:
      core.setRegister(offset, core.register(offset) & ~(value & 3));
      statusCleared(core, REG.PECTL);
      break;
    case iro + 12:
      iotlbCommandWritten(core);
      break;
    default:
      if (isRecordTop(offset - fro, nfr) && value < 0) recordCleared(core, offset);
  }
}

/** Whether an offset from the first recording register is the word that holds F. */
const isRecordTop = (offset: number, count: number): boolean =>
  offset >= 0 && offset < 16 * count && (offset & 15) === 12;

function recordCleared(core: Core, offset: number): void {
  core.setRegister(offset, core.register(offset) & 0x7fff_ffff);
  refreshPending(core);
  if (!core.switches.eventKeptUntilStatusWritten) statusCleared(core, REG.FECTL);
}

function faultStatusWritten(core: Core, value: number): void {
  const before = core.register(REG.FSTS);
  core.setRegister(REG.FSTS, before & ~(value & FSTS_CLEARED_BY_ONE));
  statusCleared(core, REG.FECTL);
  if ((before & value & IQE) !== 0) errorCleared(core);
}

/** GCMD: levels act when they change, one-shot bits whenever they are written 1 (section 11.4.4). */
function commandWritten(core: Core, value: number): void {
  const changed = core.register(REG.GSTS) ^ value;
  if ((changed & TES) !== 0) switchRemapping(core, value < 0);
  if ((value & RTPS) !== 0) takeRoot(core);
  if ((changed & QIES) !== 0 && core.capabilities.qi) switchQueue(core, (value & QIES) !== 0);
  if ((value & IRTPS) !== 0 && core.capabilities.ir) setStatus(core, IRTPS, true);
  if ((changed & IRES) !== 0 && core.capabilities.ir) {
    setStatus(core, IRES, (value & IRES) !== 0);
    rewindCursor(core);
  }
  if ((changed & CFIS) !== 0 && core.capabilities.ir) setStatus(core, CFIS, (value & CFIS) !== 0);
}

function setStatus(core: Core, bit: number, on: boolean): void {
  const status = core.register(REG.GSTS);
  core.setRegister(REG.GSTS, on ? status | bit : status & ~bit);
}

function switchRemapping(core: Core, on: boolean): void {
  setStatus(core, TES, on);
  if (!on) {
    // The specification asks for it on units with SMTS; it may always be done, and nothing is cached while TES is 0.
    dropAll(core);
    core.forgetRows();
    rewindCursor(core);
  }
}

/** The recording cursor goes to 0 when neither DMA nor interrupt remapping is on; under QEMU when DMA remapping stops. */
function rewindCursor(core: Core): void {
  const status = core.register(REG.GSTS);
  if ((status & (TES | IRES)) === 0 || (core.switches.resetsEmptyCaches && status >= 0)) {
    core.setState(STATE.CURSOR, 0);
  }
}

/** SRTP: address and table mode are taken over together. */
function takeRoot(core: Core): void {
  const mode = core.register(REG.RTADDR) & 0xc00;
  const sameMode = mode === (core.getState(STATE.ROOT_LOW) & 0xc00);
  core.setState(STATE.ROOT_LOW, core.register(REG.RTADDR));
  core.setState(STATE.ROOT_HIGH, core.register(REG.RTADDR + 4));
  setStatus(core, RTPS, true);
  core.forgetRows();
  // What another table mode has cached never answers.
  if (core.switches.resetsEmptyCaches || core.capabilities.esrtps || !sameMode) dropAll(core);
}

/** QIE: the queue address is taken over when it goes on; it only goes off when the queue is empty. */
function switchQueue(core: Core, on: boolean): void {
  if (on) {
    core.setState(STATE.QUEUE_LOW, core.register(REG.IQA));
    core.setState(STATE.QUEUE_HIGH, core.register(REG.IQA + 4));
    setStatus(core, QIES, true);
    if (core.register(REG.IQH) !== core.register(REG.IQT)) tailWritten(core);
    return;
  }
  if (core.register(REG.IQH) !== core.register(REG.IQT)) return;
  if (core.switches.queueStricter && core.getState(STATE.LAST_COMMAND) !== WAIT) return;
  setStatus(core, QIES, false);
  core.setRegister(REG.IQH, 0);
}
