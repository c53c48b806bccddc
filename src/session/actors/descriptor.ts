// Work descriptors and completion records of the accelerator, as a guest's driver builds and reads them.
// Layout: our accelerator (hardware/devices), modelled on that of Intel DSA.

/** Bytes of a descriptor and of a completion record. */
export const DESCRIPTOR_BYTES = 64;
export const COMPLETION_BYTES = 32;

export interface Work {
  readonly operation: "copy" | "fill";
  /** I/O address, or the pattern of a fill. */
  readonly source: bigint;
  readonly destination: bigint;
  /** Bytes, 1 .. 2^32 - 1. */
  readonly length: number;
  /** I/O address of the completion record; 0: none is wanted. */
  readonly completion: bigint;
}

const OPCODES = { copy: 0x03, fill: 0x04 } as const;

/** The 64 bytes in hexadecimal. */
export function descriptorText(work: Work): string {
  const view = new DataView(new ArrayBuffer(DESCRIPTOR_BYTES));
  view.setUint32(4, OPCODES[work.operation] * 0x100_0000, true);
  view.setBigUint64(8, work.completion, true);
  view.setBigUint64(16, work.source, true);
  view.setBigUint64(24, work.destination, true);
  view.setUint32(32, work.length, true);
  let text = "";
  for (let i = 0; i < DESCRIPTOR_BYTES; i++) text += view.getUint8(i).toString(16).padStart(2, "0");
  return text;
}

/** Status byte of a completion record in hexadecimal; 0: nothing was written. */
export const completionStatus = (record: string): number =>
  Number.parseInt(record.slice(0, 2) || "0", 16);
