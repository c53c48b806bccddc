// What a link carries, and the compact JSON it is written as.
import * as v from "valibot";
import {
  type Hpa,
  hpa,
  iova,
  type Pasid,
  pasid,
  type RequesterId,
  requesterId,
} from "../base/brand.ts";
import type { TableKind } from "../hardware/vtd/events.ts";
import type { Access, CacheName, ProfileName } from "../hardware/vtd/types.ts";
import type { MachineOrigin, Operation } from "../session/types.ts";
import { hexNumber, integer } from "./json.ts";

/** The object that is looked at. */
export type LinkSelection =
  | { readonly kind: "requester"; readonly requester: RequesterId }
  | { readonly kind: "pasid"; readonly requester: RequesterId; readonly pasid: Pasid | null }
  | { readonly kind: "space"; readonly id: string }
  | {
      readonly kind: "entry";
      readonly table: TableKind;
      readonly level: number | null;
      readonly address: Hpa;
    }
  | { readonly kind: "cache entry"; readonly cache: CacheName; readonly slot: number }
  | { readonly kind: "register"; readonly offset: number }
  | { readonly kind: "memory"; readonly address: Hpa }
  | { readonly kind: "object"; readonly id: string }
  | { readonly kind: "function"; readonly symbol: string }
  | { readonly kind: "check"; readonly id: string };

/** What is looked at, and how. */
export interface LinkView {
  readonly selection: LinkSelection | null;
  /** Hop of the walk that is shown; null: the last. */
  readonly hop: number | null;
  readonly foot: (typeof FEET)[number];
  /** First address of the memory panel. */
  readonly memoryAt: Hpa;
  readonly draft: {
    readonly requester: string;
    readonly pasid: string;
    readonly address: string;
    readonly access: Access;
  };
  /** The operation whose walk is shown, from 0; null: none. */
  readonly at: number | null;
}

/** A document on an emulated kernel. */
export interface ScenarioOrigin {
  readonly kind: "scenario";
  readonly id: string;
  /** The file; null: the shipped one of this id, as it ships. */
  readonly text: string | null;
}

/** Where in the document one looks, and what the machine was then. */
export interface LinkMoment {
  readonly operation: number;
  readonly event: number | null;
  readonly step: string | null;
  /** Of the state at that moment: a replay that gives another one is reported. */
  readonly digest: string;
}

export interface LinkState {
  readonly machine: Exclude<MachineOrigin, { kind: "preset" }> | ScenarioOrigin;
  /** Scenarios only. */
  readonly moment?: LinkMoment;
  readonly profile: ProfileName;
  readonly operations: readonly Operation[];
  readonly view: LinkView;
}

const TABLES = [
  "root entry",
  "context entry",
  "PASID directory entry",
  "PASID table entry",
  "first-stage entry",
  "second-stage entry",
] as const satisfies readonly TableKind[];
const CACHES = ["context", "pasid", "iotlb", "paging"] as const satisfies readonly CacheName[];
const FEET = [
  "events",
  "outline",
  "table",
  "memory",
  "registers",
  "timeline",
  "calls",
  "isolation",
  "objects",
  "console",
  "checks",
] as const;
const ACCESSES = ["read", "write", "atomic"] as const satisfies readonly Access[];

/** Most operations, and most descriptors in one of them. */
const MOST_OPERATIONS = 10_000;
const MOST_DESCRIPTORS = 1024;
/** Further writes of one register operation: one for each fault recording register. */
const MOST_WRITES = 256;
/** Words of one edit: a page. */
const MOST_WORDS = 511;

const text = (longest: number) =>
  v.pipe(v.string(), v.maxLength(longest, `expected at most ${longest} characters`));
const physical = v.pipe(hexNumber(52), v.transform(hpa));
const virtual = v.pipe(hexNumber(), v.transform(iova));
const requester = v.pipe(integer(0, 0xffff), v.transform(requesterId));
const process = v.nullable(v.pipe(integer(0, 0xfffff), v.transform(pasid)));
const offset = integer(0, 0xffff);
const ordinal = integer(0, 10_000_000);
const descriptor = v.pipe(
  v.array(hexNumber()),
  v.check((words) => words.length === 2 || words.length === 4, "expected 2 or 4 words"),
);

const registerWrite = { offset, size: v.picklist([4, 8]), value: hexNumber() };

