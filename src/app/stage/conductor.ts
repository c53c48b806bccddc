// Leads the followed request: plays its journey when it is sent, follows the hop that the reader steps to, and tells
// the views when something changes. It has no picture of its own, so it works whichever part of the page is shown.

import { journeyOf, stopAtTime, timeOfHop } from "../../scene/journey.ts";
import type { Journey, Stop } from "../../scene/journey-types.ts";
import { shownRequest } from "../../scene/shown-request.ts";
import type { Moment, SessionPort } from "../../session/types.ts";
import { clock, reducedMotion } from "../clock.ts";
import type { AppState } from "../state.ts";
import { actions, appStore } from "../store.ts";

/** What views draw of the followed request; a new object only when one of its parts changes. */
export interface Shown {
  readonly journey: Journey | null;
  /** The last stop that was reached. */
  readonly stop: Stop | null;
  /** "arrived": at its end, which is still being drawn; "still": all is drawn. */
  readonly phase: "under way" | "arrived" | "still";
  /** The packet stands at `stop`, whose entry is being read. */
  readonly reading: boolean;
}

/** A hop lights for so long when there is no travel. */
const STILL_HOP = 400;
/** A step by hand takes at most so long, however far it leads. */
const LONGEST_GLIDE = 640;

let shown: Shown = { journey: null, stop: null, phase: "still", reading: false };
const listeners = new Set<() => void>();
let moment: Moment | null = null;
let session: SessionPort | null = null;
let count = 0;
/** Milliseconds into the journey. */
let time = 0;
/** Where it goes on its own; null: it stands. */
let target: number | null = null;
let pace = 1;
/** Sent just now, and not stepped through by hand. */
let playing = false;
/** Milliseconds shown, for readers who want no travel. */
let lit = 0;
let lastHop: number | null = null;
let started = false;

export const shownNow = (): Shown => shown;
export const journeyTime = (): number => time;
/** The packet of `one` is the followed one, and it has just left. */
export const hasJustLeft = (one: Moment): boolean => one === moment && playing && time === 0;

export function onShown(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Starts once, with the first view that needs it. */
export function startConductor(): void {
  if (started) return;
  started = true;
  clock.subscribe("advance", (_now, passed) => advance(passed));
  appStore.subscribe(follow);
  follow(appStore.getState());
}

/** The moment whose request is shown. */
const requestAt = ({ session: open, at }: AppState): Moment | null =>
  (open && shownRequest(open, at)?.moment) ?? null;

function follow(state: AppState): void {
  clock.setSpeed(state.preferences.speed);
  clock.setPaused(!state.playing);
  const found = requestAt(state);
  const sameSession = state.session === session;
  const total = state.session?.moments.length ?? 0;
  const last = state.session?.moments.at(-1) ?? null;
  if (found !== moment || !sameSession) {
    // A stream goes on while the packet that is followed is still on its way.
    if (state.stream && sameSession && target !== null) return;
    const sent = sameSession && found === last && total >= count && state.undone === 0;
    count = total;
    session = state.session;
    begin(found, sent, state);
    return;
  }
  count = total;
  if (state.view.hop !== lastHop) step(state.view.hop);
}

const eventsOf = (found: Moment) =>
  shownRequest({ moments: [found], world: null }, 0)?.events ?? [];

function begin(found: Moment | null, sent: boolean, state: AppState): void {
  moment = found;
  const scalable = state.session?.survey().mode === "scalable";
  const journey = found ? journeyOf(eventsOf(found), scalable) : null;
  lastHop = state.view.hop;
  lit = 0;
  pace = 1;
  playing = sent && journey !== null;
  time = journey && !sent ? timeOfHop(journey, state.view.hop) : 0;
  target = playing ? (journey?.duration ?? 0) : null;
  publish(journey);
  if (playing) clock.wake();
  else clock.refresh();
  // The store tells of a sent request in two steps; only after both is a change of hop the reader's.
  queueMicrotask(() => {
    if (moment === found) lastHop = appStore.getState().view.hop;
  });
}

function step(hop: number | null): void {
  lastHop = hop;
  const { journey } = shown;
  if (!journey) return;
  playing = false;
  const to = timeOfHop(journey, hop);
  if (to <= time || reducedMotion() || !appStore.getState().playing) {
    time = to;
    target = null;
    publish(journey);
    clock.refresh();
    return;
  }
  target = to;
  pace = Math.max(1, (to - time) / LONGEST_GLIDE);
  clock.wake();
}

/** Plays on from where the packet stands; from its port when it had arrived. False without a request. */
export function replay(): boolean {
  const { journey, phase } = shown;
  if (!journey) return false;
  if (phase === "still") time = 0;
  lit = time;
  pace = 1;
  playing = true;
  target = journey.duration;
  publish(journey);
  clock.wake();
  return true;
}

function advance(passed: number): boolean {
  const { journey } = shown;
  if (!journey || target === null) return false;
  if (playing && reducedMotion()) {
    lit += passed;
    time = litTime(journey, lit);
  } else {
    time = Math.min(target, time + passed * pace);
  }
  const done = time >= target;
  if (done) target = null;
  publish(journey);
  if (playing) {
    const hop = done ? null : (shown.stop?.hop ?? 0);
    if (done) playing = false;
    if (hop !== lastHop) {
      lastHop = hop;
      actions.showHop(hop);
    }
  }
  return !done;
}

/** Without travel: the stops one after another, then the end. */
function litTime(journey: Journey, passed: number): number {
  const hops = [...new Set(journey.stops.map((stop) => stop.hop))];
  const hop = hops[Math.floor(passed / STILL_HOP)];
  return hop === undefined ? journey.duration : Math.max(time, timeOfHop(journey, hop));
}

function publish(journey: Journey | null): void {
  const stop = journey && stopAtTime(journey, time);
  const phase =
    !journey || time >= journey.duration
      ? "still"
      : time >= journey.endTime
        ? "arrived"
        : "under way";
  const reading =
    stop !== null && phase === "under way" && stop.state !== "cached" && time < stop.leave;
  const same = journey === shown.journey && stop === shown.stop;
  if (same && phase === shown.phase && reading === shown.reading) return;
  shown = { journey, stop, phase, reading };
  for (const listener of listeners) listener();
}
