// Everything a reader can do, defined once: buttons, keys, the list of keys and the palette all come from here.
import { clock } from "./clock.ts";
import { SPEEDS } from "./preferences.ts";
import type { AppState, FootTab, Theme, WorldTab } from "./state.ts";
import { actions, appStore } from "./store.ts";

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly group: "Walkthrough" | "Request" | "Walk" | "Machine" | "View" | "Page";
  /** Keys as tinykeys reads them; several are alternatives. */
  readonly keys?: readonly string[];
  /** Keys as people read them. */
  readonly shown?: string;
  readonly run: () => void;
  /** Why it cannot run now, as a sentence; null when it can. */
  readonly refusal?: (state: AppState) => string | null;
}

const needsMachine = (state: AppState): string | null =>
  state.session ? null : "Open a machine first.";

const needsWalk = (state: AppState): string | null =>
  needsMachine(state) ?? (state.at === null ? "Send a request first." : null);

const stepHop = (change: number) => () =>
  void import("./hops.ts").then((hops) => hops.stepHop(change));

/** Stops what moves, lets it go on, or shows the request once more when nothing moves. */
function playOrPause(): void {
  const pause = appStore.getState().playing && !clock.isIdle;
  const resume = !clock.isIdle;
  actions.setPlaying(!pause);
  actions.say(pause ? "Paused." : "Playing.");
  if (!resume) void import("./stage/conductor.ts").then(({ replay }) => replay());
}

function stepMoment(change: number): void {
  const { at, session } = appStore.getState();
  const next = (at ?? -1) + change;
  if (session && next >= 0 && next < session.moments.length) actions.showMoment(next);
}

function changeSpeed(change: number): void {
  const { speed } = appStore.getState().preferences;
  const next = SPEEDS[SPEEDS.indexOf(speed) + change];
  if (next === undefined) return;
  actions.setPreference({ speed: next });
  actions.say(`Speed ${next}.`);
}

function toggleProfile(): void {
  const { session } = appStore.getState();
  if (session) actions.setProfile(session.profile === "spec" ? "qemu" : "spec");
}

const foot = (tab: FootTab, label: string, key: string): Command => ({
  id: `foot-${tab}`,
  label: `Show ${label}`,
  group: "View",
  keys: [key],
  shown: key,
  run: () => {
    if (appStore.getState().preferences.closed.includes("foot")) actions.togglePanel("foot");
    actions.showFoot(tab);
  },
  refusal: needsMachine,
});

const needsKernel = (state: AppState): string | null =>
  state.session?.world ? null : "Open a machine with a running kernel first.";

const worldFoot = (tab: WorldTab, label: string, key: string): Command => ({
  ...foot(tab, label, key),
  refusal: needsKernel,
});

const theme = (name: Theme, label: string): Command => ({
  id: `theme-${name}`,
  label: `Theme: ${label}`,
  group: "Page",
  run: () => actions.setPreference({ theme: name }),
});

const needsSteps = (state: AppState): string | null =>
  state.scenario?.walkthrough ? null : "Open a walkthrough first.";

const travel = (name: "stepBy" | "goToNext" | "playOn", argument: unknown) => () =>
  void import("./review/travel.ts").then((module) =>
    (module[name] as (argument: unknown) => void)(argument),
  );

