// Attributes of a request, what translating it can end in, and where the result stands.

/** Attributes of a request, as `translate` takes them. An atomic request needs both rights. */
export const FLAG = {
  READ: 1,
  WRITE: 2,
  ATOMIC: 3,
  PRIVILEGED: 4,
  EXECUTE: 8,
  /** The address is a host-physical one, from a device TLB. */
  TRANSLATED: 16,
  ZERO_LENGTH: 32,
  /** Not 4 bytes long: no interrupt request even in the interrupt range. */
  NO_DWORD: 64,
} as const;

/** What `translate` returns besides 0 (translated) and fault codes (1 .. 0xff). */
export const STATUS = {
  /** Refused by a cached right; nothing recorded (QEMU). */
  BLOCKED: 0x100,
  /** An interrupt request: never translated. */
  INTERRUPT: 0x101,
  /** Into the interrupt range, ends without effect. */
  ABSORBED: 0x102,
  /** Unsupported request, refused before the unit; nothing recorded. */
  UNSUPPORTED: 0x103,
} as const;

/** How the last request was let through. */
export const HOW = { WALK: 0, IOTLB: 1, PASS_THROUGH: 2, OFF: 3, TRANSLATED: 4 } as const;

/** Places of `result`: host address, level of the leaf (0: none), HOW, number of the record that was written or -1. */
export const RESULT = { HIGH: 0, LOW: 1, LEVEL: 2, HOW: 3, RECORD: 4 } as const;
