// The hops of a walk as rows: number, name, index, state. The row at hand has the selection bar.
import { hopAtHand, shownState } from "../../../scene/walk-story.ts";
import type { Hop, Walk } from "../../../scene/walk-types.ts";
import { actions, useApp } from "../../store.ts";
import styles from "./HopList.module.css";

/** "lower", "table 1": what of the table the title leaves out. */
const whichTable = ({ tableTitle }: Hop): string | undefined =>
  / (lower|upper) half$/.exec(tableTitle)?.[1] ?? /^PASID (table [0-9]+)$/.exec(tableTitle)?.[1];

export function HopList({ walk }: { readonly walk: Walk }) {
  const cursor = useApp((state) => state.view.hop);
  const hand = hopAtHand(walk, cursor);
  return (
    <ol className={styles["hops"]}>
      {walk.hops.map((hop, index) => {
        const state = shownState(hop, index, cursor);
        return (
          <li key={hop.number}>
            <button
              type="button"
              className={styles["hop"]}
              data-state={state}
              aria-current={index === hand ? "step" : undefined}
              onClick={() => actions.showHop(index)}
            >
              <span className={styles["number"]}>{hop.number}</span>
              <span className={styles["title"]}>{hop.title}</span>
              <span className={styles["index"]} data-tint={state === "next" ? undefined : hop.tint}>
                [{hop.digits}]
                {whichTable(hop) && <span className={styles["which"]}> {whichTable(hop)}</span>}
              </span>
              <span className={styles["state"]}>{state}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
