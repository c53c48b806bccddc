// Forms of demands, what a step changed, and which request tells a moment: on a running kernel.
import { describe, expect, it } from "vitest";
import { SERVER } from "../session/presets/server.ts";
import { Session } from "../session/session.ts";
import type { WorldPort } from "../session/types.ts";
import { DEMAND_FORMS, fieldValue, readDemand } from "./demands.ts";
import { shownRequest } from "./shown-request.ts";
import { deltaOf } from "./step-delta.ts";

const opened = Session.openWorld({ machine: SERVER, design: "D1", seed: 1 });
if (!opened.ok) throw new Error(opened.problem.message);
const session = opened.value;
const world = (): WorldPort => {
  if (!session.world) throw new Error("there is no kernel");
  return session.world;
};
const formOf = (want: string) => {
  const form = DEMAND_FORMS.find((one) => one.want === want);
  if (!form) throw new Error(`no form ${want}`);
  return form;
};

/** Fills a form in and does it. */
function act(want: string, actor: string, values: Record<string, string> = {}): void {
  const filled = readDemand(formOf(want), world(), values);
  if (!("demand" in filled)) throw new Error(filled.error);
  const done = session.run({ op: "demand", actor, demand: filled.demand });
  if (!done.ok) throw new Error(done.problem.message);
  expect(done.value.answers?.at(-1)).toMatchObject({ problem: null });
}

describe("forms", () => {
  it("say what is missing, and what a number and an address are", () => {
    expect(readDemand(formOf("create mdev"), world(), {})).toEqual({
      field: "parent",
      error: "There is nothing to choose: Parent.",
    });
    const map = formOf("map");
    expect(readDemand(map, world(), { iova: "4096" })).toMatchObject({ field: "iova" });
    expect(readDemand(map, world(), { pages: "two" })).toMatchObject({ field: "pages" });
    expect(readDemand(map, world(), { pages: " " })).toMatchObject({ error: "Pages is missing." });
    expect(readDemand(map, world(), { iova: "0x10_0000" })).toEqual({
      demand: { want: "map", iova: "0x100000", page: 0, pages: 1 },
    });
  });

  it("lead from an empty host to a device that writes, with what they suggest", () => {
    act("load module", "root");
    act("create mdev", "root");
    const [uuid] = Object.values(world().kernel.mdev.devices).map((one) => one.uuid);
    const field = formOf("create mdev").fields.find(({ name }) => name === "uuid");
    if (!field) throw new Error("no field");
    expect(fieldValue(field, world(), {})).not.toBe(uuid);
    act("start VM", "vm-a");
    act("assign device", "vm-a");
    act("device fill", "vm-a");
  });
});

describe("a moment", () => {
  it("is counted by kinds of events, and told by the request that it caused", () => {
    const last = session.moments.length - 1;
    const [load] = session.moments;
    const fill = session.moments[last];
    if (!load || !fill) throw new Error("nothing ran");
    const { lines, log } = deltaOf([load, fill]);
    const calls = [...load.events, ...fill.events].filter(({ kind }) => kind === "system call");
    expect(lines[0]).toEqual({ count: calls.length, words: "system calls" });
    expect(lines.every(({ count }) => count > 0)).toBe(true);
    expect(log.length).toBeLessThanOrEqual(4);
    expect(deltaOf([])).toEqual({ lines: [], log: [] });

    expect(shownRequest(session, last)?.index).toBe(last);
    expect(shownRequest(session, last)?.events[0]?.kind).toBe("request");
    expect(shownRequest(session, 0)).toBeNull();
    expect(shownRequest(session, null)).toBeNull();
  });
});
