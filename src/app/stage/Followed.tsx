// The request that is followed: its line, the numbered hops, the packet, where it lands or dies.
import { useEffect, useRef } from "react";
import { type Point, pointAt } from "../../scene/curve.ts";
import { markerAt, progressOf, type Route } from "../../scene/route.ts";
import type { Scene } from "../../scene/scene.ts";
import { onRuler } from "../../scene/spaces.ts";
import { textWidth } from "../../scene/text.ts";
import { digitsWord } from "../../scene/words.ts";
import { clock } from "../clock.ts";
import { useApp } from "../store.ts";
import { classes } from "../ui/classes.ts";
import { journeyTime, type Shown } from "./conductor.ts";

/** For lines and numbers that the accessible names of the things beside them already say. */
export const UNHEARD = { "aria-hidden": true } as const;

const hueOf = (route: Route): string => `own-${route.owner?.hue ?? "none"}`;

/** Lines travelled so far; below the cards. `flood`: requests a second, when they are too many to draw. */
export function Travelled({
  route,
  flood,
}: {
  readonly route: Route;
  readonly flood: number | null;
}) {
  // Packets of a stream are dots of the same hue: the line steps back, so that they can be seen.
  const streams = useApp((state) => state.stream !== null);
  const paths = useRef<(SVGPathElement | null)[]>([]);
  useEffect(() => {
    const drawn: number[] = [];
    const draw = () => {
      // Each write repaints the whole drawing: only what has changed is written, and nothing while a stream runs.
      const time = streams ? Number.POSITIVE_INFINITY : journeyTime();
      route.segments.forEach((segment, at) => {
        const share = time < segment.start ? 0 : progressOf(segment, time);
        if (drawn[at] === share) return;
        drawn[at] = share;
        paths.current[at]?.setAttribute("stroke-dashoffset", String(1 - share));
        paths.current[at]?.classList.toggle("not-yet", share === 0);
      });
      return undefined;
    };
    draw();
    return clock.subscribe("dom", draw);
  }, [route, streams]);
  return (
    <g
      className={classes("travelled", hueOf(route), streams && flood === null && "thin")}
      {...UNHEARD}
    >
      {flood !== null &&
        route.segments.map((segment) => (
          <path key={segment.start} d={segment.curve.d} className="flood" />
        ))}
      {route.segments[0] && (
        <path d={route.segments[0].curve.d} className={`ahead dash-${route.owner?.hue ?? 1}`} />
      )}
      {route.segments.map((segment, at) => (
        <path
          key={segment.start}
          ref={(path) => {
            paths.current[at] = path;
          }}
          d={segment.curve.d}
          pathLength={1}
          strokeDasharray="1 1"
          className={segment.inside ? "rail" : "way"}
        />
      ))}
    </g>
  );
}

/** How many requests pass, in the gap before the unit. */
function Count({ route, rate }: { readonly route: Route; readonly rate: number }) {
  const curve = route.segments[0]?.curve;
  if (!curve) return null;
  const words = `${digitsWord(rate)}/s`;
  const w = textWidth(words, "note") + 12;
  const { x, y } = pointAt(curve, 0.5);
  return (
    <g>
      <rect x={x - w / 2} y={y - 9} width={w} height={18} rx={9} className="pill" />
      <text x={x} y={y + 4} textAnchor="middle" className="note ink">
        {words}
      </text>
    </g>
  );
}

/** Numbers, marker, landing and the packet; above everything else. */
export function Followed({
  scene,
  route,
  shown,
  flood,
}: {
  readonly scene: Scene;
  readonly route: Route;
  readonly shown: Shown;
  readonly flood: number | null;
}) {
  const { journey } = route;
  const arrived = shown.phase !== "under way";
  const refused = journey.end.kind === "refused";
  return (
    <g className={classes("followed", hueOf(route))} {...UNHEARD}>
      <Discs route={route} shown={shown} />
      <Pill route={route} shown={shown} />
      <Marker route={route} shown={shown} />
      {arrived && route.landing && (
        <rect
          x={route.landing.x - 2}
          y={route.landing.y - 2}
          width={route.landing.w + 4}
          height={route.landing.h + 4}
          rx={3}
          className="landing"
        />
      )}
      {arrived && refused && scene.verdict?.line && (
        <path d={scene.verdict.line.d} className="record" />
      )}
      {arrived && refused && route.cross && <Cross at={route.cross} />}
      {flood !== null && <Count route={route} rate={flood} />}
    </g>
  );
}

function Discs({ route, shown }: { readonly route: Route; readonly shown: Shown }) {
  return route.discs.map(({ x, y, stop }) => {
    const reached = shown.stop !== null && stop.arrive <= shown.stop.arrive;
    const now = stop === shown.stop && shown.reading;
    const look = !reached ? "ahead" : now ? "now" : stop.state === "cached" ? "cached" : "done";
    return (
      <g key={stop.hop} className={`disc ${look}`}>
        <circle cx={x} cy={y} r={8.5} className="face" />
        <text x={x} y={y + 4} textAnchor="middle" className="digit">
          {stop.hop + 1}
        </text>
      </g>
    );
  });
}

/** The paging hops in one: "5–8" before and after, the number of the level that is read while it is read. */
function Pill({ route, shown }: { readonly route: Route; readonly shown: Shown }) {
  const levels = route.journey.stops.filter((stop) => stop.place === "space");
  const [first, last] = [levels[0], levels.at(-1)];
  if (!route.pill || !first || !last) return null;
  const now = shown.reading && shown.stop?.place === "space" ? shown.stop : null;
  const all = first === last ? `${first.hop + 1}` : `${first.hop + 1}–${last.hop + 1}`;
  const words = now ? `${now.hop + 1}` : all;
  const w = Math.max(18, textWidth(words, "digit") + 12);
  const { x, y } = route.pill;
  const reached = shown.stop !== null && first.arrive <= shown.stop.arrive;
  const look = now ? "now" : reached ? "done" : "ahead";
  return (
    <g className={`disc ${look}`}>
      <rect x={x - w / 2} y={y - 9} width={w} height={18} rx={9} className="face" />
      <text x={x} y={y + 4} textAnchor="middle" className="digit">
        {words}
      </text>
    </g>
  );
}

/** How far the levels read so far have narrowed the address down, on its ruler. */
function Marker({ route, shown }: { readonly route: Route; readonly shown: Shown }) {
  const part = markerAt(route, shown.stop);
  if (!part || !route.ruler) return null;
  const { ruler } = route;
  const [from, to] = [onRuler(ruler, part.from), onRuler(ruler, part.to)];
  const w = Math.max(2, to - from);
  const x = Math.min(from, ruler.box.x + ruler.box.w - w);
  return (
    <rect
      x={x}
      y={ruler.box.y - 4}
      width={w}
      height={ruler.box.h + 8}
      rx={1}
      className={w > 4 ? "marker wide" : "marker"}
    />
  );
}

function Cross({ at }: { readonly at: Point }) {
  return (
    <g className="cross">
      <circle cx={at.x} cy={at.y} r={9} />
      <path d={`M${at.x - 3.5} ${at.y - 3.5}l7 7m0 -7l-7 7`} />
    </g>
  );
}
