// What software does to get rid of recorded faults: it clears F of each record in use, then the sticky bits of FSTS.
import { FRCD, FSTS } from "../hardware/layout/registers.ts";
import type { Operation, RegisterWrite, SessionPort } from "./types.ts";

/** F is the highest bit of the record. Of FSTS the bits about faults are cleared by writing 1; PPF follows the records. */
const F = 0x8000_0000n;
const F_WORD = 12;
const RECORD_BYTES = 16;
const [PFO, PPF, PRO] = [1n, 2n, 0x80n];

/** The writes that clear every pending fault, as one operation; null when none is pending. */
export function acknowledgeFaults(
  session: Pick<SessionPort, "capabilities" | "readRegister">,
): Operation | null {
  const { capabilities } = session;
  const writes: RegisterWrite[] = [];
  for (let record = 0; record < capabilities.nfr; record++) {
    const offset = FRCD.offset(capabilities) + RECORD_BYTES * record + F_WORD;
    if ((session.readRegister(offset, 4) & F) !== 0n) writes.push({ offset, size: 4, value: F });
  }
  const status = FSTS.offset(capabilities);
  if (writes.length > 0 || (session.readRegister(status, 4) & (PFO | PPF)) !== 0n) {
    writes.push({ offset: status, size: 4, value: PFO | PPF | PRO });
  }
  const [first, ...more] = writes;
  return first ? { op: "register write", ...first, ...(more.length > 0 && { more }) } : null;
}
