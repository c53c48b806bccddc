// Steps through the hops of the shown walk, and says each.

import { shownRequest } from "../scene/shown-request.ts";
import { unitOf, walkOf } from "../scene/walk.ts";
import type { Walk } from "../scene/walk-types.ts";
import type { AppState } from "./state.ts";
import { actions, appStore } from "./store.ts";

/** The walk of the shown moment, or of the last request before it; null without one. */
export function shownWalk({ session, at }: AppState): Walk | null {
  const shown = session && shownRequest(session, at);
  if (!session || !shown) return null;
  return walkOf(shown.events, unitOf(session), shown.moment.outcome?.mask ?? 0n);
}

export function stepHop(change: number): void {
  const state = appStore.getState();
  const walk = shownWalk(state);
  if (!walk || walk.hops.length === 0) {
    actions.say("This request reads no table, so there is no hop to step to.");
    return;
  }
  const last = walk.hops.length - 1;
  const hop = Math.min(Math.max((state.view.hop ?? last) + change, 0), last);
  actions.showHop(hop);
  const shown = walk.hops[hop];
  if (shown) {
    const decision = shown.decision === "" ? "" : `, ${shown.decision}`;
    actions.say(
      `Hop ${hop + 1} of ${last + 1}: ${shown.title} ${shown.digits}, ${shown.state}${decision}.`,
    );
  }
}
