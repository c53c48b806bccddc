// Outcome of a check as a mark: ring with tick, filled square with a cross, outlined diamond with a cross, dotted ring.
import type { CheckMark as Mark } from "../../../scene/checks.ts";
import styles from "./Checks.module.css";

export function CheckMark({ mark }: { readonly mark: Mark }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" className={styles["mark"]}>
      <Shape mark={mark} />
    </svg>
  );
}

function Shape({ mark }: { readonly mark: Mark }) {
  switch (mark) {
    case "holds":
      return (
        <g className={styles["holds"]}>
          <circle cx="8" cy="8" r="6.25" />
          <path d="M5 8.2l2 2 4-4.2" />
        </g>
      );
    case "breaks":
      return (
        <g className={styles["breaks"]}>
          <rect x="1.5" y="1.5" width="13" height="13" rx="2" />
          <path d="M5 5l6 6M11 5l-6 6" />
        </g>
      );
    case "breaks as declared":
      return (
        <g className={styles["declared"]}>
          <path d="M8 1.2 14.8 8 8 14.8 1.2 8Z" />
          <path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" />
        </g>
      );
    case "open":
      return <circle cx="8" cy="8" r="6.25" className={styles["open"]} />;
  }
}
