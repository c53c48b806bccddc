// How many operations the timeline shows, and which: for sessions that are longer than the screen.
import { digitsWord } from "../../../scene/words.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "./Timeline.module.css";

/** Operations shown at once. */
export const WINDOWS: readonly number[] = [8, 24, 80, 200];

interface Props {
  readonly first: number;
  readonly count: number;
  readonly total: number;
  readonly onFirst: (first: number) => void;
  readonly onCount: (count: number) => void;
}

export function WindowControls({ first, count, total, onFirst, onCount }: Props) {
  const at = WINDOWS.indexOf(count);
  const [less, more] = [WINDOWS[at - 1], WINDOWS[at + 1]];
  const last = Math.min(total, first + count);
  const most = Math.max(0, total - count);
  return (
    <div className={styles["window"]}>
      {most > 0 && (
        <input
          type="range"
          aria-label="First operation shown"
          aria-valuetext={`Operations ${digitsWord(first + 1)} to ${digitsWord(last)} of ${digitsWord(total)}`}
          min={0}
          max={most}
          step={Math.max(1, Math.round(count / 4))}
          value={Math.min(first, most)}
          onChange={(event) => onFirst(Number(event.target.value))}
        />
      )}
      <span className={styles["shown"]}>
        {digitsWord(Math.min(first + 1, total))} to {digitsWord(last)} of {digitsWord(total)}
      </span>
      <Button
        look="quiet"
        aria-label="Show fewer operations"
        disabled={less === undefined}
        onClick={() => less !== undefined && onCount(less)}
      >
        Closer
      </Button>
      <Button
        look="quiet"
        aria-label="Show more operations"
        disabled={more === undefined || total <= count}
        onClick={() => more !== undefined && onCount(more)}
      >
        Wider
      </Button>
    </div>
  );
}
