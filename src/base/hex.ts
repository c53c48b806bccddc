// How numbers are written for people and how people's numbers are read.

/** `0x1_4a3c_5d48`: groups of four digits, no padding unless `digits` asks for it. */
export function hex(value: bigint | number, digits = 1): string {
  return `0x${grouped(value.toString(16).padStart(digits, "0"))}`;
}

/** `0x041`: no groups, as machine-readable output and kernel text have it. */
export function plainHex(value: bigint | number, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/** A PASID the way the interface always shows it: at least three digits. */
export const pasidHex = (pasid: number): string => hex(pasid, 3);

/** The sixteen digits of a table entry, `0000_0001_1000_0089`, without 0x. */
export const wordDigits = (value: bigint): string => grouped(value.toString(16).padStart(16, "0"));

function grouped(digits: string): string {
  return digits.replace(/\B(?=(?:[0-9a-f]{4})+$)/g, "_");
}

/**
 * Reads `0x1f`, `1f` (with `assumeHex`), `31`, with `_` allowed between digits.
 * Undefined when the text is no number or does not fit in 64 bits.
 */
export function parseNumber(text: string, assumeHex = false): bigint | undefined {
  const clean = text.trim().toLowerCase().replaceAll("_", "");
  if (clean.length > 20) return undefined;
  const hexadecimal = /^(?:0x)?[0-9a-f]+$/.test(clean) && (assumeHex || clean.startsWith("0x"));
  if (!hexadecimal && !/^[0-9]+$/.test(clean)) return undefined;
  const value = BigInt(hexadecimal && !clean.startsWith("0x") ? `0x${clean}` : clean);
  return value >> 64n === 0n ? value : undefined;
}
