// The left side: of an opened image the request; of a machine with a kernel the walkthrough, what actors do, or a request.
import { lazy, Suspense } from "react";
import { Composer } from "./composer/Composer.tsx";
import styles from "./LeftPanel.module.css";
import type { LeftTab } from "./state.ts";
import { actions, useApp } from "./store.ts";
import { TabPanel, Tabs } from "./ui/Tabs.tsx";

const StepsPanel = lazy(async () => ({
  default: (await import("./review/StepsPanel.tsx")).StepsPanel,
}));
const ActPanel = lazy(async () => ({ default: (await import("./act/ActPanel.tsx")).ActPanel }));

const STEPS: { readonly id: LeftTab; readonly label: string } = { id: "steps", label: "Steps" };
const FREE: readonly { readonly id: LeftTab; readonly label: string }[] = [
  { id: "act", label: "Act" },
  { id: "request", label: "Request" },
];

/** What can stand on the left now. */
export function useLeftTabs(): readonly { readonly id: LeftTab; readonly label: string }[] {
  const running = useApp((state) => (state.session?.world ?? null) !== null);
  const told = useApp((state) => state.scenario?.walkthrough !== undefined);
  if (!running) return FREE.slice(1);
  return told ? [STEPS, ...FREE] : FREE;
}

export function LeftPart({ tab }: { readonly tab: LeftTab }) {
  if (tab === "request") return <Composer />;
  return (
    <Suspense fallback={<p className={styles["wait"]}>The panel is being read.</p>}>
      {tab === "steps" ? <StepsPanel /> : <ActPanel />}
    </Suspense>
  );
}

export function LeftPanel() {
  const left = useApp((state) => state.left);
  const tabs = useLeftTabs();
  if (tabs.length === 1) return <Composer />;
  return (
    <>
      <Tabs name="left" label="What to do" tabs={tabs} active={left} onChange={actions.showLeft} />
      <TabPanel name="left" active={left} className={styles["part"]}>
        <LeftPart tab={left} />
      </TabPanel>
    </>
  );
}
