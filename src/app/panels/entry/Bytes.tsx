// An entry as memory holds it: bytes in rising address order, little endian said in words. Typing two digits edits a byte.
import { type KeyboardEvent, useRef, useState } from "react";
import type { Hpa } from "../../../base/brand.ts";
import { hex } from "../../../base/hex.ts";
import {
  bytesOfField,
  bytesOfWords,
  bytesWords,
  type FieldView,
} from "../../../scene/inspect-bits.ts";
import type { Tint } from "../../../scene/walk-split.ts";
import { classes } from "../../ui/classes.ts";
import { useSpot } from "../hooks.ts";
import styles from "./Bytes.module.css";
import { spotProps } from "./spot.ts";

interface Props {
  readonly address: Hpa;
  readonly words: readonly bigint[];
  readonly before: readonly bigint[];
  readonly fields: readonly FieldView[];
  readonly tint: Tint;
  readonly perLine: 8 | 16;
  readonly onType: ((at: number, value: number) => void) | null;
}

export function Bytes({ address, words, before, fields, tint, perLine, onType }: Props) {
  const spot = useSpot(address);
  const list = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(0);
  const bytes = bytesOfWords(words);
  const old = bytesOfWords(before);
  const lit = spot ? bytesOfField(spot) : null;
  const lines = Array.from({ length: Math.ceil(bytes.length / perLine) }, (_, line) => line);

  function go(to: number) {
    const at = Math.min(Math.max(to, 0), bytes.length - 1);
    setStop(at);
    list.current?.querySelectorAll<HTMLElement>("button")[at]?.focus();
  }
  function key(event: KeyboardEvent) {
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: perLine,
      ArrowUp: -perLine,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      go(stop + step);
    } else if (onType && /^[0-9a-f]$/i.test(event.key) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      onType(stop, (((bytes[stop] ?? 0) << 4) & 0xff) | Number.parseInt(event.key, 16));
    }
  }

  return (
    <div className={styles["bytes"]}>
      <p className={styles["note"]} data-narrow={perLine === 8}>
        {spot
          ? bytesWords({ ...spot, name: spot.field })
          : `${perLine === 16 ? "" : `${hex(address)}. `}Little endian: the lowest byte of each word comes first`}
        .
      </p>
      {onType && <p className={styles["note"]}>Type hex digits on a byte to change it.</p>}
      <div
        ref={list}
        role="toolbar"
        aria-label={`${bytes.length} bytes at ${hex(address)}`}
        onKeyDown={key}
      >
        {lines.map((line) => (
          <div key={line} className={styles["line"]}>
            <span className={styles["address"]}>
              {perLine === 16
                ? hex(address + BigInt(line * perLine))
                : `+${(line * perLine).toString(16).padStart(2, "0")}`}
            </span>
            <span className={styles["row"]}>
              {bytes.slice(line * perLine, (line + 1) * perLine).map((value, column) => {
                const at = line * perLine + column;
                const field = fieldAtByte(fields, at);
                return (
                  <button
                    // biome-ignore lint/suspicious/noArrayIndexKey: bytes of an entry never move.
                    key={column}
                    type="button"
                    tabIndex={at === stop ? 0 : -1}
                    onClick={() => setStop(at)}
                    {...(field ? spotProps(address, field) : {})}
                    aria-label={`Byte ${at}: ${value.toString(16).padStart(2, "0")}${field ? `, ${field.name}` : ""}`}
                    className={classes(
                      styles["byte"],
                      lit && at >= lit.first && at <= lit.last && styles["lit"],
                      lit && at === lit.first && styles["lit-first"],
                      lit && at === lit.last && styles["lit-last"],
                      value !== old[at] && styles["changed"],
                      value === 0 && styles["zero"],
                    )}
                    data-tint={field?.kind === "address" && value !== 0 ? tint : undefined}
                  >
                    {value.toString(16).padStart(2, "0")}
                  </button>
                );
              })}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

/** The field a byte is shown for: the widest named one that has bits in it. */
function fieldAtByte(fields: readonly FieldView[], at: number): FieldView | undefined {
  const word = at >> 3;
  const low = (at % 8) * 8;
  const here = fields.filter(
    (field) => field.word === word && field.high >= low && field.low <= low + 7,
  );
  const named = here.filter((field) => field.kind !== "reserved" && field.kind !== "ignored");
  const overlap = (field: FieldView) =>
    Math.min(field.high, low + 7) - Math.max(field.low, low) + 1;
  return [...(named.length > 0 ? named : here)].sort((a, b) => overlap(b) - overlap(a))[0];
}
