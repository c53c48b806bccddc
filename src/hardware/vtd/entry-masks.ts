// Reserved bits of everything the walk reads, as 32-bit halves, taken from the layout tables once per unit.
import { high32, low32 } from "../../base/words.ts";
import { reservedMasks } from "../layout/codec.ts";
import { FIRST_STAGE_ENTRY, SECOND_STAGE_ENTRY } from "../layout/paging.ts";
import { PASID_DIRECTORY_ENTRY, PASID_ENTRY } from "../layout/pasid.ts";
import {
  CONTEXT_LEGACY,
  CONTEXT_SCALABLE,
  ROOT_LEGACY,
  ROOT_SCALABLE,
} from "../layout/root-context.ts";
import type { Environment, Structure } from "../layout/types.ts";
import { environmentOf } from "./environment.ts";
import type { CoreOptions } from "./options.ts";

/** Low half first, in the order of memory, as entries stand in `words`. */
function halves(structure: Structure, environment: Environment): Int32Array {
  const masks = reservedMasks(structure, environment);
  return Int32Array.from(masks.flatMap((mask) => [low32(mask), high32(mask)]));
}

/** Place of the masks of a paging entry: stage 1 or 2, level 1 .. 5. Low half, then high half. */
export const pagingMask = (stage: number, level: number, leaf: boolean): number =>
  ((stage - 1) * 6 + level) * 4 + (leaf ? 2 : 0);

export class EntryMasks {
  readonly rootLegacy: Int32Array;
  readonly rootScalable: Int32Array;
  readonly contextLegacy: Int32Array;
  readonly contextScalable: Int32Array;
  readonly directory: Int32Array;
  readonly pasid: Int32Array;
  readonly paging = new Int32Array(2 * 6 * 4);

  constructor(options: CoreOptions) {
    const environment = environmentOf(options);
    this.rootLegacy = halves(ROOT_LEGACY, environment);
    this.rootScalable = halves(ROOT_SCALABLE, environment);
    this.contextLegacy = halves(CONTEXT_LEGACY, environment);
    this.contextScalable = halves(CONTEXT_SCALABLE, environment);
    this.directory = halves(PASID_DIRECTORY_ENTRY, environment);
    this.pasid = halves(PASID_ENTRY, environment);
    for (let level = 1; level <= 5; level++) {
      for (const leaf of [false, true]) {
        const at = { ...environment, level, leaf };
        this.paging.set(halves(FIRST_STAGE_ENTRY, at), pagingMask(1, level, leaf));
        this.paging.set(halves(SECOND_STAGE_ENTRY, at), pagingMask(2, level, leaf));
      }
    }
  }
}
