// Keys of the whole page. Single keys stay with fields and with controls that use them themselves.
import { tinykeys } from "tinykeys";
import { COMMANDS, runCommand } from "./commands.ts";
import { appStore } from "./store.ts";

const FIELDS = "input, select, textarea, [contenteditable=true]";
/** Controls that move or act by arrows and Space. */
const USES_ARROWS =
  "[role=tablist], [role=tree], [role=treegrid], [role=grid], [role=listbox], [role=radiogroup], [role=slider], [role=toolbar], [role=menu]";
const USES_SPACE = "button, a, summary, [role=button], [role=tab], [role=treeitem], [role=option]";

function belongsToControl(event: KeyboardEvent, keys: string): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return false;
  if (target.closest(FIELDS)) return true;
  if (keys.startsWith("Arrow")) return target.closest(USES_ARROWS) !== null;
  if (keys === "Space") return target.closest(`${USES_SPACE}, ${USES_ARROWS}`) !== null;
  return false;
}

/** Listens until the returned function is called. */
export function listenToKeys(): () => void {
  const bindings: Record<string, (event: KeyboardEvent) => void> = {};
  for (const command of COMMANDS) {
    for (const keys of command.keys ?? []) {
      const chord = keys.startsWith("$mod");
      bindings[keys] = (event) => {
        if (event.defaultPrevented) return;
        if (!chord && (belongsToControl(event, keys) || appStore.getState().dialog)) return;
        // Undo of typing belongs to the field.
        if (chord && keys !== "$mod+k" && belongsToControl(event, "")) return;
        event.preventDefault();
        runCommand(command);
      };
    }
  }
  return tinykeys(window, bindings);
}
