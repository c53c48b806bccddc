// Create, remove and unregister by two actors: every order of their steps at every yield point (bound: one deed each,
// at most ORDER_BOUND orders of a pair, reached by none), and a planted race that the same judge finds and prints.
import { describe, expect, it } from "vitest";
import { readScenario, writeScenario } from "../interchange/scenario.ts";
import { sysfs_remove } from "../linux/core/sysfs.ts";
import { DESIGNS } from "../linux/designs.ts";
import { ERRNO } from "../linux/kernel/errno.ts";
import type { Kernel } from "../linux/kernel/kernel.ts";
import type { Sleep } from "../linux/kernel/scheduler.ts";
import { mdev_put_parent, parentOfDevice } from "../linux/mdev/references.ts";
import { mdev_device_remove_cb } from "../linux/mdev/remove.ts";
import { parent_remove_sysfs_files } from "../linux/mdev/sysfs.ts";
import { playScenario } from "../session/play.ts";
import { DEEDS, type Deed, explore, judgeSchedule, ORDER_BOUND, scenarioOf } from "./mdev-races.ts";

const { EBUSY, EEXIST, ENODEV, ENOENT } = ERRNO;
/** Bytes that a write took. */
const MADE = 37;
const REMOVED = 2;

/** What each pair may return, with the mdevs that are left: v5.12 knows no other outcomes. Same deeds in either order. */
const OUTCOMES: readonly (readonly [Deed, Deed, boolean, readonly string[]])[] = [
  ["create same", "create same", true, [`${-EEXIST} ${-EEXIST} 1`]],
  ["create same", "create same", false, [`${MADE} ${-EEXIST} 1`, `${-EEXIST} ${MADE} 1`]],
  ["create same", "create other", true, [`${-EEXIST} ${MADE} 1,2`]],
  ["create same", "create other", false, [`${MADE} ${MADE} 1,2`]],
  ["create same", "remove", true, [`${-EEXIST} ${REMOVED} `, `${MADE} ${REMOVED} 1`]],
  ["create same", "unregister", true, [`${-EEXIST} 0 `, `${-ENODEV} 0 `]],
  ["create same", "unregister", false, [`${MADE} 0 `, `${-ENODEV} 0 `]],
  ["create other", "create other", true, [`${MADE} ${-EEXIST} 1,2`, `${-EEXIST} ${MADE} 1,2`]],
  ["create other", "create other", false, [`${MADE} ${-EEXIST} 2`, `${-EEXIST} ${MADE} 2`]],
  ["create other", "remove", true, [`${MADE} ${REMOVED} 2`]],
  ["create other", "unregister", true, [`${MADE} 0 `, `${-ENODEV} 0 `]],
  ["create other", "unregister", false, [`${MADE} 0 `, `${-ENODEV} 0 `]],
  ["remove", "remove", true, [`${REMOVED} ${-ENODEV} `, `${-ENODEV} ${REMOVED} `]],
  ["remove", "unregister", true, [`${REMOVED} 0 `, `${-ENODEV} 0 `]],
  [
    "unregister",
    "unregister",
    true,
    [`0 ${-ENOENT} `, `0 ${-EBUSY} `, `${-ENOENT} 0 `, `${-EBUSY} 0 `],
  ],
  [
    "unregister",
    "unregister",
    false,
    [`0 ${-ENOENT} `, `0 ${-EBUSY} `, `${-ENOENT} 0 `, `${-EBUSY} 0 `],
  ],
];

