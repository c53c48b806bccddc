// The register file: commands, faults and the invalidation queue (section 11.4 of the specification).
import { CAP, ECAP, VER } from "./capability-registers.ts";
import { address, flag, value } from "./fields.ts";
import { register } from "./register-kinds.ts";
import type { Register } from "./types.ts";

const ON = { values: { 0: "off", 1: "on" } };
const NO_YES = { values: { 0: "no", 1: "yes" } };

export const GCMD = register("GCMD", "Global command register", 0x018, 32, "WO", [
  flag("CFI", 0, 23, "compatibility-format interrupts"),
  flag("SIRTP", 0, 24, "take over the interrupt remapping table pointer"),
  flag("IRE", 0, 25, "interrupt remapping"),
  flag("QIE", 0, 26, "queued invalidation"),
  flag("WBF", 0, 27, "flush the write buffer"),
  flag("EAFL", 0, 28, "advanced fault logging, gone in revision 5.10"),
  flag("SFL", 0, 29, "set the fault log, gone in revision 5.10"),
  flag("SRTP", 0, 30, "take over the root table pointer"),
  flag("TE", 0, 31, "DMA remapping"),
]);

export const GSTS = register("GSTS", "Global status register", 0x01c, 32, "RO", [
  flag("CFIS", 0, 23, "compatibility-format interrupts", {
    values: { 0: "blocked", 1: "let through" },
  }),
  flag("IRTPS", 0, 24, "interrupt remapping table pointer taken over", NO_YES),
  flag("IRES", 0, 25, "interrupt remapping", ON),
  flag("QIES", 0, 26, "queued invalidation", ON),
  flag("WBFS", 0, 27, "write buffer being flushed", NO_YES),
  flag("AFLS", 0, 28, "advanced fault logging", ON),
  flag("FLS", 0, 29, "fault log set", NO_YES),
  flag("RTPS", 0, 30, "root table pointer taken over", NO_YES),
  flag("TES", 0, 31, "DMA remapping", ON),
]);

export const RTADDR = register("RTADDR", "Root table address register", 0x020, 64, "RW", [
  flag("SSIRWE", 0, 7, "I/O read and write bits in second-stage entries", {
    needs: {
      words: "I/O read and write bits (ECAP.SSIRWS)",
      test: (e) => e.capabilities.ssirws,
    },
  }),
  value("TTM", 0, 11, 10, "translation table mode", {
    values: { 0: "legacy", 1: "scalable", 3: "abort DMA" },
    closed: true,
  }),
  address("RTA", 0, 63, 12, "root table"),
]);

const GRANULARITY = { 1: "global", 2: "domain", 3: "device" };
const GRANULARITY_DONE = { 0: "refused", ...GRANULARITY };

export const CCMD = register(
  "CCMD",
  "Context command register",
  0x028,
  64,
  "RW",
  [
    value("DID", 0, 15, 0, "domain id"),
    value("SID", 0, 31, 16, "requester id"),
    value("FM", 0, 33, 32, "function bits of SID that are not compared"),
    value("CAIG", 0, 60, 59, "what was invalidated", { values: GRANULARITY_DONE }),
    value("CIRG", 0, 62, 61, "what is asked for", { values: GRANULARITY }),
    flag("ICC", 0, 63, "invalidate the context cache"),
  ],
  undefined,
  "11.4.6",
);

export const FSTS = register("FSTS", "Fault status register", 0x034, 32, "RW1C", [
  flag("PFO", 0, 0, "a fault found its recording register in use"),
  flag("PPF", 0, 1, "a fault record is pending"),
  flag("AFO", 0, 2, "advanced fault log overflow, gone in revision 5.10"),
  flag("APF", 0, 3, "advanced fault log pending, gone in revision 5.10"),
  flag("IQE", 0, 4, "invalidation queue error: the queue stands still"),
  flag("ICE", 0, 5, "unexpected device-TLB completion"),
  flag("ITE", 0, 6, "device-TLB invalidation timed out"),
  flag("PRO", 0, 7, "deprecated, see PRS"),
  value("FRI", 0, 15, 8, "first recording register of the pending faults"),
]);

