// The timeline: lanes over the moments of one branch, a window of operations at a time, and the cursor in it.
// Pure. However long the session, what is drawn is one path per lane and hue, and as many labels as fit.
import type { Moment, Place, SessionEvent } from "../session/types.ts";
import { textWidth } from "./text.ts";
import { LANES, type Lane, laneOf, operationLabel } from "./timeline-lanes.ts";

export interface TimelineInput {
  readonly moments: readonly Moment[];
  readonly place: Place;
  /** First operation of the window, and how many it shows. */
  readonly first: number;
  readonly count: number;
  /** Pixels of the lanes. */
  readonly width: number;
  /** Hue of the owner of a request, 1 .. 8; 0: none. */
  readonly hueOf: (event: Extract<SessionEvent, { kind: "request" }>) => number;
}

/** Ticks of one lane that are drawn alike. */
export interface Ticks {
  /** "plain", "fault" or "own-3". */
  readonly look: string;
  /** Left ends and widths in pixels, merged where they would touch. */
  readonly spans: readonly { readonly x: number; readonly w: number }[];
}

export interface LaneRow {
  readonly lane: Lane;
  /** Events of the window. */
  readonly count: number;
  readonly ticks: readonly Ticks[];
  readonly labels: readonly {
    readonly x: number;
    readonly w: number;
    readonly text: string;
    readonly fault: boolean;
    /** Later than the cursor. */
    readonly late: boolean;
  }[];
}

export interface Timeline {
  readonly first: number;
  /** Operations shown. */
  readonly count: number;
  readonly total: number;
  readonly rows: readonly LaneRow[];
  /** Where the cursor stands; null: outside the window. */
  readonly cursor: number | null;
  readonly scale: Scale;
}

/** Where each operation of the window begins, in pixels; one more than there are operations. */
export interface Scale {
  readonly first: number;
  readonly starts: readonly number[];
  /** Events of each operation. */
  readonly events: readonly number[];
}

/** An operation is at least as wide as so many events, and at most. */
const [LEAST, MOST] = [6, 240] as const;

export function scaleOf(
  input: Pick<TimelineInput, "moments" | "first" | "count" | "width">,
): Scale {
  const shown = input.moments.slice(input.first, input.first + input.count);
  const events = shown.map((moment) => moment.events.length);
  const weights = events.map((count) => Math.min(Math.max(count, LEAST), MOST));
  const whole = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const starts = [0];
  let sum = 0;
  for (const weight of weights) {
    sum += weight;
    starts.push((sum / whole) * input.width);
  }
  return { first: input.first, starts, events };
}

/** Pixel of a place; null when the window does not show it. */
export function xOf(scale: Scale, operation: number, event: number | null): number | null {
  const at = operation - scale.first;
  const start = scale.starts[at];
  if (at < 0 || start === undefined) return null;
  const end = scale.starts[at + 1];
  if (event === null || end === undefined) return start;
  return start + (end - start) * Math.min(1, event / Math.max(1, scale.events[at] ?? 1));
}

/** The place at a pixel: between two operations where it is near their border, else after the nearest event. */
export function placeAt(scale: Scale, x: number, branch: number): Place {
  const last = scale.starts.length - 1;
  let at = 0;
  while (at < last && (scale.starts[at + 1] ?? 0) <= x) at++;
  const [start, end] = [scale.starts[at] ?? 0, scale.starts[at + 1]];
  const events = scale.events[at] ?? 0;
  if (end === undefined) return { branch, operation: scale.first + last, event: null };
  const event = Math.round(((x - start) / (end - start)) * events);
  if (event <= 0) return { branch, operation: scale.first + at, event: null };
  if (event >= events) return { branch, operation: scale.first + at + 1, event: null };
  return { branch, operation: scale.first + at, event };
}

