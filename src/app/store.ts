// The one store of the page. Views read it with `useApp`; every change goes through `actions`.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { hpa } from "../base/brand.ts";
import { EMPTY_DRAFT } from "./composer/draft.ts";
import { loadPreferences } from "./preferences.ts";
import { createActions } from "./session-actions.ts";
import type { AppActions, AppState, ViewState } from "./state.ts";

export const INITIAL_VIEW: ViewState = {
  selection: null,
  hop: null,
  foot: "events",
  memoryAt: hpa(0n),
  draft: EMPTY_DRAFT,
};

export const appStore = createStore<AppState>(() => ({
  session: null,
  revision: 0,
  undone: 0,
  view: INITIAL_VIEW,
  spotlight: null,
  preferences: loadPreferences(),
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
  tries: [],
  restoring: location.hash.length > 1,
}));

export const actions: AppActions = createActions(appStore, INITIAL_VIEW);

/** Reads the store; the selector must return the same object for the same state. */
export const useApp = <T>(selector: (state: AppState) => T): T => useStore(appStore, selector);
