// Links to documents on an emulated kernel: the shipped file by its id when nothing was changed, else the whole file.
import type { LinkState, ScenarioOrigin } from "../../interchange/link-form.ts";
import { writeScenario } from "../../interchange/scenario.ts";
import { SHIPPED } from "../../walkthroughs/shipped.ts";
import type { AppState } from "../state.ts";
import { actions, appStore } from "../store.ts";
import { openScenarioText, openShipped } from "./open.ts";
import { recording } from "./record.ts";

type Described = Pick<LinkState, "machine" | "moment">;

/** What a link says of the document and the moment; null without one. */
export function scenarioLink({ session, scenario, step }: AppState): Described | null {
  if (!session || !scenario) return null;
  const { branch, operation, event } = session.place;
  const shipped =
    SHIPPED.has(scenario.id) &&
    branch === 0 &&
    session.operations.length === scenario.operations.length;
  const document = shipped ? null : recording();
  const text = document && writeScenario(document);
  return {
    machine: { kind: "scenario", id: scenario.id, text },
    moment: { operation, event, step, digest: session.digest() },
  };
}

/** Opens the document and goes to the moment. A replay that differs is reported, not hidden. */
export async function restoreScenario(
  { id, text }: ScenarioOrigin,
  { moment, view }: LinkState,
): Promise<void> {
  const opened = text === null ? await openShipped(id) : await openScenarioText("link", text);
  if (!opened) return;
  const { session } = appStore.getState();
  if (!session) return;
  if (moment) {
    if (moment.step !== null) actions.showStep(moment.step);
    const { operation, event } = moment;
    if (session.place.operation !== operation || session.place.event !== event) {
      actions.seek({ branch: 0, operation, event });
    }
  }
  const { at, ...shown } = view;
  const { step, left, sheet } = appStore.getState();
  actions.restored(shown, at);
  if (step !== null) appStore.setState({ step, left, sheet });
  const digest = session.digest();
  if (moment && digest !== moment.digest) {
    actions.report(
      `The replay differs from what the link was made of: the state has digest ${digest}, the link says ${moment.digest}. The page or the file has changed since.`,
    );
  }
}
