// The request's numbers split into index fields, each in the tint of the entry it selects. A field leads to its hop.
import { formatBdf } from "../../../base/bdf.ts";
import { hex, pasidHex, plainHex } from "../../../base/hex.ts";
import { type Part, partRange, partWords } from "../../../scene/walk-split.ts";
import { hopAtHand } from "../../../scene/walk-story.ts";
import type { Walk } from "../../../scene/walk-types.ts";
import { actions, useApp } from "../../store.ts";
import styles from "./Split.module.css";

interface Props {
  readonly walk: Walk;
  readonly wide: boolean;
  /** A heading above names the address already. */
  readonly titled?: boolean;
}

export function SplitView({ walk, wide, titled = false }: Props) {
  const cursor = useApp((state) => state.view.hop);
  const hand = hopAtHand(walk, cursor) + 1;
  const { request, split, pasidInUse } = walk;
  const standIn = request.pasid === null && pasidInUse !== null;
  return (
    <div className={wide ? styles["wide"] : styles["column"]}>
      <SplitNumber
        name={wide ? "Requester id" : "Requester"}
        value={
          wide
            ? `${plainHex(request.requester, 4)} ${formatBdf(request.requester)}`
            : plainHex(request.requester, 4)
        }
        parts={split.requester}
        hand={hand}
        wide={wide}
      />
      {split.pasid.length > 0 && (
        <SplitNumber
          name={standIn ? (wide ? "PASID, from RID_PASID" : "RID_PASID") : "PASID"}
          value={wide ? hex(pasidInUse ?? 0, 5) : pasidHex(pasidInUse ?? 0)}
          parts={split.pasid}
          hand={hand}
          wide={wide}
        />
      )}
      <SplitNumber
        name="Address"
        value={hex(request.address, wide ? 16 : 1)}
        parts={wide ? split.address : split.address.filter(isTold)}
        hand={hand}
        wide={wide}
        named={!titled}
      />
    </div>
  );
}

/** Where room is short, high bits that are 0 and select nothing are left out. */
const isTold = (part: Part): boolean => part.hop !== null || part.value !== 0n || part.low === 0;

interface SplitNumberProps {
  readonly name: string;
  readonly value: string;
  readonly parts: readonly Part[];
  readonly hand: number;
  readonly wide: boolean;
  /** False where a heading above names the number already. */
  readonly named?: boolean;
}

function SplitNumber({ name, value, parts, hand, wide, named = true }: SplitNumberProps) {
  return (
    <div className={styles["number"]} style={{ "--parts": parts.length } as object}>
      <p className={named ? styles["name"] : "visually-hidden"}>
        {name} <code>{value}</code>
      </p>
      <ul className={styles["parts"]} aria-label={`${name} in fields`}>
        {parts.map((one) => (
          <li
            key={one.high}
            className={styles["part"]}
            style={{ "--weight": weight(one) } as object}
          >
            <Field part={one} hand={hand} wide={wide} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Room in proportion to the bits, but enough for the digits. */
const weight = ({ tint, name, high, low }: Part): number =>
  tint !== "unused" ? Math.max(high - low + 1, 8) : name === "page" ? 24 : 8;

function Field({
  part,
  hand,
  wide,
}: {
  readonly part: Part;
  readonly hand: number;
  readonly wide: boolean;
}) {
  const text = (
    <>
      {part.hop !== null && <span className={styles["hop"]}>{part.hop}</span>}
      <span className={styles["digits"]}>{part.digits}</span>
      <span className={styles["range"]}>
        {wide && !part.name.startsWith("level") && part.tint !== "unused" ? `${part.name} ` : ""}
        {wide ? partRange(part) : partRange(part).slice(1, -1)}
      </span>
    </>
  );
  const { hop } = part;
  return hop === null ? (
    <span className={styles["field"]} data-tint={part.tint}>
      {text}
    </span>
  ) : (
    <button
      type="button"
      className={styles["field"]}
      data-tint={part.tint}
      aria-label={partWords(part)}
      aria-current={hop === hand ? "step" : undefined}
      onClick={() => actions.showHop(hop - 1)}
    >
      {text}
    </button>
  );
}
