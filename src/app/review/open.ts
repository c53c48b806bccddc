// Opens scenarios: shipped ones by id, presets for free play, files of the reader's own. What is open stays until the new one runs.
import { describeProblem, type Result } from "../../base/result.ts";
import { readScenario, scenarioFrom } from "../../interchange/scenario.ts";
import { playing, type Run } from "../../session/play.ts";
import { PRESETS } from "../../session/presets/presets.ts";
import type { Scenario } from "../../session/scenario.ts";
import { SHIPPED } from "../../walkthroughs/shipped.ts";
import { takeOrder } from "../open/order.ts";
import { actions } from "../store.ts";

/** Milliseconds of running before the page gets a turn. */
const TURN = 30;

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A file's text; false, with `trouble` set, when it cannot be opened. */
export async function openScenarioText(name: string, text: string): Promise<boolean> {
  return openRead(readScenario(name, text), null);
}

export async function openShipped(id: string, step: string | null = null): Promise<boolean> {
  const shipped = SHIPPED.get(id);
  if (!shipped) {
    actions.report(`No scenario of the name ${id} ships with the playground.`);
    return false;
  }
  const value = await shipped.load();
  return openRead(scenarioFrom(id, value), step);
}

/** An empty document on a preset. */
export async function openPreset(name: string): Promise<boolean> {
  const preset = PRESETS.get(name);
  if (!preset) {
    actions.report(`There is no preset of the name ${name}.`);
    return false;
  }
  const scenario: Scenario = {
    format: "iommu-playground scenario",
    version: 1,
    id: `sandbox-${name}`,
    title: preset.platform.title,
    summary: "A sandbox.",
    machine: name,
    design: "D1",
    seed: 1,
    checks: [],
    operations: [],
  };
  return openRead({ ok: true, value: scenario }, null);
}

async function openRead(read: Result<Scenario>, step: string | null): Promise<boolean> {
  const current = takeOrder();
  if (!read.ok) {
    actions.setOpening(null);
    actions.report(describeProblem(read.problem));
    return false;
  }
  void import("../Workspace.tsx");
  const ran = await runInTurns(read.value, current);
  if (ran === null) return false;
  actions.setOpening(null);
  if (!ran.ok) {
    actions.report(describeProblem(ran.problem));
    return false;
  }
  const { session, checks } = ran.value;
  // The ways through it are there as soon as it is seen, so that the first key acts at once.
  await import("./travel.ts");
  actions.showScenario(session, read.value, new Map(checks.map((one) => [one.id, one])), step);
  return true;
}

/** Plays; a long document lets the page breathe. Null: stopped by the reader, or by something newer that is opened. */
async function runInTurns(scenario: Scenario, current: () => boolean): Promise<Result<Run> | null> {
  const stop = () => {
    takeOrder();
    actions.setOpening(null);
    actions.say(`Stopped: ${scenario.title} is not opened.`);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    stop();
  };
  window.addEventListener("keydown", onKey);
  const run = playing(scenario);
  let since = performance.now();
  for (;;) {
    const next = run.next();
    if (next.done) {
      window.removeEventListener("keydown", onKey);
      return next.value;
    }
    if (performance.now() - since < TURN) continue;
    const what = `operation ${next.value} of ${scenario.operations.length}`;
    actions.setOpening({ what, read: 0, stop });
    await turn();
    if (!current()) {
      window.removeEventListener("keydown", onKey);
      return null;
    }
    since = performance.now();
  }
}
