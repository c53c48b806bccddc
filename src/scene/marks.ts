// An owner's mark as shapes: its form, and beside it the letter of a later round.
import { hasPattern, markPath, type Owner } from "./owners.ts";
import { type Box, path, rect, type Shape, text } from "./shapes.ts";

/** Pixels from the start of a mark to the name beside it. */
export const markRoom = (letters: boolean): number => (letters ? 22 : 18);

/**
 * Mark and letter, their room from `x` on, the mark's middle at `y`. With `letters` on the stage every mark makes room
 * for one, so that marks and names stand below one another. Without an owner: the mark of what cannot be used.
 */
export function ownerMark(owner: Owner | null, x: number, y: number, letters: boolean): Shape[] {
  const middle = letters ? x + 1 : x + 5;
  if (!owner) return [path(`M${middle - 4} ${y - 4}h8v8h-8Z`, "mark-refused")];
  const mark = path(markPath(owner, middle, y, 5), `mark own-${owner.hue}`);
  return owner.letter === ""
    ? [mark]
    : [mark, text(middle + 7, y + 4, owner.letter, "digit", "ink")];
}

/** A bar in an owner's hue and pattern; the first owner's is plain. */
export function patterned(bar: Box, radius: number, hue: number): Shape[] {
  const plain = rect(bar, radius, `bar own-${hue}`);
  return hasPattern(hue) ? [plain, rect(bar, radius, `bar-pattern pattern-${hue}`)] : [plain];
}
