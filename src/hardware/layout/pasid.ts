// PASID directory and PASID table entries (sections 9.5 and 9.6 of the specification).
import {
  ADDRESS_WIDTHS,
  address,
  FPD,
  flag,
  ignored,
  needs,
  PRESENT,
  reserved,
  structure,
  value,
} from "./fields.ts";
import type { Environment } from "./types.ts";

export const PASID_DIRECTORY_ENTRY = structure(
  "pasid-directory",
  "PASID directory entry",
  64,
  "9.5",
  [
    flag("P", 0, 0, "whether these 64 PASIDs have a table", { values: PRESENT }),
    FPD,
    reserved(0, 11, 2),
    address("SMPTBLPTR", 0, "HAW-1", 12, "PASID table of these 64 PASIDs"),
    reserved(0, 63, "HAW"),
  ],
  { word: 0, mask: 1n },
);

const secondStage = needs(
  "second-stage translation in scalable mode (ECAP.SSTS)",
  (e) => e.capabilities.ssts,
);
const firstStage = needs(
  "first-stage translation in scalable mode (ECAP.FSTS)",
  (e) => e.capabilities.fsts,
);
const memoryType = needs("memory types (ECAP.MTS)", (e) => e.capabilities.mts);
const hostPermission = needs("host permission tables (ECAP.HPTS)", (e) => e.capabilities.hpts);

const width = needs(
  "second-stage translation in scalable mode (ECAP.SSTS)",
  (e) => e.capabilities.ssts || e.awWithoutSsts === true,
);

/** PGTT by what the unit can do (condition SPT.4 of table 30). */
const supportedStages = ({ capabilities }: Environment): Readonly<Record<number, string>> => ({
  ...(capabilities.fsts ? { 1: "first-stage" } : {}),
  ...(capabilities.ssts ? { 2: "second-stage" } : {}),
  ...(capabilities.nest ? { 3: "nested" } : {}),
  ...(capabilities.pt ? { 4: "pass-through" } : {}),
});

/** The words that exist only for host permission tables. */
const permissionFields = (environment: Environment) =>
  environment.capabilities.hpts
    ? [
        value("HPTSZ", 4, 1, 0, "size of the host permission table", hostPermission),
        flag(
          "HPTPFD",
          4,
          2,
          "faults of the host permission table are not recorded",
          hostPermission,
        ),
        reserved(4, 11, 3),
        address("HPTPTR", 4, "HAW-1", 12, "host permission table", hostPermission),
        reserved(4, 63, "HAW"),
        value("HPTDID", 5, 15, 0, "domain id of the host permission table", hostPermission),
        reserved(5, 63, 16),
      ]
    : [reserved(4, 63, 0), reserved(5, 63, 0)];

/** DID in bits [15:0]; bits beyond the number of domains that CAP.ND states are reserved, as in context entries. */
const domainField = ({ capabilities }: Environment) => {
  const width = Math.min(16, 4 + 2 * capabilities.nd);
  return [
    value("DID", 1, width - 1, 0, "domain id that tags what is cached"),
    reserved(1, 15, width),
  ];
};

export const PASID_ENTRY = structure(
  "pasid-entry",
  "PASID table entry",
  512,
  "9.6",
  (environment) => [
    flag("P", 0, 0, "whether the PASID is in use", { values: PRESENT }),
    FPD,
    value("AW", 0, 4, 2, "width of the addresses that the second stage translates", {
      values: ADDRESS_WIDTHS,
      ...width,
    }),
    reserved(0, 5, 5),
    value("PGTT", 0, 8, 6, "which stages translate", {
      values: supportedStages(environment),
      closed: true,
    }),
    flag("SSADE", 0, 9, "accessed and dirty bits of the second stage", {
      values: { 0: "not kept", 1: "kept" },
      ...needs(
        "second-stage accessed and dirty bits (ECAP.SSTS and ECAP.SSADS)",
        (e) => e.capabilities.ssts && e.capabilities.ssads,
      ),
    }),
    reserved(0, 11, 10),
    address("SSPTPTR", 0, "HAW-1", 12, "root of the second-stage tables", secondStage),
    reserved(0, 63, "HAW"),
    ...domainField(environment),
    reserved(1, 22, 16),
    flag("PWSNP", 1, 23, "table reads snoop processor caches", {
      values: { 0: "no", 1: "yes" },
      ...needs("coherent walks in scalable mode (ECAP.SMPWCS)", (e) => e.capabilities.smpwcs),
    }),
    flag("PGSNP", 1, 24, "accesses to the page snoop processor caches", {
      values: { 0: "as the request says", 1: "always" },
      ...needs("snoop control (ECAP.SC)", (e) => e.capabilities.sc),
    }),
    flag("CD", 1, 25, "cache disable", memoryType),
    flag("EMTE", 1, 26, "extended memory type enable", memoryType),
    reserved(1, 31, 27),
    value("PAT", 1, 63, 32, "page attribute table", memoryType),
    flag("SRE", 2, 0, "supervisor requests", {
      values: { 0: "refused", 1: "allowed" },
      ...needs("supervisor requests (ECAP.SRS)", (e) => e.capabilities.srs),
    }),
    reserved(2, 1, 1),
    value("FSPM", 2, 3, 2, "first-stage paging mode", {
      values: { 0: "4 levels", ...(environment.capabilities.fs5lp ? { 1: "5 levels" } : {}) },
      closed: true,
      ...firstStage,
    }),
    flag("WPE", 2, 4, "supervisor writes to read-only pages", {
      values: { 0: "allowed", 1: "refused" },
      ...firstStage,
    }),
    ignored(2, 6, 5),
    flag("EAFE", 2, 7, "extended accessed flag in first-stage entries", {
      values: { 0: "not kept", 1: "kept" },
      ...needs("the extended accessed flag (ECAP.EAFS)", (e) => e.capabilities.eafs),
    }),
    reserved(2, 11, 8),
    address("FSPTPTR", 2, "HAW-1", 12, "root of the first-stage tables", firstStage),
    reserved(2, 63, "HAW"),
    reserved(3, 63, 0),
    ...permissionFields(environment),
    reserved(6, 63, 0),
    reserved(7, 63, 0),
  ],
  { word: 0, mask: 1n },
);
