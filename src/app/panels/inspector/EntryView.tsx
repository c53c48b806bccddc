// One table entry in memory, of whatever structure.

import { hpa } from "../../../base/brand.ts";
import { hex } from "../../../base/hex.ts";
import { type EntryPlace, entrySize } from "../../../scene/inspect-entry.ts";
import { pageOf, tableAt, tableWords } from "../../../scene/listing-memory.ts";
import { capital } from "../../../scene/words.ts";
import styles from "../Panel.module.css";
import { EntryEditorOf } from "./EntryEditorOf.tsx";
import { type Machine, ObjectView } from "./parts.tsx";

export function EntryView({
  session,
  survey,
  unit,
  place,
}: Machine & { readonly place: EntryPlace }) {
  const size = entrySize(place.table, unit.scalable);
  const index = Number(place.address & 0xfffn) / size;
  const level = place.level === null ? "" : `, level ${place.level}`;
  const digits = (4096 / size - 1).toString(16).length;
  const title = `${capital(place.table)}${level} [${Math.floor(index).toString(16).padStart(digits, "0")}]`;
  const table = tableAt(survey, place.address);
  return (
    <ObjectView where={`Entry at ${hex(place.address)}`} title={title}>
      <p className={styles["note"]}>
        {table
          ? `${tableWords(table)}, at ${hex(table.address)}.`
          : `The page ${hex(pageOf(place.address))} is in no table that the registers lead to.`}
      </p>
      <EntryEditorOf
        place={place}
        unit={unit}
        title={title}
        isMemory={(address) => session.memory.isMemory(hpa(address))}
      />
    </ObjectView>
  );
}