export const COMMANDS: readonly Command[] = [
  {
    id: "send",
    label: "Send the request",
    group: "Request",
    keys: ["s"],
    shown: "S",
    run: () => actions.sendDraft(),
    refusal: needsMachine,
  },
  {
    id: "stream",
    label: "Start or stop the stream",
    group: "Request",
    keys: ["r"],
    shown: "R",
    run: () => {
      const { stream, rate } = appStore.getState();
      if (stream) actions.stopStream();
      else actions.startStream(rate);
    },
    refusal: needsMachine,
  },
  {
    id: "step-next",
    label: "Next step of the walkthrough",
    group: "Walkthrough",
    keys: ["PageDown"],
    shown: "Page Down",
    run: travel("stepBy", 1),
    refusal: needsSteps,
  },
  {
    id: "step-back",
    label: "Previous step of the walkthrough",
    group: "Walkthrough",
    keys: ["PageUp"],
    shown: "Page Up",
    run: travel("stepBy", -1),
    refusal: needsSteps,
  },
  {
    id: "next-fault",
    label: "Run to the next fault",
    group: "Walkthrough",
    keys: ["f"],
    shown: "F",
    run: travel("goToNext", "fault"),
    refusal: needsKernel,
  },
  {
    id: "next-call",
    label: "Run to the next system call",
    group: "Walkthrough",
    keys: ["n"],
    shown: "N",
    run: travel("goToNext", "call"),
    refusal: needsKernel,
  },
  {
    id: "play-on",
    label: "Play operation after operation, or stop",
    group: "Walkthrough",
    keys: ["g"],
    shown: "G",
    run: travel("playOn", null),
    refusal: needsKernel,
  },
  {
    id: "blank",
    label: "Blank the screen, or bring it back",
    group: "Page",
    keys: ["b"],
    shown: "B",
    run: () => actions.setBlank(!appStore.getState().blank),
  },
  {
    id: "record",
    label: "Save what was done as a scenario file",
    group: "Walkthrough",
    run: () => void import("./review/record.ts").then(({ saveRecording }) => saveRecording()),
    refusal: needsKernel,
  },
  {
    id: "hop-back",
    label: "Back one hop",
    group: "Walk",
    keys: ["ArrowLeft"],
    shown: "Left",
    run: stepHop(-1),
    refusal: needsWalk,
  },
  {
    id: "hop-next",
    label: "Next hop",
    group: "Walk",
    keys: ["ArrowRight"],
    shown: "Right",
    run: stepHop(1),
    refusal: needsWalk,
  },
  {
    id: "play",
    label: "Pause, or play the shown request",
    group: "Walk",
    keys: ["Space", "."],
    shown: "Space or .",
    run: playOrPause,
    refusal: (state) => (clock.isIdle ? needsWalk(state) : needsMachine(state)),
  },
  {
    id: "moment-back",
    label: "Previous operation",
    group: "Walk",
    keys: ["["],
    shown: "[",
    run: () => stepMoment(-1),
    refusal: needsWalk,
  },
  {
    id: "moment-next",
    label: "Next operation",
    group: "Walk",
    keys: ["]"],
    shown: "]",
    run: () => stepMoment(1),
    refusal: needsWalk,
  },
  {
    id: "slower",
    label: "Slower",
    group: "Walk",
    keys: ["-"],
    shown: "-",
    run: () => changeSpeed(-1),
  },
  {
    id: "faster",
    label: "Faster",
    group: "Walk",
    keys: ["+", "Shift++", "="],
    shown: "+",
    run: () => changeSpeed(1),
  },
  {
    id: "undo",
    label: "Undo the last operation",
    group: "Machine",
    keys: ["u", "$mod+z"],
    shown: "U",
    run: () => actions.undo(),
    refusal: (state) =>
      needsMachine(state) ??
      (state.session?.operations.length === 0 ? "There is nothing to undo." : null),
  },
  {
    id: "redo",
    label: "Redo",
    group: "Machine",
    keys: ["Shift+U", "$mod+Shift+Z"],
    shown: "Shift U",
    run: () => actions.redo(),
    refusal: (state) =>
      needsMachine(state) ?? (state.undone === 0 ? "There is nothing to redo." : null),
  },
  {
    id: "invalidate-everything",
    label: "Invalidate all caches",
    group: "Machine",
    keys: ["i"],
    shown: "I",
    run: () => actions.invalidate("everything"),
    refusal: needsMachine,
  },
  {
    id: "invalidate-context",
    label: "Invalidate the context cache",
    group: "Machine",
    run: () => actions.invalidate("context"),
    refusal: needsMachine,
  },
  {
    id: "invalidate-pasid",
    label: "Invalidate the PASID cache",
    group: "Machine",
    run: () => actions.invalidate("pasid"),
    refusal: needsMachine,
  },
  {
    id: "invalidate-iotlb",
    label: "Invalidate the IOTLB",
    group: "Machine",
    run: () => actions.invalidate("iotlb"),
    refusal: needsMachine,
  },
  {
    id: "acknowledge",
    label: "Acknowledge faults",
    group: "Machine",
    keys: ["a"],
    shown: "A",
    run: () => actions.acknowledge(),
    refusal: needsMachine,
  },
  {
    id: "profile",
    label: "Switch between the profiles spec and qemu",
    group: "Machine",
    keys: ["p"],
    shown: "P",
    run: toggleProfile,
    refusal: needsMachine,
  },
  foot("events", "the events", "1"),
  foot("outline", "the outline", "2"),
  foot("table", "the table", "3"),
  foot("memory", "memory", "4"),
  foot("registers", "registers and caches", "5"),
  worldFoot("timeline", "the timeline", "6"),
  worldFoot("calls", "the call tree", "7"),
  worldFoot("isolation", "isolation: who reaches what", "8"),
  worldFoot("objects", "the kernel's objects", "9"),
  worldFoot("console", "the console", "0"),
  worldFoot("checks", "the checks", "c"),
  {
    id: "panel-left",
    label: "Open or close the left panel",
    group: "View",
    keys: ["Shift+L"],
    shown: "Shift L",
    run: () => actions.togglePanel("left"),
    refusal: needsMachine,
  },
  {
    id: "panel-right",
    label: "Open or close the right panel",
    group: "View",
    keys: ["Shift+R"],
    shown: "Shift R",
    run: () => actions.togglePanel("right"),
    refusal: needsMachine,
  },
  {
    id: "panel-foot",
    label: "Open or close the foot",
    group: "View",
    keys: ["Shift+F"],
    shown: "Shift F",
    run: () => actions.togglePanel("foot"),
    refusal: needsMachine,
  },
  {
    id: "foot-tall",
    label: "Make the foot taller or lower",
    group: "View",
    keys: ["Shift+T"],
    shown: "Shift T",
    run: () => actions.setPreference({ tall: !appStore.getState().preferences.tall }),
    refusal: needsMachine,
  },
  {
    id: "palette",
    label: "Find or run",
    group: "Page",
    keys: ["$mod+k"],
    shown: "Ctrl K",
    run: () => actions.showDialog("palette"),
  },
  {
    id: "keys",
    label: "Show all keys",
    group: "Page",
    keys: ["Shift+?", "?"],
    shown: "?",
    run: () => actions.showDialog("keys"),
  },
  {
    id: "share",
    label: "Share a link to this moment",
    group: "Page",
    keys: ["l"],
    shown: "L",
    run: () => actions.showDialog("share"),
    refusal: needsMachine,
  },
  {
    id: "close",
    label: "Close the machine",
    group: "Page",
    run: () => actions.close(),
    refusal: needsMachine,
  },
  theme("system", "as the system has it"),
  theme("light", "light"),
  theme("dark", "dark"),
  theme("contrast", "high contrast"),
];

/** Runs a command, or says why it cannot run now. */
export function runCommand(command: Command): void {
  const refusal = command.refusal?.(appStore.getState()) ?? null;
  if (refusal) actions.say(refusal);
  else command.run();
}

/** The command with this id; ids are those of the list above. */
export function commandOf(id: string): Command {
  const found = COMMANDS.find((command) => command.id === id);
  if (!found) throw new Error(`There is no command "${id}".`);
  return found;
}
