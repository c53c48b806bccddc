// What the page remembers besides the session: what is looked at. One table says where each key lives.
import type { Hpa, Iova, Pasid, RequesterId } from "../base/brand.ts";
import type { Access, ProfileName } from "../hardware/vtd/types.ts";
import type { Selection } from "../scene/selection.ts";
import type { PlayedCheck } from "../session/play.ts";
import type { Scenario } from "../session/scenario.ts";
import type { Moment, Operation, Place, SessionPort, WordEdit } from "../session/types.ts";

export type { Selection };

/** A field that is pointed at or focused: the same bits light up in fields, bits, bytes and tables. */
export interface Spotlight {
  readonly address: Hpa;
  readonly field: string;
  readonly word: number;
  readonly high: number;
  readonly low: number;
}

/** The request that the composer holds, as typed; validated when it is sent. */
export interface Draft {
  readonly requester: string;
  readonly pasid: string;
  readonly address: string;
  readonly access: Access;
}

/** Tabs that need a running kernel. */
export type WorldTab = "timeline" | "calls" | "isolation" | "objects" | "console" | "checks";

/** Tabs under the stage (on small screens: tabs of the page). */
export type FootTab = "events" | "outline" | "table" | "memory" | "registers" | WorldTab;

export interface ViewState {
  readonly selection: Selection | null;
  /** Hop of the current walk that is shown, from 0; null: the last. */
  readonly hop: number | null;
  readonly foot: FootTab;
  /** First address that the memory panel shows. */
  readonly memoryAt: Hpa;
  readonly draft: Draft;
}

export type Theme = "system" | "light" | "dark" | "contrast";

/** The parts around the stage that a reader can close. */
export type Panel = "left" | "right" | "foot";

/** Kept per reader, never in a link. */
export interface Preferences {
  readonly theme: Theme;
  /** 0.25, 0.5, 1, 2 or 4. */
  readonly speed: number;
  readonly closed: readonly Panel[];
  /** The foot takes half of the page. */
  readonly tall: boolean;
}

/** What the right panel shows: the walk of the shown request, or the selected object. */
export type SideTab = "walk" | "inspector";

/** What the left panel shows of a machine with a kernel: the walkthrough, what actors can do, or a request of a device. */
export type LeftTab = "steps" | "act" | "request";

/** Tabs of the sheet that replaces panels and foot on narrow screens. */
export type SheetTab = FootTab | SideTab | LeftTab | "graph";

/** Files being read. */
export interface Opening {
  /** What is read, in words: "guest.elf". */
  readonly what: string;
  /** Unpacked bytes so far. */
  readonly read: number;
  /** Ends it; what is open stays. */
  readonly stop?: () => void;
}

/** Names of the files of one image that have come so far; both are needed. */
export interface Halves {
  readonly tables: string | null;
  readonly registers: string | null;
}

/** A link to a machine of somebody's own files, which must be opened before the rest can be restored. */
export interface AwaitedFiles {
  readonly tables: string;
  readonly registers: string;
  readonly digest: string;
}

/** A request worth trying, with what it shows. */
export interface Try {
  readonly title: string;
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
  readonly access: Access;
  readonly address: Iova;
}

/** Which dialog is open. */
export type DialogName = "palette" | "keys" | "share" | "open";

export interface AppState {
  readonly session: SessionPort | null;
  /** The file that the session was opened from: title, steps, declared checks; null: an image. */
  readonly scenario: Scenario | null;
  /** How each declared check came out where the file asks it, by id. */
  readonly played: ReadonlyMap<string, PlayedCheck>;
  /** The step that is shown; null: none, or the reader left the path. */
  readonly step: string | null;
  readonly left: LeftTab;
  /** Grows with every change of the session, so that views know when to look again. */
  readonly revision: number;
  /** Operations that redo would bring back. */
  readonly undone: number;
  readonly view: ViewState;
  readonly spotlight: Spotlight | null;
  readonly preferences: Preferences;
  /** The stream that runs, requests per second of the animation clock; null: none. */
  readonly stream: { readonly rate: number } | null;
  /** Requests per second of the next stream. */
  readonly rate: number;
  /** Sentence for the live region and what went wrong last, in words. */
  readonly said: string;
  readonly trouble: string | null;
  /** The moment whose walk and packet are shown: an index into session.moments. */
  readonly at: number | null;
  /** The animation clock runs: packets travel, a stream sends. */
  readonly playing: boolean;
  readonly side: SideTab;
  readonly sheet: SheetTab;
  readonly dialog: DialogName | null;
  readonly opening: Opening | null;
  readonly halves: Halves;
  readonly awaited: AwaitedFiles | null;
  /** A link is being restored, so the first screen would only flash by. */
  readonly restoring: boolean;
  /** A presenter wants to be looked at: nothing is shown. */
  readonly blank: boolean;
  /** Requests worth trying on the open sample. */
  readonly tries: readonly Try[];
}

export interface AppActions {
  send(request: {
    readonly requester: RequesterId;
    readonly pasid: Pasid | null;
    readonly address: Iova;
    readonly access: Access;
  }): Moment | null;
  sendDraft(): void;
  setDraft(change: Partial<Draft>): void;
  /** Writes a request that is worth trying into the draft. */
  tryRequest(one: Try): void;
  startStream(rate: number): void;
  stopStream(): void;
  /** Requests per second, of the stream that runs too. */
  setRate(rate: number): void;
  /** Edits words as one operation; with `invalidate`, follows with the global invalidation that makes it safe. */
  edit(words: readonly WordEdit[], invalidate: boolean): void;
  invalidate(scope: "everything" | "context" | "pasid" | "iotlb"): void;
  /** Software clears the recorded faults, so that the next one finds room. */
  acknowledge(): void;
  undo(): void;
  redo(): void;
  setProfile(profile: ProfileName): void;
  select(selection: Selection | null): void;
  showHop(hop: number | null): void;
  showMoment(at: number): void;
  /** Goes to another moment of the session: back, forward, into an operation, onto another branch. */
  seek(place: Place): void;
  showFoot(foot: FootTab): void;
  showMemory(address: Hpa): void;
  spotlight(spotlight: Spotlight | null): void;
  setPreference(change: Partial<Preferences>): void;
  say(sentence: string): void;
  dismissTrouble(): void;
  /** Puts an opened machine on the stage, in place of what was there. */
  show(session: SessionPort, tries: readonly Try[]): void;
  /** Puts the machine of a scenario on the stage, with all its operations run. `step`: where to begin. */
  showScenario(
    session: SessionPort,
    scenario: Scenario,
    played: ReadonlyMap<string, PlayedCheck>,
    step: string | null,
  ): void;
  /** Goes to the end of a step of the walkthrough, with its selection and tabs. */
  showStep(id: string): void;
  showLeft(left: LeftTab): void;
  /** The session holds what a link says; now look at what it says. */
  restored(view: ViewState, at: number | null): void;
  /** Runs any operation and shows its moment; null and `trouble` when it was refused. */
  run(operation: Operation): Moment | null;
  report(trouble: string): void;
  setHalves(halves: Halves): void;
  setOpening(opening: Opening | null): void;
  setRestoring(restoring: boolean): void;
  /** A link asks for files of the reader's own. */
  awaitFiles(awaited: AwaitedFiles | null): void;
  setPlaying(playing: boolean): void;
  setBlank(blank: boolean): void;
  showSide(side: SideTab): void;
  showSheet(sheet: SheetTab): void;
  togglePanel(panel: Panel): void;
  showDialog(dialog: DialogName | null): void;
  close(): void;
}
