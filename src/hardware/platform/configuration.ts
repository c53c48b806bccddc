// A function's configuration space as bytes at power-on, with what firmware set up, and the bits that software may write.

import type { FunctionDescription } from "./description.ts";
import {
  ACS_BITS,
  CAPABILITY,
  COMMAND,
  EXPRESS,
  EXPRESS_AT,
  EXPRESS_TYPE,
  EXTENDED,
  EXTENDED_AT,
  HEADER,
  isBridge,
  MSI_AT,
} from "./pci-layout.ts";

export const CONFIGURATION_BYTES = 4096;
const CONVENTIONAL_BYTES = 256;

/** A register range of a function: which BAR, where firmware put it, how long (a power of two). */
export interface Window {
  readonly bar: 0 | 2;
  readonly start: bigint;
  readonly length: bigint;
}

/** Addresses that a bridge passes down: first and last byte, whole MiB; null when it passes none. */
export interface Forwarded {
  readonly first: bigint;
  readonly last: bigint;
}

export interface ConfigurationInput {
  readonly description: FunctionDescription;
  /** Bus that the function is on. */
  readonly bus: number;
  /** Other functions share the device number. */
  readonly multiFunction: boolean;
  readonly windows: readonly Window[];
  readonly forwarded: Forwarded | null;
}

/** 4096 bytes each. `writable`: bits that a write stores; `cleared`: bits that a one clears. */
export interface Configuration {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly writable: Uint8Array<ArrayBuffer>;
  readonly cleared: Uint8Array<ArrayBuffer>;
  /** 4096, or 256 for conventional PCI. */
  readonly length: number;
  /** Offsets of the extended capabilities that are there. */
  readonly acs: number;
  readonly pasid: number;
  readonly windows: readonly Window[];
}

/** Writes registers of 1, 2 or 4 bytes into the three arrays. */
class Layout {
  readonly bytes = new Uint8Array(CONFIGURATION_BYTES);
  readonly writable = new Uint8Array(CONFIGURATION_BYTES);
  readonly cleared = new Uint8Array(CONFIGURATION_BYTES);
  #next = EXTENDED_AT;
  #link = 0;

  put(offset: number, size: 1 | 2 | 4, value: number, writable = 0, cleared = 0): void {
    for (let i = 0; i < size; i++) {
      this.bytes[offset + i] = value >>> (8 * i);
      this.writable[offset + i] = writable >>> (8 * i);
      this.cleared[offset + i] = cleared >>> (8 * i);
    }
  }

