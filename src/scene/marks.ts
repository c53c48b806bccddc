// An owner's mark as shapes: its form, and the letter of a later round in it.
import { markPath, type Owner } from "./owners.ts";
import { path, type Shape, text } from "./shapes.ts";

/** Around (x, y). A mark with a letter is larger, so that the letter can be read. */
export function ownerMark(owner: Owner, x: number, y: number): Shape[] {
  if (owner.letter === "") return [path(markPath(owner, x, y, 5), `mark own-${owner.hue}`)];
  return [
    path(markPath(owner, x, y, 7), `mark own-${owner.hue}`),
    text(x, y + 4, owner.letter, "digit", `on-mark own-${owner.hue}`, "middle"),
  ];
}
