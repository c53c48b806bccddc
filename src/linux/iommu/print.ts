// Hexadecimal as printf writes it: no groups.

/** %0<digits>llx. */
export const bare = (value: bigint | number, digits = 1): string =>
  value.toString(16).padStart(digits, "0");

/** 0x%0<digits>llx. */
export const hex = (value: bigint | number, digits = 1): string => `0x${bare(value, digits)}`;
