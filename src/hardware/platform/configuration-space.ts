// Configuration spaces as they stand in the store: reading, masked writing, and what single bits mean.
import type { RequesterId } from "../../base/brand.ts";
import type { Store } from "../memory/store.ts";
import { CONFIGURATION_BYTES } from "./configuration.ts";
import type { AcsBit } from "./description.ts";
import {
  ACS_BITS,
  COMMAND,
  EXPRESS,
  EXPRESS_AT,
  EXPRESS_TYPE,
  FUNCTION_RESET,
  HEADER,
  isBridge,
  MSI_AT,
  PASID_ENABLE,
} from "./pci-layout.ts";
import { PrivateArea } from "./private-area.ts";
import type { PciFunction } from "./topology.ts";

const ALL_ONES = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff } as const;

export class ConfigurationSpace {
  readonly #functions: ReadonlyMap<RequesterId, PciFunction>;
  readonly #bytes: PrivateArea;

  constructor(store: Store, functions: readonly PciFunction[]) {
    this.#functions = new Map(functions.map((one) => [one.requester, one]));
    this.#bytes = new PrivateArea(store, functions.length);
    for (const one of functions) this.reset(one);
  }

  /** Every register as firmware left it, base addresses included. */
  reset(one: PciFunction): void {
    const { bytes } = one.configuration;
    for (let at = 0; at < CONFIGURATION_BYTES; at += 4) {
      const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
      this.#bytes.setWord(this.#base(one) / 4 + at / 4, a | (b << 8) | (c << 16) | (d << 24));
    }
  }

  /** All ones where no function answers, and beyond the end of its space. */
  read(requester: RequesterId, offset: number, size: 1 | 2 | 4): number {
    const one = this.#functions.get(requester);
    if (!one || offset < 0 || offset + size > one.configuration.length) return ALL_ONES[size];
    return this.#bytes.read(this.#base(one) + offset, size);
  }

  /** Stores what software may store. True: the function was told to reset itself. */
  write(requester: RequesterId, offset: number, size: 1 | 2 | 4, value: number): boolean {
    const one = this.#functions.get(requester);
    if (!one || offset < 0 || offset + size > one.configuration.length) return false;
    const { cleared, writable } = one.configuration;
    for (let i = 0; i < size; i++) {
      const at = offset + i;
      const byte = (value >>> (8 * i)) & 0xff;
      const mask = writable[at] ?? 0;
      const before = this.#bytes.byte(this.#base(one) + at);
      const kept = before & ~mask & ~(byte & (cleared[at] ?? 0));
      this.#bytes.setByte(this.#base(one) + at, kept | (byte & mask));
    }
    return this.#takeReset(one);
  }

  #takeReset(one: PciFunction): boolean {
    const type = EXPRESS_TYPE[one.description.kind];
    if (type === undefined || isBridge(one.description.kind)) return false;
    const at = EXPRESS_AT + EXPRESS.DEVICE_CONTROL;
    const control = this.#get(one, at, 2);
    if ((control & FUNCTION_RESET) === 0) return false;
    this.#bytes.write(this.#base(one) + at, 2, control & ~FUNCTION_RESET);
    return true;
  }

  isBusMaster(one: PciFunction): boolean {
    return (this.#get(one, HEADER.COMMAND, 2) & COMMAND.BUS_MASTER) !== 0;
  }

  decodesMemory(one: PciFunction): boolean {
    return (this.#get(one, HEADER.COMMAND, 2) & COMMAND.MEMORY) !== 0;
  }

  /** The PASID control register; 0 where there is no capability. */
  pasidControl(one: PciFunction): number {
    const { pasid } = one.configuration;
    return pasid === 0 ? 0 : this.#get(one, pasid + 6, 2);
  }

  pasidEnabled(one: PciFunction): boolean {
    return (this.pasidControl(one) & PASID_ENABLE) !== 0;
  }

  /** Whether an ACS control bit is on. */
  acs(one: PciFunction, bit: AcsBit): boolean {
    const { acs } = one.configuration;
    return acs !== 0 && (this.#get(one, acs + 6, 2) & ACS_BITS[bit]) !== 0;
  }

  /** First address of a register range, where software has put it by now. */
  barAddress(one: PciFunction, bar: 0 | 2): bigint {
    const at = HEADER.BAR0 + 4 * bar;
    const low = this.#get(one, at, 4) & ~0xf;
    return (BigInt(this.#get(one, at + 4, 4)) << 32n) | BigInt(low >>> 0);
  }

  /** Address and data of the function's interrupt message; null while MSI is off. */
  message(one: PciFunction): { readonly address: bigint; readonly data: number } | null {
    if (EXPRESS_TYPE[one.description.kind] === undefined) return null;
    if ((this.#get(one, MSI_AT + 2, 2) & 1) === 0) return null;
    const high = BigInt(this.#get(one, MSI_AT + 8, 4));
    const address = (high << 32n) | BigInt(this.#get(one, MSI_AT + 4, 4));
    return { address, data: this.#get(one, MSI_AT + 12, 2) };
  }

  #get(one: PciFunction, offset: number, size: number): number {
    return this.#bytes.read(this.#base(one) + offset, size);
  }

  #base(one: PciFunction): number {
    return one.ordinal * CONFIGURATION_BYTES;
  }
}
