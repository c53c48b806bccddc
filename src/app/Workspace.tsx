// The main screen, in one of three arrangements: panels around the stage, a sheet under it, or one part at a time.
import { useEffect } from "react";
import { Caption } from "./Caption.tsx";
import { FOOT, WORLD } from "./foot-tabs.ts";
import { LeftPanel, LeftPart, useLeftTabs } from "./LeftPanel.tsx";
import { PhoneActions } from "./PhoneActions.tsx";
import { EventsPanel } from "./panels/EventsPanel.tsx";
import { Inspector } from "./panels/Inspector.tsx";
import { MemoryPanel } from "./panels/MemoryPanel.tsx";
import { RegistersPanel } from "./panels/RegistersPanel.tsx";
import { WalkPanel } from "./panels/WalkPanel.tsx";
import { WorldPanel } from "./panels/WorldPanel.tsx";
import { StepControls } from "./StepControls.tsx";
import { startConductor } from "./stage/conductor.ts";
import { Outline } from "./stage/Outline.tsx";
import { Stage } from "./stage/Stage.tsx";
import { StageTable } from "./stage/StageTable.tsx";
import { startStreams } from "./stage/stream.ts";
import type { SheetTab, SideTab, WorldTab } from "./state.ts";
import { actions, useApp } from "./store.ts";
import { Button } from "./ui/Button.tsx";
import { classes } from "./ui/classes.ts";
import { TabPanel, Tabs } from "./ui/Tabs.tsx";
import { useMedia } from "./ui/use-media.ts";
import styles from "./Workspace.module.css";

/** Below this the panels do not fit beside the stage. */
const SHEET = "(max-width: 1279px)";
const PHONE = "(max-width: 599px)";

const SIDE: readonly { readonly id: SideTab; readonly label: string }[] = [
  { id: "walk", label: "Walk" },
  { id: "inspector", label: "Inspector" },
];
const SHEET_TABS: readonly { readonly id: SheetTab; readonly label: string }[] = [...SIDE, ...FOOT];
const PHONE_TABS: readonly { readonly id: SheetTab; readonly label: string }[] = [
  { id: "outline", label: "Outline" },
  { id: "walk", label: "Walk" },
  { id: "graph", label: "Graph" },
  { id: "inspector", label: "Inspector" },
  ...FOOT.filter((tab) => tab.id !== "outline"),
];

export function Workspace() {
  useEffect(() => {
    // Also where the stage itself is not shown.
    startConductor();
    startStreams();
  }, []);
  const session = useApp((state) => state.session);
  useEffect(() => {
    // What opened the machine is gone; those who go by keyboard or listen begin at its stage.
    if (session && document.activeElement === document.body)
      document.querySelector("main")?.focus();
  }, [session]);
  const phone = useMedia(PHONE);
  const sheet = useMedia(SHEET);
  if (phone) return <OneAtATime />;
  return sheet ? <StageOverSheet /> : <Panels />;
}

function Part({ tab }: { readonly tab: SheetTab }) {
  switch (tab) {
    case "steps":
    case "act":
    case "request":
      return <LeftPart tab={tab} />;
    case "graph":
      return <Stage />;
    case "walk":
      return <WalkPanel />;
    case "inspector":
      return <Inspector />;
    case "events":
      return <EventsPanel />;
    case "outline":
      return <Outline />;
    case "table":
      return <StageTable />;
    case "memory":
      return <MemoryPanel />;
    case "registers":
      return <RegistersPanel />;
    default:
      return <WorldPanel tab={tab} />;
  }
}

/** The tabs of `fixed`, and those of a running kernel before them where there is one. */
function useTabs<Id extends string>(
  fixed: readonly { readonly id: Id; readonly label: string }[],
): readonly { readonly id: Id | WorldTab; readonly label: string }[] {
  const running = useApp((state) => (state.session?.world ?? null) !== null);
  if (!running) return fixed;
  // Twelve tabs in a row: the shorter word has room.
  const short = fixed.map((tab) => (tab.id === "registers" ? { ...tab, label: "Registers" } : tab));
  return [...WORLD, ...short];
}

function Panels() {
  const closed = useApp((state) => state.preferences.closed);
  const side = useApp((state) => state.side);
  const foot = useApp((state) => state.view.foot);
  const tall = useApp((state) => state.preferences.tall);
  const lists = useTabs(FOOT);
  return (
    <div
      className={classes(
        styles["panels"],
        closed.includes("left") && styles["noLeft"],
        closed.includes("right") && styles["noRight"],
        tall && styles["tall"],
        closed.includes("foot") && styles["noFoot"],
      )}
    >
      {!closed.includes("left") && (
        <aside aria-label="What to do" className={styles["left"]}>
          <LeftPanel />
        </aside>
      )}
      <main aria-label="Stage" tabIndex={-1} className={styles["stage"]}>
        <Stage />
      </main>
      {!closed.includes("right") && (
        <aside aria-label="Walk and inspector" className={styles["right"]}>
          <Tabs
            name="side"
            label="Side panel"
            tabs={SIDE}
            active={side}
            onChange={actions.showSide}
          >
            <Button look="quiet" onClick={() => actions.togglePanel("right")}>
              Close
            </Button>
          </Tabs>
          <TabPanel name="side" active={side} className={styles["scroll"]}>
            <Part tab={side} />
          </TabPanel>
        </aside>
      )}
      {!closed.includes("foot") && (
        <section aria-label="Lists" className={styles["foot"]}>
          <Tabs name="foot" label="Lists" tabs={lists} active={foot} onChange={actions.showFoot}>
            <StepControls>
              <Button
                look="quiet"
                aria-pressed={tall}
                onClick={() => actions.setPreference({ tall: !tall })}
              >
                Taller
              </Button>
              <Button look="quiet" onClick={() => actions.togglePanel("foot")}>
                Close
              </Button>
            </StepControls>
          </Tabs>
          <TabPanel name="foot" active={foot} className={styles["scroll"]}>
            <Part tab={foot} />
          </TabPanel>
        </section>
      )}
    </div>
  );
}

function StageOverSheet() {
  const sheet = useApp((state) => state.sheet);
  const tab = sheet === "graph" ? "request" : sheet;
  const tabs = [...useLeftTabs(), ...useTabs(SHEET_TABS)];
  return (
    <div className={styles["over"]}>
      <Caption />
      <main aria-label="Stage" tabIndex={-1} className={styles["stage"]}>
        <Stage />
      </main>
      <section aria-label="Panels" className={styles["sheet"]}>
        <Tabs name="sheet" label="Panels" tabs={tabs} active={tab} onChange={actions.showSheet} />
        <TabPanel name="sheet" active={tab} className={styles["scroll"]}>
          <Part tab={tab} />
        </TabPanel>
      </section>
    </div>
  );
}

function OneAtATime() {
  const sheet = useApp((state) => state.sheet);
  // These say what happened and have actions of their own.
  const own = sheet === "steps" || sheet === "act";
  const [outline, ...others] = PHONE_TABS;
  const tabs = [outline, ...useLeftTabs(), ...useTabs(others)].flatMap((tab) => tab ?? []);
  return (
    <main tabIndex={-1} className={styles["one"]}>
      {!own && <Caption />}
      <Tabs
        name="sheet"
        label="Parts"
        tabs={tabs}
        active={sheet}
        onChange={actions.showSheet}
        className={styles["phoneTabs"]}
      />
      <TabPanel name="sheet" active={sheet} className={styles["scroll"]}>
        <Part tab={sheet} />
      </TabPanel>
      {!own && <PhoneActions />}
    </main>
  );
}
