// The timeline: lanes of events, a cursor to move through time, and the branches of the session.
import { type KeyboardEvent, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { spaceOwners } from "../../../scene/cast.ts";
import { pasidEntryOf } from "../../../scene/isolation-rows.ts";
import type { TimelineInput } from "../../../scene/timeline.ts";
import { placeWords, stepEvent, stepOperation } from "../../../scene/timeline-steps.ts";
import type { Place, SessionPort } from "../../../session/types.ts";
import { machineNow } from "../../stage/stage-input.ts";
import { appStore, useApp } from "../../store.ts";
import { useSession } from "../hooks.ts";
import panel from "../Panel.module.css";
import { Branches } from "./Branches.tsx";
import { goTo } from "./go.ts";
import { Lanes } from "./Lanes.tsx";
import styles from "./Timeline.module.css";
import { WINDOWS, WindowControls } from "./WindowControls.tsx";

export function TimelinePanel() {
  const session = useSession();
  useApp((state) => state.revision);
  if (!session) return null;
  if (session.moments.length === 0 && session.branches.length < 2) {
    return <p className={panel["empty"]}>Nothing has run yet. Press Next, or let somebody act.</p>;
  }
  return <Loaded session={session} />;
}

function Loaded({ session }: { readonly session: SessionPort }) {
  const { moments, place } = session;
  const [count, setCount] = useState(WINDOWS[1] ?? 24);
  const [first, setFirst] = useState(() => windowAt(0, count, place.operation, moments.length));
  const hueOf = useHues();
  useEffect(() => {
    // The cursor stays in view; a window that was moved by hand stays until the cursor moves.
    setFirst((known) => windowAt(known, count, place.operation, moments.length));
  }, [place.operation, count, moments.length]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = keyPlace(event.key, session);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    goTo(session, next);
  };

  return (
    <div className={styles["timeline"]}>
      <div className={styles["bar"]}>
        <p className={styles["place"]}>{placeWords(place, moments)}</p>
        <Branches session={session} />
        <WindowControls
          first={first}
          count={count}
          total={moments.length}
          onFirst={setFirst}
          onCount={setCount}
        />
      </div>
      <Lanes session={session} first={first} count={count} hueOf={hueOf} onKeyDown={onKeyDown} />
    </div>
  );
}

/** First operation of a window of `count` in which `operation` lies; `known` when it does already. */
function windowAt(known: number, count: number, operation: number, total: number): number {
  const most = Math.max(0, total - count);
  const inside = operation >= known && operation <= known + count && known <= most;
  return inside ? known : Math.max(0, Math.min(most, operation - Math.ceil(count * 0.75)));
}

function keyPlace(key: string, { place, moments }: SessionPort): Place | null {
  switch (key) {
    case "ArrowRight":
      return stepEvent(place, moments, 1);
    case "ArrowLeft":
      return stepEvent(place, moments, -1);
    case "ArrowUp":
      return stepOperation(place, moments, 1);
    case "ArrowDown":
      return stepOperation(place, moments, -1);
    case "PageUp":
      return stepOperation(place, moments, 10);
    case "PageDown":
      return stepOperation(place, moments, -10);
    case "Home":
      return { branch: place.branch, operation: 0, event: null };
    case "End":
      return { branch: place.branch, operation: moments.length, event: null };
    default:
      return null;
  }
}

/** Requests in the hue of the address space that their PASID leads to now. */
function useHues(): TimelineInput["hueOf"] {
  const machine = useSyncExternalStore(appStore.subscribe, machineNow);
  return useMemo(() => {
    const known = new Map<string, number>();
    const ownerOf = machine && spaceOwners(machine.facts);
    return ({ requester, pasid }) => {
      if (!machine || !ownerOf) return 0;
      const key = `${requester} ${pasid}`;
      const hue = known.get(key);
      if (hue !== undefined) return hue;
      const entry = pasidEntryOf(machine.facts.survey, requester, pasid);
      const found = ownerOf(entry?.space ?? null)?.hue ?? 0;
      known.set(key, found);
      return found;
    };
  }, [machine]);
}
