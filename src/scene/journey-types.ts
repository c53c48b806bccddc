// One request on its way, in time: where it stops, what it skips, where it ends. Milliseconds at speed 1.
import type { Hpa, Iova, Pasid, RequesterId } from "../base/brand.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import type { FaultCode } from "../hardware/vtd/fault-codes.ts";
import type { Access, CacheEntry, CacheName } from "../hardware/vtd/types.ts";

/** Where on the stage something happens. "row" is the entry that names the address space. */
export type Place = "port" | "root" | "context" | "directory" | "row" | "space" | "memory";

export interface Stop {
  /** Index of the hop in the walk, 0 is the root entry. */
  readonly hop: number;
  readonly table: TableKind;
  readonly level: number | null;
  readonly place: Place;
  readonly state: "read" | "cached" | "refused";
  /** Index of the entry in its table; null when it was not read. */
  readonly index: number | null;
  /** When the packet is there, and when it goes on. */
  readonly arrive: number;
  readonly leave: number;
}

export interface Move {
  readonly from: Place;
  readonly to: Place;
  readonly start: number;
  readonly end: number;
  /** A cache answered: the tables between are skipped. */
  readonly jump: boolean;
}

export type End =
  | {
      readonly kind: "reached";
      readonly target: Hpa;
      readonly how: "walk" | "iotlb" | "pass-through" | "remapping off" | "translated request";
    }
  | { readonly kind: "refused"; readonly reason: FaultCode; readonly recorded: boolean | null }
  | { readonly kind: "interrupt"; readonly data: number }
  /** The events stop early. */
  | { readonly kind: "unknown" };

export interface Journey {
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
  readonly access: Access;
  readonly address: Iova;
  readonly length: number;
  readonly stops: readonly Stop[];
  readonly moves: readonly Move[];
  readonly end: End;
  /** Where the packet is at the end. */
  readonly endPlace: Place;
  /** When it is there; a refusal or a fill is drawn after it. */
  readonly endTime: number;
  /** When everything is still. */
  readonly duration: number;
  /** Table entries read. */
  readonly reads: number;
  /** The entry that was read to find the address space; null when the request did not come that far or a cache held it. */
  readonly entry: Hpa | null;
  /** Caches that answered. */
  readonly hits: readonly { readonly cache: CacheName; readonly slot: number }[];
  readonly fills: readonly CacheEntry[];
  readonly drops: readonly { readonly cache: CacheName; readonly slot: number }[];
}
