// On narrow screens: what the shown operation did, with the way to the hops before and after.
import styles from "./Caption.module.css";
import { commandOf, runCommand } from "./commands.ts";
import { stepPlace } from "./review/steps.ts";
import { useApp } from "./store.ts";
import { Button } from "./ui/Button.tsx";
import { Marked } from "./ui/Marked.tsx";
import { sayMoment } from "./words.ts";

export function Caption() {
  const session = useApp((state) => state.session);
  const at = useApp((state) => state.at);
  useApp((state) => state.revision);
  const moment = at === null ? undefined : session?.moments[at];
  const scenario = useApp((state) => state.scenario);
  const step = useApp((state) => state.step);
  const told = scenario && step !== null ? stepPlace(scenario, step) : undefined;
  if (told) {
    return (
      <section aria-label="Step of the walkthrough" className={styles["caption"]}>
        <div className={styles["words"]}>
          <h2 className="t-title">{told.step.title}</h2>
          <p>
            <Marked text={told.step.caption} />
          </p>
        </div>
        <div className={styles["steps"]}>
          <Button onClick={() => runCommand(commandOf("step-back"))}>Back</Button>
          <Button look="filled" onClick={() => runCommand(commandOf("step-next"))}>
            Next
          </Button>
        </div>
      </section>
    );
  }
  return (
    <section aria-label="Shown operation" className={styles["caption"]}>
      <div className={styles["words"]}>
        <h2 className="t-title">
          {moment
            ? `Operation ${(at ?? 0) + 1} of ${session?.moments.length}`
            : "Nothing has run yet"}
        </h2>
        <p>
          {moment && session
            ? sayMoment(moment, session.info)
            : "Send a request and follow it through the tables."}
        </p>
      </div>
      <div className={styles["steps"]}>
        {moment && (
          <>
            <Button onClick={() => runCommand(commandOf("hop-back"))}>Back</Button>
            <Button onClick={() => runCommand(commandOf("hop-next"))}>Next hop</Button>
          </>
        )}
        <Button onClick={() => runCommand(commandOf("send"))}>Send</Button>
      </div>
    </section>
  );
}
