// Reserved bits of invalidation descriptors as 32-bit halves, taken from the layout tables once per unit.
import { high32, low32 } from "../../base/words.ts";
import { reservedMasks } from "../layout/codec.ts";
import { DESCRIPTORS } from "../layout/descriptors.ts";
import type { Environment } from "../layout/types.ts";

export class DescriptorMasks {
  readonly #masks: ReadonlyMap<number, Int32Array>;

  constructor(environment: Environment) {
    const masks = new Map<number, Int32Array>();
    for (const { type, narrow, wide } of DESCRIPTORS) {
      for (const structure of [narrow, wide]) {
        const words = reservedMasks(structure, environment);
        masks.set(
          type * 512 + structure.bits,
          Int32Array.from(words.flatMap((mask) => [low32(mask), high32(mask)])),
        );
      }
    }
    this.#masks = masks;
  }

  /** Whether a descriptor (4 or 8 words, lowest first) has a reserved bit set. */
  reserved(words: Int32Array, type: number, wide: boolean): boolean {
    const masks = this.#masks.get(type * 512 + (wide ? 256 : 128));
    if (!masks) return true;
    for (let i = 0; i < masks.length; i++) {
      if (((words[i] ?? 0) & (masks[i] ?? 0)) !== 0) return true;
    }
    return false;
  }
}
