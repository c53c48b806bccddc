// Draws the shapes of the scene, one element each; the style sheet knows their looks.
import { memo } from "react";
import type { Item, Shape } from "../../scene/shapes.ts";
import { FACES } from "../../scene/text.ts";
import { classes } from "../ui/classes.ts";

/** Fills that are drawn by a pattern of the stage's own. */
function patternFill(look: string): string | undefined {
  const owner = /pattern-([1-8])/.exec(look);
  if (owner) return `url(#owner-pattern-${owner[1]})`;
  return /\bstale\b/.test(look) ? "url(#stale-hatch)" : undefined;
}

function ShapeView({ shape }: { readonly shape: Shape }) {
  switch (shape.kind) {
    case "rect": {
      const { x, y, w, h, r, look } = shape;
      return (
        <rect x={x} y={y} width={w} height={h} rx={r} className={look} fill={patternFill(look)} />
      );
    }
    case "text":
      return (
        <text
          x={shape.x}
          y={shape.y}
          className={classes(shape.style, FACES[shape.style].mono && "mono", shape.look)}
          textAnchor={shape.anchor}
        >
          {shape.text}
        </text>
      );
    case "path":
      return <path d={shape.d} className={shape.look} fill={patternFill(shape.look)} />;
    case "circle":
      return <circle cx={shape.x} cy={shape.y} r={shape.r} className={shape.look} />;
  }
}

/** The shapes of one item; drawn anew only when the scene made it anew. */
export const ItemShapes = memo(function ItemShapes({ item }: { readonly item: Item }) {
  return item.shapes.map((shape, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the shapes of an item have no other name and keep their order.
    <ShapeView key={at} shape={shape} />
  ));
});
