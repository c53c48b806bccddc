// Nominal types for the kinds of numbers that must never be mixed up: addresses of two spaces and three identifiers.

declare const tag: unique symbol;

/** `T` that is only assignable where the same name is asked for. */
export type Brand<T, Name extends string> = T & { readonly [tag]: Name };

/** I/O virtual address as a device puts it on the bus, 0 .. 2^64 - 1. */
export type Iova = Brand<bigint, "Iova">;
/** Host-physical address, 0 .. 2^52 - 1. */
export type Hpa = Brand<bigint, "Hpa">;
/** Process address space id, 0 .. 2^20 - 1. */
export type Pasid = Brand<number, "Pasid">;
/** PCI requester id: bus << 8 | device << 3 | function, 0 .. 0xffff. */
export type RequesterId = Brand<number, "RequesterId">;
/** Domain id that tags cached translations, 0 .. 0xffff. */
export type DomainId = Brand<number, "DomainId">;

const ranged =
  <B extends Brand<bigint, string>>(name: string, bits: bigint) =>
  (value: bigint): B => {
    if (value < 0n || value >> bits !== 0n) {
      throw new RangeError(`${name} 0x${value.toString(16)} does not fit in ${bits} bits`);
    }
    return value as B;
  };

const counted =
  <B extends Brand<number, string>>(name: string, limit: number) =>
  (value: number): B => {
    if (!Number.isInteger(value) || value < 0 || value >= limit) {
      throw new RangeError(`${name} ${value} is not an integer from 0 to ${limit - 1}`);
    }
    return value as B;
  };

export const iova = ranged<Iova>("I/O virtual address", 64n);
export const hpa = ranged<Hpa>("host-physical address", 52n);
export const pasid = counted<Pasid>("PASID", 1 << 20);
export const requesterId = counted<RequesterId>("requester id", 1 << 16);
export const domainId = counted<DomainId>("domain id", 1 << 16);
