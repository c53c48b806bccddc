// The entry of one hop, from every side, with the arithmetic that led to it.
import type { ReactNode } from "react";
import { wordDigits } from "../../../base/hex.ts";
import { mapsPage } from "../../../hardware/layout/paging.ts";
import { fieldViews, pointerTint } from "../../../scene/inspect-bits.ts";
import { decodeEntry, readWords } from "../../../scene/inspect-entry.ts";
import type { Hop, Unit, Walk } from "../../../scene/walk-types.ts";
import { EntryEditor } from "../entry/EntryEditor.tsx";
import { useBitsPerRow } from "../entry/use-bits-per-row.ts";
import styles from "../Panel.module.css";
import view from "./View.module.css";

interface Props {
  readonly hop: Hop;
  readonly walk: Walk;
  readonly unit: Unit;
  readonly wide: boolean;
  readonly children?: ReactNode;
}

export function HopEntry({ hop, walk, unit, wide, children }: Props) {
  const perRow = useBitsPerRow(wide);
  const { table, level, address } = hop;
  if (address === null || hop.words.length === 0) {
    return (
      <>
        <p className={styles["note"]}>
          {hop.state === "not reached"
            ? "The request was refused before it reached this entry."
            : address === null
              ? "The tables in memory no longer lead here, so the entry behind this cached hop cannot be shown."
              : `No memory backs the entry: ${hop.arithmetic}.`}
        </p>
        {children && <div className={view["ending"]}>{children}</div>}
      </>
    );
  }
  const now = readWords(unit, address, hop.size);
  const differs = now.findIndex((word, at) => word !== hop.words[at]);
  const leaf = level !== null && mapsPage(level, now[0] ?? 0n);
  return (
    <>
      {hop.state === "cached" && (
        <p className={styles["note"]}>
          Not read: a cache answered. Shown is what memory holds now.
        </p>
      )}
      {differs >= 0 && (
        <p className={styles["note"]}>
          The unit read {wordDigits(hop.words[differs] ?? 0n)} in word {differs}; memory holds{" "}
          {wordDigits(now[differs] ?? 0n)} now.
        </p>
      )}
      <EntryEditor
        key={address.toString()}
        title={hop.title}
        address={address}
        words={now}
        read={(words) => fieldViews(decodeEntry(table, level, words, unit), words.length)}
        tint={pointerTint(table, level, leaf, unit.scalable, walk.levels)}
        wide={wide}
        perRow={perRow}
      >
        {children}
      </EntryEditor>
    </>
  );
}
