// What a unit can do, decoded from its identification registers (sections 11.4.1 to 11.4.3 of the specification).
import type { Capabilities, Identification } from "./types.ts";

/** All fields of VER, CAP and ECAP that the unit looks at. */
export function decodeCapabilities(identification: Identification): Capabilities {
  const { ver, cap, ecap } = identification;
  const bits = (value: bigint, high: number, low: number): number =>
    Number((value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n));
  const c = (high: number, low: number) => bits(cap, high, low);
  const flag = (value: bigint, bit: number): boolean => bits(value, bit, bit) === 1;
  return {
    major: (ver >> 4) & 0xf,
    nd: c(2, 0),
    cm: flag(cap, 7),
    sagaw: c(12, 8),
    mgaw: c(21, 16) + 1,
    zlr: flag(cap, 22),
    fro: c(33, 24) * 16,
    sslps: c(37, 34),
    psi: flag(cap, 39),
    nfr: c(47, 40) + 1,
    mamv: c(53, 48),
    fs1gp: flag(cap, 56),
    fs5lp: flag(cap, 60),
    esrtps: flag(cap, 63),
    c: flag(ecap, 0),
    qi: flag(ecap, 1),
    dt: flag(ecap, 2),
    ir: flag(ecap, 3),
    pt: flag(ecap, 6),
    sc: flag(ecap, 7),
    iro: bits(ecap, 17, 8) * 16,
    mts: flag(ecap, 25),
    nest: flag(ecap, 26),
    prs: flag(ecap, 29),
    srs: flag(ecap, 31),
    nwfs: flag(ecap, 33),
    eafs: flag(ecap, 34),
    pss: bits(ecap, 39, 35) + 1,
    pasid: flag(ecap, 40),
    pds: flag(ecap, 42),
    smts: flag(ecap, 43),
    ssads: flag(ecap, 45),
    ssts: flag(ecap, 46),
    fsts: flag(ecap, 47),
    smpwcs: flag(ecap, 48),
    rps: flag(ecap, 49),
    adms: flag(ecap, 52),
    rprivs: flag(ecap, 53),
    ptrs: flag(ecap, 56),
    hpts: flag(ecap, 55),
    ssirws: flag(ecap, 57),
  };
}
