// One request's walk, told from the events of its moment: numbered hops, cache answers, updates, result.
// Order of tables as in sections 3.4 and 6.2 of the specification. Pure: the same events give the same walk.
import type { Hpa, Iova } from "../base/brand.ts";
import { environmentOf } from "../hardware/vtd/environment.ts";
import type { HardwareEvent, TableKind } from "../hardware/vtd/events.ts";
import { switchesOf } from "../hardware/vtd/profile.ts";
import type { CacheName } from "../hardware/vtd/types.ts";
import type { SessionPort } from "../session/types.ts";
import { findHops } from "./walk-hops.ts";
import { splitRequest } from "./walk-split.ts";
import type { Hop, Unit, Walk, WalkResult } from "./walk-types.ts";

type RequestEvent = Extract<HardwareEvent, { kind: "request" }>;

/** The unit of an open session. Reading it changes nothing. */
export function unitOf(session: SessionPort): Unit {
  const survey = session.survey();
  return {
    environment: environmentOf({
      capabilities: session.capabilities,
      haw: session.info.haw,
      switches: switchesOf(session.profile),
    }),
    scalable: survey.mode === "scalable",
    rootTable: survey.rootTable,
    readWord: (address) => session.memory.readWord(address),
  };
}

/** The walk of the last request among `events`; null when there is none. `mask` is the page mask that answered. */
export function walkOf(events: readonly HardwareEvent[], unit: Unit, mask = 0n): Walk | null {
  const starts = events.flatMap((event, at) => (event.kind === "request" ? [at] : []));
  const start = starts.at(-1);
  const request = start === undefined ? undefined : (events[start] as RequestEvent);
  if (start === undefined || !request) return null;
  const pieces = splitPieces(events.slice(start + 1));
  const refused = pieces.findIndex((piece) => piece.some((event) => event.kind === "refused"));
  const piece = Math.max(refused, 0);
  const own = pieces[piece] ?? [];
  const address = addressOf(own) ?? request.address;
  const found = findHops({ ...request, address }, own, unit, mask);
  const result = resultOf(own);
  const split = splitRequest(
    { requester: request.requester, address },
    {
      scalable: unit.scalable,
      pasid: found.pasid,
      levels: found.levels,
      leaf: found.leaf,
      firstPagingHop: unit.scalable ? 5 : 3,
    },
  );
  return {
    request,
    pasidInUse: found.pasid,
    stage: found.stage,
    levels: found.levels,
    hops: found.hops,
    split,
    lookups: own.flatMap((event) =>
      event.kind === "lookup" ? [{ ...event, skips: skippedBy(event, found.hops) }] : [],
    ),
    updates: own.flatMap((event) =>
      event.kind === "update" ? [{ ...event, hop: hopAt(found.hops, event.address) }] : [],
    ),
    fills: own.flatMap((event) => (event.kind === "fill" ? [event.entry] : [])),
    result,
    pieces: pieces.length,
    piece,
    requests: starts.length,
  };
}

const ENDS: ReadonlySet<HardwareEvent["kind"]> = new Set(["reached", "refused", "interrupt"]);
const AFTER_END: ReadonlySet<HardwareEvent["kind"]> = new Set([
  "record",
  "no record",
  "fill",
  "drop",
  "register write",
]);

/** Events of each part of a request: a part ends where memory, a refusal or an interrupt is reached. */
function splitPieces(events: readonly HardwareEvent[]): HardwareEvent[][] {
  const pieces: HardwareEvent[][] = [];
  let ended = true;
  let refused = false;
  for (const event of events) {
    // A fault that was recorded raises the unit's own interrupt, which is no part of the request.
    const raised = event.kind === "interrupt" && refused;
    if (ended && !raised && !(pieces.length > 0 && AFTER_END.has(event.kind))) {
      pieces.push([]);
      ended = false;
      refused = false;
    }
    pieces.at(-1)?.push(event);
    if (event.kind === "refused") refused = true;
    if (ENDS.has(event.kind)) ended = true;
  }
  return pieces;
}

function addressOf(events: readonly HardwareEvent[]): Iova | null {
  for (const event of events) {
    if (event.kind === "reached" || event.kind === "refused") return event.address;
  }
  return null;
}

function resultOf(events: readonly HardwareEvent[]): WalkResult {
  for (const event of events) {
    if (event.kind === "reached") {
      return { kind: "reached", target: event.target, how: event.how };
    }
    if (event.kind === "interrupt") return { kind: "interrupt", data: event.data };
    if (event.kind === "refused") {
      const record = events.find((other) => other.kind === "record");
      const without = events.find((other) => other.kind === "no record");
      return {
        kind: "fault",
        reason: event.reason,
        record: record?.record ?? null,
        unrecorded: without?.because ?? null,
      };
    }
  }
  return { kind: "unknown" };
}

const COVERS: Record<CacheName, readonly TableKind[]> = {
  context: ["root entry", "context entry"],
  pasid: ["PASID directory entry", "PASID table entry"],
  iotlb: ["first-stage entry", "second-stage entry"],
  paging: ["first-stage entry", "second-stage entry"],
};

function skippedBy(lookup: Extract<HardwareEvent, { kind: "lookup" }>, hops: readonly Hop[]) {
  if (lookup.slot === null) return [];
  return hops
    .filter((hop) => hop.state === "cached" && COVERS[lookup.cache].includes(hop.table))
    .map((hop) => hop.number);
}

function hopAt(hops: readonly Hop[], address: Hpa): number | null {
  const hop = hops.find(
    (candidate) =>
      candidate.address !== null &&
      address >= candidate.address &&
      address < candidate.address + BigInt(candidate.size),
  );
  return hop?.number ?? null;
}
