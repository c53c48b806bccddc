import { describe, expect, it } from "vitest";
import type { Branch, Moment, Place, SessionEvent } from "../session/types.ts";
import {
  branchWords,
  forksOf,
  nextStop,
  placeWords,
  stepEvent,
  stepOperation,
} from "./timeline-steps.ts";

const LOG: SessionEvent = { kind: "log", text: "hello" };
const CALL: SessionEvent = {
  kind: "system call",
  task: 1,
  process: "vm-a",
  name: "open",
  arguments: "{}",
};
const moment = (...events: SessionEvent[]): Moment => ({
  operation: { op: "wait", microseconds: 1 },
  events,
  outcome: null,
});
const MOMENTS = [moment(LOG, LOG, LOG), moment(), moment(LOG, CALL, LOG)];
const at = (operation: number, event: number | null = null): Place => ({
  branch: 0,
  operation,
  event,
});

describe("steps through time", () => {
  it("goes through every event forward and back, the same way", () => {
    const forward = [at(0)];
    for (let step = 0; step < 9; step++) {
      forward.push(stepEvent(forward.at(-1) ?? at(0), MOMENTS, 1));
    }
    expect(forward.slice(0, 8)).toEqual([
      at(0),
      at(0, 1),
      at(0, 2),
      at(1),
      at(2),
      at(2, 1),
      at(2, 2),
      at(3),
    ]);
    expect(forward[9]).toEqual(at(3));
    const back = [at(3)];
    for (let step = 0; step < 7; step++) {
      back.push(stepEvent(back.at(-1) ?? at(0), MOMENTS, -1));
    }
    expect(back).toEqual(forward.slice(0, 8).reverse());
    expect(stepEvent(at(0), MOMENTS, -1)).toEqual(at(0));
  });

  it("steps by whole operations and stays inside", () => {
    expect(stepOperation(at(0, 2), MOMENTS, 1)).toEqual(at(1));
    expect(stepOperation(at(2, 2), MOMENTS, -1)).toEqual(at(2));
    expect(stepOperation(at(1), MOMENTS, 10)).toEqual(at(3));
    expect(stepOperation(at(1), MOMENTS, -10)).toEqual(at(0));
  });

  it("runs to the next kernel call, and says when there is none", () => {
    expect(nextStop(at(0), MOMENTS, "kernel call")).toEqual(at(2, 2));
    expect(nextStop(at(2, 2), MOMENTS, "kernel call")).toBeNull();
    expect(nextStop(at(0), MOMENTS, "fault")).toBeNull();
  });

  it("tells places in words", () => {
    expect(placeWords(at(0), MOMENTS)).toBe("Before the first of 3 operations");
    expect(placeWords(at(3), MOMENTS)).toBe("After operation 3 of 3, wait");
    expect(placeWords(at(2, 2), MOMENTS)).toBe(
      "In operation 3 of 3, wait: after event 2 of 3, vm-a calls open",
    );
  });
});

it("marks forks on both lines", () => {
  const branches: Branch[] = [
    { id: 0, from: null, operations: [] },
    { id: 4, from: { branch: 0, operation: 12 }, operations: [] },
  ];
  expect(forksOf(branches, 0)).toEqual([{ branch: 4, operation: 12 }]);
  expect(forksOf(branches, 4)).toEqual([{ branch: 0, operation: 12 }]);
  expect(branchWords(branches[1] as Branch, branches)).toBe(
    "Branch 2, 0 operations, leaves branch 1 after operation 12",
  );
});
