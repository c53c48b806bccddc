// Packets in flight: when each left, and on which way. Positions come from ways sampled once, so that ten thousand
// packets cost a table look-up each.
import type { Point } from "../../scene/curve.ts";
import { packetAt, type Route } from "../../scene/route.ts";
import type { Box } from "../../scene/shapes.ts";

/** Clock milliseconds between two samples of a way. */
const SAMPLE = 16;

/** Left of everything: where packets are that are not seen. */
const OUTSIDE = -100;

const isInside = (point: Point, box: Box | null): boolean =>
  box !== null &&
  point.x > box.x &&
  point.x < box.x + box.w &&
  point.y > box.y &&
  point.y < box.y + box.h;

interface Way {
  readonly route: Route;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Milliseconds. */
  readonly duration: number;
  readonly hue: number;
  readonly letter: string;
}

/** Most packets that are drawn one by one. */
export const MOST_PACKETS = 10_000;

export class Flow {
  /** Packets in flight. */
  count = 0;
  readonly x = new Float32Array(MOST_PACKETS);
  readonly y = new Float32Array(MOST_PACKETS);
  /** Hue of each packet's owner, 0: nobody's. */
  readonly hue = new Uint8Array(MOST_PACKETS);
  private readonly start = new Float64Array(MOST_PACKETS);
  private readonly way = new Uint16Array(MOST_PACKETS);
  private readonly ways: Way[] = [];
  private readonly known = new Map<string, number>();

  /** Number of the way of `route`; the same for routes with the same key. */
  wayOf(key: string, route: Route, letter: string): number {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const duration = route.journey.endTime;
    const samples = Math.ceil(duration / SAMPLE) + 1;
    const [x, y] = [new Float32Array(samples), new Float32Array(samples)];
    for (let at = 0; at < samples; at++) {
      const point = packetAt(route, at * SAMPLE, true) ?? { x: 0, y: 0 };
      x[at] = isInside(point, route.behind) ? OUTSIDE : point.x;
      y[at] = point.y;
    }
    const number =
      this.ways.push({ route, x, y, duration, hue: route.owner?.hue ?? 0, letter }) - 1;
    this.known.set(key, number);
    return number;
  }

  /** A packet leaves at clock time `start`. Beyond the limit it is not drawn; false then. */
  add(start: number, way: number): boolean {
    if (this.count >= MOST_PACKETS) return false;
    this.start[this.count] = start;
    this.way[this.count] = way;
    this.hue[this.count] = this.ways[way]?.hue ?? 0;
    this.count++;
    return true;
  }

  /** Takes away those that have arrived, and works out where the others are. True while any is left. */
  advance(now: number): boolean {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const start = this.start[i] as number;
      const number = this.way[i] as number;
      const way = this.ways[number];
      if (!way || now - start >= way.duration) continue;
      // One that has yet to leave stands outside.
      const waiting = now < start;
      const sample = waiting ? 0 : (now - start) / SAMPLE;
      const before = Math.floor(sample);
      const share = sample - before;
      const [x, y] = [way.x[before] ?? 0, way.y[before] ?? 0];
      const next = way.x[before + 1] ?? x;
      const hidden = waiting || x === OUTSIDE || next === OUTSIDE;
      this.start[kept] = start;
      this.way[kept] = number;
      this.hue[kept] = way.hue;
      this.x[kept] = hidden ? OUTSIDE : x + (next - x) * share;
      this.y[kept] = y + ((way.y[before + 1] ?? y) - y) * share;
      kept++;
    }
    this.count = kept;
    return kept > 0;
  }

  letter(i: number): string {
    return this.ways[this.way[i] as number]?.letter ?? "";
  }

  /** The stage was laid out anew: ways have moved, packets in flight are let go. */
  reset(): void {
    this.count = 0;
    this.ways.length = 0;
    this.known.clear();
  }
}
