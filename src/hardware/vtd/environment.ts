// The unit as its walk sees it: what decides which fields of tables are there and which bits are reserved.
import type { Environment } from "../layout/types.ts";
import type { CoreOptions } from "./options.ts";

type EnvironmentOptions = Pick<CoreOptions, "capabilities" | "haw" | "switches"> &
  Partial<Pick<CoreOptions, "ridPasidHonoured" | "strictAw">>;

/** Fields that the profile does not check count as there. Left out, `strictAw` is as the profile has it. */
export function environmentOf(options: EnvironmentOptions): Environment {
  const { capabilities, haw, switches } = options;
  const strictAw = options.strictAw ?? !switches.awOfFirstStageAccepted;
  return {
    capabilities: {
      ...capabilities,
      ...(switches.contextBitsUnchecked
        ? { dt: true, pasid: true, prs: true, rprivs: true, hpts: false, ptrs: false }
        : {}),
      ...(switches.pasidZeroWithoutRps || options.ridPasidHonoured ? { rps: true } : {}),
      ...(switches.snoopBitInScalableUnits && capabilities.smts ? { sc: true } : {}),
    },
    haw,
    awWithoutSsts: !strictAw,
  };
}
