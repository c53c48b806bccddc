// The invalidation queue: fetching, judging and carrying out descriptors (sections 6.5.2 and 7.10 of the specification).
import type { Core } from "./core.ts";
import { STATE } from "./core.ts";
import {
  dropContexts,
  dropDomainPages,
  dropPasidPages,
  dropPasids,
  dropPasidTranslations,
  dropTranslations,
  type PageRange,
} from "./invalidate.ts";
import { raiseEvent } from "./messages.ts";
import { IQE, QIES, REG } from "./registers.ts";
import { KIND } from "./trace.ts";

/** IQERCD.IQEI (section 11.4.9.9). */
export const QUEUE_ERROR = {
  NONE: 0,
  TAIL: 1,
  FETCH: 2,
  TYPE: 3,
  RESERVED: 4,
  WIDTH: 5,
  ALIGNMENT: 6,
  MODE: 7,
} as const;

/** Type of the wait descriptor. */
export const WAIT = 5;

const DW = 1 << 11;

const queueBytes = (core: Core): number => 4096 << (core.getState(STATE.QUEUE_LOW) & 7);
const isWide = (core: Core): boolean => (core.getState(STATE.QUEUE_LOW) & DW) !== 0;

/** Software has written the tail. */
export function tailWritten(core: Core): void {
  const tail = core.register(REG.IQT);
  const wide = (core.register(REG.IQA) & DW) !== 0;
  if (wide && (tail & 0x10) !== 0) stop(core, QUEUE_ERROR.ALIGNMENT);
  else if ((core.register(REG.GSTS) & QIES) === 0) return;
  else if (tail >= queueBytes(core)) stop(core, QUEUE_ERROR.TAIL);
  else run(core);
}

/** Software has cleared IQE: the queue goes on, at once or at the next write of the tail. */
export function errorCleared(core: Core): void {
  core.setRegister(REG.IQERCD, core.register(REG.IQERCD) & ~0xf);
  if (!core.switches.queueWaitsForTail) run(core);
}

/** Carries out what stands between head and tail, unless an error is pending. */
export function run(core: Core): void {
  if ((core.register(REG.GSTS) & QIES) === 0) return;
  const size = queueBytes(core);
  const step = isWide(core) ? 32 : 16;
  while ((core.register(REG.FSTS) & IQE) === 0) {
    const head = core.register(REG.IQH);
    const tail = core.register(REG.IQT);
    if (head === tail) return;
    const error = tail >= size ? QUEUE_ERROR.TAIL : fetch(core, head, step / 4);
    if (error === QUEUE_ERROR.NONE) core.setRegister(REG.IQH, (head + step) % size);
    else stop(core, error);
  }
}

function stop(core: Core, error: number): void {
  const status = core.register(REG.FSTS);
  if (!core.switches.queueErrorNotRecorded) {
    core.setRegister(REG.IQERCD, (core.register(REG.IQERCD) & ~0xf) | error);
  }
  core.setRegister(REG.FSTS, status | IQE);
  raiseEvent(core, REG.FECTL, status);
}

/** The descriptor at hand. */
const descriptor = new Int32Array(8);

function fetch(core: Core, head: number, count: number): number {
  const start = core.getState(STATE.QUEUE_LOW) & 0xffff_f000;
  const low = (start + head) | 0;
  const carry = low >>> 0 < start >>> 0 ? 1 : 0;
  const high = (core.getState(STATE.QUEUE_HIGH) & core.hawHigh) + carry;
  const backed = core.readEntry(high, low);
  const at = core.entryAt;
  descriptor.fill(0);
  for (let i = 0; i < count; i++) descriptor[i] = core.store.words[at + i] ?? 0;
  let error: number = backed ? judge(core, count === 8) : QUEUE_ERROR.FETCH;
  core.setState(STATE.LAST_COMMAND, backed ? typeOf(descriptor[0] ?? 0) : 0);
  if (core.trace.on === 1) {
    const place = core.trace.next(KIND.DESCRIPTOR | (error << 8) | ((backed ? count : 0) << 16));
    core.trace.ring[place + 1] = high;
    core.trace.ring[place + 2] = low;
    core.trace.ring.set(descriptor, place + 3);
  }
  if (error === QUEUE_ERROR.NONE && !carryOut(core) && core.switches.queueStricter) {
    error = QUEUE_ERROR.FETCH;
  }
  return error;
}

const typeOf = (word: number): number => (word & 0xf) | ((word >> 5) & 0x70);

function judge(core: Core, wide: boolean): number {
  const type = typeOf(descriptor[0] ?? 0);
  if (!exists(core, type)) return QUEUE_ERROR.TYPE;
  const mode = core.switches.queueModesByWidth
    ? judgeModeByWidth(type, wide)
    : judgeMode(core, type, wide);
  if (mode !== QUEUE_ERROR.NONE) return mode;
  if (core.descriptors.reserved(descriptor, type, wide)) return QUEUE_ERROR.RESERVED;
  return judgeFields(core, type) ? QUEUE_ERROR.NONE : QUEUE_ERROR.RESERVED;
}

