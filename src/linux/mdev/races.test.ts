// Create, remove and unregister at once, over every order of their steps up to a bound, judged by the state machine.
import { describe, expect, it } from "vitest";
import { fakeKernel } from "../../testing/fake-kernel.ts";
import { processNamed } from "../core/processes.ts";
import { ERRNO } from "../kernel/errno.ts";
import { invokeSleeping } from "../kernel/kernel.ts";
import { startSystemCall } from "../system-calls.ts";
import "../parents/modules.ts";
import "../vfio/modules.ts";
import { judge, type MdevSight } from "./life-cycle.ts";

const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1007";
const CREATE = "/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create";
const REMOVE = `/sys/bus/mdev/devices/${UUID}/remove`;

/** Orders that are tried at most. */
const BOUND = 600;

interface Outcome {
  readonly results: readonly number[];
  /** Choices made, and how many there were to choose from. */
  readonly choices: readonly (readonly [number, number])[];
  readonly verdicts: readonly string[];
  readonly left: number;
}

type Actor = "create" | "remove" | "unregister";

/** One order: `prefix` says the first choices, the oldest task goes first after that. */
function play(actors: readonly Actor[], existing: boolean, prefix: readonly number[]): Outcome {
  const host = fakeKernel([], { modules: ["mtty", "vfio_mdev"] });
  const { k } = host;
  const root = processNamed(k, "root");
  if (existing) host.echo("root", CREATE, UUID);
  const parent = Object.values(k.state.mdev.parents)[0]?.device ?? 0;
  const results: number[] = [];
  // Opened before anybody starts: opening runs what is under way.
  const files = actors.map((actor) => {
    const path = actor === "create" ? CREATE : REMOVE;
    return host.call("root", { call: "open", path })?.result ?? -1;
  });
  for (const [index, actor] of actors.entries()) {
    const done = (result: number) => {
      results[index] = result;
    };
    if (actor === "unregister") {
      function* steps() {
        yield* invokeSleeping<unknown>(k, "mdev_unregister_device", parent);
        return 0;
      }
      k.scheduler.start(actor, steps(), done);
      continue;
    }
    const fd = files[index] ?? -1;
    const text = actor === "create" ? `${UUID}\n` : "1\n";
    startSystemCall(k, root, { call: "write", fd, text }, (answer) => done(answer.result));
  }
  const choices: [number, number][] = [];
  const verdicts: string[] = [];
  const seen = new Map<number, MdevSight>();
  k.scheduler.setChoose((count) => {
    for (const mdev of Object.values(k.state.mdev.devices)) {
      const now: MdevSight = {
        stage: mdev.stage,
        active: mdev.active,
        added: k.state.core.devices[mdev.device]?.added ?? false,
        parent: mdev.parent in k.state.mdev.parents,
      };
      const verdict = judge(seen.get(mdev.id) ?? now, now);
      if (verdict !== "") verdicts.push(verdict);
      seen.set(mdev.id, now);
    }
    const chosen = prefix[choices.length] ?? 0;
    choices.push([chosen, count]);
    return chosen;
  });
  k.scheduler.run(k);
  expect(Object.keys(k.state.locks)).toEqual([]);
  return { results, choices, verdicts, left: Object.keys(k.state.mdev.devices).length };
}

/** Every order, depth first. */
function explore(actors: readonly Actor[], existing: boolean): Outcome[] {
  const outcomes: Outcome[] = [];
  let prefix: number[] | null = [];
  while (prefix && outcomes.length < BOUND) {
    const outcome = play(actors, existing, prefix);
    outcomes.push(outcome);
    const made = [...outcome.choices];
    let last = made.pop();
    while (last && last[0] + 1 >= last[1]) last = made.pop();
    prefix = last ? [...made.map(([chosen]) => chosen), last[0] + 1] : null;
  }
  return outcomes;
}

describe("actors at once", () => {
  for (const [actors, existing, allowed] of [
    [["create", "create"], false, [[37, -ERRNO.EEXIST]]],
    // The second one finds the file gone (ENODEV), or has it taken away under its hands, which counts as done.
    [
      ["remove", "remove"],
      true,
      [
        [2, 2],
        [2, -ERRNO.ENODEV],
      ],
    ],
    [
      ["create", "unregister"],
      false,
      [
        [37, 0],
        [-ERRNO.ENODEV, 0],
        [-ERRNO.EINVAL, 0],
      ],
    ],
    [
      ["remove", "unregister"],
      true,
      [
        [2, 0],
        [-ERRNO.ENODEV, 0],
      ],
    ],
  ] as const) {
    it(`${actors.join(" and ")} keep to the state machine in every order`, () => {
      const outcomes = explore(actors, existing);
      expect(outcomes.length).toBeGreaterThan(1);
      expect(outcomes.length).toBeLessThan(BOUND);
      const legal = allowed.flatMap((row) => [row.join(), [...row].reverse().join()]);
      for (const { results, verdicts, left } of outcomes) {
        expect(verdicts).toEqual([]);
        expect(legal).toContain(results.join());
        expect(left).toBe(actors.some((actor) => actor !== "create") ? 0 : 1);
      }
    });
  }
});
