// The page: header, first screen or workspace, dialogs, the live line. Drop works everywhere.
import { lazy, Suspense, useEffect } from "react";
import styles from "./App.module.css";
import { Dialogs } from "./Dialogs.tsx";
import { FirstScreen } from "./first/FirstScreen.tsx";
import { Progress } from "./first/Progress.tsx";
import { Header } from "./Header.tsx";
import { listenToKeys } from "./keys.ts";
import { DropTarget } from "./open/DropTarget.tsx";
import { applyTheme } from "./preferences.ts";
import { actions, useApp } from "./store.ts";
import { Trouble } from "./Trouble.tsx";

const Workspace = lazy(() =>
  import("./Workspace.tsx").then((module) => ({ default: module.Workspace })),
);

export function App() {
  const open = useApp((state) => state.session !== null);
  const inDialog = useApp((state) => state.dialog === "open");
  const restoring = useApp((state) => state.restoring);
  const theme = useApp((state) => state.preferences.theme);
  const blank = useApp((state) => state.blank);
  const said = useApp((state) => state.said);
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => listenToKeys(), []);
  return (
    <div className={open ? styles["page"] : styles["first"]}>
      <Header />
      {/* A dialog covers the page, so it shows what went wrong itself. */}
      {!inDialog && <Trouble />}
      {open && !inDialog && <Progress bar />}
      {open ? (
        <Suspense fallback={<main className={styles["wait"]} aria-busy="true" />}>
          <Workspace />
        </Suspense>
      ) : restoring ? (
        <main className={styles["wait"]} aria-busy="true">
          <Progress />
        </main>
      ) : (
        <FirstScreen />
      )}
      <Dialogs />
      <DropTarget />
      {blank && (
        <button
          type="button"
          className={styles["blank"]}
          aria-label="Bring the screen back"
          onClick={() => actions.setBlank(false)}
        />
      )}
      <div role="status" className="visually-hidden">
        {said}
      </div>
    </div>
  );
}
