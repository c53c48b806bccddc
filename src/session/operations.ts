// What one operation does to the machine. A problem means that nothing was done.
import { hpa, iova } from "../base/brand.ts";
import { hex } from "../base/hex.ts";
import { ok, problem, type Result } from "../base/result.ts";
import type { Store } from "../hardware/memory/store.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import type { DmaOutcome, DmaRequest } from "../hardware/vtd/types.ts";
import type { RemappingUnit } from "../hardware/vtd/unit.ts";
import { submitDescriptors } from "./queue.ts";
import type { Operation, RegisterWrite, WordEdit } from "./types.ts";

/** The hardware that operations act on. */
export interface Hardware {
  readonly store: Store;
  readonly unit: RemappingUnit;
}

/** What was seen of it. */
export interface Seen {
  readonly events: readonly HardwareEvent[];
  readonly outcome: DmaOutcome | null;
}

export type DmaOperation = Extract<Operation, { op: "dma" }>;
type WriteOperation = Extract<Operation, { op: "register write" }>;
type EditOperation = Extract<Operation, { op: "edit" }>;

/** Most requests of one stream. */
export const STREAM_LIMIT = 1_000_000;
/** The same where a kernel runs, whose documents are played while a page waits: under a second. */
export const WORLD_STREAM_LIMIT = 250_000;
/** Of a stream the events of so many requests, the last ones, are kept. */
const STREAM_EVENTS = 64;
const LENGTH_LIMIT = 65_536;

/** Why an operation cannot be run, before anything is touched; null when it can. */
export function refuseOperation(operation: Operation, store: Store): Result<never> | null {
  switch (operation.op) {
    case "dma":
      return refuseDma(operation);
    case "edit":
      for (const word of wordsOf(operation)) {
        const refused = refuseWord(word, store);
        if (refused) return refused;
      }
      return null;
    case "register write":
      for (const write of writesOf(operation)) {
        const refused = refuseWrite(write);
        if (refused) return refused;
      }
      return null;
    case "invalidate":
      return operation.descriptors.flat().every((word) => fits(word, 64n))
        ? null
        : problem("invalidate", "", "A descriptor is made of 64-bit words.");
    case "call":
    case "demand":
    case "together":
    case "wait":
      return problem(operation.op, "", "This machine was opened from an image: it runs no kernel.");
  }
}

/** The words that an edit writes, the first one first. */
const wordsOf = ({ address, value, more = [] }: EditOperation): readonly WordEdit[] => [
  { address, value },
  ...more,
];

/** What a register operation writes, the first one first. */
const writesOf = ({ offset, size, value, more = [] }: WriteOperation): readonly RegisterWrite[] => [
  { offset, size, value },
  ...more,
];

function refuseWrite({ offset, size, value }: RegisterWrite): Result<never> | null {
  if (!Number.isInteger(offset) || offset < 0 || offset % 4 !== 0) {
    return problem("register write", hex(offset), "A register offset is a multiple of 4.");
  }
  return fits(value, BigInt(8 * size))
    ? null
    : problem("register write", hex(offset), `The value does not fit in ${size} bytes.`);
}

function refuseWord({ address, value }: WordEdit, store: Store): Result<never> | null {
  const place = hex(address);
  if (address % 8n !== 0n) {
    return problem("edit", place, "An edit is of 64-bit words: the address is a multiple of 8.");
  }
  if (address >> 52n !== 0n || !store.isMemory(address)) {
    return problem("edit", place, "There is no memory at this address in the image.");
  }
  return fits(value, 64n) ? null : problem("edit", place, "The value has 64 bits at most.");
}

const fits = (value: bigint, bits: bigint): boolean => value >= 0n && value >> bits === 0n;

