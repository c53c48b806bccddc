// Ways through a running document: step by step of the walkthrough, to the next fault, to the next system call.
import type { SessionEvent, SessionPort } from "../../session/types.ts";
import { clock } from "../clock.ts";
import { actions, appStore } from "../store.ts";
import { stepPlaces } from "./steps.ts";

/** Shows the step so many after the one that is shown. */
export function stepBy(change: number): void {
  const { scenario, step } = appStore.getState();
  if (!scenario) return;
  const places = stepPlaces(scenario);
  const at = places.findIndex((place) => place.step.id === step);
  const next = places[at + change];
  if (next) actions.showStep(next.step.id);
  else actions.say(change > 0 ? "This is the last step." : "This is the first step.");
}

const WANTED = {
  fault: {
    is: (event: SessionEvent) => event.kind === "refused",
    none: "No fault follows on this branch.",
  },
  call: {
    is: (event: SessionEvent) => event.kind === "system call",
    none: "No system call follows on this branch.",
  },
} as const;

/** Goes to the moment right after the next event of the kind, inside its operation. */
export function goToNext(kind: keyof typeof WANTED): void {
  const { session } = appStore.getState();
  if (!session) return;
  const { is, none } = WANTED[kind];
  const found = nextEvent(session, is);
  if (!found) {
    actions.say(none);
    return;
  }
  actions.seek({ branch: session.place.branch, ...found });
}

function nextEvent(
  session: SessionPort,
  is: (event: SessionEvent) => boolean,
): { readonly operation: number; readonly event: number } | null {
  const { operation, event } = session.place;
  for (let at = operation; at < session.moments.length; at++) {
    const events = session.moments[at]?.events ?? [];
    const from = at === operation ? (event ?? 0) : 0;
    const index = events.findIndex((one, position) => position >= from && is(one));
    if (index >= 0) return { operation: at, event: index + 1 };
  }
  return null;
}

/** Milliseconds that an operation stays in view before the next, at speed 1. */
const STAY = 700;
let walking = false;

/** Plays one operation after the other from the shown moment on; asked again, stops. Ends with the branch. */
export async function playOn(): Promise<void> {
  walking = !walking;
  actions.say(walking ? "Playing the operations from here on." : "Stopped.");
  const { session } = appStore.getState();
  while (walking) {
    const now = appStore.getState();
    const next = now.session?.place.operation ?? 0;
    if (now.session !== session || !session || next >= session.moments.length) break;
    actions.showMoment(next);
    const { replay } = await import("../stage/conductor.ts");
    if (replay()) await clock.idle();
    await new Promise((resolve) => setTimeout(resolve, STAY / now.preferences.speed));
  }
  walking = false;
}
