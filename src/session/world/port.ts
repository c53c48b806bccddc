// The machine as the kernel of a session sees it: the platform, with a note of each store that reaches memory or a device.
import type { RequesterId } from "../../base/brand.ts";
import type { Platform } from "../../hardware/platform/platform.ts";
import type { KernelEvent } from "../../linux/kernel/events.ts";
import type { MachinePort } from "../../linux/kernel/machine-port.ts";

/** Whoever takes the notes. */
export interface Notes {
  /** The recorded run of a kernel function that is innermost now. */
  readonly call: number;
  record(event: KernelEvent): void;
  /** Takes over what the machine itself noted. */
  drain(): void;
  tagged(page: number, owner: string): void;
  deviceWritten(function_: RequesterId, offset: number): void;
}

/** Longest run of bytes whose words are noted one by one: a descriptor. Longer ones fill or copy whole pages. */
const NOTED_BYTES = 64;

export function recordingPort(platform: Platform, notes: Notes): MachinePort {
  const names = new Map(
    platform.functions.map((one) => [one.requester, `0000:${one.description.address}`]),
  );
  const nameOf = (function_: RequesterId): string => names.get(function_) ?? "";
  const store = (address: bigint, before: bigint): void => {
    const after = platform.readWord(address);
    notes.record({ kind: "store", call: notes.call, address, before, after });
  };
  return {
    firmware: platform.firmware,
    isMemory: (address) => platform.isMemory(address),
    readWord: (address) => platform.readWord(address),
    writeWord(address, value) {
      const before = platform.readWord(address);
      platform.writeWord(address, value);
      store(address, before);
    },
    readBytes: (address, length) => platform.readBytes(address, length),
    writeBytes(address, bytes) {
      const first = address & ~7n;
      const count = Number((address + BigInt(bytes.length) - first + 7n) / 8n);
      const noted = bytes.length <= NOTED_BYTES ? count : 0;
      const places = Array.from({ length: noted }, (_, n) => first + BigInt(8 * n));
      const before = places.map((place) => platform.readWord(place));
      platform.writeBytes(address, bytes);
      places.forEach((place, n) => {
        store(place, before[n] ?? 0n);
      });
    },
    readUnit: (offset, size) => platform.readUnit(offset, size),
    writeUnit(offset, size, value) {
      platform.writeUnit(offset, size, value);
      notes.drain();
    },
    readConfiguration: (function_, offset, size) =>
      platform.readConfiguration(function_, offset, size),
    writeConfiguration(function_, offset, size, value) {
      platform.writeConfiguration(function_, offset, size, value);
      const device = nameOf(function_);
      notes.record({ kind: "configuration write", call: notes.call, device, offset, value });
    },
    readDevice: (function_, offset, size) => platform.readDevice(function_, offset, size),
    writeDevice(function_, offset, size, value) {
      platform.writeDevice(function_, offset, size, value);
      notes.deviceWritten(function_, offset);
      const device = nameOf(function_);
      notes.record({ kind: "device register write", call: notes.call, device, offset, value });
    },
    submit(function_, offset, descriptor) {
      platform.submit(function_, offset, descriptor);
      notes.drain();
    },
    now: () => platform.now(),
    takeInterrupts: () => platform.takeInterrupts(),
    tagPage(page, owner) {
      platform.tagPage(page, owner);
      notes.tagged(Number(page), owner);
      notes.record({ kind: "page owner", page, owner });
    },
  };
}
