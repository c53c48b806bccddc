// The numbered disc of a hop: filled now, outline done, dashed from a cache, grey ahead, a cross where it was refused.
import type { ShownState } from "../../../scene/walk-story.ts";
import styles from "./Disc.module.css";

export function HopDisc({
  number,
  state,
}: {
  readonly number: number;
  readonly state: ShownState;
}) {
  return (
    <span className={styles["disc"]} data-state={state} aria-hidden="true">
      {state === "refused" ? "×" : number}
    </span>
  );
}
