import { beforeEach, expect, test } from "vitest";
import { journeyOf } from "../../scene/journey.ts";
import type { Journey } from "../../scene/journey-types.ts";
import { packetAt, type Route } from "../../scene/route.ts";
import { sceneOf } from "../../scene/scene.ts";
import { fixtureEvents, fixtureInput } from "../../scene/scene-fixture.ts";
import { pixelOf } from "./dots.ts";
import { Flow, MOST_PACKETS } from "./flow.ts";

const journey = journeyOf(fixtureEvents(), true) as Journey;
const route = sceneOf(fixtureInput({ journey })).route as Route;
let flow: Flow;
let way: number;
beforeEach(() => {
  flow = new Flow();
  way = flow.wayOf("one", route, "W");
});

test("a packet is where its route says, and gone when it has arrived", () => {
  flow.add(1000, way);
  for (const passed of [0, 100, 333, 1000, 2399]) {
    expect(flow.advance(1000 + passed)).toBe(true);
    const wanted = packetAt(route, passed, true);
    expect(flow.x[0]).toBeCloseTo(wanted?.x ?? Number.NaN, -1);
    expect(flow.y[0]).toBeCloseTo(wanted?.y ?? Number.NaN, -1);
  }
  expect([flow.hue[0], flow.letter(0)]).toEqual([1, "W"]);
  expect(flow.advance(1000 + journey.endTime)).toBe(false);
  expect(flow.count).toBe(0);
});

test("a packet that has yet to leave is not on the stage", () => {
  flow.add(50, way);
  flow.advance(0);
  expect(flow.count).toBe(1);
  expect(flow.x[0]).toBeLessThan(0);
});

test("a packet goes behind the row that it was found by, so that the row can be read", () => {
  flow.add(0, way);
  const { behind } = route;
  let seen = 0;
  for (let now = 0; now < journey.endTime; now += 8) {
    flow.advance(now);
    const [x, y] = [flow.x[0] ?? 0, flow.y[0] ?? 0];
    if (x > 0) seen++;
    const over =
      behind && x > behind.x + 2 && x < behind.x + behind.w - 2 && Math.abs(y - behind.y - 12) < 2;
    expect(over).toBe(false);
  }
  expect(seen).toBeGreaterThan(200);
});

test("the same way is worked out once", () => {
  expect(flow.wayOf("one", route, "W")).toBe(way);
  expect(flow.wayOf("two", route, "R")).not.toBe(way);
});

test("at most ten thousand are kept, and all can be let go", () => {
  for (let i = 0; i < MOST_PACKETS; i++) expect(flow.add(0, way)).toBe(true);
  expect(flow.add(0, way)).toBe(false);
  flow.advance(10);
  expect(flow.count).toBe(MOST_PACKETS);
  flow.reset();
  expect(flow.advance(20)).toBe(false);
});

test("colours become opaque pixels", () => {
  expect(pixelOf("#2c70a3")).toBe(0xffa3702c);
  expect(pixelOf("rgb(44, 112, 163)")).toBe(0xffa3702c);
  expect(pixelOf("rgba(44, 112, 163, 1)")).toBe(0xffa3702c);
});
