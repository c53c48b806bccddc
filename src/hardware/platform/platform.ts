// The machine below the kernel: memory, PCI functions, one remapping unit, devices, a processor that takes interrupts.
// Everything that changes lies in the store, so that a checkpoint or a snapshot of the store is one of the whole machine.
import { type Hpa, hpa, iova, type Pasid, type RequesterId } from "../../base/brand.ts";
import { ok, type Result } from "../../base/result.ts";
import { high32, join64, low32 } from "../../base/words.ts";
import { Accelerators } from "../devices/accelerators.ts";
import { PAGE_SIZE } from "../memory/memory.ts";
import { Store } from "../memory/store.ts";
import type { HardwareEvent } from "../vtd/events.ts";
import { DID } from "../vtd/message-listener.ts";
import { REG } from "../vtd/registers.ts";
import type { Capabilities, DmaOutcome, DmaRequest, Piece, ProfileName } from "../vtd/types.ts";
import { RemappingUnit } from "../vtd/unit.ts";
import { ConfigurationSpace } from "./configuration-space.ts";
import type { PlatformDescription } from "./description.ts";
import type { DeviceEvent } from "./events.ts";
import {
  type Machine,
  type MemoryRange,
  type Reserved,
  readMachine,
  UNIT_BASE,
} from "./machine.ts";
import { PageTags } from "./page-tags.ts";
import { Processor } from "./processor.ts";
import type { PciFunction } from "./topology.ts";
import { route } from "./upstream.ts";

export interface PlatformOptions {
  readonly profile: ProfileName;
}

/** What a function puts on the bus; it names itself unless it lies. */
export type SendRequest = Omit<DmaRequest, "requester"> & {
  /** Requester id written into the request; default: the function's own. */
  readonly requester?: RequesterId;
};

/** A work queue of a device as its registers have it. */
export interface PlatformQueue {
  readonly function: RequesterId;
  readonly queue: number;
  readonly enabled: boolean;
  readonly dedicated: boolean;
  readonly pasid: Pasid | null;
}

/** What the kernel finds without asking hardware: memory map and DMAR table. */
export interface PlatformFirmware {
  readonly memory: readonly MemoryRange[];
  readonly reserved: readonly Reserved[];
  readonly unitBase: bigint;
}

const EVENT_REGISTERS = new Map<number, "FECTL" | "IECTL" | "PECTL">([
  [REG.FECTL, "FECTL"],
  [REG.IECTL, "IECTL"],
  [REG.PECTL, "PECTL"],
]);
const WHAT = { [DID.SENT]: "sent", [DID.HELD_BACK]: "held back", [DID.WITHDRAWN]: "withdrawn" };
/** Interrupt remapping is on: what a device asks for does not reach the processor as it is. */
const IRES = 0x0200_0000n;

const ones = (size: number): bigint => (size === 8 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn);

export class Platform {
  readonly store: Store;
  readonly unit: RemappingUnit;
  readonly capabilities: Capabilities;
  readonly firmware: PlatformFirmware;
  /** In rising order of their addresses. */
  readonly functions: readonly PciFunction[];
  readonly #byRequester: ReadonlyMap<RequesterId, PciFunction>;
  readonly #space: ConfigurationSpace;
  readonly #processor: Processor;
  readonly #tags: PageTags;
  readonly #accelerators: Accelerators;
  #events: (HardwareEvent | DeviceEvent)[] = [];
  #tracing = false;

  /** A problem when the description is no machine. Events are kept after `setTrace(true)`. */
  static open(description: PlatformDescription, options: PlatformOptions): Result<Platform> {
    const machine = readMachine(description);
    return machine.ok ? ok(new Platform(machine.value, options)) : machine;
  }