function refuseDma(request: DmaOperation): Result<never> | null {
  const { address, length, repeat, stride, span } = request;
  if (!Number.isInteger(length) || length < 0 || length > LENGTH_LIMIT) {
    return problem("dma", "length", `A request has 0 to ${LENGTH_LIMIT} bytes.`);
  }
  if ((address + BigInt(length) - 1n) >> 64n > 0n) {
    return problem("dma", "address", `The request ends beyond 2^64: it is ${length} bytes long.`);
  }
  if (repeat !== undefined && (!Number.isInteger(repeat) || repeat < 1 || repeat > STREAM_LIMIT)) {
    return problem("dma", "repeat", `A stream has 1 to ${STREAM_LIMIT} requests.`);
  }
  if (stride !== undefined && !Number.isSafeInteger(stride)) {
    return problem("dma", "stride", "The stride is a whole number of bytes.");
  }
  if (span !== undefined && span <= 0n) {
    return problem("dma", "span", "The span of a stream is at least 1 byte.");
  }
  return null;
}

/** Runs an operation that was not refused. `from`: requests of a stream that ran before. */
export function runOperation(machine: Hardware, operation: Operation, from = 0): Result<Seen> {
  const { store, unit } = machine;
  unit.takeEvents();
  switch (operation.op) {
    case "dma": {
      const outcome = runStream(unit, operation, from);
      return ok({ events: unit.takeEvents(), outcome });
    }
    case "edit":
      for (const { address, value } of wordsOf(operation)) store.writeWord(hpa(address), value);
      break;
    case "register write":
      for (const { offset, size, value } of writesOf(operation)) {
        unit.writeRegister(offset, size, value);
      }
      break;
    case "invalidate": {
      const ports = {
        memory: store,
        capabilities: unit.capabilities,
        readRegister: (offset: number, size: 4 | 8) => unit.readRegister(offset, size),
        writeRegister: (offset: number, size: 4 | 8, value: bigint) =>
          unit.writeRegister(offset, size, value),
      };
      const submitted = submitDescriptors(ports, operation.descriptors);
      if (!submitted.ok) return submitted;
    }
  }
  return ok({ events: unit.takeEvents(), outcome: null });
}

/** What sends requests: the unit alone, or the machine around it. */
export interface Sender {
  setTrace(on: boolean): void;
  dma(request: DmaRequest): DmaOutcome;
}

/** Sends the requests of a stream from the `from`-th on; the outcome of the last one. Events of the last ones are traced. */
export function runStream(
  sender: Sender,
  operation: DmaOperation,
  from: number,
): DmaOutcome | null {
  const { requester, pasid, access, length } = operation;
  const count = operation.repeat ?? 1;
  let outcome: DmaOutcome | null = null;
  sender.setTrace(count - from <= STREAM_EVENTS);
  for (let n = from; n < count; n++) {
    if (count - n === STREAM_EVENTS) sender.setTrace(true);
    outcome = sender.dma({
      requester,
      pasid,
      access,
      length,
      address: streamAddress(operation, n),
    });
  }
  return outcome;
}

/** Address of the n-th request, inside 64 bits. */
function streamAddress({ address, stride = 0, span }: DmaOperation, n: number) {
  const moved = BigInt(n) * BigInt(stride);
  const within = span === undefined ? moved : ((moved % span) + span) % span;
  return iova(BigInt.asUintN(64, address + within));
}

/**
 * The stream that both make together, of at most `most` requests, and how many of them ran before; null when they are not
 * parts of one. What a document names stays apart: its steps and checks count on it.
 */
export function joinStreams(
  before: Operation,
  next: Operation,
  most = STREAM_LIMIT,
): { readonly whole: DmaOperation; readonly done: number } | null {
  if (before.op !== "dma" || next.op !== "dma") return null;
  if (before.repeat === undefined || next.repeat === undefined) return null;
  if (before.id !== undefined || next.id !== undefined) return null;
  const same =
    before.requester === next.requester &&
    before.pasid === next.pasid &&
    before.access === next.access &&
    before.address === next.address &&
    before.length === next.length &&
    before.stride === next.stride &&
    before.span === next.span;
  const repeat = before.repeat + next.repeat;
  return same && repeat <= most ? { whole: { ...before, repeat }, done: before.repeat } : null;
}
