// Steps through operations and hops, and the clock's pause; at the right end of the tabs.
import { type ReactNode, useSyncExternalStore } from "react";
import { clock } from "./clock.ts";
import { commandOf, runCommand } from "./commands.ts";
import { SPEEDS } from "./preferences.ts";
import styles from "./StepControls.module.css";
import { actions, useApp } from "./store.ts";
import { Button } from "./ui/Button.tsx";

const watchClock = (watcher: () => void) => clock.watch(watcher);

const step = (id: string) => () => runCommand(commandOf(id));

/** Triangles, drawn: the shipped faces have none. */
const SHAPES = {
  "moment-back": "M7 2 2 6l5 4zM12 2 7 6l5 4z",
  "hop-back": "M9 2 4 6l5 4z",
  "hop-next": "M4 2l5 4-5 4z",
  "moment-next": "M1 2l5 4-5 4zM6 2l5 4-5 4z",
} as const;

function StepButton({ id }: { readonly id: keyof typeof SHAPES }) {
  return (
    <Button
      look="quiet"
      aria-label={commandOf(id).label}
      onClick={step(id)}
      className={styles["step"]}
    >
      <svg viewBox="0 0 14 12" width="14" height="12" aria-hidden="true">
        <path d={SHAPES[id]} fill="currentColor" />
      </svg>
    </Button>
  );
}

export function StepControls({ children }: { readonly children?: ReactNode }) {
  const count = useApp((state) => state.session?.moments.length ?? 0);
  useApp((state) => state.revision);
  const at = useApp((state) => state.at);
  const playing = useApp((state) => state.playing);
  const moving = useSyncExternalStore(watchClock, () => !clock.isIdle);
  const speed = useApp((state) => state.preferences.speed);
  return (
    <div className={styles["bar"]}>
      <span className={styles["count"]}>
        {at === null ? `${count} operations` : `operation ${at + 1} of ${count}`}
      </span>
      <StepButton id="moment-back" />
      <StepButton id="hop-back" />
      <Button onClick={step("play")}>{playing && moving ? "Pause" : "Play"}</Button>
      <StepButton id="hop-next" />
      <StepButton id="moment-next" />
      <label className={styles["speed"]}>
        <span>Speed</span>
        <select
          value={speed}
          onChange={(event) => actions.setPreference({ speed: Number(event.target.value) })}
        >
          {SPEEDS.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </select>
      </label>
      {children}
    </div>
  );
}