  /** Appends an extended capability of `length` bytes; where it stands. */
  extended(id: number, length: number): number {
    const at = this.#next;
    this.put(at, 4, id | 0x1_0000);
    if (this.#link !== 0) {
      const before = (this.bytes[this.#link + 2] ?? 0) | ((this.bytes[this.#link + 3] ?? 0) << 8);
      this.put(this.#link + 2, 2, before | (at << 4));
    }
    this.#link = at;
    this.#next = (at + length + 15) & ~15;
    return at;
  }
}

export function buildConfiguration(input: ConfigurationInput): Configuration {
  const { description, multiFunction } = input;
  const { kind } = description;
  const layout = new Layout();
  const type = EXPRESS_TYPE[kind];
  const bridge = isBridge(kind);
  const capable = type !== undefined;
  layout.put(HEADER.VENDOR, 2, description.vendor);
  layout.put(HEADER.DEVICE, 2, description.device);
  // Firmware has switched decoding on, and lets bridges pass requests upwards.
  const command = kind === "host bridge" ? 6 : bridge ? 6 : COMMAND.MEMORY;
  layout.put(HEADER.COMMAND, 2, command, 0x0547);
  layout.put(HEADER.STATUS, 2, capable ? 0x10 : 0, 0, 0xf900);
  layout.put(HEADER.REVISION, 4, (description.class << 8) | 1);
  layout.put(0x0c, 1, 0, 0xff);
  layout.put(HEADER.HEADER_TYPE, 1, (bridge ? 1 : 0) | (multiFunction ? 0x80 : 0));
  if (bridge) bridgeHeader(layout, input);
  else endpointHeader(layout, input);
  layout.put(HEADER.INTERRUPT_LINE, 1, 0xff, 0xff);
  const { windows } = input;
  if (!capable) return finish(layout, windows, CONVENTIONAL_BYTES, 0, 0);

  layout.put(HEADER.CAPABILITIES, 1, MSI_AT);
  layout.put(MSI_AT, 2, CAPABILITY.MSI | (EXPRESS_AT << 8));
  // One vector, 64-bit address.
  layout.put(MSI_AT + 2, 2, 0x80, 1);
  layout.put(MSI_AT + 4, 4, 0, ~3);
  layout.put(MSI_AT + 8, 4, 0, ~0);
  layout.put(MSI_AT + 12, 2, 0, 0xffff);
  expressCapability(layout, description, type);
  return finish(layout, windows, CONFIGURATION_BYTES, ...extendedCapabilities(layout, description));
}

function finish(
  layout: Layout,
  windows: readonly Window[],
  length: number,
  acs: number,
  pasid: number,
): Configuration {
  const { bytes, writable, cleared } = layout;
  return { bytes, writable, cleared, windows, length, acs, pasid };
}

function endpointHeader(layout: Layout, { description, windows }: ConfigurationInput): void {
  for (const { bar, start, length } of windows) {
    const at = HEADER.BAR0 + 4 * bar;
    const mask = ~(length - 1n);
    // 64-bit, prefetchable.
    layout.put(at, 4, Number(start & 0xffff_fff0n) | 0xc, Number(mask & 0xffff_fff0n));
    layout.put(at + 4, 4, Number(start >> 32n), Number((mask >> 32n) & 0xffff_ffffn));
  }
  layout.put(HEADER.SUBSYSTEM_VENDOR, 2, description.vendor);
  layout.put(HEADER.SUBSYSTEM, 2, description.device);
}

/** Bus numbers are firmware's: they read as described and cannot be changed. */
function bridgeHeader(layout: Layout, { description, bus, forwarded }: ConfigurationInput): void {
  layout.put(HEADER.PRIMARY, 1, bus);
  layout.put(HEADER.SECONDARY, 1, description.secondary ?? 0);
  layout.put(HEADER.SUBORDINATE, 1, description.subordinate ?? description.secondary ?? 0);
  // Base above limit: closed.
  layout.put(HEADER.MEMORY_BASE, 4, 0x0000_fff0, 0xfff0_fff0);
  const first = forwarded?.first ?? 0xfff0_0000n;
  const last = forwarded?.last ?? 0n;
  const half = (address: bigint): number => Number((address >> 16n) & 0xfff0n) | 1;
  layout.put(HEADER.PREFETCHABLE_BASE, 2, half(first), 0xfff0);
  layout.put(HEADER.PREFETCHABLE_BASE + 2, 2, half(last), 0xfff0);
  layout.put(HEADER.PREFETCHABLE_BASE_UPPER, 4, Number(first >> 32n), ~0);
  layout.put(HEADER.PREFETCHABLE_LIMIT_UPPER, 4, Number(last >> 32n), ~0);
  layout.put(HEADER.BRIDGE_CONTROL, 2, 0, 0x0f7f);
}

function expressCapability(layout: Layout, description: FunctionDescription, type: number): void {
  const at = EXPRESS_AT;
  const port = type === 4 || type === 6;
  const linked = type !== 9;
  layout.put(at, 2, CAPABILITY.EXPRESS);
  layout.put(at + EXPRESS.FLAGS, 2, 2 | (type << 4) | (port ? 0x100 : 0));
  // Payloads of 256 bytes, role-based error reporting; endpoints can be reset by themselves.
  const resets = type === 0 || type === 9;
  layout.put(at + EXPRESS.DEVICE_CAPABILITIES, 4, 0x8001 | (resets ? 0x1000_0000 : 0));
  layout.put(at + EXPRESS.DEVICE_CONTROL, 2, 0x2810, resets ? 0xffff : 0x7fff);
  layout.put(at + EXPRESS.DEVICE_CONTROL + 2, 2, 0, 0, 0x000f);
  if (linked) {
    layout.put(at + EXPRESS.LINK_CAPABILITIES, 4, 0x0000_0c43 | (linkPort(description) << 24));
    layout.put(at + EXPRESS.LINK_CAPABILITIES + 4, 2, 0, 0x0fff);
    layout.put(at + EXPRESS.LINK_STATUS, 2, 0x0043);
  }
  if (port) layout.put(at + EXPRESS.SLOT_CAPABILITIES, 4, linkPort(description) << 19);
  if (type === 4) layout.put(at + EXPRESS.ROOT_CONTROL, 2, 0, 0x001f);
  // Bit 21: carries the prefix that holds a PASID.
  layout.put(at + EXPRESS.DEVICE_CAPABILITIES_2, 4, type === 7 ? 0 : 0x0020_0000);
  layout.put(at + EXPRESS.DEVICE_CONTROL_2, 2, 0, 0x03ff);
}

/** Port number: device and function. */
const linkPort = ({ address }: FunctionDescription): number =>
  ((Number.parseInt(address.slice(-4, -2), 16) & 0x1f) << 3) | Number(address.slice(-1));

/** Offsets of the ACS and the PASID capability, 0 where there is none. */
function extendedCapabilities(
  layout: Layout,
  description: FunctionDescription,
): [acs: number, pasid: number] {
  let acs = 0;
  let pasid = 0;
  if (description.acs) {
    acs = layout.extended(EXTENDED.ACS, 8);
    const bits = description.acs.reduce((all, name) => all | ACS_BITS[name], 0);
    layout.put(acs + 4, 2, bits);
    layout.put(acs + 6, 2, 0, bits);
  }
  if (description.pasidBits !== undefined) {
    pasid = layout.extended(EXTENDED.PASID, 8);
    // Execute and privileged mode are there as well.
    layout.put(pasid + 4, 2, (description.pasidBits << 8) | 6);
    layout.put(pasid + 6, 2, 0, 7);
  }
  if (description.ats) {
    const at = layout.extended(EXTENDED.ATS, 8);
    // Queue depth 32, page-aligned requests, global invalidation.
    layout.put(at + 4, 2, 0x60);
    layout.put(at + 6, 2, 0, 0x801f);
  }
  if (description.pri) {
    const at = layout.extended(EXTENDED.PRI, 16);
    layout.put(at + 4, 2, 0, 3);
    layout.put(at + 6, 2, 0x0100, 0, 3);
    layout.put(at + 8, 4, 32);
    layout.put(at + 12, 4, 0, ~0);
  }
  if (description.scalableIov) {
    const at = layout.extended(EXTENDED.DESIGNATED_VENDOR, 0x18);
    layout.put(at + 4, 4, 0x8086 | (0x18 << 20));
    layout.put(at + 8, 2, 5);
    // Pages of 4 KiB; interrupt messages stored in the device.
    layout.put(at + 12, 4, 1);
    layout.put(at + 16, 4, 1, ~0);
    layout.put(at + 20, 4, 1);
  }
  return [acs, pasid];
}
