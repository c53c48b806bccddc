// One walk with the whole page to itself: fields, tables side by side, the entry at hand as bits and bytes.
import { useEffect, useId, useLayoutEffect, useRef } from "react";
import { hopAtHand, readsWords, whyWords } from "../../../scene/walk-story.ts";
import type { Unit, Walk } from "../../../scene/walk-types.ts";
import { requestWords } from "../../../scene/walk-words.ts";
import { useApp } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { useMedia } from "../../ui/use-media.ts";
import panel from "../Panel.module.css";
import { CacheLines } from "./CacheLines.tsx";
import { Ending, FaultDetails } from "./Ending.tsx";
import { HopCards } from "./HopCards.tsx";
import { HopEntry } from "./HopEntry.tsx";
import { SplitView } from "./SplitView.tsx";
import styles from "./View.module.css";
import { WalkActions } from "./WalkActions.tsx";

interface Props {
  readonly walk: Walk;
  readonly unit: Unit;
  readonly onClose: () => void;
}

/** Memory is shown beside the stage, so a way there leaves this view. */
function useCloseOnMemory(close: () => void): void {
  const at = useApp((state) => state.view.memoryAt);
  const first = useRef(at);
  useEffect(() => {
    if (first.current !== at) close();
  }, [at, close]);
}

export function WalkView({ walk, unit, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const cursor = useApp((state) => state.view.hop);
  const hand = hopAtHand(walk, cursor);
  const hop = walk.hops[hand];
  const large = useMedia("(min-width: 768px)");
  // A layout effect, so that it closes while it is still in the page and gives the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  const ending = (
    <>
      <Ending walk={walk} />
      <FaultDetails walk={walk} />
      <CacheLines walk={walk} unit={unit} />
    </>
  );
  useCloseOnMemory(onClose);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      className={styles["view"]}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className={styles["bar"]}>
        <p className={styles["path"]}>
          <Button look="quiet" onClick={onClose}>
            Stage
          </Button>
          <span aria-hidden="true">/</span>
          <b id={heading}>Walk</b>
          <span className={panel["note"]}>{requestWords(walk.request)}</span>
        </p>
        <div className={styles["steps"]}>
          {walk.hops.length > 0 && (
            <span className={panel["note"]}>
              Hop {hand + 1} of {walk.hops.length}, {readsWords(walk)}
            </span>
          )}
          <WalkActions walk={walk} wide={large} />
        </div>
      </header>
      <div className={styles["tables"]}>
        <SplitView walk={walk} wide={large} />
        <HopCards walk={walk} unit={unit} />
      </div>
      <div className={styles["entry"]}>
        {hop && (
          <div className={styles["title"]}>
            <h2>
              {hop.title} [{hop.digits}], {hop.decision}
            </h2>
            {hop.arithmetic !== "" && <code className={panel["note"]}>{hop.arithmetic}</code>}
            <p className={styles["why"]}>{whyWords(hop, walk)}</p>
          </div>
        )}
        {hop ? (
          <HopEntry hop={hop} walk={walk} unit={unit} wide>
            {ending}
          </HopEntry>
        ) : (
          <div className={styles["ending"]}>{ending}</div>
        )}
      </div>
    </dialog>
  );
}
