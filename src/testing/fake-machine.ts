// A machine without hardware behind it: memory in a map, configuration spaces in words, time that tests move.
import type { RequesterId } from "../base/brand.ts";
import type { Firmware, MachinePort } from "../linux/kernel/machine-port.ts";

/** One function of a fake machine. */
export interface FakeFunction {
  /** Bus, device and function number in 16 bits. */
  readonly requester: number;
  readonly vendor?: number;
  readonly device?: number;
  readonly class?: number;
  /** Device/port type of the PCI Express capability; absent: conventional PCI. */
  readonly expressType?: number;
  readonly multifunction?: boolean;
  /** A bridge's bus below. */
  readonly secondary?: number;
  /** ACS capability bits. */
  readonly acs?: number;
  /** Width of the PASID capability. */
  readonly pasidBits?: number;
}

export interface FakeMachine extends MachinePort {
  time: number;
  readonly owners: Map<number, string>;
  readonly submitted: { function: number; offset: number; bytes: Uint8Array }[];
  /** Vectors that takeInterrupts() hands out next. */
  readonly vectors: number[];
}

export function fakeMachine(functions: readonly FakeFunction[] = [], pages = 4096): FakeMachine {
  const memory = new Map<bigint, number>();
  const spaces = new Map(functions.map((one) => [one.requester, space(one)]));
  const owners = new Map<number, string>();
  const submitted: FakeMachine["submitted"] = [];
  const vectors: number[] = [];
  const registers = new Map<string, bigint>();
  const firmware: Firmware = {
    memory: [{ start: 0n, length: BigInt(pages) * 4096n }],
    reserved: [],
    unitBase: 0xfed9_0000n,
  };
  const readBytes = (address: bigint, length: number): Uint8Array =>
    Uint8Array.from({ length }, (_, i) => memory.get(address + BigInt(i)) ?? 0);
  const writeBytes = (address: bigint, bytes: Uint8Array): void => {
    for (const [i, byte] of bytes.entries()) {
      if (byte === 0) memory.delete(address + BigInt(i));
      else memory.set(address + BigInt(i), byte);
    }
  };
  return {
    firmware,
    time: 0,
    owners,
    submitted,
    vectors,
    isMemory: (address) => address < BigInt(pages) * 4096n,
    readBytes,
    writeBytes,
    readWord: (address) => new DataView(readBytes(address, 8).slice().buffer).getBigUint64(0, true),
    writeWord(address, value) {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, value, true);
      writeBytes(address, new Uint8Array(view.buffer));
    },
    readUnit: () => 0n,
    writeUnit() {},
    readConfiguration(function_: RequesterId, offset, size) {
      const bytes = spaces.get(function_);
      if (!bytes) return 2 ** (8 * size) - 1;
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[offset + i] ?? 0);
      return value;
    },
    writeConfiguration(function_, offset, size, value) {
      const bytes = spaces.get(function_);
      for (let i = 0; bytes && i < size; i++) bytes[offset + i] = value >>> (8 * i);
    },
    readDevice: (function_, offset) => registers.get(`${function_} ${offset}`) ?? 0n,
    writeDevice(function_, offset, _size, value) {
      registers.set(`${function_} ${offset}`, value);
    },
    submit(function_, offset, bytes) {
      submitted.push({ function: function_, offset, bytes });
    },
    now() {
      return this.time;
    },
    takeInterrupts: () => vectors.splice(0),
    tagPage(page, owner) {
      owners.set(Number(page), owner);
    },
  };
}

function space(one: FakeFunction): Uint8Array {
  const bytes = new Uint8Array(4096);
  const put = (offset: number, size: number, value: number): void => {
    for (let i = 0; i < size; i++) bytes[offset + i] = value >>> (8 * i);
  };
  put(0, 2, one.vendor ?? 0x8086);
  put(2, 2, one.device ?? 0x1234);
  put(8, 4, (one.class ?? 0x02_0000) * 256);
  put(0x0e, 1, (one.multifunction ? 0x80 : 0) | (one.secondary === undefined ? 0 : 1));
  put(0x19, 1, one.secondary ?? 0);
  put(0x1a, 1, one.secondary ?? 0);
  if (one.expressType === undefined) return bytes;
  put(6, 2, 0x10);
  put(0x34, 1, 0x40);
  put(0x40, 2, 0x10);
  put(0x42, 2, 2 | (one.expressType << 4));
  let at = 0x100;
  const extended = (id: number, value: number): void => {
    if (at > 0x100) put(at - 0x10 + 2, 2, 1 | (at << 4));
    put(at, 4, id | 0x1_0000);
    put(at + 4, 2, value);
    at += 0x10;
  };
  if (one.acs !== undefined) extended(0x0d, one.acs);
  if (one.pasidBits !== undefined) extended(0x1b, (one.pasidBits << 8) | 6);
  return bytes;
}
