// Sends the stream of the composer's request, as the clock tells, and puts the packets of what was sent in flight.

import type { Point } from "../../scene/curve.ts";
import { journeyOfOne, splitRequests } from "../../scene/journey.ts";
import type { Journey } from "../../scene/journey-types.ts";
import { packetAt, type Route, routeOf } from "../../scene/route.ts";
import type { Scene } from "../../scene/scene.ts";
import { ACCESS_LETTER } from "../../scene/words.ts";
import { hardwareEvents } from "../../session/event-kinds.ts";
import type { Moment, Operation, SessionPort } from "../../session/types.ts";
import { clock } from "../clock.ts";
import { type DraftRequest, readDraft, spaceOf } from "../composer/draft.ts";
import { actions, appStore } from "../store.ts";
import { hasJustLeft, journeyTime } from "./conductor.ts";
import { Flow, MOST_PACKETS } from "./flow.ts";

/** Clock milliseconds between two hand-overs; a request that comes oftener shares one. */
const TICK = 100;
/** Wall milliseconds between two looks at the machine: each draws the whole page anew. */
const LOOK = 250;
/** Ways worked out per hand-over; more requests than these share them. */
const MOST_WAYS = 32;
const PAGE = 4096n;
/** A stream goes through so many pages, so that it misses at first and hits later. */
const PAGES = 16n;
const BYTES = 4;

export const flow = new Flow();
let scene: Scene | null = null;
let layout = "";
let owed = 0;
let since = 0;
/** Wall milliseconds since views were told to look, and whether they have missed something. */
let looked = 0;
let unseen = false;
let started = false;

export function startStreams(): void {
  if (started) return;
  started = true;
  clock.subscribe("advance", (now, passed) => {
    const more = send(now, passed);
    return flow.advance(now) || more;
  });
  appStore.subscribe((state, before) => {
    if (state.stream === before.stream) return;
    owed = 1;
    since = TICK;
    looked = LOOK;
    if (state.stream) clock.wake();
    else if (state.session === before.session) showSent();
    else unseen = false;
  });
}

/** More in flight than are drawn one by one: the lines thicken and show the rate, beside the packets that are drawn. */
export const isFlood = (rate: number, journey: Journey): boolean =>
  rate * (journey.endTime / 1000) > MOST_PACKETS;

/** Where the followed packet is drawn; null without one. */
export const followedPlace = (): Point | null =>
  scene?.route ? packetAt(scene.route, journeyTime()) : null;

/** The stage as it is drawn now. Packets in flight stay when nothing has moved. */
export function streamOn(drawn: Scene): void {
  const places = drawn.items
    .map(({ id, box }) => `${id} ${box.x} ${box.y} ${box.w} ${box.h}`)
    .join("\n");
  if (places !== layout) flow.reset();
  layout = places;
  scene = drawn;
}

function send(now: number, passed: number): boolean {
  const { stream, session, view, preferences } = appStore.getState();
  if (!stream || !session) return false;
  owed += (passed * stream.rate) / 1000;
  since += passed;
  looked += passed / preferences.speed;
  if (owed < 1 || since < TICK) return true;
  const { request } = readDraft(view.draft);
  if (!request) {
    actions.stopStream();
    return false;
  }
  const count = Math.floor(owed);
  owed -= count;
  since = 0;
  const result = session.run(operationOf(session, request, count));
  if (!result.ok) {
    actions.stopStream();
    actions.report(result.problem.message);
    return false;
  }
  unseen = true;
  if (looked >= LOOK) showSent();
  launch(result.value, count, now, session);
  return true;
}

/** A stream is one thing that goes on: it is not said anew with each hand-over, and views look now and then. */
function showSent(): void {
  if (!unseen) return;
  unseen = false;
  looked = 0;
  appStore.setState(({ session, revision }) => ({
    revision: revision + 1,
    undone: 0,
    at: session && session.moments.length > 0 ? session.moments.length - 1 : null,
  }));
}

/** Goes through the pages that the tables map from the draft's address on. */
function operationOf(session: SessionPort, request: DraftRequest, repeat: number): Operation {
  const space = spaceOf(session.survey(), request.requester, request.pasid);
  const range = space?.ranges.find(
    (one) => request.address >= one.start && request.address < one.start + one.length,
  );
  const left = range ? range.start + range.length - request.address : PAGE;
  const span = left > PAGES * PAGE ? PAGES * PAGE : left < PAGE ? PAGE : left;
  return { op: "dma", length: BYTES, ...request, repeat, stride: Number(PAGE), span };
}

function launch(moment: Moment, count: number, now: number, session: SessionPort): void {
  if (!scene) return;
  const scalable = session.survey().mode === "scalable";
  const ways: number[] = [];
  for (const events of splitRequests(hardwareEvents(moment.events)).slice(
    -Math.min(count, MOST_WAYS),
  )) {
    const request = events[0];
    if (request?.kind !== "request") continue;
    const journey = journeyOfOne(request, events, scalable);
    const route = routeOf(journey, scene.cast, scene.columns);
    if (route) ways.push(flow.wayOf(wayKey(journey, route), route, ACCESS_LETTER[journey.access]));
  }
  if (ways.length === 0) return;
  // The followed packet is drawn by itself, in place of one of these.
  for (let at = hasJustLeft(moment) ? 1 : 0; at < count; at++) {
    // Spread over the time until the next hand-over.
    if (!flow.add(now + (TICK * at) / count, ways[at % ways.length] ?? 0)) break;
  }
  clock.wake();
}

/** Journeys with the same stops and the same end take the same way. */
function wayKey(journey: Journey, route: Route): string {
  const stops = journey.stops.map((stop) => `${stop.hop}${stop.state}`).join();
  const { requester, pasid, access, end } = journey;
  return `${requester} ${pasid} ${access} ${stops} ${end.kind} ${route.band} ${journey.endTime}`;
}
