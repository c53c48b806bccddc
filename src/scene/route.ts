// A journey laid over the stage: one line per move, and where the packet is at any moment. One implementation for the
// packet that is followed, for those of a stream, and for still pictures.
import type { Cast, Slot } from "./cast.ts";
import { type Curve, connector, eased, joined, type Point, pointAt, polyline } from "./curve.ts";
import type { Columns } from "./edges.ts";
import type { Journey, Move, Place, Stop } from "./journey-types.ts";
import { cellOfPage } from "./memory-bands.ts";
import type { Owner } from "./owners.ts";
import type { Box } from "./shapes.ts";
import type { Ruler } from "./spaces.ts";

export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly curve: Curve;
  /** Inside the unit the line is the rail. */
  readonly inside: boolean;
  /** The packet stands beside the line's ends, so that it hides no number. */
  readonly offsetFrom: Point;
  readonly offsetTo: Point;
}

/** A numbered disc on the rail. */
export interface Disc extends Point {
  readonly stop: Stop;
}

export interface Route {
  readonly journey: Journey;
  readonly owner: Owner | null;
  readonly segments: readonly Segment[];
  readonly discs: readonly Disc[];
  /** Where the numbers of the paging levels stand; null when none is read. */
  readonly pill: Point | null;
  /** Ruler on which the address is found; null when it passes none. */
  readonly ruler: Ruler | null;
  /** Page cell it lands in. */
  readonly landing: Box | null;
  /** Item of the row that was read last in the unit, and of the space and the band. */
  readonly row: string | null;
  readonly space: string | null;
  readonly band: string | null;
  /** The row that the way leads behind: packets are not drawn over its words. */
  readonly behind: Box | null;
  /** Where a refusal is crossed, and where its record leaves. */
  readonly cross: Point | null;
  readonly recordFrom: Point | null;
}

const ABOVE: Point = { x: 0, y: -19 };
const LEFT: Point = { x: -17, y: 0 };
const NONE: Point = { x: 0, y: 0 };
const RAIL_PLACES: readonly Place[] = ["root", "context", "directory", "row"];

export function routeOf(journey: Journey, cast: Cast, columns: Columns): Route | null {
  const actor = cast.actors.find((one) => one.requester === journey.requester);
  const slot =
    actor?.slots.find((one) => one.sends && one.pasid === journey.pasid) ?? actor?.slots[0];
  const port = slot && columns.requesters.ports.get(slot.id);
  if (!actor || !slot || !port) return null;
  const builder = new RouteBuilder(journey, cast, columns, slot, port, actor === cast.focus);
  return builder.build();
}

class RouteBuilder {
  private readonly journey: Journey;
  private readonly columns: Columns;
  private readonly slot: Slot;
  private readonly port: Point;
  /** The function's tables are shown one by one; otherwise all of the unit is one row. */
  private readonly full: boolean;
  private readonly row: { item: string; in: Point; out: Point } | undefined;
  private readonly space: { item: string; in: Point; out: Point; ruler: Ruler } | undefined;
  private readonly landing: ReturnType<typeof cellOfPage>;

  constructor(
    journey: Journey,
    cast: Cast,
    columns: Columns,
    slot: Slot,
    port: Point,
    full: boolean,
  ) {
    this.journey = journey;
    this.columns = columns;
    this.slot = slot;
    this.port = port;
    this.full = full && cast.focus !== null;
    this.row = columns.unit.rows.get(slot.id);
    this.space = slot.space ? columns.spaces.spaces.get(slot.space.id) : undefined;
    const { end } = journey;
    this.landing =
      end.kind === "reached"
        ? cellOfPage(columns.memory.bands, end.target, slot.space?.id ?? null)
        : null;
  }

  build(): Route {
    const { journey } = this;
    const segments = journey.moves.map((move) => this.segment(move));
    const discs = this.full
      ? journey.stops
          .filter((stop) => stop.place !== "space")
          .map((stop) => ({ stop, ...this.at(stop.place) }))
      : [];
    const beats = journey.stops.some((stop) => stop.place === "space");
    const approach = segments.find((segment) => !segment.inside && segment.offsetTo === LEFT);
    const died = journey.end.kind === "refused";
    const place = journey.endPlace;
    return {
      journey,
      owner: this.slot.owner,
      segments,
      discs,
      pill: beats && approach ? this.pill(approach.curve) : null,
      ruler: this.space?.ruler ?? null,
      landing: this.landing?.box ?? null,
      row: this.row?.item ?? null,
      space: this.space?.item ?? null,
      band: this.landing?.band.item ?? null,
      behind: this.row
        ? {
            x: this.row.in.x,
            y: this.row.in.y - 12,
            w: this.row.out.x - this.row.in.x,
            h: 24,
          }
        : null,
      cross: died ? this.at(place) : null,
      recordFrom: died ? this.leaving(place) : null,
    };
  }

