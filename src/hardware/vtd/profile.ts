// The differences between the specification (revision 5.10) and QEMU 11.1 as one named table.
// The unit reads only the switches made of it; where a row is not listed, both profiles behave alike.
import type { ProfileName } from "./types.ts";

export interface Difference {
  /** Name of the switch. */
  readonly name: string;
  /** What the specification says, and what QEMU does, in words. */
  readonly spec: string;
  readonly qemu: string;
  /** Section of the reference sheet, and how the QEMU side is known. */
  readonly source: string;
  /** Features of recorded cases that come out differently, in words; empty: none. */
  readonly recorded: string;
}

/** Every switch, as the specification has it (false) and as QEMU has it (true). */
export const DIFFERENCES = [
  {
    name: "legacyCodesInScalableMode",
    spec: "root, context and second-stage faults of scalable mode have codes of their own (0x38 and up)",
    qemu: "they are reported with the codes of legacy mode",
    source: "5.1, 10.2; measured on QEMU 11.1.3",
    recorded: "the reason of root, context and second-stage faults in scalable mode",
  },
  {
    name: "outputCodeByUnit",
    spec: "an output address in the interrupt range is LGN.4 under a legacy root table, SGN.8 under a scalable one",
    qemu: "it is SGN.8 on every unit that supports scalable mode",
    source: "4.2 row 16, 10.2; measured on QEMU 11.1.3",
    recorded: "a legacy root table on a scalable-mode unit, page mapped onto 0xFEExxxxx",
  },
  {
    name: "wholeLeafInInterruptRange",
    spec: "only the address that is reached may not lie in the interrupt range",
    qemu: "no page of the leaf entry that answers may lie in it",
    source: "10.2; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "rightsPerLevel",
    spec: "rights are gathered over all entries and judged after the walk",
    qemu: "each entry is judged for the request's right before the next one is read",
    source: "3.1, 3.2; measured on QEMU 11.1.3",
    recorded: "none: cases in which both orders differ are not counted",
  },
  {
    name: "pasidEntryTypeBeforePresent",
    spec: "a PASID table entry that is not present is SPT.2, whatever else it holds",
    qemu: "PGTT and width are judged before P: an entry of zeros is SPT.4",
    source: "10.2; measured on QEMU 11.1.3",
    recorded: "the reason for a PASID table entry of zeros",
  },
  {
    name: "pasidPresenceWithContextOnly",
    spec: "P of the PASID table entry is judged whenever the entry is read",
    qemu: "P is judged only when the context entry is read as well, not when it is cached",
    source: "10.2; measured on QEMU 11.1.3",
    recorded: "none counted",
  },
  {
    name: "pasidReservedUnchecked",
    spec: "reserved bits of PASID directory and PASID table entries are SPD.3 and SPT.3",
    qemu: "they are not looked at, and high bits of a directory entry count as address",
    source: "10.2; measured on QEMU 11.1.3",
    recorded:
      "the reason for reserved bits in directory entries; whole steps for PASID table entries",
  },
  {
    name: "pasidZeroWithoutRps",
    spec: "RID_PASID set on a unit without ECAP.RPS is a reserved field, SCT.3",
    qemu: "the field is ignored and requests without PASID use PASID 0",
    source: "2.4, 10.2; measured on QEMU 11.1.3",
    recorded: "whole steps of requests under such a context entry",
  },
  {
    name: "directorySizeUnchecked",
    spec: "a PASID beyond PDTS is SCT.7, a RID_PASID beyond it SCT.4",
    qemu: "PDTS is not looked at",
    source: "4.3 rows 7 and 10, 10.2; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "contextBitsUnchecked",
    spec: "PASIDE, DTE and PRE are reserved without their capability, and PASIDE is asked for by requests with PASID",
    qemu: "they are not looked at",
    source: "2.4, 4.3 rows 6, 7 and 9, 10.2; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "fpdOfPasidOnlyWhenFound",
    spec: "FPD of a directory or PASID table entry counts also when P is clear",
    qemu: "it counts only when the PASID table entry was found",
    source: "10.2; measured on QEMU 11.1.3",
    recorded: "FPD in a directory or PASID table entry on the way to one that is not present",
  },
  {
    name: "reservedContextUnqualified",
    spec: "LCT.3, reserved bits in a context entry, obeys FPD",
    qemu: "it is recorded whatever FPD says",
    source: "5.1",
    recorded: "none",
  },
  {
    name: "accessedDuringWalk",
    spec: "accessed bits are set when the request is let through",
    qemu: "they are set entry by entry during the walk, also for a request that is refused later",
    source: "3.1; measured on QEMU 11.1.3",
    recorded: "memory after a refused first-stage request",
  },
  {
    name: "dirtyOnlyWithAccessed",
    spec: "a write sets D whenever it finds it clear, also after a hit",
    qemu: "A and D are set in one step, so an entry that has A never gets D",
    source: "3.1; measured on QEMU 11.1.3",
    recorded: "memory after a write to a page that was read before",
  },
  {
    name: "updatesUnsnooped",
    spec: "accessed and dirty bits need snooped walks (SMPWCS and PWSNP), else SFL.9 or SSL.5",
    qemu: "they are set all the same",
    source: "3.1, 10.2; measured on QEMU 11.1.3",
    recorded: "none: without this every first-stage request would be refused",
  },
  {
    name: "firstStageWidthFromAw",
    spec: "the first-stage width is that of FSPM",
    qemu: "it is the smaller of AW and the unit's width, and AW must be a width the unit has",
    source: "3.1; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "awOfFirstStageAccepted",
    spec: "AW is reserved in PASID table entries of a unit without SSTS",
    qemu: "it is accepted, as Linux writes it",
    source: "2.6; measured on QEMU 11.1.3",
    recorded: "none: without this every first-stage request would be refused",
  },
  {
    name: "snoopBitInScalableUnits",
    spec: "SNP of a second-stage leaf is reserved without ECAP.SC",
    qemu: "every unit that supports scalable mode accepts it",
    source: "3.2, 10.3; measured on QEMU 11.1.3",
    recorded: "whole steps with SNP set on a unit without snoop control",
  },
  {
    name: "bothRootHalves",
    spec: "only the half of a scalable root entry that is used can have reserved bits set",
    qemu: "both halves count",
    source: "2.2, open point 22; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "tableModeBitTen",
    spec: "TTM 10 is RTA.1, TTM 11 is abort-DMA mode",
    qemu: "only the lower bit of TTM counts: 10 is legacy, 11 scalable",
    source: "1.4, 10.3; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "deniedHitBlocks",
    spec: "a cached translation without the right that is asked for does not answer: the tables are walked",
    qemu: "it answers: the request is blocked and nothing is recorded",
    source: "6.3, captures; measured on QEMU 11.1.3",
    recorded: "the record of a write to a read-only page that was read before",
  },
  {
    name: "contextAndIotlbOnly",
    spec: "PASID table entries and paging structures are cached as well",
    qemu: "only context entries and translations are cached; PASID table entries are read on every walk",
    source: "7.4, 10.2; measured on QEMU 11.1.3",
    recorded: "none counted",
  },
  {
    name: "pasidMissingInRecord",
    spec: "a refused request with PASID has it in its record",
    qemu: "a request with PASID that is refused before the paging walk is recorded without it",
    source: "10.2; QEMU 10 source",
    recorded: "none",
  },
  {
    name: "recordsKeepTypeOnly",
    spec: "a record holds the address type, EXE, PRIV and atomic type of the request",
    qemu: "only reads and writes are told apart",
    source: "1.8; QEMU 10 source",
    recorded: "none",
  },
  {
    name: "resetsEmptyCaches",
    spec: "SRTP empties the DMA caches on units with ESRTPS",
    qemu: "it empties them on all units",
    source: "1.4; QEMU 10 source",
    recorded: "none",
  },
  {
    name: "queueWaitsForTail",
    spec: "the invalidation queue goes on when IQE is cleared",
    qemu: "it goes on at the next write of the tail",
    source: "6.1; measured on QEMU 11.1.3",
    recorded: "IQH and memory right after IQE is cleared; the end state is the same",
  },
  {
    name: "queueErrorNotRecorded",
    spec: "IQERCD.IQEI says why the queue stopped",
    qemu: "IQERCD stays 0",
    source: "1.7; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "queueStricter",
    spec: "a wait with neither IF nor SW, a page group response without PASID and PFSID are legal; AM of PASID-based commands is free",
    qemu: "they set IQE, and so does AM beyond MAMV",
    source: "6.2, 6.4; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "queueModesByWidth",
    spec: "which commands are allowed follows the table mode; scalable mode asks for 256-bit descriptors",
    qemu: "PASID-based commands need 256-bit descriptors, the PASID cache command scalable mode; nothing else is asked",
    source: "6.1, 6.4; measured on QEMU 11.1.3",
    recorded: "none",
  },
  {
    name: "registerDomainAsGlobal",
    spec: "CCMD with domain granularity drops the entries of the domain and reports it",
    qemu: "it drops all entries and reports global",
    source: "1.6; QEMU 10 source",
    recorded: "none",
  },
  {
    name: "interruptRangeAbsorbed",
    spec: "a request without PASID into 0xFEExxxxx that is no 4-byte write is refused with 0x29",
    qemu: "it is absorbed: reads and writes of other sizes end without fault",
    source: "4.1 row 1; captures",
    recorded: "none",
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
