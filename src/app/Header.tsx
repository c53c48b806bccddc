// The bar at the top: what is open, under which profile, and the way to everything else.
import { commandOf, runCommand } from "./commands.ts";
import styles from "./Header.module.css";
import { ProfileSwitch } from "./ProfileSwitch.tsx";
import type { Panel, Theme } from "./state.ts";
import { actions, useApp } from "./store.ts";
import { Button } from "./ui/Button.tsx";
import { classes } from "./ui/classes.ts";
import { Kbd } from "./ui/Kbd.tsx";
import { ON_A_MAC } from "./ui/platform.ts";
import { useMedia } from "./ui/use-media.ts";

/** Ways back to what the reader closed. */
const CLOSED: readonly { readonly id: Panel; readonly label: string }[] = [
  { id: "left", label: "Show request" },
  { id: "right", label: "Show walk" },
  { id: "foot", label: "Show lists" },
];

const THEMES: readonly { readonly id: Theme; readonly label: string }[] = [
  { id: "system", label: "System theme" },
  { id: "light", label: "Light" },
  { id: "dark", label: "Dark" },
  { id: "contrast", label: "High contrast" },
];

/** Designs as the reader knows them. */
const DESIGN_WORDS = {
  D1: "D1, mdev pointer and aux domain",
  D2: "D2, vendor-defined isolation",
} as const;

export function Header() {
  const session = useApp((state) => state.session);
  const scenario = useApp((state) => state.scenario);
  useApp((state) => state.revision);
  const closed = useApp((state) => state.preferences.closed);
  const phone = useMedia("(max-width: 599px)");
  const docked = useMedia("(min-width: 1280px)");
  const run = (id: string) => () => runCommand(commandOf(id));
  return (
    <header className={classes(styles["bar"], session !== null && styles["withDocument"])}>
      <h1 className={styles["brand"]}>IOMMU Playground</h1>
      {session && (
        <div className={styles["document"]}>
          <Button onClick={() => actions.showDialog("open")} className={styles["machine"]}>
            <span className="visually-hidden">Open another image instead of </span>
            {scenario?.title ?? session.info.title}
          </Button>
          {session.world && (
            <span className={styles["design"]}>{DESIGN_WORDS[session.world.design]}, v5.12</span>
          )}
          <ProfileSwitch short={phone} />
          {docked &&
            CLOSED.filter(({ id }) => closed.includes(id)).map(({ id, label }) => (
              <Button key={id} look="quiet" onClick={() => actions.togglePanel(id)}>
                {label}
              </Button>
            ))}
        </div>
      )}
      <div className={styles["tools"]}>
        <Button look="quiet" onClick={run("palette")} className={styles["wide"]}>
          Find or run <Kbd keys={ON_A_MAC ? "Cmd K" : "Ctrl K"} />
        </Button>
        <Button look="quiet" onClick={run("keys")} className={styles["wide"]}>
          Keys
        </Button>
        {session && (
          <Button look="quiet" onClick={run("share")} className={styles["wide"]}>
            Share
          </Button>
        )}
        <select
          aria-label="Theme"
          className={styles["theme"]}
          onChange={(event) => {
            const found = THEMES.find((theme) => theme.id === event.target.value);
            if (found) actions.setPreference({ theme: found.id });
          }}
          value={useApp((state) => state.preferences.theme)}
        >
          {THEMES.map((theme) => (
            <option key={theme.id} value={theme.id}>
              {theme.label}
            </option>
          ))}
        </select>
        <Button look="quiet" onClick={run("palette")} className={styles["narrow"]}>
          Menu
        </Button>
      </div>
    </header>
  );
}
