// Back a hop and the next one, named by what it reads.
import { hopAtHand } from "../../../scene/walk-story.ts";
import type { Walk } from "../../../scene/walk-types.ts";
import { stepHop } from "../../hops.ts";
import { actions, useApp } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";

interface Props {
  readonly walk: Walk;
  /** Room for the name of the next table. */
  readonly wide: boolean;
}

export function WalkActions({ walk, wide }: Props) {
  const cursor = useApp((state) => state.view.hop);
  const hand = hopAtHand(walk, cursor);
  const next = walk.hops[hand + 1];
  // Beside the stage the one filled button is the one that sends.
  const look = wide ? "filled" : "plain";
  const ended = cursor === null || !next || next.state === "not reached";
  if (walk.hops.length === 0) return null;
  return (
    <>
      <Button disabled={hand <= 0} onClick={() => stepHop(-1)}>
        Back a hop
      </Button>
      {ended ? (
        <Button look={look} onClick={() => actions.showHop(0)}>
          {wide ? "From the first hop" : "First hop"}
        </Button>
      ) : (
        <Button look={look} onClick={() => stepHop(1)}>
          {wide ? `Next: ${next.title}` : "Next hop"}
        </Button>
      )}
    </>
  );
}
