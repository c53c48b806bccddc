// One request from its context entry to the result, with every check in order (table 30 of section 7.1.3).
import { offsetMask } from "./address.ts";
import type { Core } from "./core.ts";
import { SCRATCH } from "./core.ts";
import { fillContext } from "./entry-caches.ts";
import { FAULT } from "./fault-codes.ts";
import { walkFirstStage } from "./first-stage.ts";
import { fillIotlb } from "./iotlb.ts";
import { resolvePasid } from "./pasid-table.ts";
import { keepRow } from "./quick-walk.ts";
import { FLAG, HOW, RESULT } from "./request.ts";
import { resolveContext } from "./root-context.ts";
import { walkSecondStage } from "./second-stage.ts";
import { applyUpdates, cacheTables } from "./walk-end.ts";
import { STAGE, WALK } from "./walk-record.ts";

export const inInterruptRange = (high: number, low: number): boolean =>
  high === 0 && low >>> 20 === 0xfee;

/** From the root entry to the result. Returns 0 or the fault, which is not recorded yet. */
export const translateByTables = (core: Core): number =>
  resolveContext(core) || followContext(core);

/** From a context entry that lets the request pass to the result. */
function followContext(core: Core): number {
  const { flags, switches } = core;
  const late = core.scalable && switches.pasidEntriesUncached;
  if (!late) keepContext(core);
  if ((flags & FLAG.TRANSLATED) !== 0) return translatedRequest(core);
  if (core.scalable) {
    const fault = resolvePasid(core);
    if (fault !== 0) return fault;
    if (late) keepContext(core);
  }
  const kind = (core.store.words[core.walk + WALK.KIND] ?? 0) & 7;
  if (kind === STAGE.PASS_THROUGH) return passThrough(core);
  core.walking = true;
  const fault = kind === STAGE.SECOND ? walkSecondStage(core) : walkFirstStage(core);
  if (fault !== 0) return fault;
  const output = judgeOutput(core);
  if (output !== 0) return output;
  const update = applyUpdates(core);
  if (update !== 0) return update;
  cacheTables(core);
  fillIotlb(core);
  if (core.walksFirst !== 0) keepRow(core);
  return reached(core, core.outHigh, core.outLow, core.outLevel, HOW.WALK);
}

/** Moves a context entry that was read into its cache; the walk record of legacy mode moves along. */
function keepContext(core: Core): void {
  if (core.contextCached) return;
  const built = core.scratch + SCRATCH.CONTEXT;
  core.context = fillContext(core);
  if (core.walk === built) core.walk = core.context;
}

/** Output range: the interrupt range (SGN.8, LGN.4) and the host address width (SGN.4). */
function judgeOutput(core: Core): number {
  const { outHigh, outLevel, outLow, switches } = core;
  const offset = offsetMask(outLevel);
  const met = switches.wholeLeafInInterruptRange
    ? outHigh === 0 &&
      outLow >>> 30 === 3 &&
      (outLow & ~offset) >>> 0 <= 0xfeef_ffff &&
      (outLow | offset) >>> 0 >= 0xfee0_0000
    : inInterruptRange(outHigh, outLow);
  return met ? outputCode(core) : 0;
}

const outputCode = (core: Core): number =>
  core.scalable || (core.switches.outputCodeByUnit && core.capabilities.smts)
    ? FAULT.SGN_8
    : FAULT.LGN_4;

function passThrough(core: Core): number {
  const { high, low } = core;
  if (!core.switches.passThroughWidthUnchecked && (high & ~core.hawHigh) !== 0) {
    return core.code(FAULT.SGN_4, FAULT.LGN_1);
  }
  if (inInterruptRange(high, low)) return outputCode(core);
  return reached(core, high, low, 1, HOW.PASS_THROUGH);
}

/** The address is a host-physical one and is used as it is (4.2.5). */
function translatedRequest(core: Core): number {
  const { high, low } = core;
  if (inInterruptRange(high, low)) return outputCode(core);
  if ((high & ~core.hawHigh) !== 0) return core.code(FAULT.SGN_4, FAULT.LGN_1);
  return reached(core, high, low, 0, HOW.TRANSLATED);
}

export function reached(core: Core, high: number, low: number, level: number, how: number): number {
  const { result } = core;
  result[RESULT.HIGH] = high;
  result[RESULT.LOW] = low;
  result[RESULT.LEVEL] = level;
  result[RESULT.HOW] = how;
  return 0;
}
