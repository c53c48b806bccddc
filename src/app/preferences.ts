// Preferences of one reader, kept in the browser when it allows that.
import type { Panel, Preferences, Theme } from "./state.ts";

const KEY = "iommu-playground";
const THEMES: readonly Theme[] = ["system", "light", "dark", "contrast"];
export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4];
const PANELS: readonly Panel[] = ["left", "right", "foot"];

const DEFAULTS: Preferences = { theme: "system", speed: 1, closed: [], tall: false };

/** What was kept, with defaults for whatever is missing or not understood. */
export function loadPreferences(): Preferences {
  let kept: unknown;
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    // Storage may be switched off or hold something else; both mean: nothing is known.
    return DEFAULTS;
  }
  if (typeof kept !== "object" || kept === null) return DEFAULTS;
  const { theme, speed, closed, tall } = kept as Record<string, unknown>;
  return {
    theme: THEMES.find((known) => known === theme) ?? DEFAULTS.theme,
    speed: SPEEDS.find((known) => known === speed) ?? DEFAULTS.speed,
    closed: Array.isArray(closed) ? PANELS.filter((panel) => closed.includes(panel)) : [],
    tall: tall === true,
  };
}

export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Without storage the choice lasts until the page is left.
  }
}

/** Makes the document follow the chosen theme; "system" leaves it to the media queries of tokens.css. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
