import { expect, test } from "vitest";
import { SERVER } from "../presets/server.ts";
import { Session } from "../session.ts";
import type { Operation } from "../types.ts";

const ONE = "83b8f4f2-509f-4f73-aeab-e5cb1fbf8b1b";
const demand = (
  actor: string,
  wanted: Extract<Operation, { op: "demand" }>["demand"],
): Operation => ({
  op: "demand",
  actor,
  demand: wanted,
});

const OPERATIONS: readonly Operation[] = [
  demand("root", { want: "load module", module: "idxd" }),
  demand("root", {
    want: "create mdev",
    parent: "0000:6a:01.0",
    type: "idxd-1dwq-v1",
    uuid: ONE,
  }),
  demand("vm-a", { want: "start VM", pages: 4 }),
  demand("vm-a", { want: "assign device", device: ONE }),
  // The VM holds the device: removal waits inside the kernel.
  demand("root", { want: "remove mdev", uuid: ONE }),
  { op: "wait", microseconds: 1000 },
  demand("vm-a", { want: "release device", device: ONE }),
  demand("vm-a", { want: "stop VM" }),
];

test("calls that wait inside the kernel are there at every moment at which they wait", () => {
  const opened = Session.openWorld({ machine: SERVER, design: "D1", seed: 3 });
  if (!opened.ok) throw new Error(opened.problem.message);
  const session = opened.value;
  const states: [string, number][] = [];
  const note = (): [string, number] => [session.digest(), session.world?.waiting.length ?? 0];
  states.push(note());
  for (const operation of OPERATIONS) {
    expect(session.run(operation).ok).toBe(true);
    states.push(note());
  }
  expect(states.map(([, waiting]) => waiting).some((count) => count > 0)).toBe(true);
  expect(states.at(-1)?.[1]).toBe(0);
  for (const operation of [5, 2, 6, 8, 5, 0, 7, 6, 3]) {
    session.seek({ branch: 0, operation, event: null });
    expect(note()).toEqual(states[operation]);
  }
  session.seek({ branch: 0, operation: 5, event: null });
  const busy = session.run(demand("root", { want: "unload module", module: "idxd" }));
  expect(busy.ok ? "" : busy.problem.message).toContain("still waits");
  expect(
    session.world?.peek("vm-b", { call: "getdents", path: "/dev/vfio" }).result,
  ).toBeGreaterThan(0);
  expect(note()).toEqual(states[5]);
  while (session.undo());
  expect(note()).toEqual(states[0]);
  while (session.redo());
  expect(note()).toEqual(states[8]);
  session.setProfile("qemu");
  expect(session.operations).toHaveLength(OPERATIONS.length);
  session.setProfile("spec");
  expect(note()).toEqual(states[8]);
});