const operation = v.variant("op", [
  v.strictObject({
    op: v.literal("dma"),
    requester,
    pasid: process,
    access: v.picklist(ACCESSES),
    address: virtual,
    length: integer(0, 65536),
    repeat: v.exactOptional(integer(1, 1_000_000)),
    stride: v.exactOptional(integer(0, 2 ** 40)),
    span: v.exactOptional(hexNumber()),
  }),
  v.strictObject({
    op: v.literal("edit"),
    address: physical,
    value: hexNumber(),
    more: v.exactOptional(
      v.pipe(
        v.array(v.strictObject({ address: physical, value: hexNumber() })),
        v.maxLength(MOST_WORDS, `expected at most ${MOST_WORDS} further words`),
      ),
    ),
  }),
  v.strictObject({
    op: v.literal("invalidate"),
    descriptors: v.pipe(
      v.array(descriptor),
      v.maxLength(MOST_DESCRIPTORS, `expected at most ${MOST_DESCRIPTORS} descriptors`),
    ),
  }),
  v.strictObject({
    op: v.literal("register write"),
    ...registerWrite,
    more: v.exactOptional(
      v.pipe(
        v.array(v.strictObject(registerWrite)),
        v.maxLength(MOST_WRITES, `expected at most ${MOST_WRITES} further writes`),
      ),
    ),
  }),
]);

const selection = v.variant("kind", [
  v.strictObject({ kind: v.literal("requester"), requester }),
  v.strictObject({ kind: v.literal("pasid"), requester, pasid: process }),
  v.strictObject({ kind: v.literal("space"), id: text(100) }),
  v.strictObject({
    kind: v.literal("entry"),
    table: v.picklist(TABLES),
    level: v.nullable(integer(1, 5)),
    address: physical,
  }),
  v.strictObject({ kind: v.literal("cache entry"), cache: v.picklist(CACHES), slot: ordinal }),
  v.strictObject({ kind: v.literal("register"), offset }),
  v.strictObject({ kind: v.literal("memory"), address: physical }),
  v.strictObject({ kind: v.literal("object"), id: text(200) }),
  v.strictObject({ kind: v.literal("function"), symbol: text(100) }),
  v.strictObject({ kind: v.literal("check"), id: text(100) }),
]);

const hexDigest = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{1,64}$/, "expected a digest in hexadecimal"),
);

const origin = v.variant("kind", [
  v.strictObject({
    kind: v.literal("scenario"),
    id: text(100),
    text: v.nullable(text(2 ** 20)),
  }),
  v.strictObject({ kind: v.literal("sample"), id: text(100) }),
  v.strictObject({
    kind: v.literal("own"),
    tables: text(300),
    registers: text(300),
    digest: hexDigest,
  }),
]);

/** The schema of a link's JSON. What it gives is a LinkState. */
export const linkSchema: v.GenericSchema<unknown, LinkState> = v.strictObject({
  machine: origin,
  moment: v.exactOptional(
    v.strictObject({
      operation: ordinal,
      event: v.nullable(ordinal),
      step: v.nullable(text(100)),
      digest: hexDigest,
    }),
  ),
  profile: v.picklist(["spec", "qemu"]),
  operations: v.pipe(
    v.array(operation),
    v.maxLength(MOST_OPERATIONS, `expected at most ${MOST_OPERATIONS} operations`),
  ),
  view: v.strictObject({
    selection: v.nullable(selection),
    hop: v.nullable(ordinal),
    foot: v.picklist(FEET),
    memoryAt: physical,
    draft: v.strictObject({
      requester: text(100),
      pasid: text(100),
      address: text(100),
      access: v.picklist(ACCESSES),
    }),
    at: v.nullable(ordinal),
  }),
});

/** The JSON of `state`, in ASCII: whole numbers of any size as `"0x1f"`, other characters escaped. */
export function toJson(state: LinkState): string {
  const text = JSON.stringify(state, (_key, value: unknown) =>
    typeof value === "bigint" ? `0x${value.toString(16)}` : value,
  );
  return text.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** How many requests the operations send, streams counted in full, and how many bytes in them. */
export function workload(operations: readonly Operation[]): { requests: number; bytes: number } {
  let requests = 0;
  let bytes = 0;
  for (const one of operations) {
    if (one.op !== "dma") continue;
    requests += one.repeat ?? 1;
    bytes += (one.repeat ?? 1) * one.length;
  }
  return { requests, bytes };
}
