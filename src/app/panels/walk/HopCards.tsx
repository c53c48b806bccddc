// The tables of a walk side by side: each with the entry that was used between its neighbours.
import { hex } from "../../../base/hex.ts";
import { hopAtHand, neighbours, shownState } from "../../../scene/walk-story.ts";
import type { Hop, Unit, Walk } from "../../../scene/walk-types.ts";
import { actions, useApp } from "../../store.ts";
import styles from "./Cards.module.css";
import { HopDisc } from "./HopDisc.tsx";

export function HopCards({ walk, unit }: { readonly walk: Walk; readonly unit: Unit }) {
  const cursor = useApp((state) => state.view.hop);
  const hand = hopAtHand(walk, cursor);
  return (
    <ol className={styles["cards"]} style={{ "--count": walk.hops.length } as object}>
      {walk.hops.map((hop, index) => {
        const state = shownState(hop, index, cursor);
        return (
          <li key={hop.number} className={styles["slot"]}>
            <button
              type="button"
              className={styles["card"]}
              data-state={state}
              aria-current={index === hand ? "step" : undefined}
              aria-label={`Hop ${hop.number}, ${hop.tableTitle}, entry ${hop.digits}, ${state}: ${hop.decision}`}
              onClick={() => actions.showHop(index)}
            >
              <span className={styles["head"]}>
                <HopDisc number={hop.number} state={state} />
                <span className={styles["title"]}>{hop.tableTitle}</span>
              </span>
              <code className={styles["base"]}>
                {hop.base === null ? "not known" : hex(hop.base)}
              </code>
              <Rows hop={hop} unit={unit} ahead={state === "next"} />
              <span className={styles["decision"]}>
                {state === "next"
                  ? "next"
                  : state === "cached"
                    ? `cached: ${hop.decision}`
                    : hop.decision}
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function Rows({
  hop,
  unit,
  ahead,
}: {
  readonly hop: Hop;
  readonly unit: Unit;
  readonly ahead: boolean;
}) {
  return (
    <span className={styles["rows"]}>
      {neighbours(hop, unit).map((row) => (
        <span
          key={row.index}
          className={styles["row"]}
          data-own={row.own}
          data-tint={row.own ? hop.tint : undefined}
          data-ahead={ahead}
        >
          <span>[{row.digits}]</span>
          <span>{row.word}</span>
        </span>
      ))}
    </span>
  );
}