  private constructor(machine: Machine, options: PlatformOptions) {
    const { caches, functions, haw, identification, memory, reserved } = machine;
    const store = new Store();
    this.store = store;
    this.functions = functions;
    this.firmware = { memory, reserved, unitBase: UNIT_BASE };
    for (const { start, length } of memory) store.addRange(hpa(start), length);
    this.#byRequester = new Map(functions.map((one) => [one.requester, one]));
    this.#processor = new Processor(store);
    this.#tags = new PageTags(
      store,
      memory.map(({ start, length }) => ({
        first: Number(start / 4096n),
        pages: Number(length / 4096n),
      })),
    );
    this.#space = new ConfigurationSpace(store, functions);
    this.#accelerators = new Accelerators(store, functions, {
      send: (from, request, queue) => this.#send(from, request, queue),
      message: (from) => this.#sendMessage(from),
      report: (event) => this.#report(event),
    });
    this.unit = new RemappingUnit(store, { identification, haw, caches, profile: options.profile });
    this.capabilities = this.unit.capabilities;
    this.unit.setListener((control, did, high, low, data) => {
      this.#heard(control, did, high, low, data);
    });
  }

  /** Whether what happens is kept for `takeEvents`; at first it is not. */
  setTrace(on: boolean): void {
    this.#drain();
    this.#tracing = on;
    this.unit.setTrace(on);
  }

  /** Everything since the last call, in the order in which it happened. */
  takeEvents(): (HardwareEvent | DeviceEvent)[] {
    this.#drain();
    const events = this.#events;
    this.#events = [];
    return events;
  }

  // Memory, as the processor sees it.

  isMemory(address: bigint): boolean {
    return address >= 0n && address >> 52n === 0n && this.store.isMemory(address as Hpa);
  }

  readWord(address: bigint): bigint {
    return this.store.readWord(hpa(address));
  }

  writeWord(address: bigint, value: bigint): void {
    this.store.writeWord(hpa(address), value);
  }

  readBytes(address: bigint, length: number): Uint8Array {
    return this.store.readBytes(hpa(address), length);
  }

  writeBytes(address: bigint, bytes: Uint8Array): void {
    this.store.writeBytes(hpa(address), bytes);
  }

  tagPage(page: bigint, owner: string): void {
    this.#tags.set(Number(page), owner);
  }

  /** Whose a page is, by page number. */
  ownerOf(page: number): string {
    return this.#tags.get(page);
  }

  /** Owners of all pages that are not free, by page number. */
  pageOwners(): ReadonlyMap<number, string> {
    return this.#tags.all();
  }

  // Registers.

  readUnit(offset: number, size: 4 | 8): bigint {
    return this.unit.readRegister(offset, size);
  }

  writeUnit(offset: number, size: 4 | 8, value: bigint): void {
    this.unit.writeRegister(offset, size, value);
    this.#drain();
  }

  readConfiguration(function_: RequesterId, offset: number, size: 1 | 2 | 4): number {
    return this.#space.read(function_, offset, size);
  }

  writeConfiguration(function_: RequesterId, offset: number, size: 1 | 2 | 4, value: number): void {
    const one = this.#byRequester.get(function_);
    if (!this.#space.write(function_, offset, size, value) || !one) return;
    this.#space.reset(one);
    this.#accelerators.reset(one);
  }

  /** All ones where nothing answers. */
  readDevice(function_: RequesterId, offset: number, size: 4 | 8): bigint {
    const one = this.#decoding(function_);
    if (!one || offset < 0 || offset + size > PAGE_SIZE) return ones(size);
    return this.#accelerators.read(one, offset, size);
  }

  writeDevice(function_: RequesterId, offset: number, size: 4 | 8, value: bigint): void {
    const one = this.#decoding(function_);
    if (one) this.#accelerators.write(one, offset, size, value);
  }

  submit(function_: RequesterId, offset: number, descriptor: Uint8Array): void {
    const one = this.#decoding(function_);
    if (one) this.#accelerators.submit(one, offset, descriptor);
  }

  /** Work queues of all accelerators. */
  queues(): readonly PlatformQueue[] {
    return this.#accelerators.queues();
  }

  // Processor.

  now(): number {
    return this.#processor.now();
  }

  /** Lets simulated time pass. */
  advance(microseconds: number): void {
    this.#processor.advance(microseconds);
  }

  takeInterrupts(): readonly number[] {
    return this.#processor.take();
  }

  // Requests of devices.

  /** A function sends a request: bus master, PASID and the way up are as its registers and bridges have them. */
  send(function_: RequesterId, request: SendRequest): DmaOutcome {
    const one = this.#byRequester.get(function_);
    if (one) return this.#send(one, request, null) ?? notSent(request);
    this.#report({ kind: "not sent", function: function_, because: "there is no such function" });
    return notSent(request);
  }

  /** A request straight at the remapping unit, whoever it says it is from. */
  dma(request: DmaRequest): DmaOutcome {
    const outcome = this.unit.dma(request);
    this.#drain();
    // With remapping off the unit lets everything pass: interrupt requests are told apart by the bus.
    if (outcome.kind === "untranslated" && isInterrupt(request)) {
      const { address, data } = request;
      const view = data && new DataView(data.buffer, data.byteOffset);
      const value = view?.getUint32(0, true) ?? 0;
      this.#heard(0, DID.SENT, high32(address), low32(address), value);
    }
    return outcome;
  }

  /** The requester id that the unit sees of a function; of none when there is no such function. */
  aliasOf(function_: RequesterId): RequesterId | null {
    return this.#byRequester.get(function_)?.alias ?? null;
  }

  /** Null: the request went nowhere. */
  #send(from: PciFunction, request: SendRequest, queue: number | null): DmaOutcome | null {
    const { pasid, address } = request;
    const found = route(this.#space, this.functions, from, {
      requester: request.requester ?? from.requester,
      pasid,
      address,
      translated: request.addressType === "translated",
    });
    const function_ = from.requester;
    if (found.to === "nowhere") {
      this.#report({ kind: "not sent", function: function_, because: found.because });
      return null;
    }
    if (found.to === "peer") {
      this.#report({
        kind: "not sent",
        function: function_,
        because: "turned to a peer below the unit",
      });
      return this.#toPeer(found.peer, found.bar, request);
    }
    const { requester } = found;
    this.#report({ kind: "bus request", function: function_, requester, queue });
    return this.dma({ ...request, requester });
  }

  /** Carried out on the peer's registers, in pieces of 4 bytes; no unit has seen it. */
  #toPeer(peer: PciFunction, bar: 0 | 2, request: SendRequest): DmaOutcome {
    const { access, address, data, length } = request;
    const offset = Number(address - this.#space.barAddress(peer, bar));
    const read = new Uint8Array(length).fill(0xff);
    if (access === "write" && bar === 2 && data?.length === 64) {
      this.#accelerators.submit(peer, offset, data);
    }
    for (let at = 0; bar === 0 && at + 4 <= length; at += 4) {
      if (access === "write") {
        if (!data) continue;
        const view = new DataView(data.buffer, data.byteOffset);
        this.#accelerators.write(peer, offset + at, 4, BigInt(view.getUint32(at, true)));
      } else {
        const value = this.#accelerators.read(peer, offset + at, 4);
        new DataView(read.buffer).setUint32(at, Number(value), true);
      }
    }
    const target = address >> 52n === 0n ? (address as bigint as Hpa) : null;
    return {
      ok: true,
      kind: "untranslated",
      pieces: [{ address, length, target }],
      data: access === "write" ? null : read,
      mask: 0n,
      fault: null,
      record: null,
    };
  }

  /** A function's interrupt message, which is a write like any other. */
  #sendMessage(from: PciFunction): void {
    const message = this.#space.message(from);
    if (!message) return;
    const data = new Uint8Array(4);
    new DataView(data.buffer).setUint32(0, message.data, true);
    const address = iova(message.address);
    this.#send(from, { pasid: null, access: "write", address, length: 4, data }, null);
  }

  /** The unit has sent, held back or withdrawn a message, or let an interrupt request through. */
  #heard(control: number, did: number, high: number, low: number, data: number): void {
    const register = EVENT_REGISTERS.get(control);
    if (register) {
      const what = WHAT[did as keyof typeof WHAT] as "sent" | "held back" | "withdrawn";
      this.#report({ kind: "unit event", register, did: what });
    }
    if (did !== DID.SENT) return;
    if (!register && (this.unit.readRegister(REG.GSTS, 4) & IRES) !== 0n) return;
    const address = join64(high, low);
    if (!this.#processor.deliver(address, data)) return;
    this.#report({ kind: "message", address, data: data >>> 0 });
  }

  #decoding(function_: RequesterId): PciFunction | null {
    const one = this.#byRequester.get(function_);
    return one && this.#space.decodesMemory(one) ? one : null;
  }

  #report(event: DeviceEvent): void {
    if (!this.#tracing) return;
    this.#drain();
    this.#events.push(event);
  }

  #drain(): void {
    if (!this.#tracing) return;
    for (const event of this.unit.takeEvents()) this.#events.push(event);
  }
}

const isInterrupt = ({ access, address, length, pasid }: DmaRequest): boolean =>
  pasid === null && access === "write" && length === 4 && address >> 20n === 0xfeen;

function notSent(request: SendRequest): DmaOutcome {
  const { address, length } = request;
  const pieces: Piece[] = [{ address, length, target: null }];
  return { ok: false, kind: "fault", pieces, data: null, mask: 0n, fault: null, record: null };
}
