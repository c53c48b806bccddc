// What never ends is stopped at a stated limit, and the session goes on from before it.
import { expect, test } from "vitest";
import { iova, requesterId } from "../../base/brand.ts";
import { add_timer } from "../../linux/core/timers.ts";
import { define, type Kernel } from "../../linux/kernel/kernel.ts";
import { WORLD_STREAM_LIMIT } from "../operations.ts";
import { SERVER } from "../presets/server.ts";
import { Session } from "../session.ts";
import type { Operation } from "../types.ts";
import { worldSource } from "./open-world.ts";
import { World } from "./world.ts";

const SYMBOL = "planted_timer_that_rearms";
define(
  { symbol: SYMBOL, module: "kernel", file: "kernel/time/timer.c", exported: false } as never,
  (k: Kernel, argument: number): void => void add_timer(k, 1, SYMBOL, argument),
);

test("a timer that always rearms is stopped", () => {
  const opened = worldSource({ machine: SERVER, design: "D1", seed: 1 }).open("spec");
  if (!opened.ok || !(opened.value instanceof World)) throw new Error("no world");
  const world = opened.value;
  const saved = world.save();
  add_timer(world.kernel, 1, SYMBOL, 0);
  const waited = world.run({ op: "wait", microseconds: 3_600_000_000 }, { ordinal: 0 });
  expect(waited.ok).toBe(false);
  if (!waited.ok) expect(waited.problem.message).toMatch(/timers|events/);
  world.restore(saved);
  expect(world.run({ op: "wait", microseconds: 1000 }, { ordinal: 0 }).ok).toBe(true);
});

function open(): Session {
  const opened = Session.openWorld({ machine: SERVER, design: "D1", seed: 1 });
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
}

const stream = (repeat: number, id?: string): Operation => ({
  op: "dma",
  requester: requesterId(0x6a08),
  pasid: null,
  access: "write",
  address: iova(0x1000n),
  length: 8,
  repeat,
  ...(id !== undefined && { id }),
});

test("a stream grows to the limit that a file may hold, and a further one begins", () => {
  const session = open();
  session.run(stream(WORLD_STREAM_LIMIT - 2));
  session.run(stream(2));
  expect(session.operations).toHaveLength(1);
  session.run(stream(1));
  expect(session.operations).toMatchObject([{ repeat: WORLD_STREAM_LIMIT }, { repeat: 1 }]);
});

test("streams that a document names stay apart", () => {
  const session = open();
  session.run(stream(2, "first"));
  session.run(stream(2, "second"));
  session.run(stream(2));
  expect(session.operations.map(({ id }) => id)).toEqual(["first", "second", undefined]);
});
