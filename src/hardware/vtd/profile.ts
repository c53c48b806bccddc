// The differences between the specification (revision 5.10) and QEMU 11.1 as one named table.
// The unit reads only the switches made of it; where a row is not listed, both profiles behave alike.
import type { ProfileName } from "./types.ts";

export interface Difference {
  /** Name of the switch. */
  readonly name: string;
  /** What the specification says, and what QEMU does, in words. */
  readonly spec: string;
  readonly qemu: string;
  /** Section of the specification, and how the other side is known. */
  readonly source: string;
  /** Recorded steps that come out differently, with the first part of their feature; empty: none. */
  readonly recorded: string;
}

/** Every switch, as the specification has it (false) and as QEMU has it (true). */
export const DIFFERENCES = [
  {
    name: "legacyCodesInScalableMode",
    spec: "root, context and second-stage faults of scalable mode have codes of their own (0x38 and up)",
    qemu: "they are reported with the codes of legacy mode",
    source: "table 30; measured on QEMU 11.1.3",
    recorded:
      "the reason of every root, context and second-stage fault in scalable mode (root, context, notpresent, perm, rsvd, beyond, table-out-of-memory)",
  },
  {
    name: "outputCodeByUnit",
    spec: "an output address in the interrupt range is LGN.4 under a legacy root table, SGN.8 under a scalable one",
    qemu: "it is SGN.8 on every unit that supports scalable mode",
    source: "table 30; measured on QEMU 11.1.3",
    recorded:
      "a page mapped onto 0xFEExxxxx under a legacy root table of a scalable-mode unit (global)",
  },
  {
    name: "wholeLeafInInterruptRange",
    spec: "only the address that is reached may not lie in the interrupt range",
    qemu: "no byte of the page that answers may lie in it",
    source: "table 30, SGN.8; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "rightsPerLevel",
    spec: "rights are gathered over all entries and judged after the walk",
    qemu: "each entry is judged for the request's right before the next one is read",
    source: "3.6.1, 3.7.1; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "pasidEntryTypeBeforePresent",
    spec: "a PASID table entry that is not present is SPT.2, whatever else it holds",
    qemu: "PGTT and width are judged before P: an entry of zeros is SPT.4",
    source: "table 30; measured on QEMU 11.1.3",
    recorded: "the reason for a PASID table entry of zeros (pasid)",
  },
  {
    name: "pasidPresenceWithContextOnly",
    spec: "P of the PASID table entry is judged whenever the entry is read",
    qemu: "P is judged only when the context entry is read as well, not when it is cached",
    source: "table 30; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "pasidReservedUnchecked",
    spec: "reserved bits of PASID directory and PASID table entries are SPD.3 and SPT.3",
    qemu: "they are not looked at; high bits of a directory entry count as address",
    source: "9.5, 9.6; measured on QEMU 11.1.3",
    recorded: "reserved bits in PASID directory and PASID table entries (pasid)",
  },
  {
    name: "pasidZeroWithoutRps",
    spec: "RID_PASID set on a unit without ECAP.RPS is a reserved field, SCT.3",
    qemu: "11.1 ignores the field and uses PASID 0; 10.0 uses the field (an option of the unit)",
    source: "9.4; measured on QEMU 11.1.3",
    recorded: "a PASID directory with an entry for RID_PASID only (pasid)",
  },
  {
    name: "directorySizeUnchecked",
    spec: "a PASID beyond PDTS or PSS, and one equal to RID_PASID, is refused; RID_PASID beyond PDTS is SCT.4",
    qemu: "neither is looked at",
    source: "table 30, SCT.4, SCT.7, SCT.9, SGN.10; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "contextBitsUnchecked",
    spec: "DTE, PASIDE and PRE are reserved without their capability, and requests with PASID ask for PASIDE",
    qemu: "they are not looked at",
    source: "9.4, table 30; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "fpdOfPasidOnlyWhenFound",
    spec: "FPD of a directory or PASID table entry counts also when P is clear",
    qemu: "it counts only when the PASID table entry was found",
    source: "9.5, 9.6; measured on QEMU 11.1.3",
    recorded: "FPD in a directory or PASID table entry on the way to one that is not present (fpd)",
  },
  {
    name: "reservedContextUnqualified",
    spec: "reserved bits in a context entry obey FPD",
    qemu: "they are recorded whatever FPD says",
    source: "table 30; QEMU's list of qualified faults",
    recorded: "FPD in a context entry with reserved bits (fpd)",
  },
  {
    name: "accessedDuringWalk",
    spec: "accessed bits are set when the request is let through",
    qemu: "they are set entry by entry during the walk, also for a request that is refused later",
    source: "3.6.2; measured on QEMU 11.1.3",
    recorded: "memory after a refused first-stage request (notpresent, perm, fault, walk)",
  },
  {
    name: "dirtyOnlyWithAccessed",
    spec: "a write sets D whenever it finds it clear, also after a hit",
    qemu: "A and D are set in one step, so an entry that has A never gets D",
    source: "3.6.2; measured on QEMU 11.1.3",
    recorded: "memory after a write to a page that was read before (walk, stale, pasid)",
  },
  {
    name: "updatesUnsnooped",
    spec: "accessed and dirty bits need snooped walks (SMPWCS and PWSNP), else SFL.9 or SSL.5",
    qemu: "they are set all the same",
    source: "3.10, table 30; measured on QEMU 11.1.3",
    recorded: "every first-stage step: without it none would be let through",
  },
  {
    name: "firstStageWidthFromAw",
    spec: "the first-stage width is that of FSPM",
    qemu: "it is the smaller of AW and the unit's width",
    source: "9.6; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "awOfFirstStageAccepted",
    spec: "AW is reserved in PASID table entries of a unit without SSTS",
    qemu: "it is accepted, as Linux writes it",
    source: "9.6; measured on QEMU 11.1.3",
    recorded: "every first-stage step: without it none would be let through",
  },
  {
    name: "snoopBitInScalableUnits",
    spec: "SNP of a second-stage leaf is reserved without ECAP.SC",
    qemu: "every unit that supports scalable mode accepts it",
    source: "9.8; measured on QEMU 11.1.3",
    recorded: "SNP set on a scalable-mode unit without snoop control (snoop-bit)",
  },
  {
    name: "bothRootHalves",
    spec: "only the half of a scalable root entry that is used can have reserved bits set",
    qemu: "both halves count",
    source: "table 30, SRT.3, which can be read both ways; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "tableModeBitTen",
    spec: "TTM 10 is RTA.1, TTM 11 is abort-DMA mode",
    qemu: "only the lower bit of TTM counts: 10 is legacy, 11 scalable",
    source: "table 30; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "deniedHitBlocks",
    spec: "a cached translation without the right that is asked for does not answer: the tables are walked",
    qemu: "it answers: the request is blocked and nothing is recorded",
    source: "6.2.4.1; measured on QEMU 11.1.3",
    recorded: "a write to a read-only page that was read before (perm)",
  },
  {
    name: "pasidEntriesUncached",
    spec: "PASID table entries are cached",
    qemu: "they are read on every walk, and a context entry is cached only when the PASID table entry is usable",
    source: "table 17; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "nothingKeptByDomain",
    spec: "paging structures are cached under the domain id alone, so domains that share one by mistake mix",
    qemu: "only whole translations are cached, under the requester: a domain id counts for invalidation and nothing else",
    source: "table 17; QEMU 10.0 source",
    recorded: "",
  },
  {
    name: "pasidMissingInRecord",
    spec: "a refused request with PASID has it in its record",
    qemu: "one that is refused before the paging walk is recorded without it",
    source: "11.4.7.6; QEMU 10.0 source",
    recorded: "",
  },
  {
    name: "recordsKeepTypeOnly",
    spec: "a record holds the address type, EXE, PRIV and the atomic type of the request",
    qemu: "only reads and writes are told apart",
    source: "11.4.7.6; QEMU 10.0 source",
    recorded: "",
  },
  {
    name: "resetsEmptyCaches",
    spec: "SRTP empties the DMA caches on units with ESRTPS",
    qemu: "it empties them on all units",
    source: "11.4.4.1; QEMU 10.0 source",
    recorded: "",
  },
  {
    name: "queueWaitsForTail",
    spec: "the invalidation queue goes on when IQE is cleared",
    qemu: "it goes on at the next write of the tail",
    source: "6.5.2.11; measured on QEMU 11.1.3",
    recorded: "IQH and memory right after IQE is cleared (queue); the end state is the same",
  },
  {
    name: "queueErrorNotRecorded",
    spec: "IQERCD.IQEI says why the queue stopped",
    qemu: "IQERCD stays 0",
    source: "11.4.9.9; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "queueStricter",
    spec: "a wait with none of IF, SW and FN and a page group response without PASID are legal, device-TLB commands need ECAP.DT and may name a PFSID, AM of PASID-based commands is free; a status write without memory is lost; QIE goes off when the queue is empty",
    qemu: "the first two and PFSID set IQE, and so do AM beyond MAMV and a status write without memory; device-TLB commands are always known; QIE stays on unless a wait came last",
    source: "6.5.2, 7.10; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "queueModesByWidth",
    spec: "which commands are allowed follows the table mode; scalable mode asks for 256-bit descriptors; register-based invalidation is refused outside legacy mode",
    qemu: "commands with a PASID need 256-bit descriptors; nothing else is asked. Register commands given while the queue is on stay pending instead of being refused",
    source: "table 26, 11.4.6; measured on QEMU 11.1.3",
    recorded: "",
  },
  {
    name: "contextDomainIgnored",
    spec: "context-cache commands compare the domain of entries of legacy mode; CCMD reports the domain granularity",
    qemu: "no domain is compared: the domain granularity drops all entries, CCMD reports global",
    source: "11.4.6; QEMU 10.0 source",
    recorded: "",
  },
  {
    name: "allOnesIsFailedRead",
    spec: "a paging entry of all ones is read and judged like any other",
    qemu: "it counts as an entry that could not be read",
    source: "table 30; QEMU source of versions 10 and 11",
    recorded: "",
  },
  {
    name: "passThroughWidthUnchecked",
    spec: "a pass-through address at or above the host address width is SGN.4 or LGN.1",
    qemu: "it is let through",
    source: "table 30; QEMU source of versions 10 and 11",
    recorded: "",
  },
  {
    name: "unbackedReadsZero",
    spec: "a read that is let through to where there is no memory brings all ones; the specification leaves that to the bus",
    qemu: "it brings zeros",
    source: "QEMU source of versions 10 and 11",
    recorded: "",
  },
  {
    name: "eventKeptUntilStatusWritten",
    spec: "FECTL.IP goes with the last pending condition, also when F of the last record is cleared",
    qemu: "only a write of FSTS takes it away",
    source: "11.4; QEMU source of versions 10 and 11",
    recorded: "",
  },
  {
    name: "queueBaseReadAsLatched",
    spec: "IQA reads as it was written",
    qemu: "its base reads as QIE took it over last, 0 before; only QS and DW read as written",
    source: "11.4; QEMU source of versions 10 and 11",
    recorded: "",
  },
  {
    name: "interruptRangeAbsorbed",
    spec: "a request without PASID into 0xFEExxxxx that is no 4-byte write is refused with 0x29",
    qemu: "it is absorbed: reads and writes of other sizes end without fault",
    source: "3.15, table 15; recorded kernel boots",
    recorded: "",
  },
] as const satisfies readonly Difference[];

export type SwitchName = (typeof DIFFERENCES)[number]["name"];

/** One flag per difference: true is QEMU's way. */
export type Switches = Readonly<Record<SwitchName, boolean>>;

/** The switches of a profile; `overrides` are for comparing one row at a time. */
export function switchesOf(profile: ProfileName, overrides: Partial<Switches> = {}): Switches {
  const all = DIFFERENCES.map(({ name }) => [name, profile === "qemu"] as const);
  return { ...(Object.fromEntries(all) as Record<SwitchName, boolean>), ...overrides };
}
