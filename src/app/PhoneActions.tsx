// The fixed row at the foot of a phone.
import { commandOf, runCommand } from "./commands.ts";
import styles from "./PhoneActions.module.css";
import { useApp } from "./store.ts";
import { Button } from "./ui/Button.tsx";

const step = (id: string) => () => runCommand(commandOf(id));

export function PhoneActions() {
  const walking = useApp((state) => state.at !== null);
  return (
    <div className={styles["row"]}>
      {walking && (
        <>
          <Button onClick={step("hop-back")}>Back</Button>
          <Button onClick={step("hop-next")}>Next hop</Button>
        </>
      )}
      <Button look="filled" onClick={step("send")}>
        Send
      </Button>
    </div>
  );
}
