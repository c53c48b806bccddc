// An owner's mark as shapes: its form, and the letter of a later round in it.
import { markPath, type Owner } from "./owners.ts";
import { type Box, path, rect, type Shape, text } from "./shapes.ts";

/** Around (x, y). A mark with a letter is larger, so that the letter can be read. */
export function ownerMark(owner: Owner, x: number, y: number): Shape[] {
  if (owner.letter === "") return [path(markPath(owner, x, y, 5), `mark own-${owner.hue}`)];
  return [
    path(markPath(owner, x, y, 7), `mark own-${owner.hue}`),
    text(x, y + 4, owner.letter, "digit", `on-mark own-${owner.hue}`, "middle"),
  ];
}

/** A bar in an owner's hue and pattern; the first owner's is plain. */
export function patterned(bar: Box, radius: number, hue: number): Shape[] {
  const plain = rect(bar, radius, `bar own-${hue}`);
  return hue > 1 ? [plain, rect(bar, radius, `bar-pattern pattern-${hue}`)] : [plain];
}
