// The words of an entry in hex, lowest address first; typed while editing.
import { useState } from "react";
import { parseNumber, wordDigits } from "../../../base/hex.ts";
import { wordList } from "./Bits.tsx";
import styles from "./Entry.module.css";

interface Props {
  readonly words: readonly bigint[];
  readonly onType: ((word: number, value: bigint) => void) | null;
}

export function Words({ words, onType }: Props) {
  const zero = words.flatMap((value, word) => (value === 0n && word > 0 ? [word] : []));
  const shown = words.flatMap((value, word) =>
    onType || value !== 0n || word === 0 ? [{ value, word }] : [],
  );
  return (
    <div className={styles["words"]}>
      {shown.map(({ value, word }) => (
        <div key={word} className={styles["line"]}>
          <span className={styles["label"]}>{words.length > 1 ? `q${word}` : "word"}</span>
          {onType ? (
            <WordInput word={word} value={value} onType={(next) => onType(word, next)} />
          ) : (
            <code>{wordDigits(value)}</code>
          )}
        </div>
      ))}
      {!onType && zero.length > 0 && (
        <p className={styles["note"]}>
          {wordList(zero)} {zero.length === 1 ? "is" : "are"} zero.
        </p>
      )}
    </div>
  );
}

function WordInput({
  word,
  value,
  onType,
}: {
  readonly word: number;
  readonly value: bigint;
  readonly onType: (value: bigint) => void;
}) {
  const [text, setText] = useState<string | null>(null);
  const wrong = text !== null && parseNumber(text, true) === undefined;
  function take(typed: string) {
    setText(typed);
    const next = parseNumber(typed, true);
    if (next !== undefined) onType(next);
  }
  return (
    <span className={styles["typed"]}>
      <input
        className={styles["input"]}
        aria-label={`Word ${word} in hex`}
        aria-invalid={wrong}
        value={text ?? wordDigits(value)}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => take(event.target.value)}
        onBlur={() => setText(null)}
      />
      {wrong && (
        <span role="alert" className={styles["wrong"]}>
          Write up to 16 hex digits.
        </span>
      )}
    </span>
  );
}
