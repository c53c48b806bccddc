// All that the kernel can do to the machine: stores, loads, register accesses. Nothing else crosses.
import type { RequesterId } from "../../base/brand.ts";

/** What firmware tells the kernel (ACPI DMAR and the memory map). */
export interface Firmware {
  /** RAM, first address and bytes; whole pages. */
  readonly memory: readonly { readonly start: bigint; readonly length: bigint }[];
  /** RMRR: devices and the inclusive range that they must always reach. */
  readonly reserved: readonly {
    readonly devices: readonly RequesterId[];
    readonly start: bigint;
    readonly end: bigint;
  }[];
  /** Physical address of the remapping unit's registers. */
  readonly unitBase: bigint;
}

export interface MachinePort {
  readonly firmware: Firmware;
  isMemory(address: bigint): boolean;
  /** 64-bit word at an 8-byte-aligned physical address. */
  readWord(address: bigint): bigint;
  writeWord(address: bigint, value: bigint): void;
  readBytes(address: bigint, length: number): Uint8Array;
  writeBytes(address: bigint, bytes: Uint8Array): void;
  /** Registers of the remapping unit, byte offset from its base. */
  readUnit(offset: number, size: 4 | 8): bigint;
  writeUnit(offset: number, size: 4 | 8, value: bigint): void;
  /** Configuration space, offset 0 .. 0xfff; all ones where no function answers. */
  readConfiguration(function_: RequesterId, offset: number, size: 1 | 2 | 4): number;
  writeConfiguration(function_: RequesterId, offset: number, size: 1 | 2 | 4, value: number): void;
  /** Registers in a function's BAR 0. */
  readDevice(function_: RequesterId, offset: number, size: 4 | 8): bigint;
  writeDevice(function_: RequesterId, offset: number, size: 4 | 8, value: bigint): void;
  /** A 64-byte store (MOVDIR64B) to a function's BAR 2, the portals. */
  submit(function_: RequesterId, offset: number, descriptor: Uint8Array): void;
  /** Simulated time since power-on in microseconds. */
  now(): number;
  /** Interrupt messages that reached the processor since the last call: vectors, oldest first. */
  takeInterrupts(): readonly number[];
  /**
   * Says what a page of memory now holds, so that pictures and hardware checks know whose it is; hardware ignores it.
   * `owner`: "free", "kernel", "tables" or the name of a process.
   */
  tagPage(page: bigint, owner: string): void;
}
