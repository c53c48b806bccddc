// Root and context entries of both table modes: from the requester to its context entry (sections 3.4, 9.1 to 9.4).
import { type Core, SCRATCH, STATE } from "./core.ts";
import { CONTEXT_BIT, contextTag, findContext } from "./entry-caches.ts";
import { FAULT } from "./fault-codes.ts";
import { FLAG } from "./request.ts";
import { CACHE, DECISION, TABLE } from "./trace.ts";
import { KIND_BIT, STAGE, WALK } from "./walk-record.ts";

/** Context entry bits of the lower half of word 0. */
const P = 1;
const FPD = 2;

/**
 * Finds the context entry of the request at hand, cached or read: `core.context` is the word where it stands.
 * Returns 0 or the fault. `core.contextCached` says whether it still has to go into the cache.
 */
export function resolveContext(core: Core): number {
  const cached = findContext(core, core.requester, core.scalable ? 1 : 0);
  if (core.trace.on === 1 && core.contexts.size > 0) {
    core.trace.lookup(CACHE.CONTEXT, cached < 0 ? -1 : core.contexts.slotOf(cached));
  }
  core.contextCached = cached >= 0;
  if (cached >= 0) {
    core.context = cached;
    core.fpd = ((core.store.words[cached + 1] ?? 0) & CONTEXT_BIT.FPD) !== 0;
  } else {
    core.context = core.scratch + SCRATCH.CONTEXT;
    const fault = readRoot(core) || readContext(core);
    if (fault !== 0) return fault;
  }
  return core.scalable ? judgeScalableRequest(core) : judgeLegacyRequest(core);
}

/** Leaves the address of the context table in `core.entryHigh`, `core.entryLow`. */
function readRoot(core: Core): number {
  const { scalable, store } = core;
  const bus = core.requester >> 8;
  const upper = scalable && (core.requester & 0x80) !== 0;
  const high = core.getState(STATE.ROOT_HIGH) & core.hawHigh;
  const low = (core.getState(STATE.ROOT_LOW) & 0xffff_f000) | (bus << 4);
  const backed = core.readEntry(high, low);
  const at = core.entryAt;
  const { words } = store;
  let fault = 0;
  const own = at + (upper ? 2 : 0);
  core.entryLow = words[own] ?? 0;
  core.entryHigh = words[own + 1] ?? 0;
  if (!backed) fault = core.code(FAULT.SRT_1, FAULT.LRT_1);
  else if ((core.entryLow & P) === 0) fault = core.code(FAULT.SRT_2, FAULT.LRT_2);
  else {
    const masks = scalable ? core.masks.rootScalable : core.masks.rootLegacy;
    const whole = !scalable || core.switches.bothRootHalves;
    const from = whole ? 0 : own - at;
    if (core.anyOf(masks, from, at + from, whole ? 4 : 2)) {
      fault = core.code(FAULT.SRT_3, FAULT.LRT_3);
    }
  }
  core.traceRead(TABLE.ROOT, 0, fault, DECISION.NEXT, bus, high, low, at, backed ? 4 : 0);
  return fault;
}

function readContext(core: Core): number {
  const { scalable } = core;
  const function8 = core.requester & 0xff;
  const index = scalable ? function8 & 0x7f : function8;
  const high = core.entryHigh & 0xf_ffff;
  const low = (core.entryLow & 0xffff_f000) | (index << (scalable ? 5 : 4));
  const backed = core.readEntry(high, low);
  const at = core.entryAt;
  const count = scalable ? 8 : 4;
  let fault = 0;
  core.fpd = backed && (core.entryLow & FPD) !== 0;
  if (!backed) fault = core.code(FAULT.SCT_1, FAULT.LCT_1);
  else if ((core.entryLow & P) === 0) fault = core.code(FAULT.SCT_2, FAULT.LCT_2);
  else {
    const masks = scalable ? core.masks.contextScalable : core.masks.contextLegacy;
    if (core.anyOf(masks, 0, at, count)) fault = core.code(FAULT.SCT_3, FAULT.LCT_3);
    else fault = scalable ? buildScalable(core, at) : buildLegacy(core, at);
  }
  const decision = scalable
    ? DECISION.NEXT
    : (core.entryLow & 0xc) === 8
      ? DECISION.PASS_THROUGH
      : DECISION.SECOND_STAGE;
  core.traceRead(TABLE.CONTEXT, 0, fault, decision, index, high, low, at, backed ? count : 0);
  return fault;
}

