import { describe, expect, test } from "vitest";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import { journeyOf, splitRequests, stopAtTime, timeOfHop } from "./journey.ts";
import type { Journey } from "./journey-types.ts";
import { fixtureEvents, refusedEvents, TARGET } from "./scene-fixture.ts";

const journey = (events = fixtureEvents()) => journeyOf(events, true) as Journey;

describe("the life of one packet", () => {
  test("keeps the times of the visual design", () => {
    const { stops, moves, duration, endTime, reads } = journey();
    expect(stops.map((stop) => [stop.hop, stop.state, stop.arrive, stop.leave])).toEqual([
      [0, "cached", 320, 320],
      [1, "cached", 320, 320],
      [2, "read", 480, 640],
      [3, "read", 960, 1120],
      [4, "read", 1440, 1600],
      [5, "read", 1600, 1760],
      [6, "read", 1760, 1920],
      [7, "read", 1920, 2080],
    ]);
    expect(moves.map((move) => [move.from, move.to, move.start, move.end, move.jump])).toEqual([
      ["port", "root", 0, 320, false],
      ["root", "directory", 320, 480, true],
      ["directory", "row", 640, 960, false],
      ["row", "space", 1120, 1440, false],
      ["space", "memory", 2080, 2400, false],
    ]);
    expect([endTime, duration, reads]).toEqual([2400, 2520, 6]);
  });

  test("ends where the events say", () => {
    expect(journey().end).toEqual({ kind: "reached", target: TARGET, how: "walk" });
    const refused = journey(refusedEvents());
    expect(refused.end).toEqual({ kind: "refused", reason: 0x59, recorded: true });
    expect([refused.endPlace, refused.endTime, refused.duration]).toEqual(["row", 960, 1240]);
    expect(refused.moves.at(-1)).toMatchObject({ from: "directory", to: "row" });
  });

  test("an IOTLB hit skips every table and every level", () => {
    const events = fixtureEvents().filter((event) => event.kind !== "read");
    const hit = journey(
      events.map((event) => (event.kind === "lookup" ? { ...event, slot: 3 } : event)),
    );
    expect(hit.reads).toBe(0);
    expect(hit.stops.map((stop) => stop.state)).toEqual(["cached", "cached", "cached", "cached"]);
    expect(hit.moves.map((move) => `${move.from} ${move.to} ${move.end - move.start}`)).toEqual([
      "port root 320",
      "root row 160",
      "row space 320",
      "space memory 320",
    ]);
    const levels = [4, 5, 6, 7].map((hop) => timeOfHop(hit, hop));
    expect(levels, "at the address space").toEqual([800, 800, 800, 800]);
  });

  test("with remapping off nothing is read", () => {
    const events = fixtureEvents().flatMap<HardwareEvent>((event) =>
      event.kind === "request"
        ? [event]
        : event.kind === "reached"
          ? [{ ...event, how: "remapping off" as const }]
          : [],
    );
    expect(journey(events).moves.map((move) => `${move.from} ${move.to}`)).toEqual([
      "port root",
      "root memory",
    ]);
  });
});

describe("an event removed from the trace is gone from the picture", () => {
  const whole = journey();
  const reads = fixtureEvents().filter((event) => event.kind === "read");

  test.each(reads.map((event, at) => [at, event] as const))("read %i", (at, event) => {
    const without = journey(
      fixtureEvents().filter((other) => JSON.stringify(other, big) !== JSON.stringify(event, big)),
    );
    expect(without.stops).toHaveLength(whole.stops.length - 1);
    expect(without.reads).toBe(whole.reads - 1);
    expect(
      without.stops.some((stop) => stop.table === event.table && stop.level === event.level),
    ).toBe(false);
    expect(at).toBeLessThan(6);
  });

  test("a cache hit", () => {
    const events = fixtureEvents().filter((event) => event.kind !== "lookup");
    expect(journey(events).stops.filter((stop) => stop.state === "cached")).toEqual([]);
  });

  test("the landing, the refusal, the fill", () => {
    const nowhere = journey(fixtureEvents().filter((event) => event.kind !== "reached"));
    expect(nowhere.end.kind).toBe("unknown");
    expect(nowhere.moves.some((move) => move.to === "memory")).toBe(false);
    const alive = journey(refusedEvents().filter((event) => event.kind !== "refused"));
    expect(alive.end.kind).toBe("unknown");
    const dry = journey(fixtureEvents().filter((event) => event.kind !== "fill"));
    expect([dry.fills.length, dry.duration]).toEqual([0, 2400]);
  });

  test("the record", () => {
    const silent = journey(refusedEvents().filter((event) => event.kind !== "record"));
    expect(silent.end).toMatchObject({ recorded: null });
  });
});

test("several requests are told apart and the last one is followed", () => {
  const both = [...fixtureEvents(), ...refusedEvents()];
  expect(splitRequests(both)).toHaveLength(2);
  expect(journey(both).pasid).toBe(0x43);
  expect(journeyOf([], true)).toBeNull();
});

test("only the first part of a request that crosses pages is followed", () => {
  const [request, ...rest] = fixtureEvents();
  const twice = [request, ...rest, ...rest] as ReturnType<typeof fixtureEvents>;
  expect(journey(twice).stops).toEqual(journey().stops);
});

test("hops and times lead to each other", () => {
  const one = journey();
  expect(stopAtTime(one, 319)).toBeNull();
  expect(stopAtTime(one, 1000)?.hop).toBe(3);
  for (const stop of one.stops.filter((each) => each.state === "read")) {
    expect(stopAtTime(one, timeOfHop(one, stop.hop))?.hop).toBe(stop.hop);
  }
  expect(timeOfHop(one, null)).toBe(one.duration);
});

const big = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
