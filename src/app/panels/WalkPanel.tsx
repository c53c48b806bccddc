// The shown request as numbered steps, in the side column: hops, fields, the entry at hand, how it ended.

import { useEffect, useRef, useState } from "react";
import { hex } from "../../base/hex.ts";
import { shownRequest } from "../../scene/shown-request.ts";
import { hopAtHand, readsWords } from "../../scene/walk-story.ts";
import { requestWords } from "../../scene/walk-words.ts";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { classes } from "../ui/classes.ts";
import { useMedia } from "../ui/use-media.ts";
import { useSession, useUnit, useWalk } from "./hooks.ts";
import styles from "./Panel.module.css";
import { CacheLines } from "./walk/CacheLines.tsx";
import { Ending, FaultDetails } from "./walk/Ending.tsx";
import { HopEntry } from "./walk/HopEntry.tsx";
import { HopList } from "./walk/HopList.tsx";
import { SplitView } from "./walk/SplitView.tsx";
import { WalkActions } from "./walk/WalkActions.tsx";
import { WalkView } from "./walk/WalkView.tsx";
import "./tints.css";

export function WalkPanel() {
  const walk = useWalk();
  const unit = useUnit();
  const cursor = useApp((state) => state.view.hop);
  const [open, setOpen] = useState(false);
  // On a phone the page keeps these steps at its foot.
  const phone = useMedia("(max-width: 599px)");
  const top = useTopOnRequest();
  if (!walk || !unit) return <NoWalk />;
  const hand = hopAtHand(walk, cursor);
  const hop = walk.hops[hand];
  return (
    <div ref={top} className={classes(styles["panel"], styles["pinned"])}>
      <header className={styles["head"]}>
        <p className={styles["where"]}>{requestWords(walk.request)}</p>
        <h2 className={styles["address"]}>{hex(walk.request.address)}</h2>
      </header>
      <SplitView walk={walk} wide={false} titled />
      <Ending walk={walk} />
      <Earlier />
      <Extent requests={walk.requests} pieces={walk.pieces} piece={walk.piece} />
      {walk.hops.length > 0 && (
        <section className={styles["section"]}>
          <h3>
            Walk: hop {hand + 1} of {walk.hops.length}, {readsWords(walk)}
          </h3>
          <HopList walk={walk} />
        </section>
      )}
      {hop && (
        <section className={styles["section"]}>
          <h3>
            {hop.title} [{hop.digits}], {hop.decision}
          </h3>
          {hop.arithmetic !== "" && <code className={styles["note"]}>{hop.arithmetic}</code>}
          <HopEntry hop={hop} walk={walk} unit={unit} wide={false} />
        </section>
      )}
      <FaultDetails walk={walk} />
      <CacheLines walk={walk} unit={unit} />
      <div className={classes(styles["actions"], styles["tight"])}>
        {!phone && <WalkActions walk={walk} wide={false} />}
        <Button onClick={() => setOpen(true)}>Open walk</Button>
      </div>
      {open && <WalkView walk={walk} unit={unit} onClose={() => setOpen(false)} />}
    </div>
  );
}

/** Scrolls to the start when another request is shown, not when a hop is chosen or an entry edited. */
function useTopOnRequest() {
  const top = useRef<HTMLDivElement>(null);
  const request = useApp(({ session, at }) =>
    session ? (shownRequest(session, at)?.index ?? -1) : -1,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the request changes.
  useEffect(() => {
    top.current?.closest("[role=tabpanel]")?.scrollTo(0, 0);
  }, [request]);
  return top;
}

/** Said when the shown operation is no request, so that the walk is an older one. */
function Earlier() {
  const at = useApp((state) => state.at);
  const operation = useSession()?.moments[at ?? 0]?.operation;
  const running = useSession()?.world;
  if (at === null || running || !operation || operation.op === "dma") return null;
  return (
    <p className={styles["note"]}>
      Operation {at + 1} is no request. This is the last one before it; entries are shown as memory
      holds them now.
    </p>
  );
}

function Extent({
  requests,
  pieces,
  piece,
}: {
  readonly requests: number;
  readonly pieces: number;
  readonly piece: number;
}) {
  if (requests < 2 && pieces < 2) return null;
  return (
    <p className={styles["note"]}>
      {requests > 1 && `The last of ${requests} requests of a stream. `}
      {pieces > 1 &&
        `The request crosses into ${pieces} pages; this is the walk of part ${piece + 1}.`}
    </p>
  );
}

function NoWalk() {
  const running = useApp((state) => (state.session?.world ?? null) !== null);
  return (
    <div className={styles["empty"]}>
      <p>
        {running
          ? "This operation sent no request. Let a device work, or send a request of your own."
          : "Nothing has run yet. Choose a requester and an address, and send a request."}
      </p>
      {!running && <Button onClick={() => actions.sendDraft()}>Send the request as typed</Button>}
    </div>
  );
}
