// Random remapping units: VER, CAP, ECAP and host address width, in combinations that section 11.4.3 allows.
import fc from "fast-check";

export interface UnitRegisters {
  readonly ver: number;
  readonly cap: bigint;
  readonly ecap: bigint;
  /** Host address width in bits. */
  readonly haw: number;
}

/** Everything on: 57-bit addresses, all page sizes, both stages, nested; 0x220 fault records, 0xf0 IOTLB registers. */
const FULL_CAP = 0x91d2_008c_2238_0e06n;
const FULL_ECAP = 0x0033_ed9c_a400_0fc7n;

const cap = (bit: bigint): [bigint, bigint] => [1n << bit, 0n];
const ecap = (bit: bigint): [bigint, bigint] => [0n, 1n << bit];

/** Single features that a unit may lack. */
const FEATURES: readonly (readonly [bigint, bigint])[] = [
  cap(9n), // 39-bit second stage
  cap(10n), // 48-bit second stage
  cap(11n), // 57-bit second stage
  cap(34n), // 2 MiB second-stage pages
  cap(35n), // 1 GiB second-stage pages
  cap(56n), // 1 GiB first-stage pages
  cap(60n), // 5-level first stage
  ecap(2n), // device TLB
  ecap(6n), // pass-through
  ecap(7n), // snoop control
  ecap(26n), // nested
  ecap(29n), // page requests
  ecap(31n), // supervisor requests
  ecap(34n), // extended accessed flag
  ecap(40n), // PASID
  ecap(43n), // scalable mode
  ecap(45n), // second-stage accessed and dirty
  ecap(46n), // second stage
  ecap(47n), // first stage
  ecap(48n), // coherent page walks
  ecap(49n), // RID_PASID
  ecap(52n), // abort-DMA mode
  ecap(53n), // RID_PRIV
];

/** Features that most units here lack. */
const EXTRAS: readonly (readonly [bigint, bigint])[] = [
  cap(22n), // zero-length reads of write-only pages
  ecap(25n), // memory types
  ecap(56n), // PASIDs in translated requests
  ecap(57n), // I/O read and write bits
];

const has = (word: bigint, bit: bigint): boolean => ((word >> bit) & 1n) === 1n;

/** Clears what the specification only allows together with something that is missing. */
function consistent(capWord: bigint, ecapWord: bigint): [bigint, bigint] {
  const [NEST, PRS, SRS, EAFS, PASID, SMTS] = [26n, 29n, 31n, 34n, 40n, 43n];
  const [SSADS, SSTS, FSTS, SMPWCS, RPRIVS, PTRS, DT] = [45n, 46n, 47n, 48n, 53n, 56n, 2n];
  let c = capWord;
  let e = ecapWord;
  const needs = (bit: bigint, ...others: bigint[]): void => {
    if (others.some((other) => !has(e, other))) e &= ~(1n << bit);
  };
  needs(NEST, FSTS, SSTS);
  needs(SSADS, SMPWCS, SSTS);
  needs(EAFS, SMPWCS, FSTS);
  needs(RPRIVS, SRS);
  needs(PRS, DT, SMTS);
  needs(PTRS, DT, PASID);
  if (!has(e, FSTS)) c &= ~((1n << 56n) | (1n << 60n));
  return [c, e];
}

/** A unit whose features are mostly there. */
export const unitRegisters: fc.Arbitrary<UnitRegisters> = fc
  .record({
    ver: fc.constantFrom(0x10, 0x60, 0x60, 0x70, 0x80),
    lacks: fc.oneof(
      { weight: 5, arbitrary: fc.constant([]) },
      { weight: 5, arbitrary: fc.subarray([...FEATURES], { minLength: 1, maxLength: 2 }) },
    ),
    extras: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.subarray([...EXTRAS]) },
    ),
    domainBits: fc.constantFrom(6n, 6n, 6n, 2n),
    pasidBits: fc.constantFrom(19n, 19n, 15n, 9n),
    guestWidth: fc.constantFrom(57n, 57n, 52n, 48n, 40n),
    haw: fc.constantFrom(48, 52, 52, 46, 41, 40),
  })
  .map(({ ver, lacks, extras, domainBits, pasidBits, guestWidth, haw }) => {
    let c = (FULL_CAP & ~7n & ~(0x3fn << 16n)) | domainBits;
    c |= (guestWidth > BigInt(haw) ? guestWidth - 1n : BigInt(haw) - 1n) << 16n;
    let e = (FULL_ECAP & ~(0x1fn << 35n)) | (pasidBits << 35n);
    for (const [inCap, inEcap] of extras) {
      c |= inCap;
      e |= inEcap;
    }
    for (const [inCap, inEcap] of lacks) {
      c &= ~inCap;
      e &= ~inEcap;
    }
    const [capWord, ecapWord] = consistent(c, e);
    return { ver, cap: capWord, ecap: ecapWord, haw };
  });