describe("two actors on one parent", () => {
  it("are every pair of deeds, with an mdev there before and without", () => {
    const pairs = DEEDS.flatMap((one, i) =>
      DEEDS.slice(i).flatMap((two) =>
        one === "remove" || two === "remove"
          ? [[one, two, true]]
          : [
              [one, two, true],
              [one, two, false],
            ],
      ),
    );
    expect(OUTCOMES.map(([one, two, existing]) => [one, two, existing])).toEqual(pairs);
  });

  it("keep to the state machine in every order", () => {
    let orders = 0;
    let choices = 0;
    for (const [one, two, existing, allowed] of OUTCOMES) {
      const explored = explore([one, two], existing);
      const about = `${one} and ${two}, ${existing ? "with" : "without"} an mdev`;
      expect(explored.whole, about).toBe(true);
      const outcomes = explored.orders.map(({ results, left }) => [...results, left].join(" "));
      expect([...new Set(outcomes)].sort(), about).toEqual([...allowed].sort());
      expect(
        explored.orders.flatMap(({ verdicts }) => verdicts),
        about,
      ).toEqual([]);
      orders += explored.orders.length;
      choices = Math.max(choices, ...explored.orders.map((order) => order.choices.length));
    }
    console.log(
      `${OUTCOMES.length} pairs, ${orders} orders, at most ${choices} choices each; all of them, the bound of ${ORDER_BOUND} a pair was not reached`,
    );
    expect(orders).toBeGreaterThan(500);
  });
});

/** mdev_unregister_device() without the semaphore that shuts creates and removes out. */
function* withoutSemaphore(k: Kernel, device: number): Sleep<void> {
  const parent = parentOfDevice(k, device);
  if (!parent) return;
  parent.listed = false;
  sysfs_remove(k, `/sys/class/mdev_bus/${k.state.core.devices[device]?.name ?? ""}`);
  for (;;) {
    const child = Object.values(k.state.core.devices).find(
      (record) => record.parent === device && record.bus === "mdev" && record.added,
    );
    if (!child) break;
    yield* mdev_device_remove_cb(k, child.id);
  }
  yield* parent_remove_sysfs_files(k, parent.id);
  mdev_put_parent(k, parent.id);
}

/** Runs `look` on a kernel with the planted function in place of its own. */
function planted<T>(look: () => T): T {
  const replaced = DESIGNS.D1.replaces as Map<string, unknown>;
  replaced.set("mdev_unregister_device", withoutSemaphore);
  try {
    return look();
  } finally {
    replaced.delete("mdev_unregister_device");
  }
}

describe("a planted race", () => {
  const deeds: readonly [Deed, Deed] = ["create same", "unregister"];
  // An order that also leaves something behind, which a check of the scenario can say.
  const find = () =>
    explore(deeds, false, ({ verdicts, left }) => verdicts.length > 0 && left !== "").orders.at(-1);

  it("is found, printed as a scenario, and found again when that is played", () => {
    const found = planted(find);
    if (!found) throw new Error("nothing was found");
    expect(found.verdicts).not.toEqual([]);
    const text = writeScenario(scenarioOf(deeds, false, found));
    console.log(`${found.verdicts.join("; ")}:\n${text}`);

    const read = readScenario("the printed scenario", text);
    if (!read.ok) throw new Error(read.problem.message);
    const race = read.value.operations.at(-1);
    expect(race?.op).toBe("together");
    const schedule = (race?.op === "together" && race.schedule) || [];

    // The judge, on a machine that was booted anew and does what the file says.
    const again = planted(() => judgeSchedule(deeds, false, schedule));
    expect(again.verdicts).toEqual(found.verdicts);
    expect(again.results).toEqual(found.results);

    // And the file by itself: what is left over, twice the same.
    const played = planted(() => [playScenario(read.value), playScenario(read.value)]);
    const [first, second] = played.map((one) => (one.ok ? one.value : null));
    expect(first?.ok).toBe(true);
    expect(first?.checks.map(({ got }) => got)).toEqual(["breaks"]);
    expect(second?.stateSha256).toBe(first?.stateSha256);

    // The kernel as it is does not go wrong in that order.
    expect(judgeSchedule(deeds, false, schedule).verdicts).toEqual([]);
    const sound = playScenario(read.value);
    expect(sound.ok && sound.value.checks.map(({ got }) => got)).toEqual(["holds"]);
  });

  it("needs that order: one after the other nothing goes wrong", () => {
    const [first] = planted(() => explore(deeds, false, () => true).orders);
    expect(first?.choices.every(([chosen]) => chosen === 0)).toBe(true);
    expect(first?.verdicts).toEqual([]);
  });
});
