// Lines of bytes. Arrow keys move, Page Up and Page Down turn the page, hex digits type over a byte;
// typed bytes are stored only when the reader says how.
import { type KeyboardEvent, useRef, useState } from "react";
import { hpa } from "../../../base/brand.ts";
import { hex } from "../../../base/hex.ts";
import { bytesOfField } from "../../../scene/inspect-bits.ts";
import type { MemoryLine } from "../../../scene/listing-memory.ts";
import { actions, useApp } from "../../store.ts";
import { classes } from "../../ui/classes.ts";
import styles from "./Memory.module.css";
import { TypedBytes } from "./TypedBytes.tsx";

interface Props {
  readonly lines: readonly MemoryLine[];
  readonly onPage: (direction: 1 | -1) => void;
}

export function HexLines({ lines, onPage }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(0);
  const [typed, setTyped] = useState<ReadonlyMap<bigint, number>>(new Map());
  const bytes = lines.flatMap((line) =>
    line.bytes.map((value, at) => ({ address: hpa(line.address + BigInt(at)), value })),
  );
  const width = lines.find((line) => line.bytes.length > 0)?.bytes.length ?? 16;

  function go(to: number) {
    const at = Math.min(Math.max(to, 0), bytes.length - 1);
    setStop(at);
    grid.current?.querySelectorAll<HTMLElement>("[data-byte]")[at]?.focus();
  }
  function key(event: KeyboardEvent) {
    const onByte = (event.target as HTMLElement).dataset["byte"] !== undefined;
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: width,
      ArrowUp: -width,
    };
    const step = steps[event.key];
    const here = bytes[stop];
    if (event.key === "PageDown" || event.key === "PageUp") {
      onPage(event.key === "PageDown" ? 1 : -1);
    } else if (onByte && step !== undefined) {
      go(stop + step);
    } else if (
      onByte &&
      here &&
      /^[0-9a-f]$/i.test(event.key) &&
      !event.ctrlKey &&
      !event.metaKey
    ) {
      const old = typed.get(here.address) ?? here.value;
      const next = ((old << 4) & 0xff) | Number.parseInt(event.key, 16);
      setTyped(new Map(typed).set(here.address, next));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  let count = 0;
  return (
    <>
      <div
        ref={grid}
        role="toolbar"
        aria-label="Memory in hex"
        className={styles["lines"]}
        onKeyDown={key}
      >
        {lines.map((line) => {
          const first = count;
          count += line.bytes.length;
          return (
            <Line
              key={line.address.toString()}
              line={line}
              first={first}
              stop={stop}
              typed={typed}
              onStop={setStop}
            />
          );
        })}
      </div>
      {typed.size > 0 && <TypedBytes typed={typed} onDone={() => setTyped(new Map())} />}
    </>
  );
}

interface LineProps {
  readonly line: MemoryLine;
  /** Number of its first byte among all bytes shown. */
  readonly first: number;
  readonly stop: number;
  readonly typed: ReadonlyMap<bigint, number>;
  readonly onStop: (at: number) => void;
}

function Line({ line, first, stop, typed, onStop }: LineProps) {
  const spot = useApp((state) => state.spotlight);
  const place = spot ? bytesOfField(spot) : null;
  const from = spot && place ? spot.address + BigInt(place.first) : -1n;
  const to = spot && place ? spot.address + BigInt(place.last) : -1n;
  return (
    <div className={styles["line"]}>
      <span className={styles["address"]}>{hex(line.address)}</span>
      {line.bytes.length === 0 ? (
        <span className={styles["absent"]}>no memory up to {hex(line.last)}</span>
      ) : (
        <span className={styles["bytes"]}>
          {line.bytes.map((value, column) => {
            const at = first + column;
            const address = hpa(line.address + BigInt(column));
            const shown = typed.get(address) ?? value;
            return (
              <button
                key={address.toString()}
                type="button"
                data-byte={at}
                tabIndex={at === stop ? 0 : -1}
                onClick={() => onStop(at)}
                aria-label={`${hex(address)}: ${shown.toString(16).padStart(2, "0")}`}
                className={classes(
                  styles["byte"],
                  shown === 0 && styles["zero"],
                  address >= from && address <= to && styles["lit"],
                  address === from && styles["lit-first"],
                  address === to && styles["lit-last"],
                  shown !== value && styles["changed"],
                )}
              >
                {shown.toString(16).padStart(2, "0")}
              </button>
            );
          })}
        </span>
      )}
      <Note line={line} />
    </div>
  );
}

/** What the line is; leads to the entry in the inspector. */
function Note({ line }: { readonly line: MemoryLine }) {
  if (line.bytes.length === 0) return null;
  if (line.entries.length === 0) {
    return (
      <button
        type="button"
        className={styles["note"]}
        onClick={() => actions.select({ kind: "memory", address: line.address })}
      >
        {line.notes[0] ?? "words"}
      </button>
    );
  }
  return line.entries.map((entry, at) => (
    <button
      key={entry.address.toString()}
      type="button"
      className={styles["note"]}
      onClick={() => actions.select({ kind: "entry", ...entry })}
    >
      {line.notes[at] ?? entry.table}
    </button>
  ));
}
