// Invalidation queue descriptors of types 1 to 10, in 128 and 256 bits (section 6.5.2 and table 26 of the specification).
import { address, flag, ignored, structure, value, withReservedGaps } from "./fields.ts";
import type { Field, Structure } from "./types.ts";

export type DescriptorType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** One command in both widths of the queue. */
export interface DescriptorLayout {
  readonly type: DescriptorType;
  readonly narrow: Structure;
  readonly wide: Structure;
}

const layout = (
  type: DescriptorType,
  id: string,
  name: string,
  fields: readonly Field[],
): DescriptorLayout => {
  const all = [
    value("Type", 0, 3, 0, "command", { values: { [type]: name }, closed: true }),
    ...fields,
  ];
  const make = (bits: 128 | 256) =>
    structure(`${id}-${bits}`, name, bits, "6.5.2", withReservedGaps(all, bits / 64));
  return { type, narrow: make(128), wide: make(256) };
};

const granularity = (values: Readonly<Record<number, string>>) =>
  value("G", 0, 5, 4, "how much is dropped", { values, closed: true });

const domain = value("DID", 0, 31, 16, "domain id");
const pasid = value("PASID", 0, 51, 32, "PASID");
const pageRange = [
  value("AM", 1, 5, 0, "the range is 2^AM pages of 4 KiB"),
  flag("IH", 1, 6, "what else may stay", {
    values: { 0: "paging-structure caches go too", 1: "only leaf entries changed" },
  }),
  address("ADDR", 1, 63, 12, "first address of the range, aligned to its size"),
];
const physicalFunction = [
  value("PFSID[3:0]", 0, 15, 12, "requester id of the physical function, low bits"),
  value("PFSID[15:4]", 0, 63, 52, "requester id of the physical function, high bits"),
];

export const CONTEXT_CACHE_INVALIDATE = layout(1, "context-cache", "Context-cache invalidate", [
  granularity({ 1: "global", 2: "domain", 3: "device" }),
  domain,
  value("SID", 0, 47, 32, "requester id"),
  value("FM", 0, 49, 48, "function bits of SID that are not compared", {
    values: { 0: "all bits count", 1: "bit 2 masked", 2: "bits 2:1 masked", 3: "bits 2:0 masked" },
  }),
]);

export const IOTLB_INVALIDATE = layout(2, "iotlb", "IOTLB invalidate", [
  granularity({ 1: "global", 2: "domain", 3: "page" }),
  flag("DW", 0, 6, "drain writes first"),
  flag("DR", 0, 7, "drain reads first"),
  domain,
  ...pageRange,
]);

export const DEVICE_TLB_INVALIDATE = layout(3, "device-tlb", "Device-TLB invalidate", [
  ...physicalFunction,
  value("MIP", 0, 20, 16, "most invalidations in flight"),
  value("SID", 0, 47, 32, "requester id"),
  flag("S", 1, 0, "size", { values: { 0: "one page of 4 KiB", 1: "size in the address" } }),
  address("ADDR", 1, 63, 12, "address, its lowest 0 bit gives the size when S is set"),
]);

export const INTERRUPT_CACHE_INVALIDATE = layout(
  4,
  "interrupt-entry-cache",
  "Interrupt entry cache invalidate",
  [
    flag("G", 0, 4, "how much is dropped", { values: { 0: "global", 1: "index" } }),
    value("IM", 0, 31, 27, "the range is 2^IM indices"),
    value("IIDX", 0, 47, 32, "first interrupt index"),
  ],
);

export const INVALIDATION_WAIT = layout(5, "wait", "Invalidation wait", [
  flag("IF", 0, 4, "completion interrupt", { values: { 0: "no", 1: "yes" } }),
  flag("SW", 0, 5, "status write", { values: { 0: "no", 1: "yes" } }),
  flag("FN", 0, 6, "fence: later descriptors wait", { values: { 0: "no", 1: "yes" } }),
  flag("PD", 0, 7, "page requests drain first", { values: { 0: "no", 1: "yes" } }),
  value("Status Data", 0, 63, 32, "what the status write stores"),
  address("Status Address", 1, 63, 2, "where the status write goes"),
]);

export const PASID_IOTLB_INVALIDATE = layout(6, "pasid-iotlb", "PASID-based IOTLB invalidate", [
  granularity({ 2: "all of the PASID", 3: "page of the PASID" }),
  domain,
  pasid,
  ...pageRange,
]);

export const PASID_CACHE_INVALIDATE = layout(7, "pasid-cache", "PASID-cache invalidate", [
  granularity({ 0: "all PASIDs of the domain", 1: "PASID in the domain", 3: "global" }),
  domain,
  pasid,
]);

export const PASID_DEVICE_TLB_INVALIDATE = layout(
  8,
  "pasid-device-tlb",
  "PASID-based device-TLB invalidate",
  [
    value("MIP", 0, 8, 4, "most invalidations in flight"),
    ...physicalFunction,
    value("SID", 0, 31, 16, "requester id"),
    pasid,
    flag("G", 1, 0, "which PASIDs", { values: { 0: "this PASID", 1: "every PASID" } }),
    flag("S", 1, 11, "size", { values: { 0: "one page of 4 KiB", 1: "size in the address" } }),
    address("ADDR", 1, 63, 12, "address, its lowest 0 bit gives the size when S is set"),
  ],
);

export const PAGE_GROUP_RESPONSE = layout(9, "page-group-response", "Page group response", [
  flag("PP", 0, 4, "PASID present", { values: { 0: "no", 1: "yes" } }),
  value("RC", 0, 15, 12, "response", {
    values: { 0: "success", 1: "invalid request", 15: "response failure" },
  }),
  value("RID", 0, 31, 16, "requester id"),
  pasid,
  ignored(1, 2, 2, "was LPIG in older revisions"),
  value("PRGI", 1, 11, 3, "page request group index"),
]);

export const PERMISSION_CACHE_INVALIDATE = layout(
  10,
  "host-permission-cache",
  "Host permission table cache invalidate",
  [
    granularity({ 1: "global", 2: "domain", 3: "page" }),
    value("HPTDID", 0, 31, 16, "domain id of the host permission table"),
    value("AM", 1, 5, 0, "the range is 2^AM pages of 4 KiB"),
    value("IH", 1, 7, 6, "what else may stay"),
    address("ADDR", 1, 63, 12, "first address of the range, aligned to its size"),
  ],
);

export const DESCRIPTORS: readonly DescriptorLayout[] = [
  CONTEXT_CACHE_INVALIDATE,
  IOTLB_INVALIDATE,
  DEVICE_TLB_INVALIDATE,
  INTERRUPT_CACHE_INVALIDATE,
  INVALIDATION_WAIT,
  PASID_IOTLB_INVALIDATE,
  PASID_CACHE_INVALIDATE,
  PASID_DEVICE_TLB_INVALIDATE,
  PAGE_GROUP_RESPONSE,
  PERMISSION_CACHE_INVALIDATE,
];

/** Type of a descriptor: bits [3:0] and, above them, [11:9] of its first word. */
export const descriptorType = (word: bigint): number =>
  Number((word & 0xfn) | (((word >> 9n) & 7n) << 4n));

/** The layout of a descriptor by its first word; undefined for a type that does not exist. */
export const descriptorLayout = (word: bigint, bits: 128 | 256): Structure | undefined => {
  const type = descriptorType(word);
  const found = DESCRIPTORS.find((candidate) => candidate.type === type);
  return bits === 128 ? found?.narrow : found?.wide;
};
