import { beforeEach, describe, expect, test } from "vitest";
import { Clock } from "./clock.ts";

/** A wall clock that moves when the test says so. */
class Wall {
  now = 0;
  private next = 1;
  private readonly queue = new Map<number, (wall: number) => void>();
  request(callback: (wall: number) => void): number {
    this.queue.set(this.next, callback);
    return this.next++;
  }
  cancel(handle: number): void {
    this.queue.delete(handle);
  }
  get waiting(): number {
    return this.queue.size;
  }
  frame(milliseconds = 16): void {
    this.now += milliseconds;
    const due = [...this.queue.values()];
    this.queue.clear();
    for (const callback of due) callback(this.now);
  }
}

let wall: Wall;
let clock: Clock;
beforeEach(() => {
  wall = new Wall();
  clock = new Clock(wall);
});

/** Moves for `duration` milliseconds of the clock. */
const mover = (duration: number) => {
  let left = duration;
  return (_now: number, passed: number) => {
    left -= passed;
    return left > 0;
  };
};

test("asks for no frame while nothing moves", () => {
  clock.subscribe("advance", mover(40));
  expect(wall.waiting).toBe(0);
  clock.wake();
  for (let i = 0; i < 10; i++) wall.frame();
  expect(wall.waiting).toBe(0);
  const asked = clock.requested;
  for (let i = 0; i < 10; i++) wall.frame();
  expect(clock.requested).toBe(asked);
  expect(asked).toBe(3);
});

test("calls advance, then the document, then the canvas", () => {
  const order: string[] = [];
  clock.subscribe("canvas", () => void order.push("canvas"));
  clock.subscribe("dom", () => void order.push("dom"));
  clock.subscribe("advance", () => {
    order.push("advance");
    return false;
  });
  clock.wake();
  wall.frame();
  expect(order).toEqual(["advance", "dom", "canvas"]);
});

describe("time", () => {
  test("runs with the speed and never jumps after a sleep", () => {
    clock.subscribe("advance", () => true);
    clock.setSpeed(4);
    clock.wake();
    wall.frame();
    const start = clock.now;
    wall.frame(10);
    expect(clock.now - start).toBeCloseTo(40);
    wall.frame(5000);
    expect(clock.now - start).toBeCloseTo(440);
  });

  test("stands still when paused, at once, and steps frame by frame", () => {
    clock.subscribe("advance", () => true);
    clock.wake();
    wall.frame();
    const at = clock.now;
    clock.setPaused(true);
    expect(wall.waiting).toBe(0);
    wall.frame();
    clock.advance(1000);
    expect(clock.now).toBe(at);
    clock.step(10);
    expect(clock.now).toBeCloseTo(at + 10);
    clock.setPaused(false);
    expect(wall.waiting).toBe(1);
  });

  test("tells who watches when something begins to move and when nothing does any more", () => {
    const told: boolean[] = [];
    const stop = clock.watch(() => told.push(clock.isIdle));
    clock.setManual(true);
    clock.subscribe("advance", mover(50));
    clock.wake();
    clock.wake();
    clock.advance(100);
    expect(told).toEqual([false, true]);
    stop();
    clock.wake();
    expect(told).toHaveLength(2);
  });

  test("of a manual clock passes by advance alone", () => {
    clock.setManual(true);
    clock.subscribe("advance", mover(50));
    clock.wake();
    expect(wall.waiting).toBe(0);
    clock.advance(30);
    expect([Math.round(clock.now), clock.isIdle]).toEqual([30, false]);
    clock.advance(30);
    expect(clock.isIdle).toBe(true);
  });
});

test("idle waits until nothing moves", async () => {
  clock.subscribe("advance", mover(40));
  clock.wake();
  let still = false;
  const idle = clock.idle().then(() => {
    still = true;
  });
  wall.frame();
  await Promise.resolve();
  expect(still).toBe(false);
  for (let i = 0; i < 5; i++) wall.frame();
  await idle;
  expect(still).toBe(true);
});

test("idle advances a manual clock", async () => {
  clock.setManual(true);
  clock.subscribe("advance", mover(2520));
  clock.wake();
  await clock.idle();
  expect(clock.now).toBeGreaterThanOrEqual(2520);
  expect(clock.now).toBeLessThan(2560);
});
