// Test machine: two functions, three address spaces, one PASID whose entry is not present. Numbers of the visual design.
import { parseBdf } from "../base/bdf.ts";
import {
  type DomainId,
  domainId,
  type Hpa,
  hpa,
  iova,
  pasid,
  type RequesterId,
} from "../base/brand.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import { extendSeen, NOBODY_SEEN } from "../session/first-seen.ts";
import type { AddressSpace, MappedRange, Survey, SurveyedEntry } from "../session/types.ts";
import type { SceneInput } from "./cast.ts";

export const bdf = (text: string): RequesterId => parseBdf(text) as RequesterId;
export const ACCELERATOR = bdf("6a:01.0");
export const NIC = bdf("5e:00.1");

export const range = (start: bigint, length: bigint, target: bigint): MappedRange => ({
  start: iova(start),
  length,
  target: hpa(target),
  read: true,
  write: true,
  pageSize: 4096,
});

export function space(
  root: bigint,
  domain: number,
  ranges: readonly MappedRange[],
  users: AddressSpace["users"],
): AddressSpace {
  return {
    id: `second-stage@0x${root.toString(16)}`,
    stage: "second-stage",
    root: hpa(root),
    levels: 4,
    domains: [domainId(domain)],
    users,
    ranges,
    mapped: ranges.reduce((sum, one) => sum + one.length, 0n),
  };
}

const entry = (
  number: number,
  address: bigint,
  domain: DomainId,
  spaceId: string | null,
  own = false,
): SurveyedEntry => ({
  pasid: pasid(number),
  forRequestsWithoutPasid: own,
  address: hpa(address),
  stage: spaceId === null ? null : "second-stage",
  domain,
  space: spaceId,
  problem: spaceId === null ? "PASID table entry is not present" : null,
});

const GIB = 1n << 30n;

export function fixtureSurvey(): Survey {
  const vmA = space(
    0x1_1000_0000n,
    7,
    [range(0n, 3n * GIB, 0x2_0000_0000n), range(4n * GIB, 5n * GIB, 0x3_0000_0000n)],
    [{ requester: ACCELERATOR, pasid: pasid(0x41) }],
  );
  const vmB = space(
    0x1_2000_0000n,
    8,
    [range(0n, 3n * GIB, 0x5_0000_0000n), range(4n * GIB, GIB, 0x6_0000_0000n)],
    [
      { requester: ACCELERATOR, pasid: pasid(0x42) },
      { requester: NIC, pasid: null },
    ],
  );
  const own = space(
    0x1_3000_0000n,
    2,
    [range(0xffff_e000n, 0x2000n, 0x7_0000_0000n)],
    [{ requester: ACCELERATOR, pasid: null }],
  );
  return {
    mode: "scalable",
    rootTable: hpa(0x1_06a0_0000n),
    requesters: [
      {
        requester: NIC,
        contextAddress: hpa(0x1_06b3_8020n),
        context: [0x1_06d0_0001n, 0n, 0n, 0n],
        entries: [entry(0, 0x1_06d0_4000n, domainId(8), vmB.id, true)],
        problem: null,
      },
      {
        requester: ACCELERATOR,
        contextAddress: hpa(0x1_06b3_b100n),
        context: [0x1_06c0_0009n, 0n, 0n, 0n],
        entries: [
          entry(0, 0x1_06c0_4000n, domainId(2), own.id, true),
          entry(0x41, 0x1_06c0_5040n, domainId(7), vmA.id),
          entry(0x42, 0x1_06c0_5080n, domainId(8), vmB.id),
          entry(0x43, 0x1_06c0_50c0n, domainId(0), null),
        ],
        problem: null,
      },
    ],
    spaces: [vmA, vmB, own],
    tables: Array.from({ length: 27 }, (_, at) => ({
      address: hpa(0x1_06a0_0000n + BigInt(at) * 4096n),
      role: "second-stage table" as const,
      level: 1,
      present: 12,
    })),
    limits: [],
  };
}

export const NAMES = new Map([
  [ACCELERATOR, "Accelerator"],
  [NIC, "Network function"],
]);

export function fixtureInput(change: Partial<SceneInput> = {}): SceneInput {
  const survey = change.survey ?? fixtureSurvey();
  return {
    survey,
    names: NAMES,
    roster: extendSeen(NOBODY_SEEN, survey),
    cacheEntries: [],
    cacheSizes: { context: 16, pasid: 32, iotlb: 64, paging: 32 },
    stale: [],
    world: null,
    memory: [],
    queue: { head: 12, tail: 12 },
    journey: null,
    selection: null,
    focus: null,
    size: { width: 872, height: 632 },
    ...change,
  };
}

const read = (
  table: Extract<HardwareEvent, { kind: "read" }>["table"],
  level: number | null,
  index: number,
  address: bigint,
  decision: Extract<HardwareEvent, { kind: "read" }>["decision"],
): HardwareEvent => ({
  kind: "read",
  table,
  level,
  index,
  address: hpa(address),
  words: [1n],
  decision,
});

export const TARGET = hpa(0x3_4a3c_5d48n);

/** A write with PASID 0x041: the context cache answers, the rest is read, the IOTLB is filled. */
export function fixtureEvents(): HardwareEvent[] {
  return [
    {
      kind: "request",
      requester: ACCELERATOR,
      pasid: pasid(0x41),
      access: "write",
      address: iova(0x1_4a3c_5d48n),
      length: 4,
    },
    { kind: "lookup", cache: "context", slot: 1 },
    { kind: "lookup", cache: "pasid", slot: null },
    read("PASID directory entry", null, 1, 0x1_06c0_0008n, "next table"),
    read("PASID table entry", null, 1, 0x1_06c0_5040n, "second-stage"),
    { kind: "lookup", cache: "iotlb", slot: null },
    read("second-stage entry", 4, 0, 0x1_1000_0000n, "next table"),
    read("second-stage entry", 3, 5, 0x1_1000_1028n, "next table"),
    read("second-stage entry", 2, 0x51, 0x1_1000_2288n, "next table"),
    read("second-stage entry", 1, 0x1c5, 0x1_1000_3e28n, "4 KiB page"),
    {
      kind: "reached",
      address: iova(0x1_4a3c_5d48n),
      target: TARGET,
      length: 4,
      how: "walk",
    },
    {
      kind: "fill",
      entry: {
        cache: "iotlb",
        slot: 5,
        requester: null,
        pasid: pasid(0x41),
        domain: domainId(7),
        stage: "second-stage",
        address: iova(0x1_4a3c_5000n),
        mask: 0xfffn,
        target: hpa(TARGET & ~0xfffn) as Hpa,
        read: true,
        write: true,
        dirty: false,
      },
    },
  ];
}

/** A read with PASID 0x043, refused at its entry. */
export function refusedEvents(): HardwareEvent[] {
  return [
    {
      kind: "request",
      requester: ACCELERATOR,
      pasid: pasid(0x43),
      access: "read",
      address: iova(0x2000_1000n),
      length: 4,
    },
    { kind: "lookup", cache: "context", slot: 1 },
    read("PASID directory entry", null, 1, 0x1_06c0_0008n, "next table"),
    read("PASID table entry", null, 3, 0x1_06c0_50c0n, "refused"),
    { kind: "refused", reason: 0x59, address: iova(0x2000_1000n) },
    {
      kind: "record",
      record: {
        index: 0,
        reason: 0x59,
        requester: ACCELERATOR,
        address: 0x2000_1000n,
        access: "read",
        pasidPresent: true,
        pasid: 0x43,
        execute: false,
        privileged: false,
      },
    },
  ];
}
