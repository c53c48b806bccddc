// The address bar always holds a link to what is seen; opening such a link restores it.
import { describeProblem } from "../base/result.ts";
import { decodeLink, encodeLink } from "../interchange/link.ts";
import type { LinkState } from "../interchange/link-form.ts";
import { packer } from "./packer.ts";
import type { AppState } from "./state.ts";
import { actions, appStore } from "./store.ts";

/** Quiet time before the address bar follows, in milliseconds. */
const SETTLE = 400;

/** A link whose files have not come yet. */
let waiting: LinkState | null = null;
/** The sample of a link is being opened; what it shows meanwhile is not yet what the link says. */
let opening = false;
let written = 0;

async function linkStateOf(state: AppState): Promise<LinkState | null> {
  const { session, view, at } = state;
  if (!session) return null;
  const common = { profile: session.profile, view: { ...view, at } };
  if (session.world) {
    const { scenarioLink } = await import("./review/scenario-link.ts");
    const described = scenarioLink(state);
    return described && { ...common, ...described, operations: [] };
  }
  const { origin } = session.info;
  return origin.kind === "preset"
    ? null
    : { ...common, machine: origin, operations: session.operations };
}

/** The link to what is seen now, or why there is none. */
export async function currentLink(): Promise<{ url: string } | { trouble: string }> {
  const state = await linkStateOf(appStore.getState());
  if (!state) return { trouble: "Nothing is open." };
  const fragment = await encodeLink(state, packer);
  if (!fragment.ok) return { trouble: describeProblem(fragment.problem) };
  const url = new URL(location.href);
  url.hash = fragment.value;
  // The test hook is for machines, not for readers of a link.
  url.searchParams.delete("test");
  return { url: url.href };
}

/** Writes the link to what is seen into the address bar; a later call wins. */
async function write(): Promise<void> {
  const state = appStore.getState();
  const number = ++written;
  if (opening) return;
  const link = await linkStateOf(state);
  if (number !== written) return;
  if (!link) {
    if (waiting === null && location.hash !== "") setFragment("");
    return;
  }
  const fragment = await encodeLink(link, packer);
  if (number !== written) return;
  if (fragment.ok) setFragment(`#${fragment.value}`);
  else if (location.hash !== "") {
    // An old link would restore something else than what is seen.
    setFragment("");
    actions.say(`The address bar holds no link now: ${fragment.problem.message}.`);
  }
}

/** Keeps the address bar in step with the store, and the store with a fragment that the reader puts there. */
export function followAddressBar(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  appStore.subscribe((state, before) => {
    if (state.session !== before.session) filesHaveCome(state);
    if (
      state.session === before.session &&
      state.revision === before.revision &&
      state.view === before.view &&
      state.step === before.step &&
      state.at === before.at
    ) {
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(write, SETTLE);
  });
  window.addEventListener("hashchange", () => {
    if (location.hash.length > 1) void restoreLink(location.hash);
  });
}

/** The reader opened something: the files that a link waits for, or others, and then it waits no longer. */
function filesHaveCome({ session }: AppState): void {
  if (!session || opening || waiting?.machine.kind !== "own") return;
  const { origin } = session.info;
  if (origin.kind === "own" && origin.digest === waiting.machine.digest) resumeLink();
  else waiting = null;
}

function setFragment(fragment: string): void {
  if (location.hash === fragment) return;
  history.replaceState(null, "", `${location.pathname}${location.search}${fragment}`);
}

/** Restores what a fragment describes. What is open stays when it cannot be read. */
export async function restoreLink(fragment: string): Promise<void> {
  try {
    await restore(fragment);
  } finally {
    actions.setRestoring(false);
  }
}

async function restore(fragment: string): Promise<void> {
  const decoded = await decodeLink(fragment, packer);
  if (!decoded.ok) {
    actions.report(`${describeProblem(decoded.problem)}. Ask for the whole link, or open a file.`);
    // With nothing open the bar keeps it, so that it can be mended there.
    if (appStore.getState().session) await write();
    return;
  }
  const link = decoded.value;
  waiting = link;
  if (link.machine.kind === "own") {
    const { origin } = appStore.getState().session?.info ?? {};
    if (origin?.kind === "own" && origin.digest === link.machine.digest) resumeLink();
    else {
      actions.awaitFiles(link.machine);
      if (appStore.getState().session) actions.showDialog("open");
    }
    return;
  }
  if (link.machine.kind === "scenario") {
    const { restoreScenario } = await import("./review/scenario-link.ts");
    opening = true;
    await restoreScenario(link.machine, link);
    opening = false;
    waiting = null;
    return;
  }
  const { openSampleById } = await import("./open/samples.ts");
  opening = true;
  const opened = await openSampleById(link.machine.id);
  opening = false;
  if (opened) resumeLink();
  else waiting = null;
}

/** Puts the rest of the waiting link onto the machine that is open now. */
function resumeLink(): void {
  const link = waiting;
  waiting = null;
  const { session } = appStore.getState();
  if (!link || !session) return;
  while (session.undo()) {
    // Back to the machine as it was opened.
  }
  session.setProfile(link.profile);
  let trouble: string | null = null;
  for (const [index, operation] of link.operations.entries()) {
    const result = session.run(operation);
    if (result.ok) continue;
    trouble = `Operation ${index + 1} of the link could not be run: ${describeProblem(result.problem)}. What came before it is here.`;
    break;
  }
  const { at, ...view } = link.view;
  actions.restored(view, at);
  if (trouble) actions.report(trouble);
}
