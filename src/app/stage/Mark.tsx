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
  const letter = owner?.letter ?? "";
  return (
    <svg
      width="22"
      height="12"
      viewBox="0 0 22 12"
      role="img"
      aria-label={owner ? `mark ${markWord(owner)}` : "not usable"}
      className="owner-mark"
    >
      {owner ? (
        <path d={markPath(owner, 6, 6, 5)} className={`mark own-${owner.hue}`} />
      ) : (
        <path d="M2 2h8v8h-8Z" className="mark-refused" />
      )}
      {letter !== "" && (
        <text x="17" y="10" textAnchor="middle" className="letter">
          {letter}
        </text>
      )}
    </svg>
  );
}
