// The log: every operation in words, newest last, and what the hardware reported during the shown one.

import { useEffect, useRef, useState } from "react";
import { countMoments, eventLine, nextFault } from "../../scene/listing-events.ts";
import { countWord } from "../../scene/words.ts";
import { hardwareEvents } from "../../session/event-kinds.ts";
import type { Moment, SessionPort } from "../../session/types.ts";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { sayMoment } from "../words.ts";
import styles from "./Events.module.css";
import { useSession, useUnit } from "./hooks.ts";
import panel from "./Panel.module.css";

/** Operations drawn at once; earlier ones are a button away. */
const WINDOW = 100;
/** Events of one moment drawn at once. */
const EVENTS = 200;

export function EventsPanel() {
  const session = useSession();
  useApp((state) => state.revision);
  const at = useApp((state) => state.at);
  const [extra, setExtra] = useState(0);
  if (!session) return null;
  const { moments } = session;
  if (moments.length === 0) {
    return (
      <div className={panel["empty"]}>
        <p>Nothing has run yet. Send a request, or edit an entry.</p>
        <Button onClick={() => actions.sendDraft()}>Send the request as typed</Button>
      </div>
    );
  }
  const first = Math.max(0, Math.min(moments.length - WINDOW - extra, at ?? moments.length));
  return (
    <div className={styles["events"]}>
      <Counts moments={moments} at={at} />
      <div className={styles["lists"]}>
        <MomentList
          session={session}
          first={first}
          at={at}
          onEarlier={first > 0 ? () => setExtra(extra + WINDOW) : null}
        />
        <EventList moment={at === null ? undefined : moments[at]} />
      </div>
    </div>
  );
}

function Counts({
  moments,
  at,
}: {
  readonly moments: readonly Moment[];
  readonly at: number | null;
}) {
  const counts = countMoments(moments);
  const fault = nextFault(moments, at);
  return (
    <div className={styles["bar"]}>
      <p>
        {countWord(counts.operations, "operation")}: {countWord(counts.requests, "request")},{" "}
        {countWord(counts.faults, "fault")}, {countWord(counts.edits, "edit")},{" "}
        {countWord(counts.invalidations, "invalidation")}
      </p>
      {fault !== null && (
        <Button look="quiet" onClick={() => actions.showMoment(fault)}>
          Next fault
        </Button>
      )}
    </div>
  );
}

interface ListProps {
  readonly session: SessionPort;
  readonly first: number;
  readonly at: number | null;
  readonly onEarlier: (() => void) | null;
}

function MomentList({ session, first, at, onEarlier }: ListProps) {
  const list = useRef<HTMLOListElement>(null);
  const count = session.moments.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shown row stays in view as the log grows.
  useEffect(() => {
    const row = list.current?.querySelector<HTMLElement>("[aria-current]");
    const box = list.current?.parentElement;
    if (!row || !box) return;
    // Only the list itself scrolls; the panel around it stays where it is.
    const above = row.offsetTop - box.offsetTop;
    if (above < box.scrollTop) box.scrollTop = above;
    const below = above + row.offsetHeight - box.clientHeight;
    if (below > box.scrollTop) box.scrollTop = below;
  }, [at, count]);
  return (
    <div className={styles["moments"]}>
      {onEarlier && (
        <Button look="quiet" onClick={onEarlier}>
          Show {Math.min(first, WINDOW)} earlier operations
        </Button>
      )}
      <ol ref={list} start={first + 1}>
        {session.moments.slice(first).map((moment, offset) => {
          const index = first + offset;
          return (
            <li key={index}>
              <button
                type="button"
                className={styles["moment"]}
                aria-current={index === at ? "true" : undefined}
                onClick={() => actions.showMoment(index)}
              >
                <span className={styles["number"]}>{index + 1}</span>
                <span>
                  {moment.outcome?.fault !== null && moment.outcome !== null && <Cross />}
                  {repeatWords(moment)}
                  {sayMoment(moment, session.info)}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

const Cross = () => (
  <span className={styles["cross"]} aria-hidden="true">
    ×
  </span>
);

function repeatWords({ operation }: Moment): string {
  const repeat = operation.op === "dma" ? (operation.repeat ?? 1) : 1;
  return repeat > 1 ? `${countWord(repeat, "request")}, the last: ` : "";
}

function EventList({ moment }: { readonly moment: Moment | undefined }) {
  const unit = useUnit();
  if (!moment || !unit) return null;
  const events = hardwareEvents(moment.events);
  const left = Math.max(0, events.length - EVENTS);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling list must be reachable by keyboard.
    <section className={styles["reported"]} tabIndex={0} aria-label="Reported by the hardware">
      {events.length === 0 && (
        <p className={panel["note"]}>
          {moment.operation.op === "edit"
            ? "Software wrote memory. The hardware reports nothing."
            : "The events of this operation are no longer kept."}
        </p>
      )}
      {left > 0 && <p className={panel["note"]}>{countWord(left, "event")} before these.</p>}
      <ol>
        {events.slice(left).map((event, at) => {
          const { tone, words } = eventLine(event, unit);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: events of a moment never move.
            <li key={at} className={styles["event"]} data-tone={tone}>
              {words}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