  /** Halfway between row and address space, so that it covers neither. */
  private pill(curve: Curve): Point {
    const out = this.row?.out.x ?? this.columns.unit.card.x + this.columns.unit.card.w;
    const middle = (out + this.at("space").x) / 2;
    return curve.samples.find((sample) => sample.x >= middle) ?? pointAt(curve, 0.62);
  }

  private segment(move: Move): Segment {
    const from = this.at(move.from);
    const to = this.at(move.to);
    const inside = RAIL_PLACES.includes(move.from) && RAIL_PLACES.includes(move.to);
    return {
      start: move.start,
      end: move.end,
      inside,
      curve: inside ? polyline([from, to]) : this.line(move, from, to),
      offsetFrom: this.offset(move.from),
      offsetTo: this.offset(move.to),
    };
  }

  private line(move: Move, from: Point, to: Point): Curve {
    if (move.from === "port") return connector(from, to);
    const right = this.columns.unit.card.x + this.columns.unit.card.w;
    const out =
      move.from === "space" ? this.space?.out : (this.row?.out ?? { x: right, y: from.y });
    if (!out) return connector(from, to);
    return joined(polyline([from, out]), connector(out, to));
  }

  /** The point of a place; what is not drawn falls back to the unit's edge at the same height. */
  private at(place: Place): Point {
    const { unit, memory } = this.columns;
    if (place === "port") return this.port;
    if (place === "space") return this.space?.in ?? this.beyond();
    if (place === "memory") {
      const band = this.landing?.band ?? memory.bands.at(-1);
      return band?.in ?? this.beyond();
    }
    if (!this.full) return this.row?.in ?? { x: unit.card.x, y: this.port.y };
    return unit.rail.get(place) ?? unit.rail.get("root") ?? { x: unit.card.x, y: this.port.y };
  }

  private beyond(): Point {
    const { card } = this.columns.unit;
    return { x: card.x + card.w + 20, y: this.row?.out.y ?? card.y + 40 };
  }

  private leaving(place: Place): Point {
    const { card } = this.columns.unit;
    if (place === "space") return this.space?.out ?? this.beyond();
    if (place === "row" && this.row) return this.row.out;
    return { x: card.x + card.w - 12, y: this.at(place).y };
  }

  private offset(place: Place): Point {
    if (place === "port") return NONE;
    if (place === "space" || place === "memory") return LEFT;
    return this.full ? ABOVE : LEFT;
  }
}

/** Where the packet is at `time`: beside the numbers of the hops, or with `exact` on the line itself. */
export function packetAt(route: Route, time: number, exact = false): Point | null {
  let last: Segment | undefined;
  for (const segment of route.segments) {
    if (time < segment.start) break;
    last = segment;
  }
  const first = route.segments[0];
  if (!last) return first ? (first.curve.samples[0] ?? null) : null;
  const share = progressOf(last, time);
  const point = pointAt(last.curve, share);
  if (exact) return point;
  const mix = (from: number, to: number) => from + (to - from) * share;
  return {
    x: point.x + mix(last.offsetFrom.x, last.offsetTo.x),
    y: point.y + mix(last.offsetFrom.y, last.offsetTo.y),
  };
}

/** How far along a segment the packet is, 0 .. 1, eased. */
export function progressOf(segment: Segment, time: number): number {
  const span = segment.end - segment.start;
  const linear = span === 0 ? 1 : (time - segment.start) / span;
  return eased(linear, 0.4, 0, 0.2, 1);
}

/** The part of a ruler that the levels read so far have narrowed the address down to. */
export function markerAt(route: Route, stop: Stop | null): { from: bigint; to: bigint } | null {
  const { journey, ruler } = route;
  if (!ruler || stop?.place !== "space" || stop.level === null) return null;
  const size = 1n << BigInt(12 + 9 * (stop.level - 1));
  const from = journey.address - (journey.address % size);
  return { from, to: from + size };
}
