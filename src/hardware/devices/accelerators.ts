// Work-queue accelerators: their registers, portals and what a descriptor does.
//
// BAR 0 registers, 32 bits each unless said otherwise, little-endian (64-bit accesses are two of 32 bits):
//   0x000 GENCTRL  [0] the device takes work; 1 after reset
//   0x008 GENCAP   read-only: [7:0] number of queues, [31:16] largest transfer in units of 4 KiB
//   0x100 + 0x20 q WQCFG    [0] enable, [1] dedicated, [2] PASID enable, [31:12] PASID.
//                           While [0] is set only writes that clear [0] count.
//   0x108 + 0x20 q WQSTATUS [7:0] status of the last descriptor, [15:8] why the last one was refused (REFUSED below);
//                           any write clears it
//   0x10c + 0x20 q WQCOUNT  read-only: descriptors carried out since reset
// BAR 2: one 4 KiB portal per queue, at q * 4096. A 64-byte store anywhere in it submits a descriptor:
//   [0] u32 PASID, used by shared queues with PASID enable only; [4] u32 [31:24] opcode (0x00 no-op, 0x03 memory move,
//   0x04 fill), [0] interrupt on completion, other bits 0; [8] u64 address of the completion record, 0: none, a multiple of 32;
//   [16] u64 source (move) or pattern (fill); [24] u64 destination; [32] u32 bytes.
// Completion record, 32 bytes: [0] u8 status (STATUS below), [8] u32 bytes done before the failure, [16] u64 its address.
// Work is done at once. Every access is a request of the function with the queue's PASID, or without one.
import { type Iova, iova, type Pasid, pasid } from "../../base/brand.ts";
import type { Store } from "../memory/store.ts";
import type { DeviceEvent } from "../platform/events.ts";
import { PrivateArea } from "../platform/private-area.ts";
import type { PciFunction } from "../platform/topology.ts";
import type { DmaOutcome, DmaRequest } from "../vtd/types.ts";

const PAGE = 4096;
const GENCTRL = 0x000;
const GENCAP = 0x008;
const QUEUES_AT = 0x100;
const QUEUE_BYTES = 0x20;
const WQ = { CONFIG: 0x00, STATUS: 0x08, COUNT: 0x0c } as const;
const CONFIG = { ENABLE: 1, DEDICATED: 2, PASID: 4 } as const;
/** Largest transfer: 1 MiB. */
const MOST_BYTES = 0x10_0000;
const OPCODE = { NOOP: 0x00, MOVE: 0x03, FILL: 0x04 } as const;
const FLAG_INTERRUPT = 1;
const NAMES: Readonly<Record<number, string>> = { 0: "no-op", 3: "memory move", 4: "fill" };

/** Status byte of a completion record. */
export const STATUS = {
  SUCCESS: 0x01,
  /** A request was refused by the remapping unit. */
  PAGE_FAULT: 0x03,
  UNKNOWN_OPCODE: 0x10,
  RESERVED_FLAGS: 0x11,
  TOO_LONG: 0x13,
  /** The destination begins inside the source. */
  OVERLAP: 0x16,
  /** The completion record is not aligned to 32 bytes; it is not written. */
  RECORD_MISALIGNED: 0x1a,
  /** A request did not reach the remapping unit. */
  NOT_SENT: 0x20,
} as const;

/** Why a queue took no descriptor. */
export const REFUSED = { DEVICE_OFF: 1, QUEUE_OFF: 2, NOT_64_BYTES: 3 } as const;

/** What an accelerator needs of the bus. */
export interface Bus {
  /** Null: the request did not reach the remapping unit. */
  send(from: PciFunction, request: Omit<DmaRequest, "requester">, queue: number): DmaOutcome | null;
  message(from: PciFunction): void;
  report(event: DeviceEvent): void;
}

interface Descriptor {
  readonly pasid: Pasid | null;
  readonly opcode: number;
  readonly flags: number;
  readonly record: bigint;
  readonly source: bigint;
  readonly destination: bigint;
  readonly size: number;
}

interface Done {
  readonly status: number;
  readonly bytes: number;
  readonly address: bigint;
}

export class Accelerators {
  readonly #bus: Bus;
  readonly #functions: readonly PciFunction[];
  readonly #registers: PrivateArea;

