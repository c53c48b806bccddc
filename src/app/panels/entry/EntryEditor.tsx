// One entry from every side: bits, fields, bytes, words. "Edit" makes each of them take changes; nothing is stored
// before it is applied, with the invalidation that follows it in software, or without.
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { type Hpa, hpa } from "../../../base/brand.ts";
import {
  type FieldView,
  withBitFlipped,
  withByte,
  withField,
} from "../../../scene/inspect-bits.ts";
import type { Tint } from "../../../scene/walk-split.ts";
import { actions } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { AfterEdit } from "./AfterEdit.tsx";
import { Bits } from "./Bits.tsx";
import { Bytes } from "./Bytes.tsx";
import { Changes } from "./Changes.tsx";
import styles from "./Entry.module.css";
import { FieldTable } from "./FieldTable.tsx";
import { Words } from "./Words.tsx";

export interface EntryEditorProps {
  /** "PASID entry 0x041": for captions and messages. */
  readonly title: string;
  readonly address: Hpa;
  /** What is shown: what the unit read, or what memory holds. */
  readonly words: readonly bigint[];
  readonly read: (words: readonly bigint[]) => readonly FieldView[];
  readonly tint: Tint;
  readonly wide: boolean;
  readonly perRow: 64 | 32 | 16;
  /** Beside the entry, below its bytes. */
  readonly children?: ReactNode;
}

export function EntryEditor(props: EntryEditorProps) {
  const { title, address, words, read, tint, wide, perRow, children } = props;
  const [draft, setDraft] = useState<readonly bigint[] | null>(null);
  const shown = draft ?? words;
  const fields = read(shown);
  const editing = draft !== null;
  const foot = useFocusOnChange(editing);

  function apply(invalidate: boolean) {
    const changed = shown.flatMap((value, word) =>
      value === words[word] ? [] : [{ address: hpa(address + BigInt(word * 8)), value }],
    );
    actions.edit(changed, invalidate);
    setDraft(null);
  }
  const typed = (field: FieldView, value: bigint) => {
    const next = withField(shown, field, value);
    if (next) setDraft(next);
    return next ? null : doesNotFit(field);
  };

  const bits = (
    <Bits
      address={address}
      words={shown}
      before={words}
      fields={fields}
      tint={tint}
      perRow={perRow}
      onFlip={editing ? (word, bit) => setDraft(withBitFlipped(shown, word, bit)) : null}
    />
  );
  const table = (
    <FieldTable
      address={address}
      caption={`Fields of ${title}`}
      fields={fields}
      wide={wide && perRow > 16}
      onType={editing ? typed : null}
    />
  );
  return (
    <div className={wide ? styles["wide"] : styles["column"]}>
      <section className={styles["main"]} aria-label={`${title}: bits and fields`}>
        {wide ? bits : table}
        {wide ? table : bits}
      </section>
      <section className={styles["side"]} aria-label={`${title}: memory`}>
        <Bytes
          address={address}
          words={shown}
          before={words}
          fields={fields}
          tint={tint}
          perLine={perRow === 64 ? 16 : 8}
          onType={editing ? (at, value) => setDraft(withByte(shown, at, value)) : null}
        />
        <Words
          words={shown}
          onType={
            editing
              ? (word, value) => setDraft(shown.map((old, at) => (at === word ? value : old)))
              : null
          }
        />
      </section>
      <div ref={foot} className={classes(styles["foot"], editing && styles["pending"])}>
        {editing ? (
          <Changes
            before={read(words)}
            after={fields}
            onApply={apply}
            onDiscard={() => setDraft(null)}
          />
        ) : (
          <div className={styles["actions"]}>
            <Button onClick={() => setDraft(words)}>Edit bits, values or bytes</Button>
            <Button look="quiet" onClick={() => actions.showMemory(hpa(address & ~0xfn))}>
              Show in memory
            </Button>
          </div>
        )}
        {!editing && <AfterEdit address={address} size={words.length * 8} />}
        {children}
      </div>
    </div>
  );
}

/** The button that begins or ends an edit goes with it, so the focus moves on to what came in its place. */
function useFocusOnChange(editing: boolean) {
  const foot = useRef<HTMLDivElement>(null);
  const before = useRef(editing);
  useLayoutEffect(() => {
    if (before.current === editing) return;
    before.current = editing;
    foot.current?.querySelector<HTMLElement>("h3, button")?.focus({ preventScroll: true });
  }, [editing]);
  return foot;
}

const doesNotFit = (field: FieldView): string =>
  field.kind === "address"
    ? `An address here uses bits ${field.high} to ${field.low}; all others are 0.`
    : `The largest value of ${field.high - field.low + 1} bits is 0x${((1n << BigInt(field.high - field.low + 1)) - 1n).toString(16)}.`;
