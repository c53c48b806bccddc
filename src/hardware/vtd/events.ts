// What a remapping unit reports while it works: one closed union, decoded from the trace ring.
// Pictures, logs and walks are made of these and of nothing else.
import type { Hpa, Iova, Pasid, RequesterId } from "../../base/brand.ts";
import type { FaultCode } from "./fault-codes.ts";
import type { Access, CacheEntry, CacheName, FaultRecord, Stage } from "./types.ts";

/** The tables of a walk in the order a request meets them. */
export type TableKind =
  | "root entry"
  | "context entry"
  | "PASID directory entry"
  | "PASID table entry"
  | "first-stage entry"
  | "second-stage entry";

/** What reading one entry led to. */
export type Decision =
  | "next table"
  | "4 KiB page"
  | "2 MiB page"
  | "1 GiB page"
  | Stage
  | "refused";

export type HardwareEvent =
  | {
      readonly kind: "request";
      readonly requester: RequesterId;
      readonly pasid: Pasid | null;
      readonly access: Access;
      readonly address: Iova;
      readonly length: number;
    }
  /** A cache was asked. On a hit `slot` is the entry that answered. */
  | { readonly kind: "lookup"; readonly cache: CacheName; readonly slot: number | null }
  /** A table entry was read (or could not be: `words` is empty). */
  | {
      readonly kind: "read";
      readonly table: TableKind;
      /** Paging entries only. */
      readonly level: number | null;
      readonly index: number;
      readonly address: Hpa;
      readonly words: readonly bigint[];
      readonly decision: Decision;
    }
  /** Accessed or dirty bits were set in an entry. */
  | {
      readonly kind: "update";
      readonly address: Hpa;
      readonly before: bigint;
      readonly after: bigint;
    }
  | { readonly kind: "fill"; readonly entry: CacheEntry }
  /** An entry made room for another, or left through an invalidation. */
  | { readonly kind: "drop"; readonly cache: CacheName; readonly slot: number }
  | { readonly kind: "refused"; readonly reason: FaultCode; readonly address: Iova }
  | { readonly kind: "record"; readonly record: FaultRecord }
  /** A fault left no record, and why. */
  | {
      readonly kind: "no record";
      readonly reason: FaultCode;
      readonly because: "FPD" | "PFO is set" | "same requester pending" | "register still full";
    }
  /** A piece of the request reached memory. */
  | {
      readonly kind: "reached";
      readonly address: Iova;
      readonly target: Hpa;
      readonly length: number;
      readonly how: "walk" | "iotlb" | "pass-through" | "remapping off" | "translated request";
    }
  | { readonly kind: "interrupt"; readonly address: Iova; readonly data: number }
  /** A descriptor of the invalidation queue was fetched and done (error: IQERCD.IQEI, 0 none). */
  | {
      readonly kind: "descriptor";
      readonly address: Hpa;
      readonly words: readonly bigint[];
      readonly error: number;
    }
  | { readonly kind: "status write"; readonly address: Hpa; readonly data: number }
  | {
      readonly kind: "register write";
      readonly offset: number;
      readonly size: number;
      readonly value: bigint;
    };
