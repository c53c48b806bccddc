// What was done, as a scenario file: the branch that is shown, with the machine and the checks that hold or break now.
import { writeScenario } from "../../interchange/scenario.ts";
import { type NamedOperation, type Scenario, stepsOf } from "../../session/scenario.ts";
import { actions, appStore } from "../store.ts";

/** The document as it stands; null when nothing with a kernel is open. Operations without a name get one. */
export function recording(): Scenario | null {
  const { session, scenario } = appStore.getState();
  if (!session?.world || !scenario) return null;
  const branch = session.branches.find(({ id }) => id === session.place.branch);
  const operations = branch?.operations ?? session.operations;
  const taken = new Set(operations.flatMap(({ id }) => id ?? []));
  let number = 0;
  const named = operations.map((operation): NamedOperation => {
    if (operation.id !== undefined) return { ...operation, id: operation.id };
    let id: string;
    do id = `operation-${++number}`;
    while (taken.has(id));
    return { ...operation, id };
  });
  const known = new Set(named.map(({ id }) => id));
  const { walkthrough, ...rest } = scenario;
  // The steps of a walkthrough tell every operation: one that was added, or is missing, ends the story.
  const inSteps = new Set(stepsOf(scenario).flatMap((step) => step.operations));
  const told = inSteps.size === known.size && [...inSteps].every((id) => known.has(id));
  return {
    ...rest,
    operations: named,
    checks: scenario.checks.filter(({ at }) => at === "end" || known.has(at)),
    ...(walkthrough && told && { walkthrough }),
  };
}

/** Offers the file for download. */
export function saveRecording(): void {
  const scenario = recording();
  if (!scenario) return;
  const url = URL.createObjectURL(
    new Blob([writeScenario(scenario)], { type: "application/json" }),
  );
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `${scenario.id}.json`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url));
  actions.say(`${scenario.id}.json is saved: ${scenario.operations.length} operations.`);
}
