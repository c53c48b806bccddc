// Arithmetic on addresses in 32-bit halves: table indices, page offsets, widths.

/** Index of an address in the table of a level, 0 .. 511. */
export function tableIndex(high: number, low: number, level: number): number {
  switch (level) {
    case 1:
      return (low >>> 12) & 0x1ff;
    case 2:
      return (low >>> 21) & 0x1ff;
    case 3:
      return ((high << 2) | (low >>> 30)) & 0x1ff;
    case 4:
      return (high >>> 7) & 0x1ff;
    default:
      return (high >>> 16) & 0x1ff;
  }
}

/** Bits of the low half that are the offset in a page of this level: 4 KiB, 2 MiB, 1 GiB. */
export const offsetMask = (level: number): number =>
  level === 1 ? 0xfff : level === 2 ? 0x1f_ffff : 0x3fff_ffff;

/** Whether an address needs more than `width` (1 .. 64) bits. */
export const exceeds = (high: number, low: number, width: number): boolean =>
  width >= 32 ? width < 64 && high >>> (width - 32) !== 0 : high !== 0 || low >>> width !== 0;

/** Whether bits 63 .. width - 1 are all alike. */
export const isCanonical = (high: number, low: number, width: number): boolean => {
  const sign = width > 32 ? high >> (width - 33) : low >> (width - 1);
  return (sign === 0 || sign === -1) && (width > 32 || high === sign);
};
