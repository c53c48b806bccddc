// Root and context entries of both table modes (sections 9.1 to 9.4 of the specification).
import {
  address,
  FPD,
  flag,
  ignored,
  needs,
  PRESENT,
  reserved,
  structure,
  supportedWidths,
  value,
} from "./fields.ts";
import type { Environment, Field } from "./types.ts";

export const ROOT_LEGACY = structure(
  "root-legacy",
  "Root entry",
  128,
  "9.1",
  [
    flag("P", 0, 0, "whether the bus has a context table", { values: PRESENT }),
    reserved(0, 11, 1),
    address("CTP", 0, "HAW-1", 12, "context table of the bus"),
    reserved(0, 63, "HAW"),
    reserved(1, 63, 0),
  ],
  { word: 0, mask: 1n },
);

export const ROOT_SCALABLE = structure("root-scalable", "Scalable-mode root entry", 128, "9.2", [
  flag("LP", 0, 0, "whether devices 0 to 15 of the bus have a context table", { values: PRESENT }),
  reserved(0, 11, 1),
  address("LCTP", 0, "HAW-1", 12, "context table of devices 0 to 15"),
  reserved(0, 63, "HAW"),
  flag("UP", 1, 0, "whether devices 16 to 31 of the bus have a context table", { values: PRESENT }),
  reserved(1, 11, 1),
  address("UCTP", 1, "HAW-1", 12, "context table of devices 16 to 31"),
  reserved(1, 63, "HAW"),
]);

/** DID in bits [23:8]; bits beyond the number of domains that CAP.ND states are reserved (section 9.3). */
const domainField = (environment: Environment): readonly Field[] => {
  const width = Math.min(16, 4 + 2 * environment.capabilities.nd);
  return [
    value("DID", 1, 7 + width, 8, "domain id that tags what is cached"),
    reserved(1, 23, 8 + width),
  ];
};

export const CONTEXT_LEGACY = structure(
  "context-legacy",
  "Context entry",
  128,
  "9.3",
  (environment) => [
    flag("P", 0, 0, "whether the requester may do DMA", { values: PRESENT }),
    FPD,
    value("TT", 0, 3, 2, "translation type", {
      values: {
        0: "second-stage, no device TLB",
        ...(environment.capabilities.dt ? { 1: "second-stage, device TLB allowed" } : {}),
        ...(environment.capabilities.pt ? { 2: "pass-through" } : {}),
      },
      closed: true,
    }),
    reserved(0, 11, 4),
    address("SSPTPTR", 0, "HAW-1", 12, "root of the second-stage tables"),
    reserved(0, 63, "HAW"),
    value("AW", 1, 2, 0, "width of the addresses that the tables translate", {
      values: supportedWidths(environment),
      closed: true,
    }),
    ignored(1, 6, 3, "free for software"),
    reserved(1, 7, 7),
    ...domainField(environment),
    reserved(1, 63, 24),
  ],
  { word: 0, mask: 1n },
);

/** Entries of a PASID directory by PDTS: 2^(PDTS + 7). */
const DIRECTORY_SIZES = Object.fromEntries(
  Array.from({ length: 8 }, (_, pdts) => [
    pdts,
    `${2 ** (pdts + 7)} directory entries, PASIDs below 0x${(2 ** (pdts + 13)).toString(16)}`,
  ]),
);

export const CONTEXT_SCALABLE = structure(
  "context-scalable",
  "Scalable-mode context entry",
  256,
  "9.4",
  [
    flag("P", 0, 0, "whether the requester may do DMA", { values: PRESENT }),
    FPD,
    flag("DTE", 0, 2, "device TLB enable: translation and translated requests", {
      values: { 0: "refused", 1: "allowed" },
      ...needs("device TLBs (ECAP.DT)", (e) => e.capabilities.dt),
    }),
    flag("PASIDE", 0, 3, "requests with PASID", {
      values: { 0: "refused", 1: "allowed" },
      ...needs("requests with PASID (ECAP.PASID)", (e) => e.capabilities.pasid),
    }),
    flag("PRE", 0, 4, "page requests", {
      values: { 0: "refused", 1: "allowed" },
      ...needs("page requests (ECAP.PRS)", (e) => e.capabilities.prs),
    }),
    flag("HPTE", 0, 5, "host permission tables for translated requests", {
      values: { 0: "off", 1: "on" },
      ...needs("host permission tables (ECAP.HPTS)", (e) => e.capabilities.hpts),
    }),
    flag("EPTR", 0, 6, "PASID in translated requests", {
      values: { 0: "refused", 1: "allowed" },
      ...needs("PASID in translated requests (ECAP.PTRS)", (e) => e.capabilities.ptrs),
    }),
    reserved(0, 8, 7),
    value("PDTS", 0, 11, 9, "size of the PASID directory", { values: DIRECTORY_SIZES }),
    address("PASIDDIRPTR", 0, "HAW-1", 12, "PASID directory of the requester"),
    reserved(0, 63, "HAW"),
    value("RID_PASID", 1, 19, 0, "PASID that stands in for requests without one", {
      ...needs("the RID_PASID field (ECAP.RPS)", (e) => e.capabilities.rps),
    }),
    flag("RID_PRIV", 1, 20, "privilege of requests without PASID", {
      values: { 0: "user", 1: "supervisor" },
      ...needs("the RID_PRIV field (ECAP.RPRIVS)", (e) => e.capabilities.rprivs),
    }),
    reserved(1, 63, 21),
    reserved(2, 63, 0),
    reserved(3, 63, 0),
  ],
  { word: 0, mask: 1n },
);
