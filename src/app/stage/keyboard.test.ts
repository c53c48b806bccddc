import { expect, test } from "vitest";
import { sceneOf } from "../../scene/scene.ts";
import { ACCELERATOR, fixtureInput } from "../../scene/scene-fixture.ts";
import { focusOrder, isMove, moveFocus } from "./keyboard.ts";

const scene = sceneOf(fixtureInput({ focus: ACCELERATOR }));
const order = focusOrder(scene).map((item) => item.id);

test("goes through the columns from left to right, each from top to bottom", () => {
  const columns = focusOrder(scene).map((item) => item.column);
  expect(columns).toEqual([...columns].sort());
  expect(order.indexOf("table-root")).toBeLessThan(order.indexOf("table-context"));
  expect(order.indexOf("table-context")).toBeLessThan(order.indexOf("cache-iotlb"));
});

test("right follows the lines of a PASID to its memory, left leads back", () => {
  const way = ["slot-6a08-42", "entry-slot-6a08-42", "space-second-stage@0x120000000"];
  expect(moveFocus(scene, way[0] ?? "", "ArrowRight")).toBe(way[1]);
  expect(moveFocus(scene, way[1] ?? "", "ArrowRight")).toBe(way[2]);
  expect(moveFocus(scene, way[2] ?? "", "ArrowRight")).toBe("band-space-second-stage@0x120000000");
  expect(moveFocus(scene, way[1] ?? "", "ArrowLeft")).toBe(way[0]);
});

test("every thing can be reached with the arrow keys", () => {
  const seen = new Set<string>([order[0] ?? ""]);
  const waiting = [...seen];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const key of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] as const) {
      const next = moveFocus(scene, id, key);
      if (next === null || seen.has(next)) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  expect([...seen].sort()).toEqual([...order].sort());
});

test("the ends stop, Home and End lead there, other keys are left alone", () => {
  expect(moveFocus(scene, order[0] ?? "", "ArrowUp")).toBeNull();
  expect(moveFocus(scene, "cache-iotlb", "Home")).toBe(order[0]);
  expect(moveFocus(scene, "cache-iotlb", "End")).toBe(order.at(-1));
  expect([isMove("ArrowUp"), isMove("a"), isMove("Tab")]).toEqual([true, false, false]);
});