function buildLegacy(core: Core, from: number): number {
  const { capabilities, context } = core;
  const { words } = core.store;
  const word0 = words[from] ?? 0;
  const word2 = words[from + 2] ?? 0;
  const type = (word0 >> 2) & 3;
  const aw = word2 & 7;
  if (!core.secondStageWidth(aw)) return FAULT.LCT_4;
  if (type === 3 || (type === 1 && !capabilities.dt) || (type === 2 && !capabilities.pt)) {
    return FAULT.LCT_4;
  }
  const domain = (word2 >> 8) & 0xffff;
  words.fill(0, context, context + 32);
  words[context] = contextTag(core.scalable, core.requester);
  words[context + 1] =
    (word0 & FPD ? CONTEXT_BIT.FPD : 0) | (type === 1 ? CONTEXT_BIT.DEVICE_TLB : 0);
  words[context + 3] = domain;
  words.copyWithin(context + 4, from, from + 4);
  const levels = aw + 2;
  words[context + WALK.KIND] =
    (type === 2 ? STAGE.PASS_THROUGH : STAGE.SECOND) |
    (levels << 4) |
    (word0 & FPD ? KIND_BIT.FPD : 0) |
    (type !== 2 && capabilities.mgaw > 33 ? KIND_BIT.PLAIN : 0);
  words[context + WALK.DOMAIN] = domain;
  words[context + WALK.ROOT_HIGH] = (words[from + 1] ?? 0) & 0xf_ffff;
  words[context + WALK.ROOT_LOW] = word0 & 0xffff_f000;
  words[context + WALK.WIDTH] = Math.min(capabilities.mgaw, 30 + 9 * aw);
  return 0;
}

function buildScalable(core: Core, from: number): number {
  const { context, switches } = core;
  const { words } = core.store;
  const word0 = words[from] ?? 0;
  const word2 = words[from + 2] ?? 0;
  const pdts = (word0 >> 9) & 7;
  const ridPasid = core.ridPasid ? word2 & 0xf_ffff : 0;
  if (!switches.contextBitsUnchecked) {
    if ((word0 & CONTEXT_BIT.PRE) !== 0 && (word0 & CONTEXT_BIT.DTE) === 0) return FAULT.SCT_4;
    if ((word0 & CONTEXT_BIT.EPTR) !== 0 && (word0 & CONTEXT_BIT.PASIDE) === 0) return FAULT.SCT_4;
  }
  if (!switches.directorySizeUnchecked && ridPasid >>> (pdts + 13) !== 0) return FAULT.SCT_4;
  words.fill(0, context, context + 32);
  words[context] = contextTag(core.scalable, core.requester);
  // DTE, PASIDE, PRE, EPTR and FPD keep their places.
  words[context + 1] =
    (word0 & 0x5e) |
    ((word2 & (1 << 20)) !== 0 && core.capabilities.rprivs ? CONTEXT_BIT.RID_PRIV : 0) |
    (pdts << 12);
  words[context + 2] = ridPasid;
  words.copyWithin(context + 4, from, from + 8);
  words[context + 12] = (words[from + 1] ?? 0) & 0xf_ffff;
  words[context + 13] = word0 & 0xffff_f000;
  return 0;
}

function judgeLegacyRequest(core: Core): number {
  core.effectivePasid = -1;
  core.supervisor = false;
  core.walk = core.context;
  const bits = core.store.words[core.context + 1] ?? 0;
  if ((core.flags & FLAG.TRANSLATED) !== 0 && (bits & CONTEXT_BIT.DEVICE_TLB) === 0) {
    return FAULT.LCT_5;
  }
  return 0;
}

/** What a context entry says about this kind of request; settles the PASID that stands for it. */
function judgeScalableRequest(core: Core): number {
  const { capabilities, flags, pasid, switches } = core;
  const { words } = core.store;
  const bits = words[core.context + 1] ?? 0;
  const ridPasid = words[core.context + 2] ?? 0;
  const translated = (flags & FLAG.TRANSLATED) !== 0;
  if (!switches.contextBitsUnchecked && translated && (bits & CONTEXT_BIT.DTE) === 0) {
    return FAULT.SCT_5;
  }
  if (pasid < 0) {
    core.effectivePasid = ridPasid;
    core.supervisor = (bits & CONTEXT_BIT.RID_PRIV) !== 0;
    return 0;
  }
  core.effectivePasid = pasid;
  core.supervisor = (flags & FLAG.PRIVILEGED) !== 0;
  // Translated requests are judged by EPTR instead.
  const asksPaside = !switches.contextBitsUnchecked && !translated;
  if (asksPaside && (bits & CONTEXT_BIT.PASIDE) === 0) return FAULT.SCT_6;
  if (!switches.directorySizeUnchecked && pasid >>> (((bits >> 12) & 7) + 13) !== 0) {
    return FAULT.SCT_7;
  }
  if (!switches.directorySizeUnchecked && core.ridPasid && pasid === ridPasid) return FAULT.SCT_9;
  if (translated && (bits & CONTEXT_BIT.EPTR) === 0) return FAULT.SCT_10;
  if (!switches.directorySizeUnchecked && pasid >>> capabilities.pss !== 0) return FAULT.SGN_10;
  return 0;
}
