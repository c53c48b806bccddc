// The panels of a machine with a running kernel; each comes when its tab is first opened.
import { type ComponentType, type LazyExoticComponent, lazy, Suspense } from "react";
import type { WorldTab } from "../state.ts";
import { useSession } from "./hooks.ts";
import styles from "./Panel.module.css";

const PANELS: Readonly<Record<WorldTab, LazyExoticComponent<ComponentType>>> = {
  timeline: lazy(async () => ({
    default: (await import("./timeline/TimelinePanel.tsx")).TimelinePanel,
  })),
  calls: lazy(async () => ({
    default: (await import("./call-tree/CallTreePanel.tsx")).CallTreePanel,
  })),
  isolation: lazy(async () => ({
    default: (await import("./isolation/IsolationPanel.tsx")).IsolationPanel,
  })),
  objects: lazy(async () => ({
    default: (await import("./objects/ObjectsPanel.tsx")).ObjectsPanel,
  })),
  console: lazy(async () => ({
    default: (await import("./console/ConsolePanel.tsx")).ConsolePanel,
  })),
  checks: lazy(async () => ({
    default: (await import("./checks/ChecksPanel.tsx")).ChecksPanel,
  })),
};

export function WorldPanel({ tab }: { readonly tab: WorldTab }) {
  const session = useSession();
  if (!session?.world) {
    return (
      <p className={styles["empty"]}>
        This machine has no running kernel. Open one from the Review door to see this panel.
      </p>
    );
  }
  const Shown = PANELS[tab];
  return (
    <Suspense fallback={<p className={styles["empty"]}>The panel is being read.</p>}>
      <Shown />
    </Suspense>
  );
}
