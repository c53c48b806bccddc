// The picture of the machine: from what the tables and caches say, and the events of the shown request, to shapes,
// lines and ways. Pure: the same input gives the same picture.
import { type Cast, castOf, type SceneInput } from "./cast.ts";
import { type Frame, frameFor } from "./columns.ts";
import { type Curve, connector, polyline } from "./curve.ts";
import { type Columns, type Edge, edgesOf, withBeads } from "./edges.ts";
import { type LegendEntry, legendOf } from "./legend.ts";
import { memoryColumn } from "./memory-bands.ts";
import { PLAIN_HUE } from "./owners.ts";
import { requesterColumn } from "./requesters.ts";
import { type Route, routeOf } from "./route.ts";
import type { Item, Link } from "./shapes.ts";
import { spaceColumn } from "./spaces.ts";
import { unitColumn } from "./unit.ts";
import { verdictCard } from "./verdict.ts";

export interface Scene {
  readonly frame: Frame;
  /** In the order in which the keyboard goes through them: by column, top to bottom. */
  readonly items: readonly Item[];
  readonly edges: readonly Edge[];
  readonly links: readonly Link[];
  /** The way of the followed request; null when there is none or its function is not on the stage. */
  readonly route: Route | null;
  /** The card of a refusal and the line of its record; drawn once the packet has died. */
  readonly verdict: { readonly item: Item; readonly line: Curve | null } | null;
  readonly legend: readonly LegendEntry[];
  readonly cast: Cast;
  readonly columns: Columns;
  /** Hues of the owners that occur. */
  readonly hues: readonly number[];
}

/** The stage stays below this many elements; what a request adds while it travels is kept free. */
const MOST_ELEMENTS = 500;
const RESERVED = 60;

export function sceneOf(input: SceneInput): Scene {
  const frame = frameFor(input.size);
  const cast = castOf(input);
  const requesters = requesterColumn(cast, frame, input);
  const unit = unitColumn(cast, frame, input);
  const spaces = spaceColumn(cast, frame, input);
  const memory = memoryColumn(cast, frame, input);
  const columns: Columns = { requesters, unit, spaces, memory };
  const { edges, links } = edgesOf(cast, columns, input);
  const route = input.journey && routeOf(input.journey, cast, columns);
  const card = input.journey && spaces.verdict && verdictCard(input.journey, spaces.verdict);
  const items = [...requesters.items, ...unit.items, ...spaces.items, ...memory.items];
  const lowest = Math.max(
    ...items.map((item) => item.box.y + item.box.h),
    card ? card.box.y + card.box.h : 0,
  );
  const slots = cast.actors.flatMap((actor) => actor.slots);
  const owners = [
    ...cast.spaces.map((space) => cast.ownerOf(space.id)),
    ...slots.map((slot) => slot.owner),
  ];
  const hues = new Set(owners.flatMap((owner) => owner?.hue ?? []));
  hues.delete(PLAIN_HUE);
  return {
    frame: { ...frame, height: Math.max(frame.height, Math.ceil(lowest + 12)) },
    items,
    edges: withBeads(edges, MOST_ELEMENTS - RESERVED - countOf(items, edges)),
    links,
    route,
    verdict: card
      ? {
          item: card,
          line: route ? recordLine(route, card.box) : null,
        }
      : null,
    legend: legendOf(input, cast),
    cast,
    columns,
    hues: [...hues].sort(),
  };
}

/** From the row that refused to the right; from an address space down its left side. */
function recordLine(route: Route, card: Item["box"]): Curve | null {
  const to = { x: card.x, y: card.y + card.h / 2 };
  const { cross, recordFrom } = route;
  if (!cross || !recordFrom) return null;
  if (route.journey.endPlace !== "space") return connector(recordFrom, to);
  const aside = cross.x - 10;
  return polyline([cross, { x: aside, y: cross.y }, { x: aside, y: to.y }, to]);
}

/** Elements that drawing this scene takes: shapes, their groups, lines and beads. */
export const elementCount = (scene: Scene): number => countOf(scene.items, scene.edges);

const countOf = (items: readonly Item[], edges: readonly Edge[]): number =>
  items.reduce((sum, item) => sum + 1 + item.shapes.length, 0) +
  edges.reduce((sum, edge) => sum + (edge.bead === "" ? 1 : 2), 0);
