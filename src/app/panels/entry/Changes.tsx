// What an edit changes before it is stored, field by field, and the two ways to store it.
import { changedFields, type FieldView } from "../../../scene/inspect-bits.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "./Entry.module.css";

interface Props {
  readonly before: readonly FieldView[];
  readonly after: readonly FieldView[];
  readonly onApply: (invalidate: boolean) => void;
  readonly onDiscard: () => void;
}

export function Changes({ before, after, onApply, onDiscard }: Props) {
  const lines = changedFields(before, after);
  const wrong = after.filter((field) => field.violates);
  return (
    <div className={styles["changes"]}>
      <h3 tabIndex={-1}>What changes</h3>
      {lines.length === 0 ? (
        <p className={styles["note"]}>
          Nothing yet. Toggle a bit, or type a value, a word or a byte.
        </p>
      ) : (
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {wrong.length > 0 && (
        <p className={styles["wrong"]}>
          Reserved: {wrong.map((field) => `${field.name} ${field.range}`).join(", ")}. The unit
          refuses an entry like this when it reads it.
        </p>
      )}
      <div className={styles["actions"]}>
        <Button disabled={lines.length === 0} onClick={() => onApply(false)}>
          Store, tell no cache
        </Button>
        <Button disabled={lines.length === 0} onClick={() => onApply(true)}>
          Store and invalidate
        </Button>
        <Button look="quiet" onClick={onDiscard}>
          Discard
        </Button>
      </div>
    </div>
  );
}
