// Sends the composer's request again and again, as many times a second of the animation clock as the reader wants.
import type { Operation } from "../session/types.ts";
import { clock } from "./clock.ts";
import { readDraft, spaceOf } from "./composer/draft.ts";
import { REQUEST_BYTES } from "./session-actions.ts";
import { actions, appStore } from "./store.ts";

const PAGE = 4096n;

/** Parts of requests that time has earned and no request has used. */
let due = 0;

/** `count` requests that go through the mapped range around the address page by page; null for an unreadable draft. */
export function streamOperation(count: number): Operation | null {
  const { session, view } = appStore.getState();
  const { request } = readDraft(view.draft);
  if (!session || !request) return null;
  const space = spaceOf(session.survey(), request.requester, request.pasid);
  const range = space?.ranges.find(
    ({ start, length }) => request.address >= start && request.address < start + length,
  );
  const left = range ? range.start + range.length - request.address : 0n;
  const walk = left > PAGE ? { stride: Number(PAGE), span: left - (left % PAGE) } : {};
  return { op: "dma", ...request, length: REQUEST_BYTES, repeat: count, ...walk };
}

/** Streams while the store says so, until the returned function is called. */
export function runStreams(): () => void {
  const stopTicking = clock.subscribe("advance", (_now, passed) => {
    const { stream } = appStore.getState();
    if (!stream) return false;
    due += (passed * stream.rate) / 1000;
    const count = Math.floor(due);
    if (count === 0) return true;
    due -= count;
    const operation = streamOperation(count);
    if (!operation || !actions.run(operation)) actions.stopStream();
    return appStore.getState().stream !== null;
  });
  const stopWatching = appStore.subscribe((state, before) => {
    if (state.stream === null || before.stream !== null) return;
    // The first request leaves at once.
    due = 1;
    clock.wake();
  });
  return () => {
    stopTicking();
    stopWatching();
  };
}

/** Makes the clock follow the reader: speed and pause. */
export function steerClock(): () => void {
  const steer = () => {
    const { preferences, playing } = appStore.getState();
    clock.setSpeed(preferences.speed);
    clock.setPaused(!playing);
  };
  steer();
  return appStore.subscribe(steer);
}
