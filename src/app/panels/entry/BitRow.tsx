// One 64-bit word as cells, bit 63 left, in rows of 64, 32 or 16. Reading: a field is one stop for the keyboard.
// Editing: every bit is a toggle.
import { type KeyboardEvent, useRef, useState } from "react";
import type { Hpa } from "../../../base/brand.ts";
import { wordDigits } from "../../../base/hex.ts";
import type { FieldView } from "../../../scene/inspect-bits.ts";
import type { Tint } from "../../../scene/walk-split.ts";
import { classes } from "../../ui/classes.ts";
import { useSpot } from "../hooks.ts";
import styles from "./Bits.module.css";
import { isLit, spotProps } from "./spot.ts";

export interface BitRowProps {
  readonly address: Hpa;
  readonly word: number;
  readonly value: bigint;
  /** Before an edit: bits that differ are marked. */
  readonly before: bigint;
  readonly fields: readonly FieldView[];
  readonly tint: Tint;
  readonly perRow: 64 | 32 | 16;
  readonly onFlip: ((bit: number) => void) | null;
}

const fieldOf = (fields: readonly FieldView[], word: number, bit: number) =>
  fields.find((field) => field.word === word && field.low <= bit && bit <= field.high);

const lookOf = (field: FieldView | undefined, tint: Tint) => {
  if (!field || field.kind === "reserved" || field.kind === "ignored") return "unused";
  // Of an entry with several pointers the one that leads nowhere is zero and has no target's tint.
  return field.kind === "address" && field.value !== "0x0" ? tint : "offset";
};

export function BitRow(props: BitRowProps) {
  const { word, value, perRow, onFlip } = props;
  const rows = Array.from({ length: 64 / perRow }, (_, row) => 63 - row * perRow);
  const label = `Word ${word}, ${wordDigits(value)}${onFlip ? ", bits to toggle" : ", fields"}`;
  const list = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(0);

  function move(event: KeyboardEvent) {
    const stops = [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const row = onFlip ? perRow : 1;
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: row,
      ArrowUp: -row,
      Home: -stops.length,
      End: stops.length,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = Math.min(Math.max(stop + step, 0), stops.length - 1);
    setStop(at);
    stops[at]?.focus();
  }

  const starts = rows.map((_, row) =>
    onFlip
      ? row * perRow
      : rows.slice(0, row).reduce((sum, high) => sum + groupsOf(props, high).length, 0),
  );
  return (
    <div ref={list} role="toolbar" aria-label={label} className={styles["rows"]} onKeyDown={move}>
      {rows.map((high, row) => {
        const stops = { stop, first: starts[row] ?? 0, setStop };
        return (
          <div key={high} className={styles["line"]}>
            {perRow < 64 && (
              <span className={styles["edge"]} aria-hidden="true">
                {high}
              </span>
            )}
            <div className={styles["cells"]}>
              {onFlip ? (
                <Toggles {...props} {...stops} high={high} onFlip={onFlip} />
              ) : (
                <Groups {...props} {...stops} high={high} />
              )}
            </div>
          </div>
        );
      })}
    </div>
  );
}

/** high, high - 1, ... low. */
const bitsDown = (high: number, low: number): number[] =>
  Array.from({ length: high - low + 1 }, (_, at) => high - at);

/** One row: its highest bit, the number of its first stop, and which stop the keyboard is at. */
interface RowProps extends BitRowProps {
  readonly high: number;
  readonly first: number;
  readonly stop: number;
  readonly setStop: (stop: number) => void;
}

/** Fields of one row, highest bit first; a field that goes on in the next row is one stop in each. */
function groupsOf({ fields, word, perRow }: BitRowProps, high: number): FieldView[] {
  const bottom = high - perRow + 1;
  return fields
    .filter((field) => field.word === word && field.high >= bottom && field.low <= high)
    .sort((a, b) => b.high - a.high);
}

function Groups(props: RowProps) {
  const { address, value, tint, perRow, high, first, stop, setStop } = props;
  const spot = useSpot(address);
  const bottom = high - perRow + 1;
  return groupsOf(props, high).map((field, index) => {
    const from = Math.min(field.high, high);
    const to = Math.max(field.low, bottom);
    return (
      <button
        key={field.key}
        type="button"
        tabIndex={first + index === stop ? 0 : -1}
        onClick={() => setStop(first + index)}
        {...spotProps(address, field)}
        aria-label={`${field.name} ${field.range}: ${field.value}${field.says ? `, ${field.says}` : ""}`}
        className={classes(
          styles["group"],
          isLit(spot, field) && styles["lit"],
          field.violates && styles["wrong"],
        )}
        data-tint={lookOf(field, tint)}
        style={{ "--width": from - to + 1 } as object}
      >
        {bitsDown(from, to).map((bit) => (
          <span key={bit} className={styles["bit"]}>
            {((value >> BigInt(bit)) & 1n).toString()}
          </span>
        ))}
      </button>
    );
  });
}

function Toggles(props: RowProps & { readonly onFlip: (bit: number) => void }) {
  const { address, word, value, before, fields, tint, perRow, high, first, stop, setStop, onFlip } =
    props;
  const spot = useSpot(address);
  return bitsDown(high, high - perRow + 1).map((bit, index) => {
    const field = fieldOf(fields, word, bit);
    const place = field ?? { name: "reserved", word, high: bit, low: bit };
    const set = ((value >> BigInt(bit)) & 1n) === 1n;
    const changed = (((value ^ before) >> BigInt(bit)) & 1n) === 1n;
    return (
      <button
        key={bit}
        type="button"
        tabIndex={first + index === stop ? 0 : -1}
        onClick={() => {
          setStop(first + index);
          onFlip(bit);
        }}
        {...spotProps(address, place)}
        aria-pressed={set}
        aria-label={`Bit ${bit} of word ${word}, ${place.name}${changed ? ", changed" : ""}`}
        className={classes(
          styles["toggle"],
          isLit(spot, place) && styles["lit-bit"],
          changed && styles["changed"],
          field?.violates && styles["wrong"],
        )}
        data-tint={lookOf(field, tint)}
      >
        {set ? "1" : "0"}
      </button>
    );
  });
}
