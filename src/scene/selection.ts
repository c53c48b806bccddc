// The object that every view follows, one at a time, and how two of them are told to be the same.
import type { Hpa, Pasid, RequesterId } from "../base/brand.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import type { CacheName } from "../hardware/vtd/types.ts";

export type Selection =
  | { readonly kind: "requester"; readonly requester: RequesterId }
  | { readonly kind: "pasid"; readonly requester: RequesterId; readonly pasid: Pasid | null }
  | { readonly kind: "space"; readonly id: string }
  /** A table entry in memory, of whatever structure. */
  | {
      readonly kind: "entry";
      readonly table: TableKind;
      readonly level: number | null;
      readonly address: Hpa;
    }
  | { readonly kind: "cache entry"; readonly cache: CacheName; readonly slot: number }
  | { readonly kind: "register"; readonly offset: number }
  | { readonly kind: "memory"; readonly address: Hpa }
  /** An object of the running kernel: "mdev 83b8f4f2-...", "process vm-a", "container 12" (scene/objects.ts lists them). */
  | { readonly kind: "object"; readonly id: string }
  /** A kernel function, by symbol. */
  | { readonly kind: "function"; readonly symbol: string }
  /** A check: the id of a declared one, or the name of a free one. */
  | { readonly kind: "check"; readonly id: string };

/** One text per object. */
export function selectionKey(selection: Selection | null): string {
  if (!selection) return "";
  switch (selection.kind) {
    case "requester":
      return `requester ${selection.requester}`;
    case "pasid":
      return `pasid ${selection.requester} ${selection.pasid ?? "none"}`;
    case "space":
      return `space ${selection.id}`;
    case "entry":
      return `entry ${selection.table} ${selection.address}`;
    case "cache entry":
      return `cache ${selection.cache} ${selection.slot}`;
    case "register":
      return `register ${selection.offset}`;
    case "memory":
      return `memory ${selection.address}`;
    case "object":
      return `object ${selection.id}`;
    case "function":
      return `function ${selection.symbol}`;
    case "check":
      return `check ${selection.id}`;
  }
}

export const sameSelection = (a: Selection | null, b: Selection | null): boolean =>
  selectionKey(a) === selectionKey(b);
