// What the naive walker is asked and what it answers, and the state of one walk.
import type { NaiveCapabilities } from "./naive-capabilities.ts";
import type { ReadWords } from "./naive-memory.ts";

export interface NaiveMachine {
  readonly read: ReadWords;
  /** RTADDR as latched by the last SRTP. */
  readonly rtaddr: bigint;
  /** GSTS.TES. */
  readonly enabled: boolean;
  readonly capabilities: NaiveCapabilities;
  /** Host address width in bits. */
  readonly haw: bigint;
}

/** A request that stays inside one 4 KiB page. */
export interface NaiveRequest {
  readonly requester: number;
  readonly pasid: number | null;
  readonly address: bigint;
  readonly length: number;
  readonly access: "read" | "write" | "atomic";
  readonly privileged: boolean;
  readonly execute: boolean;
  readonly translated: boolean;
}

/** Bits set in one entry of memory: accessed, dirty, extended accessed. */
export interface NaiveUpdate {
  readonly address: bigint;
  readonly bits: bigint;
}

export type NaiveOutcome =
  | {
      readonly kind: "reached";
      readonly address: bigint;
      /** Through tables; false when remapping is off or the address was taken as it is. */
      readonly walked: boolean;
      /** Of the page that answered; 0 for addresses taken as they are. */
      readonly mask: bigint;
      readonly read: boolean;
      readonly write: boolean;
      readonly updates: readonly NaiveUpdate[];
    }
  /** Taken by the interrupt logic: a write is an interrupt, a read of no bytes completes. No memory is touched. */
  | { readonly kind: "interrupt" }
  /** `code` null: refused without a fault. `silent`: qualified, and an entry on the way has FPD. */
  | { readonly kind: "refused"; readonly code: number | null; readonly silent: boolean };

/** One request on its way through the tables. */
export interface NaiveWalk {
  readonly machine: NaiveMachine;
  readonly request: NaiveRequest;
  /** Some entry met so far has FPD. */
  faultProcessingDisabled: boolean;
  /** Addresses of the entries read, in order. */
  readonly reads: bigint[];
}

/** Pass-through has no page of its own; the smallest stands for it. */
export const PASS_THROUGH_MASK = 0xfffn;

/** Thrown where a check fails, caught at the end of the walk. */
export class Refusal extends Error {
  readonly code: number | null;
  constructor(code: number | null) {
    super(`refused ${code}`);
    this.code = code;
  }
}

export const refuse = (code: number | null): never => {
  throw new Refusal(code);
};

/** Bits high..low of a word, shifted down. */
export const bits = (word: bigint, high: bigint, low: bigint): bigint =>
  (word >> low) & ((1n << (high - low + 1n)) - 1n);

export const bit = (word: bigint, n: bigint): boolean => ((word >> n) & 1n) === 1n;

/** Ones in high..low. */
export const ones = (high: bigint, low: bigint): bigint =>
  high < low ? 0n : ((1n << (high - low + 1n)) - 1n) << low;

export const needsRead = (request: NaiveRequest): boolean => request.access !== "write";
export const needsWrite = (request: NaiveRequest): boolean => request.access !== "read";

export const inInterruptRange = (address: bigint): boolean => address >> 20n === 0xfeen;

/** Reads the words of one entry; no memory there is refused with `code`. */
export function fetch(walk: NaiveWalk, address: bigint, count: number, code: number): bigint[] {
  walk.reads.push(address);
  return walk.machine.read(address, count) ?? refuse(code);
}
