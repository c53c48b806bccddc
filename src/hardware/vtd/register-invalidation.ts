// Register-based invalidation: CCMD, IVA and IOTLB (section 11.4.6 of the specification).
import { type Core, STATE } from "./core.ts";
import { dropDomainPages, dropTranslations } from "./invalidate.ts";
import { invalidateContexts } from "./invalidation-queue.ts";
import { QIES, REG } from "./registers.ts";

/** ICC of CCMD and IVT of IOTLB: bit 63. */
const TRIGGER = 1 << 31;

/** Refused while the queue is on, outside legacy mode, and from major version 6 on. */
function refused(core: Core): boolean {
  if ((core.register(REG.GSTS) & QIES) !== 0) return true;
  if (core.switches.queueModesByWidth) return false;
  return ((core.getState(STATE.ROOT_LOW) >> 10) & 3) !== 0 || core.capabilities.major >= 6;
}

/** A command given while the queue is on is left as it stands, trigger included. */
const leftPending = (core: Core): boolean =>
  core.switches.queueModesByWidth && (core.register(REG.GSTS) & QIES) !== 0;

/** The upper half of CCMD was written. */
export function contextCommandWritten(core: Core): void {
  const upper = core.register(REG.CCMD + 4);
  if ((upper & TRIGGER) === 0 || leftPending(core)) return;
  const lower = core.register(REG.CCMD);
  let done = refused(core) ? 0 : (upper >> 29) & 3;
  if (done === 2 && core.switches.contextDomainIgnored) done = 1;
  if (done !== 0) {
    invalidateContexts(core, done, lower & core.domainMask, lower >>> 16, upper & 3);
  }
  core.setRegister(REG.CCMD + 4, (upper & ~TRIGGER & ~(3 << 27)) | (done << 27));
}

/** The upper half of IOTLB was written. */
export function iotlbCommandWritten(core: Core): void {
  const { capabilities } = core;
  const at = capabilities.iro + 12;
  const upper = core.register(at);
  if ((upper & TRIGGER) === 0 || leftPending(core)) return;
  const domain = upper & core.domainMask;
  let done = refused(core) ? 0 : (upper >> 28) & 3;
  const low = core.register(capabilities.iro);
  const am = low & 0x3f;
  if (done === 3 && (am > capabilities.mamv || !capabilities.psi)) done = 0;
  if (done === 3) {
    dropDomainPages(core, domain, {
      high: core.register(capabilities.iro + 4),
      low: low & 0xffff_f000,
      am,
      leafOnly: (low & 0x40) !== 0,
    });
  } else if (done !== 0) dropTranslations(core, done === 1 ? -1 : domain);
  core.setRegister(at, (upper & ~TRIGGER & ~(3 << 25)) | (done << 25));
}
