// The one store of the page. Views read it with `useApp`; every change goes through `actions`.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { initialState } from "./initial-state.ts";
import { loadPreferences } from "./preferences.ts";
import { createActions } from "./session-actions.ts";
import type { AppActions, AppState } from "./state.ts";

export const appStore = createStore<AppState>(() =>
  initialState(loadPreferences(), location.hash.length > 1),
);

export const actions: AppActions = createActions(appStore);

/** Reads the store; the selector must return the same object for the same state. */
export const useApp = <T>(selector: (state: AppState) => T): T => useStore(appStore, selector);
