// After an edit was stored: which cached entries it made stale, and the ways on.
import type { Hpa } from "../../../base/brand.ts";
import { hex } from "../../../base/hex.ts";
import { countWord } from "../../../scene/words.ts";
import { actions, useApp } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { sayUndone } from "../../words.ts";
import { useSession, useStale } from "../hooks.ts";
import styles from "./Entry.module.css";

interface Props {
  readonly address: Hpa;
  /** Bytes of the entry. */
  readonly size: number;
}

export function AfterEdit({ address, size }: Props) {
  const session = useSession();
  const stale = useStale() ?? [];
  useApp((state) => state.revision);
  const last = session?.operations.at(-1);
  const edit = session?.operations.findLast((operation) => operation.op === "edit");
  if (!last || !edit || edit.address < address || edit.address >= address + BigInt(size)) {
    return null;
  }
  const told = last !== edit;
  const words = 1 + (edit.more?.length ?? 0);
  return (
    <div className={styles["changes"]}>
      <p className={styles["text"]}>
        {words === 1
          ? `The word at ${hex(edit.address)} is stored.`
          : `${words} words from ${hex(edit.address)} on are stored.`}{" "}
        {stale.length === 0
          ? told
            ? "No cached entry disagrees with the tables."
            : "No cache was told, and none holds anything that disagrees with the tables."
          : `${countWord(stale.length, "cached entry is", "cached entries are")} stale: the unit may still answer as before.`}
      </p>
      <div className={styles["actions"]}>
        {stale.length > 0 && (
          <Button onClick={() => actions.invalidate("everything")}>Invalidate everything</Button>
        )}
        {last.op !== "dma" && (
          <Button onClick={() => actions.undo()}>
            {sayUndone(last).replace(/^Undone: (.*)\.$/, "Undo $1")}
          </Button>
        )}
      </div>
    </div>
  );
}
