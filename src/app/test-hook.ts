// `window.playground` on a page opened with `?test`: waits, lets time pass and reads. It never acts on the machine.
import { clock } from "./clock.ts";
import type { AppState } from "./state.ts";
import { appStore } from "./store.ts";

/** What the page shows, as plain JSON: 64-bit numbers are strings like "0x1f". */
export interface PlaygroundState {
  /** Title of the open machine, or null. */
  readonly machine: string | null;
  readonly profile: "spec" | "qemu" | null;
  /** Grows with every change of the machine. */
  readonly revision: number;
  readonly operations: number;
  /** Index of the moment that is shown, or null. */
  readonly at: number | null;
  /** Of the shown moment: kind of outcome, or null. */
  readonly outcome: "translated" | "untranslated" | "interrupt" | "fault" | null;
  /** Of the shown moment: where its first piece went, or null. */
  readonly target: string | null;
  /** Of the shown moment: fault reason as a number, or null. */
  readonly fault: number | null;
  /** Cached entries that the tables contradict. */
  readonly stale: number;
  readonly selection: unknown;
  readonly hop: number | null;
  readonly foot: string;
  readonly stream: number | null;
  readonly playing: boolean;
  readonly said: string;
  readonly trouble: string | null;
  /** Frames that were asked for since the page was opened. */
  readonly frames: number;
  /** Milliseconds of the animation clock. */
  readonly now: number;
  /** Digest of memory, registers and caches. */
  readonly digest: string | null;
}

export interface Playground {
  /** Lets `milliseconds` of the animation clock's wall time pass, frame by frame. */
  advance(milliseconds: number): void;
  /** Resolves when no file is being read and nothing moves. A running stream has to be stopped first. */
  idle(): Promise<void>;
  state(): PlaygroundState;
  /** Events of the shown moment, as JSON. */
  events(): readonly unknown[];
  /** SHA-256 over the state at the shown moment; null when nothing is open. */
  stateSha256(): string | null;
  /** SHA-256 over every event up to the shown moment; null when nothing is open. */
  traceSha256(): string | null;
}

declare global {
  interface Window {
    playground?: Playground;
  }
}

const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "bigint" ? `0x${inner.toString(16)}` : inner,
    ),
  );

const shownMoment = ({ session, at }: AppState) => (at === null ? undefined : session?.moments[at]);

function summary(): PlaygroundState {
  const state = appStore.getState();
  const { session } = state;
  const moment = shownMoment(state);
  const target = moment?.outcome?.pieces[0]?.target;
  return {
    machine: session?.info.title ?? null,
    profile: session?.profile ?? null,
    revision: state.revision,
    operations: session?.operations.length ?? 0,
    at: state.at,
    outcome: moment?.outcome?.kind ?? null,
    target: target === null || target === undefined ? null : `0x${target.toString(16)}`,
    fault: moment?.outcome?.fault ?? null,
    stale: session?.stale().length ?? 0,
    selection: plain(state.view.selection),
    hop: state.view.hop,
    foot: state.view.foot,
    stream: state.stream?.rate ?? null,
    playing: state.playing,
    said: state.said,
    trouble: state.trouble,
    frames: clock.requested,
    now: clock.now,
    digest: session?.digest() ?? null,
  };
}

/** Resolves when no file is being read. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    const look = (state: AppState) => {
      if (state.opening !== null) return false;
      resolve();
      return true;
    };
    if (look(appStore.getState())) return;
    const stop = appStore.subscribe((state) => {
      if (look(state)) stop();
    });
  });
}

export function installTestHook(): void {
  clock.setManual(true);
  window.playground = {
    advance: (milliseconds) => clock.advance(milliseconds),
    async idle() {
      await settled();
      // What a click started may still be on its way through React.
      await new Promise((resolve) => setTimeout(resolve));
      await clock.idle();
    },
    state: summary,
    events: () => plain(shownMoment(appStore.getState())?.events ?? []) as readonly unknown[],
    stateSha256: () => appStore.getState().session?.stateSha256() ?? null,
    traceSha256: () => appStore.getState().session?.traceSha256() ?? null,
  };
}