const eventControl = (
  name: string,
  longName: string,
  offset: number,
  exists?: Register["exists"],
) =>
  register(
    name,
    longName,
    offset,
    32,
    "RW",
    [
      flag("IP", 0, 30, "interrupt pending", NO_YES),
      flag("IM", 0, 31, "interrupt mask", { values: { 0: "sent", 1: "held back" } }),
    ],
    exists,
  );

const eventMessage = (
  prefix: "FE" | "IE" | "PE",
  event: string,
  offset: number,
  exists?: Register["exists"],
): Register[] => [
  register(
    `${prefix}DATA`,
    `${event} event data register`,
    offset,
    32,
    "RW",
    [value("IMD", 0, 31, 0, "message data")],
    exists,
  ),
  register(
    `${prefix}ADDR`,
    `${event} event address register`,
    offset + 4,
    32,
    "RW",
    [address("MA", 0, 31, 2, "message address")],
    exists,
  ),
  register(
    `${prefix}UADDR`,
    `${event} event upper address register`,
    offset + 8,
    32,
    "RW",
    [value("MUA", 0, 31, 0, "message address, upper half")],
    exists,
  ),
];

const queued: Register["exists"] = (capabilities) => capabilities.qi;
const pageRequests: Register["exists"] = (capabilities) => capabilities.prs;

const pointer = (
  name: string,
  longName: string,
  offset: number,
  access: Register["access"],
  low: 4 | 5,
  exists: Register["exists"],
) =>
  register(
    name,
    longName,
    offset,
    64,
    access,
    [address("offset", 0, 18, low, "byte offset in the queue")],
    exists,
  );

export const IQH = pointer("IQH", "Invalidation queue head register", 0x080, "RO", 4, queued);
export const IQT = pointer("IQT", "Invalidation queue tail register", 0x088, "RW", 4, queued);

export const IQA = register(
  "IQA",
  "Invalidation queue address register",
  0x090,
  64,
  "RW",
  [
    value("QS", 0, 2, 0, "the queue has 2^QS pages"),
    flag("DW", 0, 11, "descriptor width", { values: { 0: "128-bit", 1: "256-bit" } }),
    address("IQA", 0, 63, 12, "invalidation queue"),
  ],
  queued,
);

export const ICS = register(
  "ICS",
  "Invalidation completion status register",
  0x09c,
  32,
  "RW1C",
  [flag("IWC", 0, 0, "a wait descriptor with IF is done", NO_YES)],
  queued,
);

export const IQERCD = register(
  "IQERCD",
  "Invalidation queue error record register",
  0x0b0,
  64,
  "RO",
  [
    value("IQEI", 0, 3, 0, "why the queue stopped", {
      values: {
        0: "no error",
        1: "tail pointer out of range",
        2: "descriptor could not be fetched",
        3: "descriptor type not known or not allowed in this table mode",
        4: "reserved field set in the descriptor",
        5: "descriptor width does not fit the table mode",
        6: "tail pointer not aligned to the descriptor width",
        7: "translation table mode not usable",
      },
    }),
    value("ITESID", 0, 47, 32, "requester id of the invalidation that timed out"),
    value("ICESID", 0, 63, 48, "requester id of the unexpected completion"),
  ],
  queued,
  "11.4.9.9",
);

export const IRTA = register(
  "IRTA",
  "Interrupt remapping table address register",
  0x0b8,
  64,
  "RW",
  [
    value("S", 0, 3, 0, "the table has 2^(S + 1) entries"),
    flag("EIME", 0, 11, "x2APIC mode", ON),
    address("IRTA", 0, 63, 12, "interrupt remapping table"),
  ],
  (capabilities) => capabilities.ir,
);

