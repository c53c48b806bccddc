// Operations in the form of scenario files: demands, calls, waits, hardware requests and edits. Addresses are hex texts.
import * as v from "valibot";
import type { FaultPoint } from "../linux/kernel/events.ts";
import {
  byKind,
  bytesText,
  hexText,
  id,
  list,
  pciText,
  reference,
  resultName,
  SCENARIO_LIMITS,
  text,
  textOr,
  whole,
} from "./scenario-parts.ts";

const pages = whole(1, 65_536);
const length = whole(1, 2 ** 20);
const device = text(80);
const uuid = text(80);

export const demandForm = v.variant("want", [
  v.strictObject({
    want: v.literal("load module"),
    module: text(60),
    parameters: v.exactOptional(v.pipe(v.string(), v.maxLength(200))),
  }),
  v.strictObject({ want: v.literal("unload module"), module: text(60) }),
  v.strictObject({ want: v.literal("bind driver"), device, driver: text(60) }),
  v.strictObject({ want: v.literal("unbind driver"), device }),
  v.strictObject({ want: v.literal("create mdev"), parent: device, type: text(80), uuid }),
  v.strictObject({ want: v.literal("remove mdev"), uuid }),
  v.strictObject({ want: v.literal("start VM"), pages }),
  v.strictObject({
    want: v.literal("assign device"),
    device,
    at: v.exactOptional(hexText(52)),
  }),
  v.strictObject({ want: v.literal("release device"), device }),
  v.strictObject({ want: v.literal("stop VM") }),
  v.strictObject({
    want: v.literal("map"),
    iova: hexText(52),
    page: whole(0, 2 ** 20),
    pages,
    access: v.exactOptional(v.picklist(["read", "write", "read and write"])),
  }),
  v.strictObject({ want: v.literal("unmap"), iova: hexText(52), pages: whole(1, 2 ** 20) }),
  v.strictObject({
    want: v.literal("device copy"),
    device,
    from: hexText(),
    to: hexText(),
    length,
  }),
  v.strictObject({
    want: v.literal("device fill"),
    device,
    to: hexText(),
    length,
    pattern: v.exactOptional(
      v.pipe(v.string(), v.regex(/^[0-9a-f]{1,16}$/i, "expected 1 to 16 hex digits")),
    ),
  }),
  v.strictObject({ want: v.literal("host copy"), device, pages: whole(1, 256) }),
]);

/** A number, or `$name`. */
const number = textOr(reference, whole(-(2 ** 31), Number.MAX_SAFE_INTEGER));
const path = text(400);
/** Fields of a structure: texts may be references, hex numbers or names. */
const field = textOr(v.pipe(v.string(), v.maxLength(400)), whole(-(2 ** 53) + 1, 2 ** 53 - 1));
const structure = v.record(
  v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]{0,39}$/, "expected the name of a field")),
  field,
);
const words = v.pipe(v.string(), v.maxLength(400, "expected at most 400 characters"));
const plainNumber = whole(-(2 ** 31), Number.MAX_SAFE_INTEGER);
const argument = byKind([words, plainNumber, v.null_(), structure], (input) => {
  if (typeof input === "string") return words;
  if (input === null) return v.null_();
  return typeof input === "number" ? plainNumber : structure;
});
const bytes = bytesText(65_536);

