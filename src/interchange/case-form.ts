// What a recorded case (`vtd-oracle-1`) is made of, as types and as the schemas that a file is checked against.
import * as v from "valibot";
import type { Problem } from "../base/result.ts";
import type { ProfileName } from "../hardware/vtd/types.ts";
import { hexNumber, integer } from "./json.ts";

/** A write of a register: `offset` from the unit's first register, `size` bytes. */
export interface RegisterWrite {
  readonly offset: bigint;
  readonly size: number;
  readonly value: bigint;
}

/** Memory words by their 8-byte-aligned address. */
export type Words = ReadonlyMap<bigint, bigint>;

export interface ExpectedFault {
  readonly reason: bigint;
  readonly sid: bigint;
  readonly addr: bigint;
  readonly type: "read" | "write";
  readonly pp: number;
  readonly pasid: number;
  readonly exec: number;
  readonly priv: number;
}

/** What a step led to. Parts that the file does not name are undefined. */
export interface Expected {
  readonly regs?: Readonly<Record<string, bigint>> | undefined;
  readonly mem?: Words | undefined;
  readonly val?: bigint | undefined;
  readonly ok?: boolean | undefined;
  readonly bus_ok?: boolean | undefined;
  readonly data?: string | undefined;
  readonly pa?: readonly (readonly [bigint | null, number])[] | undefined;
  readonly fault?: ExpectedFault | null | undefined;
}

/** A step: what is compared, what is not, and which parts of `expect` are not known. */
export interface Expectation {
  readonly parts: Expected;
  readonly ignore: ReadonlySet<string>;
  readonly unknown: readonly string[];
}

export type CaseOperation =
  | {
      readonly op: "dma";
      readonly device: string;
      readonly sid: bigint;
      readonly pasid: bigint | null;
      readonly access: "read" | "write";
      readonly iova: bigint;
      readonly length: number;
      /** Writes: hex digits, lowest address first. */
      readonly data: string | undefined;
      readonly privileged: boolean;
      readonly execute: boolean;
      readonly addressType: "untranslated" | "translated";
    }
  | { readonly op: "mem"; readonly writes: Words }
  | { readonly op: "ack" }
  | {
      readonly op: "inv";
      readonly iqa: bigint;
      readonly descriptors: readonly (readonly bigint[])[];
      readonly tail: bigint;
    }
  | ({ readonly op: "regw" } & RegisterWrite)
  | { readonly op: "regr"; readonly offset: bigint; readonly size: number }
  | { readonly op: "unknown"; readonly name: string };

export interface CaseStep {
  readonly operation: CaseOperation;
  readonly expect: Expectation | null;
}

export interface RecordedCase {
  readonly id: string;
  readonly feature: string;
  readonly tags: readonly string[];
  /** Undefined: recorded from QEMU. */
  readonly profile: ProfileName | undefined;
  readonly config: {
    readonly ver: number;
    readonly cap: bigint;
    readonly ecap: bigint;
    readonly haw: number;
    readonly ridPasid: boolean;
  };
  readonly fill: readonly bigint[];
  readonly mem: Words;
  readonly setup: readonly RegisterWrite[];
  readonly steps: readonly CaseStep[];
  readonly finalMem: Words;
}

/** A case that cannot be played, because it says what the format does not allow. */
export interface RefusedCase {
  readonly id: string;
  readonly feature: string;
  /** Its steps that would have been compared, at least 1. */
  readonly steps: number;
  readonly problem: Problem;
}

/** A limit on what one case may ask for, so that a wrong file is refused and not played for hours. */
const MANY = 100_000;
const MOST_BYTES = 65536;

const aligned = (unit: bigint, message: string) => v.check((a: bigint) => a % unit === 0n, message);
const pageAddress = v.pipe(hexNumber(52), aligned(4096n, "expected the address of a page"));
const hexBytes = v.pipe(
  v.string(),
  v.regex(/^(?:[0-9a-f]{2})*$/i, "expected bytes in hexadecimal"),
  v.maxLength(2 * MOST_BYTES, `expected at most ${MOST_BYTES} bytes`),
  v.transform((text) => text.toLowerCase()),
);
const list = <S extends v.GenericSchema>(item: S) =>
  v.pipe(v.array(item), v.maxLength(MANY, `expected at most ${MANY} items`));

export const wordsForm = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,16}$/i, 'expected an address like "0x1000"')),
    hexNumber(),
  ),
  v.transform(
    (record) => new Map(Object.entries(record).map(([key, word]) => [BigInt(key), word])),
  ),
  v.check(
    (map) => [...map.keys()].every((a) => a % 8n === 0n && a >> 52n === 0n),
    "expected addresses that are multiples of 8 and fit in 52 bits",
  ),
);

export const registerWriteForm = v.pipe(
  v.object({ off: hexNumber(), size: v.picklist([4, 8]), val: hexNumber() }),
  v.transform(({ off, size, val }) => ({ offset: off, size, value: val })),
);

const bit = integer(0, 1);
const expectedFault = v.object({
  reason: hexNumber(8),
  sid: hexNumber(16),
  addr: hexNumber(),
  type: v.picklist(["read", "write"]),
  pp: bit,
  pasid: integer(0, 0xfffff),
  exec: bit,
  priv: bit,
});

export const expectedForm = v.object({
  regs: v.optional(v.record(v.string(), hexNumber())),
  mem: v.optional(wordsForm),
  val: v.optional(hexNumber()),
  ok: v.optional(v.boolean()),
  bus_ok: v.optional(v.boolean()),
  data: v.optional(hexBytes),
  pa: v.optional(list(v.tuple([v.nullable(hexNumber()), integer(0, MOST_BYTES)]))),
  fault: v.optional(v.nullable(expectedFault)),
});
export const quirkForm = v.object({
  quirk: v.optional(v.nullable(v.object({ ignore: v.array(v.string()) })), null),
});

export const dmaForm = v.pipe(
  v.object({
    dev: v.string(),
    sid: hexNumber(16),
    pasid: v.nullable(hexNumber(20)),
    rw: v.picklist(["read", "write"]),
    iova: hexNumber(),
    len: integer(0, MOST_BYTES),
    data: v.optional(hexBytes),
    priv: v.optional(bit, 0),
    exec: v.optional(bit, 0),
    at: v.optional(v.picklist(["untranslated", "translated"]), "untranslated"),
  }),
  v.check(
    ({ rw, data, len }) => rw === "read" || data === undefined || data.length === 2 * len,
    "expected `data` of as many bytes as `len` says",
  ),
);
export const queueForm = v.object({
  iqa: hexNumber(),
  desc: list(
    v.pipe(
      v.array(hexNumber()),
      v.check((d) => d.length === 2 || d.length === 4, "expected 2 or 4 words"),
    ),
  ),
  tail: hexNumber(),
});
export const registerReadForm = v.object({ off: hexNumber(), size: v.picklist([4, 8]) });

export const caseForm = v.object({
  id: v.string(),
  feature: v.string(),
  tags: v.array(v.string()),
  profile: v.optional(v.picklist(["spec", "qemu"])),
  config: v.object({
    ver: hexNumber(32),
    cap: hexNumber(),
    ecap: hexNumber(),
    haw: integer(32, 52),
    rid_pasid: v.boolean(),
  }),
  fill: list(pageAddress),
  mem: wordsForm,
  setup: list(registerWriteForm),
  ops: list(v.looseObject({ op: v.string() })),
  final_mem: wordsForm,
});
export const fileForm = v.object({
  format: v.literal("vtd-oracle-1"),
  cases: v.array(v.unknown()),
});
