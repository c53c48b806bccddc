// The editor of a table entry that memory holds now, with its verdict on reserved bits.
import type { Hpa } from "../../../base/brand.ts";
import { hpa } from "../../../base/brand.ts";
import { mapsPage } from "../../../hardware/layout/paging.ts";
import { fieldViews, pointerTint } from "../../../scene/inspect-bits.ts";
import {
  decodeEntry,
  type EntryPlace,
  entrySize,
  readWords,
} from "../../../scene/inspect-entry.ts";
import type { Unit } from "../../../scene/walk-types.ts";
import { contextSays, entrySays, pasidEntrySays } from "../../../scene/walk-words.ts";
import { EntryEditor } from "../entry/EntryEditor.tsx";
import { useBitsPerRow } from "../entry/use-bits-per-row.ts";
import styles from "../Panel.module.css";

/** Depth of the tables that an entry leads to; 0 when it leads to none. */
function levelsBelow(place: EntryPlace, words: readonly bigint[], unit: Unit): number {
  if (place.table === "PASID table entry") return pasidEntrySays(words, unit).levels;
  return place.table === "context entry" ? contextSays(words, unit).levels : 0;
}

interface Props {
  readonly place: EntryPlace;
  readonly unit: Unit;
  readonly title: string;
  readonly isMemory: (address: Hpa) => boolean;
}

export function EntryEditorOf({ place, unit, title, isMemory }: Props) {
  const perRow = useBitsPerRow(false);
  const { table, level } = place;
  const size = entrySize(table, unit.scalable);
  const address = hpa(place.address & ~BigInt(size - 1));
  if (!isMemory(address)) {
    return <p className={styles["text"]}>No memory backs this address. Reading the entry fails.</p>;
  }
  const words = readWords(unit, address, size);
  const read = (some: readonly bigint[]) =>
    fieldViews(decodeEntry(table, level, some, unit), some.length);
  const wrong = read(words).filter((field) => field.violates);
  const leaf = level !== null && mapsPage(level, words[0] ?? 0n);
  return (
    <>
      <p className={styles["text"]}>{entrySays(table, level, words, unit)}</p>
      <p className={styles["note"]}>
        {wrong.length === 0
          ? "No reserved bit is set that the unit checks."
          : `Refused when it is read: ${wrong.map((field) => `${field.name} ${field.range}`).join(", ")} must be 0 here.`}
      </p>
      <EntryEditor
        key={address.toString()}
        title={title}
        address={address}
        words={words}
        read={read}
        tint={pointerTint(table, level, leaf, unit.scalable, levelsBelow(place, words, unit))}
        wide={false}
        perRow={perRow}
      />
    </>
  );
}
