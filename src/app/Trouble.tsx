// What went wrong last, under the header, until the reader closes it or something works.
import { actions, useApp } from "./store.ts";
import styles from "./Trouble.module.css";
import { Button } from "./ui/Button.tsx";

export function Trouble() {
  const trouble = useApp((state) => state.trouble);
  if (!trouble) return null;
  return (
    <section aria-label="What went wrong" className={styles["bar"]}>
      <p className={styles["text"]}>
        <strong>Not done.</strong> {trouble}
        {/[.?]$/.test(trouble) ? "" : "."}
      </p>
      <Button onClick={() => actions.dismissTrouble()}>Close message</Button>
    </section>
  );
}
