// Draws the shapes of the scene, one element each; the style sheet knows their looks.
import { memo, useState } from "react";
import type { Item, Shape } from "../../scene/shapes.ts";
import { FACES } from "../../scene/text.ts";
import { useApp } from "../store.ts";
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

/**
 * The shapes of one item; drawn anew only when the scene made it anew. What has changed in a thing that has not moved
 * shows that it is new: a range grows, pages fade in, a cell fills.
 */
export const ItemShapes = memo(function ItemShapes({ item }: { readonly item: Item }) {
  const before = usePrevious(item);
  const { box } = item;
  const stayed =
    before !== null &&
    before !== item &&
    before.box.x === box.x &&
    before.box.y === box.y &&
    before.box.w === box.w &&
    before.box.h === box.h;
  const known = stayed ? new Set(before.shapes.map(pathOf)) : null;
  return (
    <>
      {item.shapes.map((shape, at) => {
        const d = pathOf(shape);
        const fresh = known !== null && d !== "" && !known.has(d);
        // A new key starts the style sheet's animation; other shapes keep their order and have no other name.
        return <ShapeView key={fresh ? `${at} ${d}` : at} shape={fresh ? asFresh(shape) : shape} />;
      })}
      {stayed && <Emptied before={before} now={item} />}
    </>
  );
});

/** Milliseconds in which one cell of a gauge empties. */
const EMPTIES = 120;

/** Full cells of a gauge, each a path of its own. */
const fullCells = (item: Item): string[] =>
  item.shapes.flatMap((shape) =>
    shape.kind === "path" && /^cell (full|stale)$/.test(shape.look)
      ? (shape.d.match(/M[^Z]*Z/g) ?? [])
      : [],
  );

/** What an invalidation took from a gauge goes cell by cell; a request that is played anew takes nothing. */
function Emptied({ before, now }: { readonly before: Item; readonly now: Item }) {
  const taken = useApp(
    ({ session, at }) => at !== null && session?.moments[at]?.operation.op !== "dma",
  );
  if (!taken) return null;
  const kept = new Set(fullCells(now));
  const gone = fullCells(before).filter((cell) => !kept.has(cell));
  if (gone.length === 0) return null;
  return (
    <path
      key={gone.join("")}
      d={gone.join("")}
      className="cell full emptied"
      style={{
        animationDuration: `${gone.length * EMPTIES}ms`,
        animationTimingFunction: `steps(${gone.length}, end)`,
      }}
    />
  );
}

const pathOf = (shape: Shape): string => (shape.kind === "path" ? shape.d : "");

const asFresh = (shape: Shape): Shape => ({ ...shape, look: `${shape.look} fresh` });

/** The value of the last drawing that had another one. */
function usePrevious(item: Item): Item | null {
  const [pair, setPair] = useState<{ readonly now: Item; readonly before: Item | null }>({
    now: item,
    before: null,
  });
  if (pair.now === item) return pair.before;
  setPair({ now: item, before: pair.now });
  return pair.now;
}
