// Lines of the stage as geometry: straight runs and horizontal-ended cubics, with points at a fraction of their length.
import { tidy } from "./owners.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Curve {
  /** SVG path data. */
  readonly d: string;
  /** Pixels, of the samples. */
  readonly length: number;
  /** Points along the curve and the length up to each. */
  readonly samples: readonly { readonly x: number; readonly y: number; readonly at: number }[];
}

const STEPS = 24;

function measured(d: string, points: readonly Point[]): Curve {
  let at = 0;
  const samples = points.map((point, index) => {
    const before = points[index - 1] ?? point;
    at += Math.hypot(point.x - before.x, point.y - before.y);
    return { x: point.x, y: point.y, at };
  });
  return { d, length: at, samples };
}

/** A straight run through the given points. */
export function polyline(points: readonly Point[]): Curve {
  const d = points.map((p, i) => `${i === 0 ? "M" : "L"}${tidy(p.x)} ${tidy(p.y)}`).join("");
  return measured(d, points);
}

/** Leaves `from` to the right and enters `to` from the left. */
export function connector(from: Point, to: Point): Curve {
  if (Math.abs(from.y - to.y) < 0.5) return polyline([from, to]);
  const reach = Math.max(16, Math.abs(to.x - from.x) * 0.55);
  const [a, b] = [
    { x: from.x + reach, y: from.y },
    { x: to.x - reach, y: to.y },
  ];
  const d = `M${tidy(from.x)} ${tidy(from.y)}C${tidy(a.x)} ${tidy(a.y)} ${tidy(b.x)} ${tidy(b.y)} ${tidy(to.x)} ${tidy(to.y)}`;
  const points = Array.from({ length: STEPS + 1 }, (_, i) => {
    const t = i / STEPS;
    const u = 1 - t;
    const mix = (p: number, q: number, r: number, s: number) =>
      u * u * u * p + 3 * u * u * t * q + 3 * u * t * t * r + t * t * t * s;
    return { x: mix(from.x, a.x, b.x, to.x), y: mix(from.y, a.y, b.y, to.y) };
  });
  return measured(d, points);
}

/** Two curves, the second starting where the first ends. */
export function joined(first: Curve, second: Curve): Curve {
  const d = first.d + second.d.replace(/^M/, "L");
  return measured(d, [...first.samples, ...second.samples.slice(1)]);
}

/** The point at `fraction` (0 .. 1) of the length. */
export function pointAt(curve: Curve, fraction: number): Point {
  const wanted = Math.min(1, Math.max(0, fraction)) * curve.length;
  let before = curve.samples[0] ?? { x: 0, y: 0, at: 0 };
  for (const sample of curve.samples) {
    if (sample.at >= wanted) {
      const span = sample.at - before.at;
      const share = span === 0 ? 0 : (wanted - before.at) / span;
      return {
        x: before.x + (sample.x - before.x) * share,
        y: before.y + (sample.y - before.y) * share,
      };
    }
    before = sample;
  }
  return { x: before.x, y: before.y };
}

/** Progress 0 .. 1 along a CSS cubic-bezier timing curve with ends (0,0) and (1,1). */
export function eased(progress: number, x1: number, y1: number, x2: number, y2: number): number {
  if (progress <= 0) return 0;
  if (progress >= 1) return 1;
  const bezier = (t: number, p: number, q: number) =>
    3 * (1 - t) * (1 - t) * t * p + 3 * (1 - t) * t * t * q + t * t * t;
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (bezier(middle, x1, x2) < progress) low = middle;
    else high = middle;
  }
  return bezier((low + high) / 2, y1, y2);
}
