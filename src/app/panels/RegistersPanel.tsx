// Registers, the four caches and the invalidation queue: one list at a time, with counts of all in view.

import { useState } from "react";
import { type CacheTable, cacheTables } from "../../scene/listing-caches.ts";
import { queueView, registerRows } from "../../scene/listing-registers.ts";
import { hardwareEvents } from "../../session/event-kinds.ts";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { useCacheEntries, useSession, useStale, useUnit } from "./hooks.ts";
import { CacheRows } from "./registers/CacheRows.tsx";
import { QueueList } from "./registers/QueueList.tsx";
import styles from "./registers/Registers.module.css";
import { RegisterTable } from "./registers/RegisterTable.tsx";

type Part = "registers" | CacheTable["cache"] | "queue";

export function RegistersPanel() {
  const session = useSession();
  const unit = useUnit();
  const stale = useStale();
  const entries = useCacheEntries();
  const at = useApp((state) => state.at);
  const [part, setPart] = useState<Part>("registers");
  if (!session || !unit || !stale || !entries) return null;
  const events = hardwareEvents((at === null ? undefined : session.moments[at])?.events ?? []);
  const caches = cacheTables(entries, session.cacheSizes(), stale, events, unit);
  const registers = registerRows(session, unit);
  const queue = queueView(session, unit);
  const shown = caches.find((cache) => cache.cache === part);
  return (
    <div className={styles["panel"]}>
      <ul className={styles["parts"]} aria-label="Registers, caches, queue">
        <Choice part="registers" now={part} choose={setPart} count={`${registers.length}`}>
          Registers
        </Choice>
        {caches.map((cache) => (
          <Choice
            key={cache.cache}
            part={cache.cache}
            now={part}
            choose={setPart}
            count={cache.size === 0 ? "off" : `${cache.rows.length} of ${cache.size}`}
            stale={cache.rows.filter((row) => row.stale !== null).length}
          >
            {cache.name}
          </Choice>
        ))}
        {queue && (
          <Choice
            part="queue"
            now={part}
            choose={setPart}
            count={queue.enabled ? `head ${queue.head}, tail ${queue.tail}` : "off"}
          >
            Invalidation queue
          </Choice>
        )}
        <li className={styles["all"]}>
          <Button onClick={() => actions.acknowledge()}>Acknowledge faults</Button>
          <Button onClick={() => actions.invalidate("everything")}>Invalidate everything</Button>
        </li>
      </ul>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling list must be reachable by keyboard. */}
      <section className={styles["content"]} tabIndex={0} aria-label="Content">
        {part === "registers" && <RegisterTable rows={registers} />}
        {shown && <CacheRows table={shown} />}
        {part === "queue" && queue && <QueueList queue={queue} />}
      </section>
    </div>
  );
}

interface ChoiceProps {
  readonly part: Part;
  readonly now: Part;
  readonly choose: (part: Part) => void;
  readonly count: string;
  readonly stale?: number;
  readonly children: string;
}

function Choice({ part, now, choose, count, stale = 0, children }: ChoiceProps) {
  return (
    <li>
      <button
        type="button"
        className={styles["choice"]}
        aria-current={part === now ? "true" : undefined}
        onClick={() => choose(part)}
      >
        <span>{children}</span>
        <span className={styles["count"]}>
          {stale > 0 && <b className={styles["red"]}>{stale} stale, </b>}
          {count}
        </span>
      </button>
    </li>
  );
}
