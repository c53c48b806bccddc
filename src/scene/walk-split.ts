// How a request's three numbers split into the indices that select table entries.
// Index arithmetic as in sections 3.4, 3.6 and 3.7 of the specification: bus, devfn, two PASID parts, nine bits a level.
import { hex } from "../base/hex.ts";
import type { DmaRequest } from "../hardware/vtd/types.ts";

/** What a part of a number selects; also the name of its tint. */
export type Tint =
  | "bus"
  | "devfn"
  | "directory"
  | "pasid"
  | "level-5"
  | "level-4"
  | "level-3"
  | "level-2"
  | "level-1"
  | "offset"
  | "unused";

/** A run of bits of the requester id, the PASID or the address. */
export interface Part {
  readonly tint: Tint;
  /** "bus", "level 4", "offset". */
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly value: bigint;
  /** The value in hex, padded to the width of the part, in groups of four, without 0x. */
  readonly digits: string;
  /** Number of the hop whose entry it selects; null when it selects none. */
  readonly hop: number | null;
}

export interface Split {
  readonly requester: readonly Part[];
  /** Empty when no PASID is used (legacy mode). */
  readonly pasid: readonly Part[];
  readonly address: readonly Part[];
}

/** What decides the split: the mode, the PASID in use, and how deep the paging tables are. */
export interface SplitShape {
  readonly scalable: boolean;
  readonly pasid: number | null;
  /** Levels of the paging tables; 0: none are used, or it is not known how many. */
  readonly levels: number;
  /** Level whose entry maps the page: 1, 2 or 3. */
  readonly leaf: number;
  /** Hop number of the first paging entry. */
  readonly firstPagingHop: number;
}

/** As wide as the field; the 14 bits of a directory index in three digits, as most directories are small. */
const digits = (value: bigint, bits: number): string =>
  hex(value, bits === 14 ? 3 : Math.ceil(bits / 4)).slice(2);

function part(
  tint: Tint,
  name: string,
  high: number,
  low: number,
  from: number | bigint,
  hop: number | null,
): Part {
  const width = BigInt(high - low + 1);
  const value = (BigInt(from) >> BigInt(low)) & ((1n << width) - 1n);
  return { tint, name, high, low, value, digits: digits(value, high - low + 1), hop };
}

/** Tint of the field that selects a paging entry of `level` (1 .. 5). */
export const levelTint = (level: number): Tint => `level-${level}` as Tint;

/** Splits a request. Every bit of each number is in exactly one part, highest first. */
export function splitRequest(
  request: Pick<DmaRequest, "requester" | "address">,
  shape: SplitShape,
): Split {
  const requester = [
    part("bus", "bus", 15, 8, request.requester, 1),
    part("devfn", "devfn", 7, 0, request.requester, 2),
  ];
  const pasid =
    shape.scalable && shape.pasid !== null
      ? [
          part("directory", "directory index", 19, 6, shape.pasid, 3),
          part("pasid", "slot", 5, 0, shape.pasid, 4),
        ]
      : [];
  return { requester, pasid, address: splitAddress(request.address, shape) };
}

function splitAddress(address: bigint, shape: SplitShape): Part[] {
  const { levels, leaf, firstPagingHop } = shape;
  if (levels === 0) {
    return [
      part("unused", "page", 63, 12, address, null),
      part("offset", "offset", 11, 0, address, null),
    ];
  }
  const parts: Part[] = [];
  const width = 12 + 9 * levels;
  if (width < 64) parts.push(part("unused", "above the tables", 63, width, address, null));
  for (let level = levels; level >= leaf; level--) {
    const low = 12 + 9 * (level - 1);
    const hop = firstPagingHop + levels - level;
    parts.push(part(levelTint(level), `level ${level}`, low + 8, low, address, hop));
  }
  const offsetBits = 12 + 9 * (leaf - 1);
  parts.push(part("offset", "offset", offsetBits - 1, 0, address, null));
  return parts;
}

/** "bus [15:8]". */
export const partRange = (p: Part): string =>
  p.high === p.low ? `[${p.high}]` : `[${p.high}:${p.low}]`;

/** The part in words for those who do not see the tints. */
export const partWords = (p: Part): string =>
  `${p.name} ${partRange(p)} is ${hex(p.value)}${p.hop === null ? "" : `, selects the entry of hop ${p.hop}`}`;
