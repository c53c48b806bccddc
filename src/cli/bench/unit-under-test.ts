// The product's own remapping unit on a workload, set up as the measurement wants it.

import { RESULT } from "../../hardware/vtd/request.ts";
import { RemappingUnit } from "../../hardware/vtd/unit.ts";
import { REQUEST_WORDS, type Workload } from "./workload.ts";

export interface Setting {
  /** hit: every page is in the IOTLB. miss: no IOTLB and no paging caches, so that every request walks. */
  readonly path: "hit" | "miss";
  readonly trace: boolean;
}

/** A unit with 48-bit tables of both stages, snooped walks and 20 PASID bits; no RID_PRIV, no RID_PASID. */
const IDENTIFICATION = { ver: 0x40, cap: 0xd9d2_078c_5078_0e06n, ecap: 0x1_ed9c_a4f0_60dfn };
const HAW = 46;
/** Warm for all contexts of all workloads. */
const ENTRIES = 256;
/** Four times the pages of a workload, so that hardly any set is asked for more than it holds. */
const TRANSLATIONS = 16_384;

const RTADDR = 0x20;
const GCMD = 0x18;
const SCALABLE_MODE = 0x400n;
const SRTP = 0x4000_0000n;
const TE = 0x8000_0000n;

export class UnitUnderTest {
  readonly #unit: RemappingUnit;
  readonly #requests: Int32Array;

  constructor(workload: Workload, { path, trace }: Setting) {
    this.#requests = workload.requests;
    this.#unit = new RemappingUnit(workload.store, {
      identification: IDENTIFICATION,
      haw: HAW,
      profile: "spec",
      caches: {
        context: ENTRIES,
        pasid: ENTRIES,
        iotlb: path === "hit" ? TRANSLATIONS : 0,
        paging: 0,
      },
    });
    this.#unit.writeRegister(RTADDR, 8, workload.rootTable | SCALABLE_MODE);
    this.#unit.writeRegister(GCMD, 4, SRTP);
    this.#unit.writeRegister(GCMD, 4, TE);
    this.#unit.setTrace(trace);
  }

  /** Sends the whole list once; the checksum of all addresses reached, as the C walks compute it. */
  pass(): number {
    const unit = this.#unit;
    const requests = this.#requests;
    const { result } = unit;
    let sum = 0;
    for (let at = 0; at < requests.length; at += REQUEST_WORDS) {
      const status = unit.translate(
        requests[at] as number,
        requests[at + 1] as number,
        requests[at + 2] as number,
        requests[at + 3] as number,
        requests[at + 5] as number,
      );
      if (status !== 0) throw new Error(`request ${at / REQUEST_WORDS} is refused with ${status}`);
      sum = (sum + ((result[RESULT.LOW] as number) ^ (result[RESULT.HIGH] as number))) | 0;
    }
    return sum >>> 0;
  }
}
