// What a unit can do, decoded from VER, CAP and ECAP for the naive walker (sections 11.4.2 and 11.4.3).

export interface NaiveCapabilities {
  readonly major: number;
  /** Domain ids have this many bits. */
  readonly domainBits: bigint;
  /** Bit i: second-stage tables of i + 2 levels. */
  readonly sagaw: bigint;
  readonly guestWidth: bigint;
  readonly zeroLengthRead: boolean;
  readonly secondStage2M: boolean;
  readonly secondStage1G: boolean;
  readonly firstStage1G: boolean;
  readonly firstStage5Level: boolean;
  readonly deviceTlb: boolean;
  readonly passThrough: boolean;
  readonly snoopControl: boolean;
  readonly memoryType: boolean;
  readonly nested: boolean;
  readonly pageRequests: boolean;
  readonly supervisor: boolean;
  readonly extendedAccessed: boolean;
  readonly pasidBits: bigint;
  readonly pasid: boolean;
  readonly scalable: boolean;
  readonly secondStageAccessedDirty: boolean;
  readonly secondStage: boolean;
  readonly firstStage: boolean;
  readonly coherentWalks: boolean;
  readonly ridPasid: boolean;
  readonly abortDma: boolean;
  readonly ridPrivileged: boolean;
  readonly pasidInTranslated: boolean;
  readonly secondStageIoBits: boolean;
}

export function naiveCapabilities(ver: number, cap: bigint, ecap: bigint): NaiveCapabilities {
  const inCap = (bit: bigint): boolean => ((cap >> bit) & 1n) === 1n;
  const inEcap = (bit: bigint): boolean => ((ecap >> bit) & 1n) === 1n;
  return {
    major: (ver >> 4) & 0xf,
    domainBits: 4n + 2n * (cap & 7n),
    sagaw: (cap >> 8n) & 0x1fn,
    guestWidth: ((cap >> 16n) & 0x3fn) + 1n,
    zeroLengthRead: inCap(22n),
    secondStage2M: inCap(34n),
    secondStage1G: inCap(35n),
    firstStage1G: inCap(56n),
    firstStage5Level: inCap(60n),
    deviceTlb: inEcap(2n),
    passThrough: inEcap(6n),
    snoopControl: inEcap(7n),
    memoryType: inEcap(25n),
    nested: inEcap(26n),
    pageRequests: inEcap(29n),
    supervisor: inEcap(31n),
    extendedAccessed: inEcap(34n),
    pasidBits: ((ecap >> 35n) & 0x1fn) + 1n,
    pasid: inEcap(40n),
    scalable: inEcap(43n),
    secondStageAccessedDirty: inEcap(45n),
    secondStage: inEcap(46n),
    firstStage: inEcap(47n),
    coherentWalks: inEcap(48n),
    ridPasid: inEcap(49n),
    abortDma: inEcap(52n),
    ridPrivileged: inEcap(53n),
    pasidInTranslated: inEcap(56n),
    secondStageIoBits: inEcap(57n),
  };
}
