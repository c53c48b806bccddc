import { expect, test } from "vitest";
import type { OutlineNode } from "../../scene/outline.ts";
import { flatRows, keyMove, type Row } from "./tree-rows.ts";

const node = (id: string, children: OutlineNode[] = []): OutlineNode => ({
  id,
  label: id,
  note: "",
  owner: null,
  refused: false,
  selection: null,
  children,
});

const nodes = [node("alpha", [node("beta", [node("gamma")]), node("delta")]), node("epsilon")];
const rows = flatRows(nodes, new Set(["alpha"]));
const row = (id: string) => rows.find((one) => one.node.id === id) as Row<OutlineNode>;
const led = (id: string, key: string) => {
  const move = keyMove(rows, row(id), key);
  return move?.kind === "go" ? move.row.node.id : (move?.kind ?? null);
};

test("shows what is open, with level and place", () => {
  expect(rows.map((one) => [one.node.id, one.depth, one.position, one.siblings])).toEqual([
    ["alpha", 0, 1, 2],
    ["beta", 1, 1, 2],
    ["delta", 1, 2, 2],
    ["epsilon", 0, 2, 2],
  ]);
});

test("moves as trees do", () => {
  expect(led("alpha", "ArrowDown")).toBe("beta");
  expect(led("beta", "ArrowUp")).toBe("alpha");
  expect(led("alpha", "ArrowRight")).toBe("beta");
  expect(led("beta", "ArrowRight")).toBe("toggle");
  expect(led("delta", "ArrowRight")).toBeNull();
  expect(led("delta", "ArrowLeft")).toBe("alpha");
  expect(led("alpha", "ArrowLeft")).toBe("toggle");
  expect(led("beta", "Home")).toBe("alpha");
  expect(led("alpha", "End")).toBe("epsilon");
  expect([led("delta", "Enter"), led("delta", " ")]).toEqual(["choose", "choose"]);
});

test("a letter leads to the next name that begins with it", () => {
  expect(led("alpha", "d")).toBe("delta");
  expect(led("epsilon", "b")).toBe("beta");
  expect(led("alpha", "z")).toBeNull();
});
