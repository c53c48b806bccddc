// What the scene is made from, read off the open session once per change.
import { useMemo, useSyncExternalStore } from "react";
import { parseBdf } from "../../base/bdf.ts";
import type { RequesterId } from "../../base/brand.ts";
import type { CacheEntry } from "../../hardware/vtd/types.ts";
import type { SceneInput } from "../../scene/cast.ts";
import type { Size } from "../../scene/columns.ts";
import type { Journey } from "../../scene/journey-types.ts";
import { queueView } from "../../scene/listing-registers.ts";
import { unitOf } from "../../scene/walk.ts";
import { NO_FUNCTION, worldFacts } from "../../scene/world-facts.ts";
import type { SessionPort } from "../../session/types.ts";
import type { AppState } from "../state.ts";
import { appStore, useApp } from "../store.ts";
import { onShown, type Shown, shownNow, startConductor } from "./conductor.ts";

type Facts = Omit<SceneInput, "journey" | "selection" | "focus" | "size">;

export interface Machine {
  readonly session: SessionPort;
  readonly revision: number;
  readonly facts: Facts;
}

function factsOf(session: SessionPort): Facts {
  const queue = queueView(session, unitOf(session), 0);
  return {
    survey: session.survey(),
    names: session.info.names,
    roster: session.firstSeen(),
    cacheEntries: session.cacheEntries(),
    cacheSizes: session.cacheSizes(),
    stale: session.stale(),
    world: session.world && worldFacts(session.world),
    memory: session.memory.ranges(),
    queue: queue?.enabled ? { head: queue.head, tail: queue.tail } : null,
  };
}

let machine: Machine | null = null;

/** The machine as the stage shows it; the same object until it changes. */
export function machineNow(): Machine | null {
  const { session, revision } = appStore.getState();
  if (!session) machine = null;
  else if (machine?.session !== session || machine.revision !== revision) {
    machine = { session, revision, facts: factsOf(session) };
  }
  return machine;
}

const useMachine = (): Machine | null => useSyncExternalStore(appStore.subscribe, machineNow);

export const useShown = (): Shown => {
  startConductor();
  return useSyncExternalStore(onShown, shownNow);
};

/**
 * The function whose tables are shown in full. What the reader does decides: whoever looks at a walk sees the tables of
 * that walk, whoever looks at an object sees the tables of that object. Before any request: the tables of the one to come,
 * whose function is `typed`.
 */
export function focusOf(
  side: AppState["side"],
  selection: AppState["view"]["selection"],
  journey: Journey | null,
  facts: Facts,
  typed: string,
): RequesterId | null {
  if (side === "walk" && journey) return journey.requester;
  if (selection?.kind === "requester" || selection?.kind === "pasid") return selection.requester;
  if (selection?.kind === "object") {
    const parent = facts.world?.functions.find((one) =>
      one.mdevs.some((mdev) => selection.id === `mdev ${mdev.uuid}`),
    );
    if (parent && parent.requester !== NO_FUNCTION) return parent.requester;
  }
  if (selection?.kind === "entry") {
    const owner = facts.survey.requesters.find(
      (one) =>
        one.contextAddress === selection.address ||
        one.entries.some((entry) => entry.address === selection.address),
    );
    if (owner) return owner.requester;
  }
  return journey?.requester ?? parseBdf(typed) ?? null;
}

const isFill = (entry: CacheEntry, journey: Journey | null): boolean =>
  journey?.fills.some((fill) => fill.cache === entry.cache && fill.slot === entry.slot) === true;

/** Null without a session, and until the room is known. */
export function useSceneInput(size: Size | null): SceneInput | null {
  const found = useMachine();
  const { journey, phase } = useShown();
  const coming = phase === "under way";
  const selection = useApp((state) => state.view.selection);
  const side = useApp((state) => state.side);
  const typed = useApp((state) => state.view.draft.requester);
  return useMemo(() => {
    if (!found || !size) return null;
    const focus = focusOf(side, selection, journey, found.facts, typed);
    // What the request fills is there only once it has arrived.
    const cacheEntries = coming
      ? found.facts.cacheEntries.filter((entry) => !isFill(entry, journey))
      : found.facts.cacheEntries;
    return { ...found.facts, cacheEntries, journey, selection, focus, size };
  }, [found, journey, coming, selection, side, size, typed]);
}