const PQA = register(
  "PQA",
  "Page request queue address register",
  0x0d0,
  64,
  "RW",
  [
    value("PQS", 0, 2, 0, "the queue has 2^PQS pages"),
    address("PQA", 0, 63, 12, "page request queue"),
  ],
  pageRequests,
);

const PRS = register(
  "PRS",
  "Page request status register",
  0x0dc,
  32,
  "RW1C",
  [
    flag("PPR", 0, 0, "a page request is pending", NO_YES),
    flag("PRO", 0, 1, "the page request queue was full", NO_YES),
  ],
  pageRequests,
);

export const IVA = register(
  "IVA",
  "Invalidate address register",
  (capabilities) => capabilities.iro,
  64,
  "WO",
  [
    value("AM", 0, 5, 0, "the range is 2^AM pages of 4 KiB"),
    flag("IH", 0, 6, "only leaf entries changed"),
    address("ADDR", 0, 63, 12, "first address of the range"),
  ],
);

export const IOTLB = register(
  "IOTLB",
  "IOTLB invalidate register",
  (capabilities) => capabilities.iro + 8,
  64,
  "RW",
  [
    value("DID", 0, 47, 32, "domain id"),
    flag("DW", 0, 48, "drain writes"),
    flag("DR", 0, 49, "drain reads"),
    value("IAIG", 0, 58, 57, "what was invalidated", {
      values: { 0: "refused", 1: "global", 2: "domain", 3: "page" },
    }),
    value("IIRG", 0, 61, 60, "what is asked for", {
      values: { 1: "global", 2: "domain", 3: "page" },
    }),
    flag("IVT", 0, 63, "invalidate the IOTLB"),
  ],
);

/** The first fault recording register; the others follow every 16 bytes. */
export const FRCD = register(
  "FRCD",
  "Fault recording register",
  (capabilities) => capabilities.fro,
  128,
  "RW1C",
  [
    address("FI", 0, 63, 12, "page of the request, or an interrupt index in [63:48]"),
    value("SID", 1, 15, 0, "requester id"),
    flag("T2", 1, 28, "type of the request, with T1"),
    flag("PRIV", 1, 29, "supervisor request"),
    flag("EXE", 1, 30, "execute request"),
    flag("PP", 1, 31, "PASID present", NO_YES),
    value("FR", 1, 39, 32, "fault reason"),
    value("PV", 1, 59, 40, "PASID"),
    value("AT", 1, 61, 60, "address type", {
      values: { 0: "untranslated", 1: "translation request", 2: "translated" },
    }),
    flag("T1", 1, 62, "type of the request", { values: { 0: "write", 1: "read" } }),
    flag("F", 1, 63, "the record is in use", NO_YES),
  ],
  undefined,
  "11.4.7.6",
);

/** Every register of DMA remapping, in order of offset for usual units. */
export const REGISTERS: readonly Register[] = [
  VER,
  CAP,
  ECAP,
  GCMD,
  GSTS,
  RTADDR,
  CCMD,
  FSTS,
  eventControl("FECTL", "Fault event control register", 0x038),
  ...eventMessage("FE", "Fault", 0x03c),
  IQH,
  IQT,
  IQA,
  ICS,
  eventControl("IECTL", "Invalidation event control register", 0x0a0, queued),
  ...eventMessage("IE", "Invalidation", 0x0a4, queued),
  IQERCD,
  IRTA,
  pointer("PQH", "Page request queue head register", 0x0c0, "RW", 5, pageRequests),
  pointer("PQT", "Page request queue tail register", 0x0c8, "RW", 5, pageRequests),
  PQA,
  PRS,
  eventControl("PECTL", "Page request event control register", 0x0e0, pageRequests),
  ...eventMessage("PE", "Page request", 0x0e4, pageRequests),
  IVA,
  IOTLB,
  FRCD,
];
