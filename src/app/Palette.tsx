// "Find or run": one list of commands, of the requesters and address spaces found in the tables, and of kernel functions, filtered while one types.
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { COMMANDS, runCommand } from "./commands.ts";
import styles from "./Palette.module.css";
import { findFunctions, findObjects } from "./palette-objects.ts";
import { actions, appStore, useApp } from "./store.ts";
import { Dialog } from "./ui/Dialog.tsx";
import { Kbd } from "./ui/Kbd.tsx";

interface Item {
  readonly id: string;
  readonly label: string;
  readonly note: string;
  readonly refusal: string | null;
  readonly run: () => void;
}

/** Functions are too many to list before a word says which. */
const FUNCTIONS_FROM = 3;

const close = () => actions.showDialog(null);

export function Palette() {
  const field = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const session = useApp((state) => state.session);
  const revision = useApp((state) => state.revision);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session changes in place; revision says when.
  const all = useMemo<readonly Item[]>(
    () => [
      ...COMMANDS.filter((command) => command.id !== "palette").map((command) => ({
        id: command.id,
        label: command.label,
        note: command.shown ?? "",
        refusal: command.refusal?.(appStore.getState()) ?? null,
        run: () => runCommand(command),
      })),
      ...(session ? findObjects(session) : []),
    ],
    [session, revision],
  );
  const functions = useMemo<readonly Item[]>(
    () => (session ? findFunctions(session) : []),
    [session],
  );
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = (query.trim().length < FUNCTIONS_FROM ? all : [...all, ...functions])
    .filter((item) => {
      const text = `${item.label} ${item.note}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    // What can run comes first; the order is otherwise kept.
    .sort((a, b) => Number(a.refusal !== null) - Number(b.refusal !== null));
  const current = shown[Math.min(active, shown.length - 1)];

  function choose(item: Item | undefined): void {
    if (!item) return;
    close();
    if (item.refusal) actions.say(item.refusal);
    else item.run();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const last = shown.length - 1;
    const at = Math.min(active, last);
    const next = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1 }[
      event.key
    ];
    if (next !== undefined) {
      event.preventDefault();
      setActive(next);
      document.getElementById(`palette-${shown[next]?.id}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(current);
    }
  }

  // After the dialog has opened, which gives focus to its first button.
  useEffect(() => field.current?.focus(), []);

  return (
    <Dialog title="Find or run" onClose={close}>
      <input
        ref={field}
        type="text"
        role="combobox"
        aria-label="Find or run"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={current ? `palette-${current.id}` : undefined}
        placeholder={
          session?.world
            ? "Command, requester, space or kernel function"
            : "Command, requester or space"
        }
        autoComplete="off"
        spellCheck={false}
        className={styles["field"]}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id="palette-list" aria-label="What fits" className={styles["list"]}>
        {shown.map((item) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys, as in every combobox.
          <div
            key={item.id}
            id={`palette-${item.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={item === current}
            aria-disabled={item.refusal !== null}
            className={styles["item"]}
            onClick={() => choose(item)}
          >
            <span>{item.label}</span>
            <span className={styles["note"]}>
              {item.refusal ?? (item.note && <Kbd keys={item.note} />)}
            </span>
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p className={styles["none"]}>Nothing has these words. Take fewer of them.</p>
      )}
    </Dialog>
  );
}
