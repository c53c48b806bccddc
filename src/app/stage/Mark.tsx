// An owner's mark as a small drawing beside a name, outside the stage.
import { markPath, markWord, type Owner } from "../../scene/owners.ts";
import "./owners.css";

export function Mark({
  owner,
  refused,
}: {
  readonly owner: Owner | null;
  readonly refused: boolean;
}) {
  if (!owner && !refused) return null;
  return (
    <svg
      width="12"
      height="12"
      viewBox="0 0 12 12"
      role="img"
      aria-label={owner ? `mark ${markWord(owner)}` : "not usable"}
      className="owner-mark"
    >
      {owner ? (
        <path d={markPath(owner, 6, 6, 5)} className={`mark own-${owner.hue}`} />
      ) : (
        <path d="M2 2h8v8h-8Z" className="mark-refused" />
      )}
      {owner && owner.letter !== "" && (
        <text x="6" y="9" textAnchor="middle" className={`letter own-${owner.hue}`}>
          {owner.letter}
        </text>
      )}
    </svg>
  );
}
