// Moving the focus on the stage with arrow keys: up and down in a column, left and right along the lines.
import type { Scene } from "../../scene/scene.ts";
import type { Item } from "../../scene/shapes.ts";

const KEYS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"] as const;
type Key = (typeof KEYS)[number];

export const isMove = (key: string): key is Key => (KEYS as readonly string[]).includes(key);

/** Everything that can be focused, by column and from top to bottom. */
export function focusOrder(scene: Scene): Item[] {
  const items = scene.verdict ? [...scene.items, scene.verdict.item] : [...scene.items];
  return items
    .filter((item) => item.target)
    .sort((a, b) => a.column - b.column || a.box.y - b.box.y || a.box.x - b.box.x);
}

/** Where `key` leads from the item with id `from`; null when it leads nowhere. */
export function moveFocus(scene: Scene, from: string, key: Key): string | null {
  const order = focusOrder(scene);
  const current = order.find((item) => item.id === from);
  if (!current) return order[0]?.id ?? null;
  if (key === "Home") return order[0]?.id ?? null;
  if (key === "End") return order.at(-1)?.id ?? null;
  if (key === "ArrowUp" || key === "ArrowDown") {
    const column = order.filter((item) => item.column === current.column);
    return column[column.indexOf(current) + (key === "ArrowDown" ? 1 : -1)]?.id ?? null;
  }
  return sideways(scene, order, current, key === "ArrowRight" ? 1 : -1);
}

function sideways(
  scene: Scene,
  order: readonly Item[],
  current: Item,
  step: number,
): string | null {
  const ahead = step > 0;
  const linked = scene.links
    .filter((link) => (ahead ? link.from : link.to) === current.id)
    .map((link) => order.find((item) => item.id === (ahead ? link.to : link.from)))
    .find((item) => item !== undefined && item.column !== current.column);
  if (linked) return linked.id;
  const next = order.filter((item) => item.column === current.column + step);
  const middle = (item: Item) => item.box.y + item.box.h / 2;
  const nearest = [...next].sort(
    (a, b) => Math.abs(middle(a) - middle(current)) - Math.abs(middle(b) - middle(current)),
  );
  return nearest[0]?.id ?? null;
}
