// Patterns of the stage: the owners' for bars and spans, the hatch of what is stale.
import { ownerAt, patternPath } from "../../scene/owners.ts";

const TILE = 8;

export function Defs({ hues }: { readonly hues: readonly number[] }) {
  return (
    <defs>
      {hues.map((hue) => {
        const owner = ownerAt(hue - 1);
        const d = patternPath(owner, 0, 0, TILE) || shapePattern(hue);
        return (
          <pattern
            key={hue}
            id={`owner-pattern-${hue}`}
            width={TILE}
            height={TILE}
            patternUnits="userSpaceOnUse"
          >
            <path d={d} className="pattern-stroke" />
          </pattern>
        );
      })}
      <pattern id="stale-hatch" width="4" height="4" patternUnits="userSpaceOnUse">
        <path d="M0 4L4 0M-1 1L1 -1M3 5L5 3" className="hatch-stroke" />
      </pattern>
    </defs>
  );
}

/** Owners whose cells differ by outline: a cut corner, a frame. */
function shapePattern(hue: number): string {
  if (hue === 7) return "M0 3L3 0";
  return hue === 8 ? "M2 2h4v4h-4Z" : "";
}
