// Fault reasons in words: legacy mode, interrupt range and RTADDR (table 30 of section 7.1.3, table 15 of section 5.1.4.1).
import { FAULT } from "../vtd/fault-codes.ts";
import { text } from "./fault-text-kinds.ts";

export const LEGACY_TEXTS = {
  [FAULT.LRT_2]: text(
    "root entry",
    "The root entry of this bus is not present.",
    "No device on this bus was given a domain.",
    "The request carries an alias or a bus number that software did not expect.",
  ),
  [FAULT.LCT_2]: text(
    "context entry",
    "The context entry of this requester is not present.",
    "The requester was never attached to a domain.",
    "The driver let go of the device while it was still sending.",
    "The request carries the requester id of a bridge or of another function.",
  ),
  [FAULT.LCT_4]: text(
    "context entry",
    "The context entry is programmed with values that this unit cannot use: TT, AW or SSPTPTR.",
    "AW asks for more or fewer levels than SAGAW offers.",
    "TT is reserved, or it asks for a device TLB or for pass-through on a unit without it.",
    "SSPTPTR points to an address that is no memory.",
  ),
  [FAULT.LGN_1]: text(
    "request",
    "The address lies above what the second-stage tables of this requester can translate.",
    "The device sends a 64-bit address to a domain of 39 or 48 bits.",
    "AW is smaller than the width that software mapped with.",
    "The device uses an address that it was never given.",
  ),
  [FAULT.LGN_2]: text(
    "second-stage entry",
    "The second-stage entries do not allow writes to this page.",
    "The page is not mapped: it was unmapped while the device still uses it.",
    "The page is mapped for reads only.",
    "The device writes outside the buffer that it was given.",
  ),
  [FAULT.LGN_3]: text(
    "second-stage entry",
    "The second-stage entries do not allow reads of this page.",
    "The page is not mapped: it was unmapped while the device still uses it.",
    "The page is mapped for writes only.",
    "The device reads past the end of its buffer.",
  ),
  [FAULT.LSL_1]: text(
    "second-stage entry",
    "A second-stage table below the top cannot be read.",
    "An upper entry points to an address that is no memory.",
    "The table page was freed or overwritten while an entry still points to it.",
  ),
  [FAULT.LRT_1]: text(
    "root entry",
    "The root table cannot be read.",
    "RTADDR points to an address that is no memory.",
    "The root table was set before its page was in place.",
  ),
  [FAULT.LCT_1]: text(
    "context entry",
    "The context table cannot be read.",
    "CTP of the root entry points to an address that is no memory.",
    "The root entry was overwritten.",
  ),
  [FAULT.LRT_3]: text(
    "root entry",
    "The root entry has bits set that must be 0.",
    "The root table holds scalable-mode entries while TTM says legacy.",
    "CTP reaches above the host address width.",
    "The entry was overwritten.",
  ),
  [FAULT.LCT_3]: text(
    "context entry",
    "The context entry has bits set that must be 0.",
    "SSPTPTR reaches above the host address width.",
    "DID is larger than the unit's number of domains.",
    "The entry was overwritten, or written in the layout of another table mode.",
  ),
  [FAULT.LSL_2]: text(
    "second-stage entry",
    "A second-stage entry that allows access has bits set that must be 0.",
    "SNP is set on a unit without snoop control.",
    "PS is set at a level or on a unit that has no such large page.",
    "The page address reaches above the host address width, or is not aligned to the page size.",
  ),
  [FAULT.LCT_5]: text(
    "context entry",
    "TT of the context entry does not allow translation requests or translated requests.",
    "ATS is enabled in the device but not in the context entry.",
    "The device sends translated requests without being trusted to.",
  ),
  [FAULT.LGN_4]: text(
    "second-stage entry",
    "The translated address lies in the interrupt range 0xfee0_0000 to 0xfeef_ffff.",
    "The tables map a page onto the interrupt range.",
    "A large page covers the interrupt range.",
  ),
  [FAULT.IR_NOT_INTERRUPT]: text(
    "request",
    "A request without PASID goes to the interrupt range and is not a 4-byte write.",
    "The device uses an address inside 0xfee0_0000 to 0xfeef_ffff as a DMA buffer.",
    "An interrupt message has another size than 4 bytes.",
  ),
  [FAULT.RTA_1]: text(
    "RTADDR register",
    "TTM of RTADDR asks for a table mode that this unit does not have.",
    "TTM holds the reserved value 2.",
    "TTM asks for scalable mode on a unit without SMTS, or for abort-DMA mode on one without ADMS.",
    "SSIRWE is set in legacy mode.",
  ),
  [FAULT.RTA_2]: text(
    "RTADDR register",
    "The request carries a PASID while the tables are in legacy mode.",
    "PASID is enabled in the device although the unit runs in legacy mode.",
    "RTADDR was set for legacy mode by mistake.",
  ),
  [FAULT.RTA_3]: text(
    "RTADDR register",
    "A page request arrives while the tables are in legacy mode.",
    "Page requests are enabled in the device although the unit runs in legacy mode.",
  ),
  [FAULT.RTA_4]: text(
    "RTADDR register",
    "The unit is in abort-DMA mode and refuses every request.",
    "Software has stopped DMA on purpose, and has not set a root table yet.",
    "A device was still sending when DMA was stopped.",
  ),
  [FAULT.RTA_5]: text(
    "request",
    "The request asks to execute, which this unit refuses.",
    "The device sets the execute flag of a request with PASID; units from version 8 on know no execute right.",
  ),
} as const;
