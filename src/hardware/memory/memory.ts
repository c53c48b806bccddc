// The port through which everything outside the hot path sees host-physical memory.
import type { Hpa } from "../../base/brand.ts";

/** Bytes of one page of host-physical memory. */
export const PAGE_SIZE = 4096;
/** 32-bit words of one page. */
export const PAGE_WORDS = PAGE_SIZE / 4;

/** Host-physical memory, little-endian. Addresses that no page backs read as all ones and swallow writes. */
export interface Memory {
  /** Whether a page backs `address`. A table read elsewhere fails on the bus. */
  isMemory(address: Hpa): boolean;
  /** The 64-bit word at an 8-byte-aligned address. */
  readWord(address: Hpa): bigint;
  /** Stores a 64-bit word at an 8-byte-aligned address. */
  writeWord(address: Hpa, value: bigint): void;
  /** `length` bytes from `address`, any alignment. */
  readBytes(address: Hpa, length: number): Uint8Array;
  /** Stores bytes at any alignment; those that no page backs are dropped. */
  writeBytes(address: Hpa, bytes: Uint8Array): void;
  /** Runs of backed pages in rising order: first address and length in bytes. */
  ranges(): readonly { readonly start: Hpa; readonly length: bigint }[];
}
