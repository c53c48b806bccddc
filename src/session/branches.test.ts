// States to go back to are kept within a bound, by number and by what they hold, spread over the whole line.
import { describe, expect, it } from "vitest";
import { Branches, type Node } from "./branches.ts";

/** A line whose every operation was followed by a saved state of so many values. */
function kept(operations: number, size: number): readonly Node[] {
  const branches = new Branches();
  const [line] = branches.lines;
  if (!line) throw new Error("no line");
  for (let i = 0; i < operations; i++) {
    const operation = { op: "wait", microseconds: 1 } as const;
    const node = branches.push(line, { operation, events: [], outcome: null }, 10);
    branches.save(node, { machine: i, size });
  }
  return line.nodes.filter((node) => node.saved);
}

describe("states of a session", () => {
  it.each([
    ["small", 100, 1536],
    ["large", 100_000, 40],
  ])("are bounded when they are %s", (_what, size, most) => {
    const nodes = kept(4000, size);
    expect(nodes.length).toBeLessThanOrEqual(most);
    expect(nodes.length).toBeGreaterThan(most / 2);
    const efforts = [0, ...nodes.map(({ effort }) => effort)];
    const gaps = efforts.map((effort, i) => effort - (efforts[i - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan((5 * 40_000) / most);
  });
});
