// Colours of the owners as the page's style has them now, for what is painted on a canvas.
import { pixelOf } from "./dots.ts";

export interface Palette {
  /** Fill and text on it, by hue 1 .. 9; entry 0 is for packets that are nobody's. */
  readonly fills: readonly string[];
  readonly inks: readonly string[];
  readonly pixels: Uint32Array;
}

/** Asks the browser to work out each token: forced colours and keywords become numbers. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const probe = document.createElement("canvas").getContext("2d");
  const token = (name: string): string => {
    const value = style.getPropertyValue(name).trim() || "#000000";
    if (!probe) return value;
    // A canvas turns every colour it understands into #rrggbb.
    probe.fillStyle = "#000000";
    probe.fillStyle = value;
    return String(probe.fillStyle);
  };
  const hues = [1, 2, 3, 4, 5, 6, 7, 8];
  const fills = [
    token("--fault"),
    ...hues.map((hue) => token(`--owner-${hue}`)),
    token("--neutral"),
  ];
  const inks = [
    token("--canvas"),
    ...hues.map((hue) => token(`--on-owner-${hue}`)),
    token("--canvas"),
  ];
  return { fills, inks, pixels: Uint32Array.from(fills, pixelOf) };
}