function exists(core: Core, type: number): boolean {
  const { dt, hpts, prs } = core.capabilities;
  if (type === 3 || type === 8) return dt || core.switches.queueStricter;
  if (type === 9) return prs;
  if (type === 10) return hpts;
  return type >= 1 && type <= 7;
}

/** Table 26: which commands go with the table mode, and at which width. */
function judgeMode(core: Core, type: number, wide: boolean): number {
  const mode = (core.getState(STATE.ROOT_LOW) >> 10) & 3;
  const { adms, smts } = core.capabilities;
  if (wide && !smts && !adms) return QUEUE_ERROR.WIDTH;
  if (mode === 0) return type <= 5 ? QUEUE_ERROR.NONE : QUEUE_ERROR.TYPE;
  if (mode === 2) return QUEUE_ERROR.MODE;
  return wide ? QUEUE_ERROR.NONE : QUEUE_ERROR.WIDTH;
}

/** Commands that name a PASID need the wide queue, whatever the table mode. */
function judgeModeByWidth(type: number, wide: boolean): number {
  return type >= 6 && type <= 9 && !wide ? QUEUE_ERROR.TYPE : QUEUE_ERROR.NONE;
}

/** Values that are reserved though their bits are not. */
function judgeFields(core: Core, type: number): boolean {
  const { capabilities, switches } = core;
  const word = descriptor[0] ?? 0;
  const granularity = (word >> 4) & 3;
  const am = (descriptor[2] ?? 0) & 0x3f;
  const beyond = am > capabilities.mamv;
  switch (type) {
    case 1:
      return granularity !== 0;
    case 2:
      if (granularity === 3 && (beyond || !capabilities.psi)) return false;
      return granularity !== 0;
    case 3:
    case 8: {
      const upperFunction = (descriptor[1] ?? 0) >>> 20;
      return !switches.queueStricter || ((word & 0xf000) | upperFunction) === 0;
    }
    case WAIT: {
      const drains = (word & 0x80) !== 0;
      if (drains && !capabilities.pds) return false;
      // IF, SW or FN.
      return (word & 0x70) !== 0 || !switches.queueStricter;
    }
    case 6:
      if (granularity === 3 && beyond && switches.queueStricter) return false;
      return granularity >= 2;
    case 7:
      return granularity !== 2;
    case 9:
      return (word & 0x10) !== 0 || !switches.queueStricter;
    default:
      return true;
  }
}

/** False: the status write of a wait reached no memory. */
function carryOut(core: Core): boolean {
  const word = descriptor[0] ?? 0;
  const upper = descriptor[1] ?? 0;
  const granularity = (word >> 4) & 3;
  const domain = (word >>> 16) & core.domainMask;
  const pasid = upper & 0xf_ffff;
  switch (typeOf(word)) {
    case 1:
      invalidateContexts(core, granularity, domain, upper & 0xffff, (upper >> 16) & 3);
      return true;
    case 2:
      if (granularity === 3) dropDomainPages(core, domain, rangeOf());
      else dropTranslations(core, granularity === 1 ? -1 : domain);
      return true;
    case WAIT:
      return completeWait(core, word, upper);
    case 6:
      if (granularity === 3) dropPasidPages(core, domain, pasid, rangeOf());
      else dropPasidTranslations(core, domain, pasid);
      return true;
    case 7:
      dropPasids(core, granularity === 3 ? -1 : domain, granularity === 1 ? pasid : -1);
      return true;
    default:
      // Device TLBs, the interrupt entry cache and page requests have nothing here that could be stale.
      return true;
  }
}

/** Context cache by granularity: 1 global, 2 domain, 3 device. The domain counts only where the profile looks at it. */
export function invalidateContexts(
  core: Core,
  granularity: number,
  domain: number,
  requester: number,
  fm: number,
): void {
  const of = core.switches.contextDomainIgnored ? -1 : domain;
  if (granularity === 1) dropContexts(core, -1, 0, -1);
  else if (granularity === 2) dropContexts(core, -1, 0, of);
  else dropContexts(core, requester, fm, of);
}

function rangeOf(): PageRange {
  const low = descriptor[2] ?? 0;
  return {
    high: descriptor[3] ?? 0,
    low: low & 0xffff_f000,
    am: low & 0x3f,
    leafOnly: (low & 0x40) !== 0,
  };
}

/** Status write, then completion event. False: there is no memory at the status address. */
function completeWait(core: Core, word: number, data: number): boolean {
  let written = true;
  if ((word & 0x20) !== 0) {
    const low = (descriptor[2] ?? 0) & ~3;
    const high = descriptor[3] ?? 0;
    const { store } = core;
    const page = (high & 0xf_ffff) * 0x10_0000 + (low >>> 12);
    const slot = high >>> 20 === 0 ? store.writableSlot(page) : 0;
    written = slot !== 0;
    if (written) store.words[slot * 1024 + ((low & 0xffc) >> 2)] = data;
    if (core.trace.on === 1) core.trace.put(KIND.STATUS_WRITE, high, low, data);
  }
  if ((word & 0x10) !== 0) {
    const status = core.register(REG.ICS);
    core.setRegister(REG.ICS, status | 1);
    raiseEvent(core, REG.IECTL, status);
  }
  return written;
}