  constructor(store: Store, functions: readonly PciFunction[], bus: Bus) {
    this.#bus = bus;
    this.#functions = functions.filter(({ description }) => description.model === "accelerator");
    this.#registers = new PrivateArea(store, this.#functions.length);
    for (const one of this.#functions) this.reset(one);
  }

  /** Power-on state: all queues off. */
  reset(one: PciFunction): void {
    const base = this.#base(one);
    if (base < 0) return;
    for (let at = 0; at < PAGE; at += 4) this.#registers.setWord((base + at) >> 2, 0);
    this.#set(one, GENCTRL, 1);
    this.#set(one, GENCAP, queuesOf(one) | ((MOST_BYTES / PAGE) << 16));
  }

  /** Functions without registers of their own read as zero. */
  read(one: PciFunction, offset: number, size: 4 | 8): bigint {
    if (this.#base(one) < 0 || offset < 0 || (offset & 3) !== 0 || offset + size > PAGE) return 0n;
    const low = BigInt(this.#get(one, offset));
    return size === 4 ? low : low | (BigInt(this.#get(one, offset + 4)) << 32n);
  }

  write(one: PciFunction, offset: number, size: 4 | 8, value: bigint): void {
    if (this.#base(one) < 0 || offset < 0 || (offset & 3) !== 0 || offset + size > PAGE) return;
    this.#store(one, offset, Number(value & 0xffff_ffffn));
    if (size === 8) this.#store(one, offset + 4, Number((value >> 32n) & 0xffff_ffffn));
  }

  #store(one: PciFunction, offset: number, value: number): void {
    if (offset === GENCTRL) this.#set(one, offset, value & 1);
    const queue = Math.floor((offset - QUEUES_AT) / QUEUE_BYTES);
    if (queue < 0 || queue >= queuesOf(one)) return;
    const inside = offset - placeOf(queue);
    if (inside === WQ.STATUS) this.#set(one, offset, 0);
    if (inside !== WQ.CONFIG) return;
    const locked = (this.#get(one, offset) & CONFIG.ENABLE) !== 0;
    if (!locked || (value & CONFIG.ENABLE) === 0) this.#set(one, offset, value & 0xffff_f007);
  }

  /** Every queue of every accelerator, in order. */
  queues(): {
    readonly function: PciFunction["requester"];
    readonly queue: number;
    readonly enabled: boolean;
    readonly dedicated: boolean;
    readonly pasid: Pasid | null;
  }[] {
    return this.#functions.flatMap((one) => {
      const on = (this.#get(one, GENCTRL) & 1) !== 0;
      return Array.from({ length: queuesOf(one) }, (_, queue) => {
        const config = this.#get(one, placeOf(queue));
        return {
          function: one.requester,
          queue,
          enabled: on && (config & CONFIG.ENABLE) !== 0,
          dedicated: (config & CONFIG.DEDICATED) !== 0,
          pasid: (config & CONFIG.PASID) === 0 ? null : pasid(config >>> 12),
        };
      });
    });
  }

  /** A store to the portals of an accelerator. */
  submit(one: PciFunction, offset: number, bytes: Uint8Array): void {
    const queue = Math.floor(offset / PAGE);
    if (this.#base(one) < 0 || queue < 0 || queue >= queuesOf(one)) return;
    const config = this.#get(one, placeOf(queue));
    let refused = 0;
    if ((this.#get(one, GENCTRL) & 1) === 0) refused = REFUSED.DEVICE_OFF;
    else if ((config & CONFIG.ENABLE) === 0) refused = REFUSED.QUEUE_OFF;
    else if (bytes.length !== 64) refused = REFUSED.NOT_64_BYTES;
    const accepted = refused === 0;
    this.#bus.report({ kind: "work submitted", function: one.requester, queue, accepted });
    const statusAt = placeOf(queue) + WQ.STATUS;
    if (!accepted) {
      this.#set(one, statusAt, (this.#get(one, statusAt) & 0xff) | (refused << 8));
      return;
    }
    const work = decode(bytes, config);
    const done = this.#carryOut(one, queue, work);
    const status = this.#complete(one, queue, work, done);
    this.#set(one, statusAt, (this.#get(one, statusAt) & 0xff00) | status);
    const countAt = placeOf(queue) + WQ.COUNT;
    this.#set(one, countAt, this.#get(one, countAt) + 1);
    const operation = NAMES[work.opcode] ?? "unknown";
    this.#bus.report({ kind: "work done", function: one.requester, queue, operation, status });
    if ((work.flags & FLAG_INTERRUPT) !== 0) this.#bus.message(one);
  }

  #carryOut(one: PciFunction, queue: number, work: Descriptor): Done {
    const { destination, flags, opcode, record, size, source } = work;
    const failed = (status: number): Done => ({ status, bytes: 0, address: 0n });
    if (NAMES[opcode] === undefined) return failed(STATUS.UNKNOWN_OPCODE);
    if ((flags & ~FLAG_INTERRUPT) !== 0) return failed(STATUS.RESERVED_FLAGS);
    if ((record & 31n) !== 0n) return failed(STATUS.RECORD_MISALIGNED);
    if (opcode === OPCODE.NOOP) return failed(STATUS.SUCCESS);
    if (size > MOST_BYTES) return failed(STATUS.TOO_LONG);
    const moves = opcode === OPCODE.MOVE;
    if (moves && destination > source && destination < source + BigInt(size)) {
      return failed(STATUS.OVERLAP);
    }
    let bytes = 0;
    while (bytes < size) {
      const to = wrap(destination + BigInt(bytes));
      const from = wrap(source + BigInt(bytes));
      const count = Math.min(size - bytes, inPage(to), moves ? inPage(from) : PAGE);
      let data: Uint8Array;
      if (moves) {
        const read = this.#ask(one, queue, work, "read", from, count);
        if (!read?.ok || !read.data) return { status: statusOf(read), bytes, address: from };
        data = read.data;
      } else data = pattern(source, bytes, count);
      const written = this.#ask(one, queue, work, "write", to, count, data);
      if (!written?.ok) return { status: statusOf(written), bytes, address: to };
      bytes += count;
    }
    return { status: STATUS.SUCCESS, bytes, address: 0n };
  }

  /** Writes the completion record; the status that the queue shows. */
  #complete(one: PciFunction, queue: number, work: Descriptor, done: Done): number {
    if (work.record === 0n || done.status === STATUS.RECORD_MISALIGNED) return done.status;
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, done.status);
    view.setUint32(8, done.bytes, true);
    view.setBigUint64(16, done.address, true);
    const written = this.#ask(one, queue, work, "write", iova(work.record), 32, bytes);
    return written?.ok ? done.status : statusOf(written);
  }

  #ask(
    one: PciFunction,
    queue: number,
    work: Descriptor,
    access: "read" | "write",
    address: Iova,
    length: number,
    data?: Uint8Array,
  ): DmaOutcome | null {
    const request = { pasid: work.pasid, access, address, length };
    return this.#bus.send(one, data ? { ...request, data } : request, queue);
  }

  /** First byte of a function's registers, -1 when it is no accelerator. */
  #base(one: PciFunction): number {
    const at = this.#functions.indexOf(one);
    return at < 0 ? -1 : at * PAGE;
  }

  #get(one: PciFunction, offset: number): number {
    return this.#registers.word((this.#base(one) + offset) >> 2);
  }

  #set(one: PciFunction, offset: number, value: number): void {
    this.#registers.setWord((this.#base(one) + offset) >> 2, value);
  }
}

const queuesOf = ({ description }: PciFunction): number => description.queues ?? 1;
const placeOf = (queue: number): number => QUEUES_AT + queue * QUEUE_BYTES;
const wrap = (address: bigint): Iova => iova(BigInt.asUintN(64, address));
const inPage = (address: bigint): number => PAGE - Number(address & 0xfffn);

const statusOf = (outcome: DmaOutcome | null): number =>
  outcome === null ? STATUS.NOT_SENT : STATUS.PAGE_FAULT;

function decode(bytes: Uint8Array, config: number): Descriptor {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const word = view.getUint32(4, true);
  const shared = (config & CONFIG.DEDICATED) === 0;
  const number = shared ? view.getUint32(0, true) & 0xf_ffff : config >>> 12;
  return {
    pasid: (config & CONFIG.PASID) === 0 ? null : pasid(number),
    opcode: word >>> 24,
    flags: word & 0xff_ffff,
    record: view.getBigUint64(8, true),
    source: view.getBigUint64(16, true),
    destination: view.getBigUint64(24, true),
    size: view.getUint32(32, true),
  };
}

/** The 8 bytes of a pattern again and again, as far as they fall on `count` bytes from `from`. */
function pattern(source: bigint, from: number, count: number): Uint8Array {
  const eight = new Uint8Array(8);
  new DataView(eight.buffer).setBigUint64(0, source, true);
  return Uint8Array.from({ length: count }, (_, i) => eight[(from + i) & 7] ?? 0);
}
