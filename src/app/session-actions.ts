// What a reader can do, as changes of the store. Operations on the machine go through the session and nothing else.
import type { StoreApi } from "zustand/vanilla";
import { describeProblem } from "../base/result.ts";
import { selectionOf } from "../scene/selection-text.ts";
import { stepsOf } from "../session/scenario.ts";
import type { Moment, Operation } from "../session/types.ts";
import { draftOf, firstDraft, REQUEST_BYTES, readDraft } from "./composer/draft.ts";
import { FOOT_TABS } from "./foot-tabs.ts";
import { INITIAL_VIEW } from "./initial-state.ts";
import { savePreferences } from "./preferences.ts";
import { plainText, stepPlace } from "./review/steps.ts";
import type { AppActions, AppState, Draft, ViewState } from "./state.ts";
import { sayMoment, sayStreamed, sayUndone } from "./words.ts";

const isPhone = () => globalThis.matchMedia?.("(max-width: 599px)").matches ?? false;

export function createActions(store: StoreApi<AppState>): AppActions {
  const set = (change: Partial<AppState>) => store.setState(change);
  const setView = (change: Partial<ViewState>) =>
    set({ view: { ...store.getState().view, ...change } });

  /** A status line whose words stay the same is not read again, so what happens twice ends in another space. */
  const anew = (sentence: string): string =>
    sentence === store.getState().said ? `${sentence}\u00a0` : sentence;

  /** After the session changed: everybody looks again, at the last moment. One change of the store, not several. */
  function changed(sentence: string, undone: number, more: Partial<AppState> = {}): void {
    const { session, revision, view } = store.getState();
    const last = (session?.moments.length ?? 0) - 1;
    set({
      revision: revision + 1,
      undone,
      at: last < 0 ? null : last,
      said: anew(sentence),
      trouble: null,
      view: { ...view, hop: null },
      ...more,
    });
  }

  function run(operation: Operation): Moment | null {
    const { session } = store.getState();
    if (!session) return null;
    const result = session.run(operation);
    if (!result.ok) {
      actions.report(describeProblem(result.problem));
      return null;
    }
    const isRequest = operation.op === "dma";
    changed(sayMoment(result.value, session.info), 0, isRequest ? { side: "walk" } : {});
    return result.value;
  }

  const actions: AppActions = {
    run,
    send: ({ requester, pasid, access, address }) =>
      run({ op: "dma", requester, pasid, access, address, length: REQUEST_BYTES }),
    sendDraft() {
      const { request, errors } = readDraft(store.getState().view.draft);
      if (request) actions.send(request);
      else actions.report(Object.values(errors).join(" "));
    },
    setDraft(change: Partial<Draft>) {
      setView({ draft: { ...store.getState().view.draft, ...change } });
    },
    tryRequest(one) {
      setView({ draft: draftOf(one) });
    },
    startStream(rate) {
      const { request, errors } = readDraft(store.getState().view.draft);
      if (request) {
        const said = anew(`The stream is running, ${rate} requests per second.`);
        set({ stream: { rate }, playing: true, trouble: null, said });
      } else actions.report(Object.values(errors).join(" "));
    },
    stopStream() {
      const { stream, session } = store.getState();
      set({ stream: null });
      if (stream && session) actions.say(sayStreamed(session.moments.at(-1), session.info));
    },
    setRate(rate) {
      const { stream } = store.getState();
      set({ rate, stream: stream && { rate } });
    },
    edit([first, ...more], invalidate) {
      if (!first) return;
      const done = run({ op: "edit", ...first, ...(more.length > 0 && { more }) });
      if (done && invalidate) actions.invalidate("everything");
    },
    invalidate(scope) {
      // Knowledge of descriptors comes with the first machine, not with the first screen.
      void import("./invalidations.ts").then(({ invalidationOf }) => {
        const { session } = store.getState();
        const operation = session && invalidationOf(session, scope);
        if (operation) run(operation);
        else if (session) {
          actions.report("The unit uses no PASID cache: its tables are not in scalable mode.");
        }
      });
    },
    acknowledge() {
      const { session } = store.getState();
      if (!session) return;
      // Knowledge of registers comes with the first machine, not with the first screen.
      void import("../session/acknowledge.ts").then(({ acknowledgeFaults }) => {
        const operation = acknowledgeFaults(session);
        if (!operation) actions.say("No fault is pending.");
        else if (run(operation)) actions.say("The recorded faults are acknowledged.");
      });
    },
    undo() {
      const { session, undone } = store.getState();
      set({ stream: null });
      const operation = session?.undo();
      if (operation) changed(sayUndone(operation), undone + 1);
    },
    redo() {
      const { session, undone } = store.getState();
      const moment = session?.redo();
      if (session && moment) changed(sayMoment(moment, session.info), undone - 1);
    },
    setProfile(profile) {
      const { session, undone } = store.getState();
      if (!session || session.profile === profile) return;
      session.setProfile(profile);
      const name = profile === "spec" ? "the specification" : "QEMU 11.1";
      changed(`All operations have run anew, as ${name} does it.`, undone);
    },
    select(selection) {
      const view = { ...store.getState().view, selection };
      set(selection ? { view, side: "inspector" } : { view });
    },
    showHop: (hop) => setView({ hop }),
    seek(place) {
      const { session, revision, view } = store.getState();
      const gone = session?.seek(place);
      if (!session || !gone) return;
      if (!gone.ok) {
        actions.report(describeProblem(gone.problem));
        return;
      }
      // Inside an operation that operation is the shown one, between two the one before.
      const at = place.event === null ? place.operation - 1 : place.operation;
      set({
        revision: revision + 1,
        undone: 0,
        at: at < 0 ? null : at,
        trouble: null,
        view: { ...view, hop: null },
      });
    },
    showMoment(at) {
      const { session, view } = store.getState();
      if (session?.world) {
        actions.seek({ ...session.place, operation: at + 1, event: null });
      }
      const moment = session?.moments[at];
      set({ at, side: "walk", view: { ...view, hop: null } });
      if (session && moment) actions.say(sayMoment(moment, session.info));
    },
    showFoot(foot) {
      set({ sheet: foot, view: { ...store.getState().view, foot } });
    },
    showMemory(address) {
      setView({ memoryAt: address });
      actions.showFoot("memory");
    },
    spotlight: (spotlight) => set({ spotlight }),
    setPreference(change) {
      const preferences = { ...store.getState().preferences, ...change };
      savePreferences(preferences);
      set({ preferences });
    },
    say: (sentence) => set({ said: anew(sentence) }),
    report: (trouble) => set({ trouble, said: anew(trouble) }),
    setHalves: (halves) => set({ halves }),
    setOpening: (opening) => set({ opening }),
    setRestoring: (restoring) => set({ restoring }),
    awaitFiles: (awaited) => set({ awaited }),
    restored(view, at) {
      const { session, revision } = store.getState();
      const last = (session?.moments.length ?? 0) - 1;
      set({
        revision: revision + 1,
        undone: 0,
        view,
        at: at === null || last < 0 ? null : Math.min(at, last),
        side: view.selection ? "inspector" : "walk",
        sheet: view.foot,
        awaited: null,
        said: "The link is restored.",
      });
    },
    dismissTrouble: () => set({ trouble: null }),
    showScenario(session, scenario, played, step) {
      actions.show(session, []);
      const steps = stepsOf(scenario);
      const first = step ?? steps[0]?.id;
      const left = steps.length > 0 ? "steps" : "act";
      set({
        scenario,
        played,
        left,
        sheet: left,
        view: { ...store.getState().view, foot: "timeline" },
      });
      if (first !== undefined) actions.showStep(first);
    },
    showStep(id) {
      const { session, scenario } = store.getState();
      const shown = scenario && stepPlace(scenario, id);
      if (!session || !scenario || !shown) return;
      actions.seek({ branch: 0, operation: shown.operation, event: null });
      const { step } = shown;
      const { view } = store.getState();
      const foot = FOOT_TABS.find((tab) => tab === step.view?.foot) ?? view.foot;
      const side = step.view?.side === "inspector" || step.view?.side === "walk";
      set({
        step: id,
        left: "steps",
        ...(isPhone() && { sheet: "steps" as const }),
        said: anew(`${step.title}. ${plainText(step.caption)}`),
        view: {
          ...view,
          foot,
          selection: selectionOf(step.view?.selection ?? "", session.survey()),
        },
        ...(side && { side: step.view?.side as "inspector" | "walk" }),
      });
    },
    showLeft: (left) => set({ left, sheet: left }),
    show(session, tries) {
      const last = session.moments.length - 1;
      set({
        session,
        scenario: null,
        step: null,
        left: session.world ? "act" : "request",
        revision: store.getState().revision + 1,
        undone: 0,
        view: { ...INITIAL_VIEW, draft: firstDraft(session, tries) },
        spotlight: null,
        stream: null,
        trouble: null,
        at: last < 0 ? null : last,
        side: "walk",
        // A phone begins with the outline; where the stage is in view, the request comes first.
        sheet: isPhone() ? "outline" : "request",
        dialog: null,
        opening: null,
        halves: { tables: null, registers: null },
        awaited: null,
        tries,
        said: `${session.info.title} is open.`,
      });
    },
    setPlaying: (playing) => set({ playing }),
    setBlank: (blank) =>
      set({ blank, said: blank ? "The screen is blank." : "The screen is back." }),
    showSide: (side) => set({ side, sheet: side }),
    showSheet(sheet) {
      set({ sheet });
      if (sheet === "walk" || sheet === "inspector") set({ side: sheet });
      else if (sheet === "steps" || sheet === "act" || sheet === "request") set({ left: sheet });
      else if (sheet !== "graph") setView({ foot: sheet });
    },
    togglePanel(panel) {
      const { closed } = store.getState().preferences;
      const next = closed.includes(panel)
        ? closed.filter((other) => other !== panel)
        : [...closed, panel];
      actions.setPreference({ closed: next });
    },
    showDialog: (dialog) => set({ dialog }),
    close() {
      set({
        session: null,
        scenario: null,
        step: null,
        revision: store.getState().revision + 1,
        undone: 0,
        view: INITIAL_VIEW,
        spotlight: null,
        stream: null,
        trouble: null,
        at: null,
        said: "The machine is closed.",
      });
    },
  };
  return actions;
}
