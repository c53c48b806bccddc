// Test fixture: environments of made-up units, every capability free to be on or off.
import fc from "fast-check";
import type { Capabilities } from "../vtd/types.ts";
import type { Environment } from "./types.ts";

const flags = Object.fromEntries(
  (
    [
      "cm",
      "zlr",
      "psi",
      "fs1gp",
      "fs5lp",
      "esrtps",
      "c",
      "qi",
      "dt",
      "ir",
      "pt",
      "sc",
      "mts",
      "nest",
      "prs",
      "srs",
      "nwfs",
      "eafs",
      "pasid",
      "pds",
      "smts",
      "ssads",
      "ssts",
      "fsts",
      "smpwcs",
      "rps",
      "adms",
      "rprivs",
      "ptrs",
      "hpts",
      "ssirws",
    ] as const
  ).map((name) => [name, fc.boolean()]),
);

export const anyCapabilities = fc.record({
  ...flags,
  major: fc.integer({ min: 1, max: 15 }),
  nd: fc.integer({ min: 0, max: 6 }),
  sagaw: fc.integer({ min: 0, max: 31 }),
  mgaw: fc.integer({ min: 32, max: 64 }),
  fro: fc.constant(0x220),
  sslps: fc.integer({ min: 0, max: 3 }),
  nfr: fc.integer({ min: 1, max: 8 }),
  mamv: fc.integer({ min: 0, max: 63 }),
  iro: fc.constant(0xf0),
  pss: fc.integer({ min: 1, max: 20 }),
}) as unknown as fc.Arbitrary<Capabilities>;

export const anyEnvironment: fc.Arbitrary<Environment> = fc.record({
  capabilities: anyCapabilities,
  haw: fc.integer({ min: 32, max: 52 }),
  level: fc.integer({ min: 1, max: 5 }),
  leaf: fc.boolean(),
  awWithoutSsts: fc.boolean(),
});

const given = (value: boolean) =>
  Object.fromEntries(Object.keys(flags).map((name) => [name, value]));

/** A unit that can do everything (57-bit, 16 bits of domain, 20 of PASID) or nothing beyond its sizes. */
export const unit = (everything: boolean, haw = 46): Environment => ({
  haw,
  capabilities: {
    ...given(everything),
    major: 1,
    nd: 6,
    sagaw: 0xe,
    mgaw: 57,
    fro: 0x220,
    sslps: everything ? 3 : 0,
    nfr: 1,
    mamv: 18,
    iro: 0xf0,
    pss: 20,
  } as unknown as Capabilities,
});