export function timeline(input: TimelineInput): Timeline {
  const scale = scaleOf(input);
  const cursor = xOf(scale, input.place.operation, input.place.event);
  const lanes = new Map(LANES.map((lane) => [lane, new LaneBuilder()]));
  const shown = input.moments.slice(input.first, input.first + input.count);
  for (const [at, moment] of shown.entries()) {
    const operation = input.first + at;
    const label = operationLabel(moment.operation);
    lanes.get("calls")?.label(xOf(scale, operation, null) ?? 0, label, false);
    if (moment.events.length === 0)
      lanes.get("calls")?.tick(xOf(scale, operation, null) ?? 0, 3, "plain");
    drawMoment(moment, (event) => xOf(scale, operation, event) ?? 0, lanes, input.hueOf);
  }
  // Nothing in the window is before a cursor that has passed it.
  const now = cursor ?? (input.place.operation < input.first ? -1 : Number.POSITIVE_INFINITY);
  return {
    first: input.first,
    count: shown.length,
    total: input.moments.length,
    rows: LANES.map((lane) => (lanes.get(lane) ?? new LaneBuilder()).row(lane, now, input.width)),
    cursor,
    scale,
  };
}

const TICK = 3;

function drawMoment(
  moment: Moment,
  at: (event: number) => number,
  lanes: ReadonlyMap<Lane, LaneBuilder>,
  hueOf: TimelineInput["hueOf"],
): void {
  /** Outermost runs that have not returned: where they began. */
  const open = new Map<number, number>();
  for (const [index, event] of moment.events.entries()) {
    if (event.kind === "enter" && event.caller === 0) open.set(event.call, index);
    if (event.kind === "leave") {
      const from = open.get(event.call);
      if (from === undefined) continue;
      open.delete(event.call);
      lanes.get("functions")?.tick(at(from), Math.max(TICK, at(index) - at(from) - 1), "plain");
      continue;
    }
    const lane = laneOf(event);
    if (lane === null) continue;
    const row = lanes.get(lane);
    if (lane === "functions") row?.more();
    else if (event.kind === "request") {
      const hue = hueOf(event);
      row?.tick(at(index), TICK, hue > 0 ? `own-${hue}` : "plain");
    } else if (lane === "faults" || event.kind === "not sent") {
      row?.tick(at(index), TICK, "fault");
      if (event.kind === "refused") row?.label(at(index), `0x${event.reason.toString(16)}`, true);
    } else row?.tick(at(index), TICK, "plain");
  }
  // Calls that still wait go on to the end of the operation.
  for (const from of open.values()) {
    const end = at(moment.events.length);
    lanes.get("functions")?.tick(at(from), Math.max(TICK, end - at(from) - 1), "plain");
  }
}

class LaneBuilder {
  #count = 0;
  readonly #ticks = new Map<string, { x: number; w: number }[]>();
  readonly #labels: { x: number; text: string; fault: boolean }[] = [];

  /** One more event that has no tick of its own. */
  more(): void {
    this.#count++;
  }

  tick(x: number, w: number, look: string): void {
    this.#count++;
    const spans = this.#ticks.get(look) ?? [];
    this.#ticks.set(look, spans);
    const last = spans.at(-1);
    if (last && x <= last.x + last.w + 1) last.w = Math.max(last.w, x + w - last.x);
    else spans.push({ x, w });
  }

  label(x: number, text: string, fault: boolean): void {
    this.#labels.push({ x, text, fault });
  }

  /** Labels that would cover the one before are left out. */
  row(lane: Lane, now: number, width: number): LaneRow {
    let free = 0;
    const labels = this.#labels.flatMap((label) => {
      const x = label.x + TICK + 3;
      const w = textWidth(label.text, "note");
      if (label.x < free || x + w > width) return [];
      free = x + w + 8;
      return [{ ...label, x, w, late: label.x >= now }];
    });
    const ticks = [...this.#ticks].map(([look, spans]) => ({ look, spans }));
    return { lane, count: this.#count, ticks, labels };
  }
}
