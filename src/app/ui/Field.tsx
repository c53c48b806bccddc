// A labelled control with its note or its error beside it.
import { type ReactNode, useId } from "react";
import { classes } from "./classes.ts";
import styles from "./Field.module.css";

interface Props {
  readonly label: string;
  readonly error?: string | undefined;
  readonly note?: string | undefined;
  readonly className?: string | undefined;
  /** Gets what the control needs: id and the ids that describe it. */
  readonly children: (control: {
    readonly id: string;
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": boolean;
    readonly className: string | undefined;
  }) => ReactNode;
}

export function Field({ label, error, note, className, children }: Props) {
  const id = useId();
  const message = error ?? note;
  const messageId = message ? `${id}-message` : undefined;
  return (
    <div className={classes(styles["field"], className)}>
      <label htmlFor={id} className={styles["label"]}>
        {label}
      </label>
      {children({
        id,
        "aria-describedby": messageId,
        "aria-invalid": error !== undefined,
        className: styles["control"],
      })}
      {message && (
        <p id={messageId} className={error ? styles["error"] : styles["note"]}>
          {message}
        </p>
      )}
    </div>
  );
}
