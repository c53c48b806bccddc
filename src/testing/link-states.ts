// Arbitrary states of a link, for property tests.
import * as fc from "fast-check";
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import type { LinkSelection, LinkState } from "../interchange/link-form.ts";
import type { Operation } from "../session/types.ts";

const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const physical = fc.bigInt({ min: 0n, max: 2n ** 52n - 1n }).map(hpa);
const requester = fc.nat(0xffff).map(requesterId);
const process = fc.option(fc.nat(0xfffff).map(pasid));
const access = fc.constantFrom("read", "write", "atomic");
const offset = fc.nat(0xffff);
const registerWrite = { offset, size: fc.constantFrom(4, 8), value: word };
const ordinal = fc.option(fc.nat(10_000_000));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record(
    {
      op: fc.constant("dma"),
      requester,
      pasid: process,
      access,
      address: word.map(iova),
      length: fc.nat(65536),
      repeat: fc.integer({ min: 1, max: 10 }),
      stride: fc.nat(4096),
      span: word,
    },
    { requiredKeys: ["op", "requester", "pasid", "access", "address", "length"] },
  ),
  fc.record({ op: fc.constant("edit"), address: physical, value: word }),
  fc.record({
    op: fc.constant("invalidate"),
    descriptors: fc.array(fc.oneof(fc.tuple(word, word), fc.tuple(word, word, word, word)), {
      maxLength: 5,
    }),
  }),
  fc.record(
    {
      op: fc.constant("register write"),
      ...registerWrite,
      more: fc.array(fc.record(registerWrite), { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ["op", "offset", "size", "value"] },
  ),
);

const selection: fc.Arbitrary<LinkSelection> = fc.oneof(
  fc.record({ kind: fc.constant("requester"), requester }),
  fc.record({ kind: fc.constant("pasid"), requester, pasid: process }),
  fc.record({ kind: fc.constant("space"), id: fc.string({ maxLength: 100 }) }),
  fc.record({
    kind: fc.constant("entry"),
    table: fc.constantFrom("root entry", "PASID table entry", "first-stage entry"),
    level: fc.option(fc.integer({ min: 1, max: 5 })),
    address: physical,
  }),
  fc.record({
    kind: fc.constant("cache entry"),
    cache: fc.constantFrom("iotlb", "pasid"),
    slot: fc.nat(4096),
  }),
  fc.record({ kind: fc.constant("register"), offset }),
  fc.record({ kind: fc.constant("memory"), address: physical }),
);

const typed = fc.string({ maxLength: 40, unit: "binary" });

export const linkStates: fc.Arbitrary<LinkState> = fc.record({
  machine: fc.oneof(
    fc.record({ kind: fc.constant("sample"), id: fc.string({ maxLength: 100 }) }),
    fc.record({
      kind: fc.constant("own"),
      tables: typed,
      registers: typed,
      digest: word.map((digest) => digest.toString(16)),
    }),
  ),
  profile: fc.constantFrom("spec", "qemu"),
  operations: fc.array(operation, { maxLength: 20 }),
  view: fc.record({
    selection: fc.option(selection),
    hop: ordinal,
    foot: fc.constantFrom("events", "outline", "table", "memory", "registers"),
    memoryAt: physical,
    draft: fc.record({ requester: typed, pasid: typed, address: typed, access }),
    at: ordinal,
  }),
}) as fc.Arbitrary<LinkState>;
