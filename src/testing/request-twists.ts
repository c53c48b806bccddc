// Requests around an address that tables map: as it is, or with one thing different.
import fc from "fast-check";
import { sometimes } from "./machine-choices.ts";
import type { NaiveRequest } from "./naive-request.ts";

export interface RequestTwist {
  readonly access: "read" | "write" | "atomic";
  readonly length: number;
  readonly offset: number;
  readonly privileged: boolean;
  readonly execute: boolean;
  readonly translated: boolean;
  readonly twist:
    | "none"
    | "interrupt range"
    | "far"
    | "sign"
    | "neighbour"
    | "no PASID"
    | "PASID"
    | "large PASID"
    | "requester";
  readonly bit: number;
  readonly pasid: number;
}

const twist: fc.Arbitrary<RequestTwist> = fc.record({
  access: fc.constantFrom("read", "read", "read", "write", "write", "write", "atomic"),
  length: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(1, 4, 8, 64) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  offset: fc.nat({ max: 0xfff }),
  privileged: sometimes(25),
  execute: sometimes(8),
  translated: sometimes(8),
  twist: fc.oneof(
    { weight: 70, arbitrary: fc.constant("none" as const) },
    {
      weight: 30,
      arbitrary: fc.constantFrom(
        "interrupt range",
        "far",
        "sign",
        "neighbour",
        "neighbour",
        "no PASID",
        "PASID",
        "large PASID",
        "requester",
      ),
    },
  ),
  bit: fc.integer({ min: 12, max: 63 }),
  pasid: fc.constantFrom(0, 1, 0x25, 0x26, 0x3f, 0x2000, 0x2025),
});

export const requestTwists: fc.Arbitrary<readonly RequestTwist[]> = fc.array(twist, {
  minLength: 1,
  maxLength: 3,
});

export interface Home {
  readonly requester: number;
  readonly pasid: number | null;
  readonly address: bigint;
}

function twistedAddress(twist: RequestTwist, address: bigint): bigint {
  const page = address & ~0xfffn;
  switch (twist.twist) {
    case "interrupt range":
      return 0xfee0_0000n | (page & 0xf_f000n);
    case "far":
      return page | (1n << BigInt(Math.max(36, twist.bit)));
    case "sign":
      return BigInt.asUintN(64, ~address) & ~0xfffn;
    case "neighbour":
      return page ^ (1n << BigInt(twist.bit));
    default:
      return page;
  }
}

function twistedPasid(twist: RequestTwist, pasid: number | null): number | null {
  if (twist.twist === "no PASID") return null;
  if (twist.twist === "PASID") return twist.pasid;
  return twist.twist === "large PASID" ? 0xf_0000 + twist.pasid : pasid;
}

/** The request of a twist; it stays inside one page, four-byte aligned in the interrupt range. */
export function applyTwist(twist: RequestTwist, home: Home): NaiveRequest {
  const length = twist.access === "read" ? twist.length : Math.max(1, twist.length);
  const offset = BigInt(Math.min(twist.offset & ~3, 4096 - Math.max(length, 1)));
  const pasid = twistedPasid(twist, home.pasid);
  return {
    requester:
      twist.twist === "requester" ? home.requester ^ (1 << (twist.bit % 16)) : home.requester,
    pasid,
    address: twistedAddress(twist, home.address) | offset,
    length,
    access: twist.access,
    privileged: twist.privileged && pasid !== null,
    execute: twist.execute && pasid !== null && twist.access === "read",
    translated: twist.translated,
  };
}
