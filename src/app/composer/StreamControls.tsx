// A stream of the request: how many per second, start and stop.
import { useId } from "react";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./StreamControls.module.css";

const RATES: readonly number[] = [1, 2, 4, 10, 25, 100, 1000, 10000];

export function StreamControls() {
  const stream = useApp((state) => state.stream);
  const rate = useApp((state) => state.rate);
  const id = useId();
  return (
    <>
      <Button onClick={() => (stream ? actions.stopStream() : actions.startStream(rate))}>
        {stream ? "Stop" : "Stream"}
      </Button>
      <div className={styles["rate"]}>
        <label htmlFor={id} className="visually-hidden">
          Requests per second
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={RATES.length - 1}
          step={1}
          value={Math.max(0, RATES.indexOf(rate))}
          aria-valuetext={`${rate} per second`}
          onChange={(event) => actions.setRate(RATES[Number(event.target.value)] ?? 1)}
        />
        <span className={styles["value"]}>{rate} a second</span>
      </div>
    </>
  );
}
