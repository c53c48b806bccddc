// The one place where 64-bit values cross between bigint (ports, decoders, interface) and 32-bit halves (memory, walk, caches, trace).

const MASK32 = 0xffff_ffffn;

/** Bits 63:32 of `value` as a signed 32-bit integer, the form memory keeps. */
export const high32 = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n));

/** Bits 31:0 of `value` as a signed 32-bit integer, the form memory keeps. */
export const low32 = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** The 64-bit value of two 32-bit halves, each signed or unsigned. */
export const join64 = (high: number, low: number): bigint =>
  ((BigInt(high) & MASK32) << 32n) | (BigInt(low) & MASK32);
