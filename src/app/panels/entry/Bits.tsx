// All words of an entry as bits, with the names of the fields below. Words that are zero are named, not drawn.
import { useState } from "react";
import type { Hpa } from "../../../base/brand.ts";
import { bitLabels, type FieldView } from "../../../scene/inspect-bits.ts";
import type { Tint } from "../../../scene/walk-split.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { useSpot } from "../hooks.ts";
import { BitRow } from "./BitRow.tsx";
import styles from "./Bits.module.css";
import { isLit } from "./spot.ts";

interface Props {
  readonly address: Hpa;
  readonly words: readonly bigint[];
  readonly before: readonly bigint[];
  readonly fields: readonly FieldView[];
  readonly tint: Tint;
  readonly perRow: 64 | 32 | 16;
  readonly onFlip: ((word: number, bit: number) => void) | null;
}

export function Bits({ address, words, before, fields, tint, perRow, onFlip }: Props) {
  const [all, setAll] = useState(false);
  const quiet = words.flatMap((value, word) =>
    word > 0 && value === 0n && before[word] === 0n ? [word] : [],
  );
  const hidden = all ? [] : quiet;
  return (
    <div className={styles["bits"]}>
      {words.map((value, word) =>
        hidden.includes(word) ? null : (
          // biome-ignore lint/suspicious/noArrayIndexKey: words of an entry never move.
          <div key={word} className={styles["word"]}>
            {words.length > 1 && <span className={styles["name"]}>q{word}</span>}
            <div className={styles["body"]}>
              {perRow === 64 && <Ruler />}
              <BitRow
                address={address}
                word={word}
                value={value}
                before={before[word] ?? 0n}
                fields={fields}
                tint={tint}
                perRow={perRow}
                onFlip={onFlip ? (bit) => onFlip(word, bit) : null}
              />
              {perRow === 64 && <Labels address={address} fields={fields} word={word} />}
            </div>
          </div>
        ),
      )}
      {quiet.length > 0 && (
        <p className={styles["rest"]}>
          {wordList(quiet)} {quiet.length === 1 ? "is" : "are"} zero.{" "}
          <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Hide the zero words" : "Show all words"}
          </Button>
        </p>
      )}
    </div>
  );
}

/** "q3 to q7", "q2, q4". */
export function wordList(words: readonly number[]): string {
  const [first, last] = [words[0] ?? 0, words.at(-1) ?? 0];
  const run = words.length > 2 && last - first === words.length - 1;
  return run ? `q${first} to q${last}` : words.map((word) => `q${word}`).join(", ");
}

function Ruler() {
  return (
    <div className={styles["ruler"]} aria-hidden="true">
      {[63, 48, 32, 16, 0].map((bit) => (
        <span key={bit} style={{ "--at": 63 - bit } as object}>
          {bit}
        </span>
      ))}
    </div>
  );
}

function Labels({
  address,
  fields,
  word,
}: {
  readonly address: Hpa;
  readonly fields: readonly FieldView[];
  readonly word: number;
}) {
  const spot = useSpot(address);
  const labels = bitLabels(fields, word);
  const lanes = Math.max(0, ...labels.map((label) => label.lane)) + 1;
  return (
    <div className={styles["labels"]} aria-hidden="true" style={{ "--lanes": lanes } as object}>
      {labels.map(({ field, text, x, from, lane }) => (
        <span
          key={field.key}
          className={classes(styles["label"], isLit(spot, field) && styles["lit-label"])}
          style={{ "--at": x, "--from": from, "--lane": lane } as object}
        >
          <i />
          <span data-hangs={lane > 0}>{text}</span>
        </span>
      ))}
    </div>
  );
}
