import { describe, expect, it } from "vitest";
import { iova, type Pasid, type RequesterId } from "../base/brand.ts";
import type { Moment, SessionEvent } from "../session/types.ts";
import { placeAt, scaleOf, type TimelineInput, timeline, xOf } from "./timeline.ts";
import { LANES } from "./timeline-lanes.ts";

const REQUEST: SessionEvent = {
  kind: "request",
  requester: 0x6a08 as RequesterId,
  pasid: 0x41 as Pasid,
  access: "write",
  address: iova(0x1000n),
  length: 8,
};
const CALL: SessionEvent = {
  kind: "system call",
  task: 1,
  process: "vm-a",
  name: "ioctl",
  arguments: "{}",
};
const enter = (call: number, caller: number): SessionEvent => ({
  kind: "enter",
  call,
  caller,
  task: 1,
  symbol: `f${call}`,
  module: "vfio",
  exported: false,
  arguments: [],
});
const FULL: readonly SessionEvent[] = [
  CALL,
  enter(1, 0),
  enter(2, 1),
  { kind: "store", call: 2, address: 0n, before: 0n, after: 1n },
  { kind: "leave", call: 2, result: "0" },
  { kind: "leave", call: 1, result: "0" },
  REQUEST,
  { kind: "refused", reason: 0x59, address: iova(0x1000n) },
];
const moment = (events: readonly SessionEvent[]): Moment => ({
  operation: { op: "demand", actor: "vm-a", demand: { want: "stop VM" } },
  events,
  outcome: null,
});

const input = (change: Partial<TimelineInput> = {}): TimelineInput => ({
  moments: [moment(FULL), moment([]), moment(FULL)],
  place: { branch: 0, operation: 3, event: null },
  first: 0,
  count: 40,
  width: 600,
  hueOf: () => 3,
  ...change,
});
const rowOf = (name: string, change: Partial<TimelineInput> = {}) => {
  const row = timeline(input(change)).rows.find((one) => one.lane === name);
  if (!row) throw new Error(name);
  return row;
};

describe("timeline", () => {
  it("has every lane, in order", () => {
    expect(timeline(input()).rows.map((row) => row.lane)).toEqual(LANES);
  });

  it("puts each event into its lane", () => {
    expect(rowOf("writes").count).toBe(2);
    expect(rowOf("transactions").ticks).toMatchObject([{ look: "own-3" }]);
    expect(rowOf("faults").ticks).toMatchObject([{ look: "fault" }]);
    expect(rowOf("faults").labels[0]).toMatchObject({ text: "0x59", fault: true });
  });

  it("draws outermost runs as spans from enter to leave", () => {
    const [span] = rowOf("functions").ticks[0]?.spans ?? [];
    const scale = scaleOf(input());
    expect(span?.x).toBeCloseTo(xOf(scale, 0, 1) ?? -1);
    expect(span?.w).toBeGreaterThan(10);
  });

  it("loses a mark when its event is missing", () => {
    const less = [moment(FULL.filter((event) => event.kind !== "refused"))];
    expect(rowOf("faults", { moments: less }).count).toBe(0);
  });

  it("says which labels are later than the cursor", () => {
    const labels = rowOf("calls", { place: { branch: 0, operation: 1, event: null } }).labels;
    expect(labels.map((label) => label.late)).toEqual([false, true, true]);
  });

  it("finds the place that it drew", () => {
    const scale = scaleOf(input());
    for (const [operation, event] of [
      [0, null],
      [0, 4],
      [2, 7],
      [3, null],
    ] as const) {
      const x = xOf(scale, operation, event);
      expect(placeAt(scale, x ?? -1, 0)).toEqual({ branch: 0, operation, event });
    }
  });

  it("stays small for a session of 100,000 operations", () => {
    const many = Array.from({ length: 100_000 }, () => moment(FULL));
    const drawn = timeline(
      input({
        moments: many,
        first: 50_000,
        count: 200,
        place: { branch: 0, operation: 50_100, event: null },
      }),
    );
    const spans = drawn.rows.flatMap((row) => row.ticks.flatMap((ticks) => ticks.spans));
    expect(drawn.count).toBe(200);
    expect(spans.length).toBeLessThan(7 * 2 * 150);
    expect(drawn.rows.flatMap((row) => row.labels).length).toBeLessThan(40);
    expect(drawn.cursor).toBeCloseTo(300);
  });
});
