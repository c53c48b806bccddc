// A page of host memory: whose it is, what it holds, and the 16 bytes that were chosen, to change.
import { type Hpa, hpa } from "../../../base/brand.ts";
import { hex } from "../../../base/hex.ts";
import type { FieldView } from "../../../scene/inspect-bits.ts";
import { readWords } from "../../../scene/inspect-entry.ts";
import { mappingsOf, pageWords } from "../../../scene/listing-memory.ts";
import { stageWord } from "../../../scene/words.ts";
import { actions } from "../../store.ts";
import { EntryEditor } from "../entry/EntryEditor.tsx";
import { useBitsPerRow } from "../entry/use-bits-per-row.ts";
import styles from "../Panel.module.css";
import { Link, type Machine, ObjectView, Section } from "./parts.tsx";

const BYTES = 16;

/** Memory without a layout: each word is one field. */
const plainFields = (words: readonly bigint[]): FieldView[] =>
  words.map((word, at) => ({
    key: `${at}`,
    name: `word ${at}`,
    word: at,
    high: 63,
    low: 0,
    kind: "value",
    range: `q${at}`,
    value: hex(word),
    says: "",
    meaning: `bytes ${at * 8} to ${at * 8 + 7}`,
    violates: false,
    listed: true,
  }));

export function MemoryView({
  session,
  survey,
  unit,
  address,
}: Machine & { readonly address: Hpa }) {
  const perRow = useBitsPerRow(false);
  const mappings = mappingsOf(survey, address);
  const start = hpa(address & ~BigInt(BYTES - 1));
  return (
    <ObjectView where="Host memory" title={hex(address)} mono>
      <p className={styles["text"]}>{pageWords(session, survey, address)}</p>
      {mappings.length > 0 && (
        <Section title="Reached through">
          <ul className={styles["lines"]}>
            {mappings.map(({ space, address: input, rights }) => (
              <li key={`${space.id} ${input}`}>
                <Link onClick={() => actions.select({ kind: "space", id: space.id })}>
                  {stageWord(space)}
                </Link>
                <code>
                  {hex(input)}, {rights}
                </code>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {session.memory.isMemory(start) && (
        <EntryEditor
          key={start.toString()}
          title={`Memory at ${hex(start)}`}
          address={start}
          words={readWords(unit, start, BYTES)}
          read={plainFields}
          tint="offset"
          wide={false}
          perRow={perRow}
        />
      )}
    </ObjectView>
  );
}
