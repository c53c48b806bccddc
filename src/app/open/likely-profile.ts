// Which profile an image of unknown origin opens in: QEMU's identification registers are easy to tell.
import type { Identification, ProfileName } from "../../hardware/vtd/types.ts";

/** CAP_REG of QEMU 11.1, but for what its options change: FS1GP, CM, SAGAW and MGAW. */
const CAP = 0x80d2_008c_2200_0006n;
const CAP_OPTIONS = (1n << 56n) | (1n << 7n) | (0x1fn << 8n) | (0x3fn << 16n);
/** ECAP_REG bits that QEMU 11.1 always sets: MHMV, IRO at 0xf0, and queued invalidation with interrupt remapping. */
const ECAP = 0xf0_0f0an;

/** "qemu" when the registers are those of QEMU's unit, else "spec". */
export function likelyProfile({ ver, cap, ecap }: Identification): ProfileName {
  const qemu = ver === 0x10 && (cap & ~CAP_OPTIONS) === CAP && (ecap & 0xff_ff0an) === ECAP;
  return qemu ? "qemu" : "spec";
}