export const callForm = v.variant("call", [
  v.strictObject({ call: v.literal("open"), path }),
  v.strictObject({ call: v.literal("close"), fd: number }),
  v.strictObject({ call: v.literal("read"), fd: number }),
  v.strictObject({
    call: v.literal("write"),
    fd: number,
    text: v.pipe(v.string(), v.maxLength(65_536, "expected at most 65536 characters")),
  }),
  v.strictObject({ call: v.literal("pread"), fd: number, offset: number, count: number }),
  v.strictObject({ call: v.literal("pwrite"), fd: number, offset: number, bytes }),
  v.strictObject({
    call: v.literal("ioctl"),
    fd: number,
    request: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,59}$/, "expected a name of an ioctl")),
    argument,
  }),
  v.strictObject({
    call: v.literal("mmap"),
    length: number,
    fd: v.exactOptional(number),
    offset: v.exactOptional(number),
  }),
  v.strictObject({ call: v.literal("munmap"), address: number, length: number }),
  v.strictObject({ call: v.literal("getdents"), path }),
  v.strictObject({ call: v.literal("readlink"), path }),
  v.strictObject({
    call: v.literal("init_module"),
    name: text(60),
    parameters: v.pipe(v.string(), v.maxLength(200)),
  }),
  v.strictObject({ call: v.literal("delete_module"), name: text(60) }),
  v.strictObject({ call: v.literal("movdir64b"), address: number, bytes }),
  v.strictObject({ call: v.literal("store"), address: number, bytes }),
  v.strictObject({ call: v.literal("load"), address: number, count: number }),
  v.strictObject({ call: v.literal("exit") }),
]);

const actor = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{0,30}$/, "expected the name of a process, in lower case"),
);

/** One of those that run at the same time: a call of a process, or a demand of an actor. */
const callTogether = v.strictObject({
  process: actor,
  call: callForm,
  as: v.exactOptional(resultName),
});
const demandTogether = v.strictObject({
  actor,
  demand: demandForm,
  as: v.exactOptional(resultName),
});
const concurrent = byKind([callTogether, demandTogether], (input) =>
  typeof input === "object" && input !== null && "actor" in input ? demandTogether : callTogether,
);

const physical = hexText(52);
const value = hexText();
const offset = hexText(16);
const registerWrite = { offset, size: v.picklist([4, 8]), value };

export const operationForm = v.variant("op", [
  v.strictObject({
    id,
    op: v.literal("demand"),
    actor,
    demand: demandForm,
    as: v.exactOptional(resultName),
  }),
  v.strictObject({
    id,
    op: v.literal("call"),
    process: actor,
    call: callForm,
    as: v.exactOptional(resultName),
  }),
  v.strictObject({
    id,
    op: v.literal("together"),
    calls: v.pipe(
      list(concurrent, SCENARIO_LIMITS.together),
      v.minLength(1, "expected at least one call"),
    ),
    schedule: v.exactOptional(list(whole(0, 1000), 10_000)),
  }),
  v.strictObject({ id, op: v.literal("wait"), microseconds: whole(1, SCENARIO_LIMITS.wait) }),
  v.strictObject({
    id,
    op: v.literal("dma"),
    requester: pciText,
    pasid: v.nullable(hexText(20)),
    access: v.picklist(["read", "write", "atomic"]),
    address: value,
    length: whole(0, 65_536),
    repeat: v.exactOptional(whole(1, SCENARIO_LIMITS.stream)),
    stride: v.exactOptional(whole(0, 2 ** 40)),
    span: v.exactOptional(value),
  }),
  v.strictObject({
    id,
    op: v.literal("edit"),
    address: physical,
    value,
    more: v.exactOptional(list(v.strictObject({ address: physical, value }), 511)),
  }),
  v.strictObject({
    id,
    op: v.literal("invalidate"),
    descriptors: list(
      v.pipe(
        v.array(value),
        v.check((given) => given.length === 2 || given.length === 4, "expected 2 or 4 words"),
      ),
      1024,
    ),
  }),
  v.strictObject({
    id,
    op: v.literal("register write"),
    ...registerWrite,
    more: v.exactOptional(list(v.strictObject(registerWrite), 256)),
  }),
]);

const POINTS = [
  "allocation",
  "invalidation",
  "unpin",
  "mediation",
  "pin",
] as const satisfies readonly FaultPoint[];

export const faultForm = v.strictObject({
  operation: id,
  point: v.picklist(POINTS),
  ordinal: whole(1, 1_000_000),
});

/** An operation as a file has it. */
export type FileOperation = v.InferOutput<typeof operationForm>;
