// The 64-byte work descriptor as the driver reads and writes it. Layout: the accelerator's (hardware/devices).

export const DESCRIPTOR_BYTES = 64;
export const COMPLETION_BYTES = 32;
export const PORTAL_BYTES = 4096;

export const OPCODE = { noop: 0x00, move: 0x03, fill: 0x04 } as const;

/** Addresses are bus addresses; `source` of a fill is the pattern. */
export interface Descriptor {
  readonly opcode: number;
  /** Low 24 bits beside the opcode. */
  readonly flags: number;
  /** 0: no completion record. */
  readonly completion: bigint;
  readonly source: bigint;
  readonly destination: bigint;
  readonly size: number;
}

export function readDescriptor(bytes: Uint8Array): Descriptor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = view.getUint32(4, true);
  return {
    opcode: word >>> 24,
    flags: word & 0xff_ffff,
    completion: view.getBigUint64(8, true),
    source: view.getBigUint64(16, true),
    destination: view.getBigUint64(24, true),
    size: view.getUint32(32, true),
  };
}

export function writeDescriptor(descriptor: Descriptor): Uint8Array {
  const view = new DataView(new ArrayBuffer(DESCRIPTOR_BYTES));
  view.setUint32(4, descriptor.opcode * 0x100_0000 + descriptor.flags, true);
  view.setBigUint64(8, descriptor.completion, true);
  view.setBigUint64(16, descriptor.source, true);
  view.setBigUint64(24, descriptor.destination, true);
  view.setUint32(32, descriptor.size, true);
  return new Uint8Array(view.buffer);
}
