// From the events of one request to its journey. Every stop, jump and end is backed by an event: take the event
// out of the trace and it is gone from the picture. Times are those of the motion table of the visual design.
import type { Hpa } from "../base/brand.ts";
import type { HardwareEvent, TableKind } from "../hardware/vtd/events.ts";
import type { CacheName } from "../hardware/vtd/types.ts";
import type { End, Journey, Move, Place, Stop } from "./journey-types.ts";

/** Milliseconds at speed 1. */
export const TIMES = { travel: 320, pause: 160, jump: 160, refusal: 280, cell: 120 } as const;

type RequestEvent = Extract<HardwareEvent, { kind: "request" }>;
type ReadEvent = Extract<HardwareEvent, { kind: "read" }>;

/** The events of each request, in order. Events before the first request belong to none. */
export function splitRequests(events: readonly HardwareEvent[]): HardwareEvent[][] {
  const requests: HardwareEvent[][] = [];
  for (const event of events) {
    if (event.kind === "request") requests.push([event]);
    else requests.at(-1)?.push(event);
  }
  return requests;
}

/** The journey of the last request among `events`; null when there is none. */
export function journeyOf(events: readonly HardwareEvent[], scalable: boolean): Journey | null {
  const own = splitRequests(events).at(-1);
  const request = own?.[0];
  return own && request?.kind === "request" ? journeyOfOne(request, own, scalable) : null;
}

/** The journey of one request, from the events that follow it up to the next. */
export function journeyOfOne(
  request: RequestEvent,
  events: readonly HardwareEvent[],
  scalable: boolean,
): Journey {
  const piece = firstPiece(events);
  const planned = plan(piece, scalable);
  const end = endOf(piece);
  const timed = schedule(planned, end, scalable);
  const fills = piece.flatMap((event) => (event.kind === "fill" ? [event.entry] : []));
  const settle = end.kind === "refused" ? TIMES.refusal : fills.length > 0 ? TIMES.cell : 0;
  return {
    requester: request.requester,
    pasid: request.pasid,
    access: request.access,
    address: request.address,
    length: request.length,
    ...timed,
    end,
    duration: timed.endTime + settle,
    reads: planned.filter((stop) => stop.state !== "cached").length,
    entry: namingEntry(piece, scalable),
    hits: piece.flatMap((event) =>
      event.kind === "lookup" && event.slot !== null
        ? [{ cache: event.cache, slot: event.slot }]
        : [],
    ),
    fills,
    drops: piece.flatMap((event) => (event.kind === "drop" ? [event] : [])),
  };
}

/** Up to the refusal, else up to where the first part of the request lands, with what is recorded and filled then. */
function firstPiece(events: readonly HardwareEvent[]): readonly HardwareEvent[] {
  const refused = events.findIndex((event) => event.kind === "refused");
  const landed = events.findIndex((event) => event.kind === "reached");
  if (landed < 0 || (refused >= 0 && refused < landed)) return events;
  const next = events.findIndex(
    (event, at) => at > landed && (event.kind === "read" || event.kind === "lookup"),
  );
  return next < 0 ? events : events.slice(0, next);
}

function namingEntry(events: readonly HardwareEvent[], scalable: boolean): Hpa | null {
  const table: TableKind = scalable ? "PASID table entry" : "context entry";
  const read = events.find((event) => event.kind === "read" && event.table === table);
  return read?.kind === "read" ? read.address : null;
}

function endOf(events: readonly HardwareEvent[]): End {
  // A request that is an interrupt reads no table; the unit's own interrupt comes with the record of a fault.
  const own = !events.some((event) => event.kind === "read" || event.kind === "record");
  for (const event of events) {
    if (event.kind === "reached") return { kind: "reached", target: event.target, how: event.how };
    if (event.kind === "interrupt" && own) return { kind: "interrupt", data: event.data };
    if (event.kind === "refused") {
      const record = events.some((other) => other.kind === "record");
      const none = events.some((other) => other.kind === "no record");
      return {
        kind: "refused",
        reason: event.reason,
        recorded: record ? true : none ? false : null,
      };
    }
  }
  return { kind: "unknown" };
}

type Planned = Omit<Stop, "arrive" | "leave">;

const TABLES: readonly TableKind[] = [
  "root entry",
  "context entry",
  "PASID directory entry",
  "PASID table entry",
];

const PLACES: Readonly<Record<TableKind, Place>> = {
  "root entry": "root",
  "context entry": "context",
  "PASID directory entry": "directory",
  "PASID table entry": "row",
  "first-stage entry": "space",
  "second-stage entry": "space",
};

