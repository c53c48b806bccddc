// What a walk is, as data: the unit it is told against, its hops, cache answers, updates and result.
import type { Hpa } from "../base/brand.ts";
import type { Environment } from "../hardware/layout/types.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import type { FaultCode } from "../hardware/vtd/fault-codes.ts";
import type {
  CacheEntry,
  CacheName,
  DmaRequest,
  FaultRecord,
  Stage,
} from "../hardware/vtd/types.ts";
import type { Split, Tint } from "./walk-split.ts";

/** What a walk is told against: how the unit reads tables, and memory as it is now. */
export interface Unit {
  /** What decides which bits of a structure exist, as the profile in force reads them. */
  readonly environment: Environment;
  readonly scalable: boolean;
  readonly rootTable: Hpa;
  readonly readWord: (address: Hpa) => bigint;
}

/**
 * How the unit came by an entry. "cached": it did not read it, a cache answered, and the words shown are those of
 * memory now. "not reached": the request had been refused before.
 */
export type HopState = "cached" | "read" | "refused" | "not reached";

export interface Hop {
  /** 1 is the root entry. */
  readonly number: number;
  readonly table: TableKind;
  /** Paging entries only. */
  readonly level: number | null;
  /** "Root entry", "PASID entry", "Level 4". */
  readonly title: string;
  /** "Context table, lower half", "PASID table 1". */
  readonly tableTitle: string;
  readonly tint: Tint;
  readonly index: number;
  /** The index in hex, as wide as its field, without 0x. */
  readonly digits: string;
  /** Entries of the table, for the neighbours. */
  readonly count: number;
  /** Bytes of one entry. */
  readonly size: number;
  /** Null: nothing says where the table is. */
  readonly base: Hpa | null;
  readonly address: Hpa | null;
  /** `0x1_06c0_5000 + 0x01 × 64 = 0x1_06c0_5040`; empty when the address is not known. */
  readonly arithmetic: string;
  /** Empty when the entry could not be read. */
  readonly words: readonly bigint[];
  readonly state: HopState;
  /** What it led to, in words: "second-stage, DID 7". */
  readonly decision: string;
}

export interface Lookup {
  readonly cache: CacheName;
  /** The slot that answered, or null for a miss. */
  readonly slot: number | null;
  /** Hops that a hit made unnecessary. */
  readonly skips: readonly number[];
}

export interface Update {
  /** Hop whose entry was written; null when it is not one of the hops. */
  readonly hop: number | null;
  readonly address: Hpa;
  readonly before: bigint;
  readonly after: bigint;
}

export type WalkResult =
  | {
      readonly kind: "reached";
      readonly target: Hpa;
      readonly how: "walk" | "iotlb" | "pass-through" | "remapping off" | "translated request";
    }
  | { readonly kind: "interrupt"; readonly data: number }
  | {
      readonly kind: "fault";
      readonly reason: FaultCode;
      readonly record: FaultRecord | null;
      /** Why there is no record; null when there is one. */
      readonly unrecorded: string | null;
    }
  /** The events of the moment are no longer kept, or stop early. */
  | { readonly kind: "unknown" };

export interface Walk {
  readonly request: Pick<DmaRequest, "requester" | "pasid" | "access" | "address" | "length">;
  /** The PASID that selected the entry: the request's own, or RID_PASID; null when none is used. */
  readonly pasidInUse: number | null;
  /** Stage and levels, once an entry said so. */
  readonly stage: Stage | null;
  readonly levels: number;
  readonly hops: readonly Hop[];
  readonly split: Split;
  readonly lookups: readonly Lookup[];
  readonly updates: readonly Update[];
  readonly fills: readonly CacheEntry[];
  readonly result: WalkResult;
  /** Parts of the request in different pages; this walk is of `piece`, counted from 0. */
  readonly pieces: number;
  readonly piece: number;
  /** Requests of the moment; this walk is of the last one. */
  readonly requests: number;
}
