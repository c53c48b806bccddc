// A hand-made unit for tests: one function with tables of both stages in a few words of memory, and capabilities of a full unit.
import { hpa } from "../base/brand.ts";
import type { Capabilities } from "../hardware/vtd/types.ts";
import type { Unit } from "./walk-types.ts";

const FULL: Capabilities = {
  major: 1,
  nd: 6,
  cm: false,
  sagaw: 0xe,
  mgaw: 57,
  zlr: false,
  fro: 0x500,
  sslps: 3,
  psi: true,
  nfr: 8,
  mamv: 18,
  fs1gp: true,
  fs5lp: true,
  esrtps: true,
  c: true,
  qi: true,
  dt: true,
  ir: true,
  pt: true,
  sc: true,
  iro: 0x600,
  mts: false,
  nest: true,
  prs: true,
  srs: true,
  nwfs: true,
  eafs: true,
  pss: 20,
  pasid: true,
  pds: true,
  smts: true,
  ssads: true,
  ssts: true,
  fsts: true,
  smpwcs: true,
  rps: true,
  adms: false,
  rprivs: true,
  ptrs: false,
  hpts: false,
  ssirws: false,
};

/** A scalable-mode unit over `words`: 64-bit words by address; everything else is 0. */
export function unitWith(
  words: Readonly<Record<string, bigint>>,
  change: Partial<Unit> = {},
): Unit {
  const memory = new Map(Object.entries(words).map(([address, word]) => [BigInt(address), word]));
  return {
    environment: { capabilities: FULL, haw: 46 },
    scalable: true,
    rootTable: hpa(0x1_06a0_0000n),
    readWord: (address) => memory.get(address) ?? 0n,
    ...change,
  };
}

/** 3b:00.1 with PASID 0x25 through a first-stage table of 4 levels; PASID 0x26 is not present. */
export const FIRST_STAGE_WORDS: Readonly<Record<string, bigint>> = {
  "0x106a003b0": 0x1_06b3_b001n,
  "0x106b3b020": 0x1_06c0_001dn,
  "0x106c00000": 0x1_06c0_4001n,
  "0x106c04940": 0x49n,
  "0x106c04948": 0x80_0012n,
  "0x106c04950": 0x1_0700_0000n,
  "0x1070007f0": 0x1_0700_1027n,
  "0x107001750": 0x1_0700_2027n,
  "0x107002710": 0x1_0700_3027n,
  "0x107003f10": 0x8000_0002_245d_9027n,
};
