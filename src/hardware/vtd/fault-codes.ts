// Fault reasons of DMA remapping: the closed union of codes, with the specification's short names.
// Table 30 of section 7.1.3 and Table 15 of section 5.1.4.1; a code is qualified when FPD may keep it from being recorded.

export const FAULT = {
  LRT_2: 0x01,
  LCT_2: 0x02,
  LCT_4: 0x03,
  LGN_1: 0x04,
  LGN_2: 0x05,
  LGN_3: 0x06,
  LSL_1: 0x07,
  LRT_1: 0x08,
  LCT_1: 0x09,
  LRT_3: 0x0a,
  LCT_3: 0x0b,
  LSL_2: 0x0c,
  LCT_5: 0x0d,
  LGN_4: 0x0e,
  IR_NOT_INTERRUPT: 0x29,
  RTA_1: 0x30,
  RTA_2: 0x31,
  RTA_3: 0x32,
  RTA_4: 0x33,
  RTA_5: 0x34,
  SRT_1: 0x38,
  SRT_2: 0x39,
  SRT_3: 0x3a,
  SCT_1: 0x40,
  SCT_2: 0x41,
  SCT_3: 0x42,
  SCT_4: 0x43,
  SCT_5: 0x44,
  SCT_6: 0x45,
  SCT_7: 0x46,
  SCT_8: 0x47,
  SCT_9: 0x48,
  SCT_10: 0x49,
  SPD_1: 0x50,
  SPD_2: 0x51,
  SPD_3: 0x52,
  SPT_1: 0x58,
  SPT_2: 0x59,
  SPT_3: 0x5a,
  SPT_4: 0x5b,
  SPT_5: 0x5c,
  SPT_6: 0x5d,
  SFL_1: 0x70,
  SFL_2: 0x71,
  SFL_3: 0x72,
  SFL_4: 0x73,
  SFL_5: 0x74,
  SFL_6: 0x75,
  SFL_7: 0x76,
  SFL_8: 0x77,
  SSL_1: 0x78,
  SSL_2: 0x79,
  SSL_3: 0x7a,
  SSL_4: 0x7b,
  SSL_5: 0x7c,
  SSL_6: 0x7d,
  SGN_1: 0x80,
  SGN_2: 0x81,
  SGN_4: 0x83,
  SGN_5: 0x84,
  SGN_6: 0x85,
  SGN_7: 0x86,
  SGN_8: 0x87,
  SGN_10: 0x89,
  SFL_9: 0x90,
  SFL_10: 0x91,
} as const;

export type FaultCode = (typeof FAULT)[keyof typeof FAULT];

const UNQUALIFIED: ReadonlySet<FaultCode> = new Set<FaultCode>([
  FAULT.LRT_2,
  FAULT.LRT_1,
  FAULT.LCT_1,
  FAULT.LRT_3,
  FAULT.IR_NOT_INTERRUPT,
  FAULT.RTA_1,
  FAULT.RTA_2,
  FAULT.RTA_3,
  FAULT.RTA_4,
  FAULT.RTA_5,
  FAULT.SRT_1,
  FAULT.SRT_2,
  FAULT.SRT_3,
  FAULT.SCT_1,
  FAULT.SPD_1,
  FAULT.SPT_1,
]);

const NAMES = new Map<number, string>(
  Object.entries(FAULT).map(([key, code]) => [code, key.replace("_", ".")]),
);

/** Whether FPD in an entry on the way keeps this fault from being recorded (section 7.1.1). */
export const isQualified = (code: FaultCode): boolean => !UNQUALIFIED.has(code);

/** `SPT.2` of 0x59. Codes of interrupt requests have no short name in the specification. */
export const faultName = (code: FaultCode): string =>
  code === FAULT.IR_NOT_INTERRUPT ? "interrupt request" : (NAMES.get(code) ?? "unknown");
