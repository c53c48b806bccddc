// What of the followed request changes on the stage when it reaches a hop, apart from its motion.
import { actorId, slotId } from "../../scene/cast.ts";
import type { Stop } from "../../scene/journey-types.ts";
import type { Route } from "../../scene/route.ts";
import type { Shown } from "./conductor.ts";

const TINTS = {
  "root entry": "bus",
  "context entry": "devfn",
  "PASID directory entry": "directory",
  "PASID table entry": "pasid",
} as const;

export interface Lit {
  /** Item whose entry is being read, and the tint of the field that selected it. */
  readonly item: string | null;
  readonly tint: string;
}

/** The row or table that the packet stands at. */
export function litItem(route: Route | null, shown: Shown): Lit {
  const { stop } = shown;
  if (!route || !stop || !shown.reading) {
    return { item: null, tint: "" };
  }
  const tint = TINTS[stop.table as keyof typeof TINTS];
  return tint ? { item: itemOf(stop, route), tint } : { item: null, tint: "" };
}

function itemOf(stop: Stop, route: Route): string | null {
  switch (stop.place) {
    case "root":
      return "table-root";
    case "context":
      return "table-context";
    case "directory":
      return "table-directory";
    default:
      return route.row;
  }
}

/** What the followed request passes: it is not dimmed when something else is pointed at. */
export function itemsOnWay(route: Route | null): ReadonlySet<string> {
  if (!route) return new Set();
  const { requester, pasid, stops, hits } = route.journey;
  const passed = [
    actorId(requester),
    slotId(requester, pasid),
    route.row,
    route.space,
    route.band,
    ...stops.map((stop) => itemOf(stop, route)),
    ...hits.map((hit) => `cache-${hit.cache}`),
  ];
  return new Set(passed.filter((id) => id !== null));
}
