// Opens scenarios: shipped ones by id, presets for free play, files of the reader's own. What is open stays until the new one runs.
import { describeProblem, ok, type Result } from "../../base/result.ts";
import { readScenario, scenarioFrom } from "../../interchange/scenario.ts";
import { askCheck, checksAt, type PlayedCheck } from "../../session/play.ts";
import { PRESETS } from "../../session/presets/presets.ts";
import { AT_END, type Scenario } from "../../session/scenario.ts";
import { Session } from "../../session/session.ts";
import { SHIPPED } from "../../walkthroughs/shipped.ts";
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
  if (!read.ok) {
    actions.report(describeProblem(read.problem));
    return false;
  }
  void import("../Workspace.tsx");
  const ran = await runScenario(read.value);
  if (!ran.ok) {
    actions.report(describeProblem(ran.problem));
    return false;
  }
  const { session, played } = ran.value;
  actions.showScenario(session, read.value, played, step);
  return true;
}

interface Ran {
  readonly session: Session;
  readonly played: ReadonlyMap<string, PlayedCheck>;
}

/** Boots the machine and runs every operation; long documents let the page breathe. */
async function runScenario(scenario: Scenario): Promise<Result<Ran>> {
  const opened = Session.openScenario(scenario);
  if (!opened.ok) return opened;
  const session = opened.value;
  const played = new Map<string, PlayedCheck>();
  const ask = (at: string): Result<null> => {
    for (const check of checksAt(scenario, at)) {
      const asked = askCheck(session, check);
      if (!asked.ok) return asked;
      played.set(check.id, asked.value);
    }
    return ok(null);
  };
  let since = performance.now();
  for (const [index, operation] of scenario.operations.entries()) {
    const done = session.run(operation);
    if (!done.ok) return done;
    const asked = ask(operation.id);
    if (!asked.ok) return asked;
    if (performance.now() - since < TURN) continue;
    actions.setOpening({
      what: `operation ${index + 1} of ${scenario.operations.length}`,
      read: 0,
    });
    await turn();
    since = performance.now();
  }
  actions.setOpening(null);
  const asked = ask(AT_END);
  return asked.ok ? ok({ session, played }) : asked;
}
