// Pointing at a field, anywhere: the same field lights up as bits, as bytes and in every list that shows it.
import type { Hpa } from "../../../base/brand.ts";
import type { FieldView } from "../../../scene/inspect-bits.ts";
import type { Spotlight } from "../../state.ts";
import { actions } from "../../store.ts";

type Place = Pick<FieldView, "name" | "word" | "high" | "low">;

/** Handlers for an element that stands for `field` of the entry at `address`. */
export function spotProps(address: Hpa, field: Place) {
  const { name, word, high, low } = field;
  const light = () => actions.spotlight({ address, field: name, word, high, low });
  const dark = () => actions.spotlight(null);
  return { onPointerEnter: light, onPointerLeave: dark, onFocus: light, onBlur: dark };
}

/** Whether the spotlight is on this field. */
export const isLit = (spot: Spotlight | null, field: Place): boolean =>
  spot !== null && spot.word === field.word && spot.high >= field.low && spot.low <= field.high;
