// The page before anything is open.
import { hpa } from "../base/brand.ts";
import { EMPTY_DRAFT } from "./composer/draft.ts";
import type { AppState, Preferences, ViewState } from "./state.ts";

export const INITIAL_VIEW: ViewState = {
  selection: null,
  hop: null,
  foot: "events",
  memoryAt: hpa(0n),
  draft: EMPTY_DRAFT,
};

/** `restoring`: the address bar holds a link that will be restored at once. */
export const initialState = (preferences: Preferences, restoring: boolean): AppState => ({
  session: null,
  scenario: null,
  played: new Map(),
  step: null,
  left: "request",
  revision: 0,
  undone: 0,
  view: INITIAL_VIEW,
  spotlight: null,
  preferences,
  stream: null,
  rate: 4,
  said: "",
  trouble: null,
  at: null,
  playing: true,
  side: "walk",
  sheet: "outline",
  dialog: null,
  opening: null,
  halves: { tables: null, registers: null },
  awaited: null,
  restoring,
  blank: false,
  tries: [],
});
