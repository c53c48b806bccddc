// The canvas layer: packets of a stream, as capsules while they are few and as dots beyond that.
import { useEffect, useRef } from "react";
import { clock } from "../clock.ts";
import { useApp } from "../store.ts";
import { Dots } from "./dots.ts";
import { UNHEARD } from "./Followed.tsx";
import { type Palette, readPalette } from "./palette.ts";
import { flow, followedPlace } from "./stream.ts";

/** Beyond so many packets at once a capsule is a dot. */
const MOST_CAPSULES = 24;
const CAPSULE = { w: 28, h: 16 } as const;

export function Packets({ width, height }: { readonly width: number; readonly height: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useApp((state) => state.preferences.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of theme changes the colours that are read.
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const dots = new Dots(element);
    const context = element.getContext("2d");
    let palette: Palette | null = null;
    let drawn = 0;
    const forget = () => {
      palette = null;
    };
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", forget);
    dots.resize(width, height, devicePixelRatio);
    const stop = clock.subscribe("canvas", () => {
      const { count } = flow;
      if (count === 0 && drawn === 0) return undefined;
      palette ??= readPalette(element);
      if (count > MOST_CAPSULES) {
        if (drawn <= MOST_CAPSULES) dots.clear();
        dots.draw(count, flow.x, flow.y, flow.hue, palette.pixels);
      } else {
        dots.clear();
        if (context) drawCapsules(context, palette);
      }
      drawn = count;
      return undefined;
    });
    return () => {
      stop();
      dark.removeEventListener("change", forget);
    };
  }, [width, height, theme]);
  return <canvas ref={canvas} className="packets" style={{ width, height }} {...UNHEARD} />;
}

function drawCapsules(context: CanvasRenderingContext2D, palette: Palette): void {
  context.save();
  context.scale(devicePixelRatio, devicePixelRatio);
  context.font = `600 11px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textAlign = "center";
  const followed = followedPlace();
  for (let i = 0; i < flow.count; i++) {
    const [x, y, hue] = [flow.x[i] ?? 0, flow.y[i] ?? 0, flow.hue[i] ?? 0];
    // The followed packet passes before the others: two letters on top of one another can be read by nobody.
    if (
      followed &&
      Math.abs(x - followed.x) <= CAPSULE.w &&
      Math.abs(y - followed.y) <= CAPSULE.h
    ) {
      continue;
    }
    context.fillStyle = palette.fills[hue] ?? "";
    context.beginPath();
    context.roundRect(x - CAPSULE.w / 2, y - CAPSULE.h / 2, CAPSULE.w, CAPSULE.h, CAPSULE.h / 2);
    context.fill();
    context.fillStyle = palette.inks[hue] ?? "";
    context.fillText(flow.letter(i), x, y + 4);
  }
  context.restore();
}
