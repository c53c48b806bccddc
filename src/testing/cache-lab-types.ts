// The machine for cache tests, as a reader of a failing run needs it: devices, address spaces, places, editable entries.
import type { NaivePages } from "./naive-memory.ts";

export const DEVICES = [0x0020, 0x00a8] as const;

/** Addresses that requests go to, in every address space. */
export const WINDOW_0 = 0x1000_0000n;
export const WINDOW_1 = 0x20_4020_0000n;
export const BIG = 0x3020_0000n;
export const TABLE_WINDOW = 0x5000_0000n;
export const PLACES: readonly bigint[] = [
  WINDOW_0,
  WINDOW_0 + 0x1000n,
  WINDOW_0 + 0x2000n,
  WINDOW_1,
  WINDOW_1 + 0x1000n,
  BIG,
  BIG + 0x5000n,
];

export type SpaceName = "F1" | "F2" | "S1" | "S2" | "N1" | "N2" | "PT";

/** Domain ids: nested spaces have the id of the second stage below them. */
export const DOMAINS: Readonly<Record<SpaceName, number>> = {
  F1: 1,
  F2: 2,
  S1: 3,
  N1: 3,
  N2: 3,
  S2: 4,
  PT: 5,
};

/** Spaces that a PASID may lead to: never two of one domain. */
export const SPACES_OF_PASID: readonly (readonly SpaceName[])[] = [
  ["F1", "S1", "PT"],
  ["F1", "F2", "N1"],
  ["F2", "N2", "S2"],
  ["S1", "S2", "F1"],
];

/** One entry that software may change, and what it may become. */
export interface Editable {
  readonly what:
    | { readonly table: "root" }
    | { readonly table: "context"; readonly device: number }
    | { readonly table: "directory"; readonly device: number }
    | { readonly table: "pasid"; readonly device: number; readonly pasid: number }
    | {
        readonly table: "first" | "second";
        readonly space: SpaceName;
        /** Input range that the entry serves. */
        readonly start: bigint;
        readonly level: number;
        readonly leaf: boolean;
      };
  readonly address: bigint;
  readonly values: readonly (readonly bigint[])[];
}

export interface Lab {
  readonly pages: NaivePages;
  readonly rtaddr: bigint;
  readonly editables: readonly Editable[];
  /** Scalable mode: where the context entries of each device may lie. */
  readonly contexts: readonly (readonly bigint[])[];
  /** Memory for the invalidation queue and status words. */
  readonly queue: bigint;
  readonly status: bigint;
}

export interface LabShape {
  readonly legacy: boolean;
  /** AW of the two second-stage spaces. */
  readonly widths: readonly [number, number];
  /** Levels of the two first-stage spaces. */
  readonly levels: readonly [4 | 5, 4 | 5];
  readonly ssade: boolean;
}
