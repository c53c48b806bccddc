// How many bit cells fit beside each other.
import { useMedia } from "../../ui/use-media.ts";

/** `wide`: the entry has the width of the page, not that of a column. */
export function useBitsPerRow(wide: boolean): 64 | 32 | 16 {
  const large = useMedia("(min-width: 1200px)");
  // A side column of usual width, or a phone.
  const narrow = useMedia("(max-width: 599px), (min-width: 1280px) and (max-width: 1799px)");
  if (wide && large) return 64;
  return narrow ? 16 : 32;
}
