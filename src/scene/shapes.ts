// What a picture is made of: a few plain shapes in stage pixels, grouped into things one can point at.
// Screen, canvas and exports draw the same list; the class names are those of the stage's style sheet.
import type { Selection } from "./selection.ts";
import type { TextStyle } from "./text.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export type Shape =
  | {
      readonly kind: "rect";
      readonly x: number;
      readonly y: number;
      readonly w: number;
      readonly h: number;
      readonly r: number;
      readonly look: string;
    }
  | {
      readonly kind: "text";
      readonly x: number;
      /** Baseline. */
      readonly y: number;
      readonly text: string;
      readonly style: TextStyle;
      readonly look: string;
      readonly anchor: "start" | "middle" | "end";
    }
  | { readonly kind: "path"; readonly d: string; readonly look: string }
  | {
      readonly kind: "circle";
      readonly x: number;
      readonly y: number;
      readonly r: number;
      readonly look: string;
    };

/** Something that can be focused and selected. */
export interface Target {
  /** Accessible name: everything the drawing says. */
  readonly label: string;
  /** What Enter selects; null: Enter opens the outline, where everything is listed. */
  readonly selection: Selection | null;
  /** It is chosen too when this is selected elsewhere. */
  readonly also?: Selection;
}

export interface Item {
  readonly id: string;
  /** 0 requesters, 1 unit, 2 address spaces, 3 memory. */
  readonly column: number;
  readonly box: Box;
  readonly shapes: readonly Shape[];
  readonly target: Target | null;
  /** Painted below the lines: a card that holds other things. */
  readonly back?: true;
}

/** Who leads to whom, by item id, in the direction of travel. */
export interface Link {
  readonly from: string;
  readonly to: string;
  /** `to` stands for several: what lies beyond it concerns others too. */
  readonly ends: boolean;
}

export const rect = (box: Box, r: number, look: string): Shape => ({
  kind: "rect",
  ...box,
  r,
  look,
});

export const path = (d: string, look: string): Shape => ({ kind: "path", d, look });

export const circle = (x: number, y: number, r: number, look: string): Shape => ({
  kind: "circle",
  x,
  y,
  r,
  look,
});

export const text = (
  x: number,
  y: number,
  words: string,
  style: TextStyle,
  look = "",
  anchor: "start" | "middle" | "end" = "start",
): Shape => ({ kind: "text", x, y, text: words, style, look, anchor });