const COVERED: Readonly<Record<CacheName, readonly TableKind[]>> = {
  context: ["root entry", "context entry"],
  pasid: ["PASID directory entry", "PASID table entry"],
  iotlb: TABLES,
  paging: [],
};

/** Stops in the order of the tables: those that were read, and those that a cache hit stands for. */
function plan(events: readonly HardwareEvent[], scalable: boolean): Planned[] {
  const reads = events.filter((event): event is ReadEvent => event.kind === "read");
  const hits = new Set(
    events.flatMap((event) =>
      event.kind === "lookup" && event.slot !== null ? [event.cache] : [],
    ),
  );
  const tables = scalable ? TABLES : TABLES.slice(0, 2);
  const stops: Planned[] = [];
  tables.forEach((table, hop) => {
    const read = reads.find((event) => event.table === table);
    const place = !scalable && table === "context entry" ? "row" : PLACES[table];
    if (read) stops.push(stopAt(read, hop, place));
    else if ([...hits].some((cache) => COVERED[cache].includes(table))) {
      stops.push({ hop, table, level: null, place, state: "cached", index: null });
    }
  });
  const paging = reads.filter((event) => event.level !== null);
  const top = paging[0];
  const nested = new Set(paging.map((event) => event.table)).size > 1;
  const first = tables.length;
  // A paging-structure cache that answered stands for the levels above the first one that was read.
  const above = hits.has("paging") && !nested && top?.level ? 4 - top.level : 0;
  paging.forEach((event, at) => {
    stops.push(stopAt(event, first + Math.max(0, above) + at, "space"));
  });
  return stops;
}

const stopAt = (read: ReadEvent, hop: number, place: Place): Planned => ({
  hop,
  table: read.table,
  level: read.level,
  place,
  state: read.decision === "refused" ? "refused" : "read",
  index: read.index,
});

/** Gives the stops their times and the moves between them. */
function schedule(
  planned: readonly Planned[],
  end: End,
  scalable: boolean,
): Pick<Journey, "stops" | "moves" | "endPlace" | "endTime"> {
  const stops: Stop[] = [];
  const moves: Move[] = [];
  let at: Place = "port";
  let now = 0;
  const go = (to: Place, time: number, jump = false): void => {
    if (to === at) return;
    moves.push({ from: at, to, start: now, end: now + time, jump });
    now += time;
    at = to;
  };
  const unit = planned.filter((stop) => stop.place !== "space");
  if (planned.length > 0 || end.kind !== "unknown") go("root", TIMES.travel);
  let skipped = false;
  for (const stop of unit) {
    if (stop.state === "cached") {
      skipped = true;
      stops.push({ ...stop, arrive: now, leave: now });
      continue;
    }
    go(stop.place, skipped ? TIMES.jump : TIMES.travel, skipped);
    skipped = false;
    stops.push({ ...stop, arrive: now, leave: now + TIMES.pause });
    if (stop.state === "refused") return { stops, moves, endPlace: at, endTime: now };
    now += TIMES.pause;
  }
  const beats = planned.filter((stop) => stop.place === "space");
  const translated = end.kind === "reached" && end.how !== "remapping off";
  if (skipped) go(lastPlace(unit, scalable), TIMES.jump, true);
  if (beats.length > 0 || translated) go("space", TIMES.travel);
  for (const beat of beats) {
    stops.push({ ...beat, arrive: now, leave: now + TIMES.pause });
    if (beat.state === "refused") return { stops, moves, endPlace: at, endTime: now };
    now += TIMES.pause;
  }
  if (end.kind === "reached") go("memory", TIMES.travel);
  return { stops, moves, endPlace: at, endTime: now };
}

const lastPlace = (unit: readonly Planned[], scalable: boolean): Place =>
  unit.at(-1)?.place ?? (scalable ? "row" : "root");

/** The last stop that the packet has reached at `time`; null before the first. */
export function stopAtTime(journey: Journey, time: number): Stop | null {
  return journey.stops.filter((stop) => stop.arrive <= time).at(-1) ?? null;
}

/**
 * When the packet stands at hop `hop`: the middle of its pause; for a paging level of which a cache knew the result, when
 * it is at the address space. Null hop: the end.
 */
export function timeOfHop(journey: Journey, hop: number | null): number {
  if (hop === null) return journey.duration;
  const stop = journey.stops.filter((one) => one.hop <= hop).at(-1);
  if (!stop) return 0;
  if (stop.hop < hop && stop === journey.stops.at(-1)) {
    const there = journey.moves.find((move) => move.to === "space");
    if (there && stop.place !== "space") return there.end;
  }
  if (stop.state !== "refused") return stop.arrive + (stop.leave - stop.arrive) / 2;
  return journey.duration;
}
