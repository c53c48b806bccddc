// The dialogs of the page; one at a time.
import { COMMANDS } from "./commands.ts";
import styles from "./Dialogs.module.css";
import { OpenImage } from "./first/OpenImage.tsx";
import { Samples } from "./first/Samples.tsx";
import { Palette } from "./Palette.tsx";
import { Share } from "./Share.tsx";
import { actions, useApp } from "./store.ts";
import { Trouble } from "./Trouble.tsx";
import { Button } from "./ui/Button.tsx";
import { Dialog } from "./ui/Dialog.tsx";
import { Kbd } from "./ui/Kbd.tsx";

const GROUPS = ["Walkthrough", "Request", "Walk", "Machine", "View", "Page"] as const;
const close = () => actions.showDialog(null);

export function Dialogs() {
  const dialog = useApp((state) => state.dialog);
  switch (dialog) {
    case "palette":
      return <Palette />;
    case "share":
      return <Share />;
    case "keys":
      return <KeyList />;
    case "open":
      return (
        <Dialog title="Open another image" onClose={close} className={styles["open"]}>
          <p className={styles["lead"]}>
            What is open now stays until the other one has been read. Walkthroughs, scenarios and
            sandboxes are on the first screen.
          </p>
          <Button
            onClick={() => {
              close();
              actions.close();
            }}
          >
            Close the machine and go to the first screen
          </Button>
          <Trouble />
          <OpenImage />
          <Samples />
        </Dialog>
      );
    case null:
      return null;
  }
}

function KeyList() {
  return (
    <Dialog title="Keys" onClose={close}>
      {GROUPS.map((group) => (
        <section key={group} className={styles["group"]}>
          <h3>{group}</h3>
          <dl className={styles["keys"]}>
            {COMMANDS.filter((command) => command.group === group && command.shown).map(
              (command) => (
                <div key={command.id}>
                  <dt>{command.label}</dt>
                  <dd>
                    <Kbd keys={command.shown ?? ""} />
                  </dd>
                </div>
              ),
            )}
          </dl>
        </section>
      ))}
      <p className={styles["lead"]}>
        In lists, trees and tabs the arrow keys move. Single keys rest while you type in a field.
      </p>
    </Dialog>
  );
}
