// How register layouts are written: width, access, place and the unit that has it.
import type { Capabilities } from "../vtd/types.ts";
import { structure, withReservedGaps } from "./fields.ts";
import type { Field, Register } from "./types.ts";

/** A register at a fixed or capability-given offset; bits without a field are reserved. */
export const register = (
  name: string,
  longName: string,
  offset: number | ((capabilities: Capabilities) => number),
  bits: 32 | 64 | 128,
  access: Register["access"],
  fields: readonly Field[],
  exists: (capabilities: Capabilities) => boolean = () => true,
  source = "11.4",
): Register => ({
  ...structure(
    name,
    longName,
    bits,
    source,
    withReservedGaps(fields, Math.ceil(bits / 64), bits === 32 ? 32 : 64),
  ),
  offset: typeof offset === "function" ? offset : () => offset,
  access,
  exists,
});
