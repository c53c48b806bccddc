// The hops of a walk as rows: number, name, index, state. The row at hand has the selection bar.
import { hopAtHand, shownState } from "../../../scene/walk-story.ts";
import type { Hop, Walk } from "../../../scene/walk-types.ts";
import { actions, useApp } from "../../store.ts";
import styles from "./HopList.module.css";

/** "[6a] lower", "[01] table 1": the index with what the title leaves out. */
function indexWords(hop: Hop): string {
  const half = / (lower|upper) half$/.exec(hop.tableTitle)?.[1];
  const table = /^PASID (table [0-9]+)$/.exec(hop.tableTitle)?.[1];
  return `[${hop.digits}]${half ? ` ${half}` : ""}${table ? ` ${table}` : ""}`;
}

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
                {indexWords(hop)}
              </span>
              <span className={styles["state"]}>{state}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
