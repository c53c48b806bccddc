// How to walk for one context or PASID table entry: what is kept of it beside its words in its cache entry.

/**
 * The record of how to walk for a context or PASID table entry, in words 24 .. 31 of its cache entry.
 * KIND: stage [2:0], levels [7:4], second-stage levels of a nested walk [11:8], and the bits below.
 */
export const WALK = {
  KIND: 24,
  DOMAIN: 25,
  ROOT_HIGH: 26,
  ROOT_LOW: 27,
  SECOND_HIGH: 28,
  SECOND_LOW: 29,
  /** Input width of the walk [7:0], second-stage width of a nested walk [15:8]. */
  WIDTH: 30,
  /** Bits that every entry must have for nothing to be updated [15:0], and the leaf of a write too [31:16]. */
  KEPT: 31,
} as const;

export const KIND_BIT = {
  SRE: 1 << 12,
  WPE: 1 << 13,
  EAFE: 1 << 14,
  SSADE: 1 << 15,
  SNOOPED: 1 << 16,
  FPD: 1 << 17,
  /** One stage of usual width: the quick walk may do it. */
  PLAIN: 1 << 18,
} as const;

export const STAGE = { FIRST: 1, SECOND: 2, NESTED: 3, PASS_THROUGH: 4 } as const;
