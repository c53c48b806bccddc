// Tabs of the lists under the stage: names and the order in which they stand.
import type { FootTab, WorldTab } from "./state.ts";

export const FOOT: readonly { readonly id: FootTab; readonly label: string }[] = [
  { id: "events", label: "Events" },
  { id: "outline", label: "Outline" },
  { id: "table", label: "Table" },
  { id: "memory", label: "Memory" },
  { id: "registers", label: "Registers and caches" },
];
/** Machines with a running kernel have these first. */
export const WORLD: readonly { readonly id: WorldTab; readonly label: string }[] = [
  { id: "timeline", label: "Timeline" },
  { id: "calls", label: "Call tree" },
  { id: "console", label: "Console" },
  { id: "isolation", label: "Isolation" },
  { id: "objects", label: "Objects" },
  { id: "checks", label: "Checks" },
];

/** All of them, as a file or a link may name them. */
export const FOOT_TABS: readonly FootTab[] = [...WORLD, ...FOOT].map(({ id }) => id);
