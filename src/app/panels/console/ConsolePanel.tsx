// The console: output above, one line to type below. Tab completes, Up and Down go through what was typed.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { complete } from "../../../scene/console-complete.ts";
import { LONGEST_LINE } from "../../../scene/console-parse.ts";
import type { SessionPort } from "../../../session/types.ts";
import { classes } from "../../ui/classes.ts";
import { useSession } from "../hooks.ts";
import styles from "./Console.module.css";
import { enter, promptOf } from "./enter.ts";
import { type ConsoleState, consoleOf, keepConsole, print } from "./history.ts";

export function ConsolePanel() {
  const session = useSession();
  return session && <Shell session={session} />;
}

function Shell({ session }: { readonly session: SessionPort }) {
  const [state, setState] = useState(() => consoleOf(session));
  const [line, setLine] = useState("");
  /** How far back in what was typed; 0: the line itself. */
  const [back, setBack] = useState(0);
  const output = useRef<HTMLDivElement>(null);
  const hint = useId();

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was printed last stays in view.
  useEffect(() => {
    if (output.current) output.current.scrollTop = output.current.scrollHeight;
  }, [state.printed]);

  const change = (next: ConsoleState) => {
    keepConsole(session, next);
    setState(next);
  };

  const recall = (steps: number) => {
    const next = Math.max(0, Math.min(state.typed.length, back + steps));
    setBack(next);
    setLine(next === 0 ? "" : (state.typed[state.typed.length - next] ?? ""));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey && event.key === "l") {
      event.preventDefault();
      change({ ...state, printed: [] });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    switch (event.key) {
      case "ArrowUp":
        event.preventDefault();
        return recall(1);
      case "ArrowDown":
        event.preventDefault();
        return recall(-1);
      case "Escape":
        setLine("");
        return setBack(0);
      case "Tab": {
        // From an empty line Tab goes on through the page, so that nobody is caught here.
        if (line.trim() === "" || !session.world) return;
        event.preventDefault();
        const found = complete(line, state.shell, session.world.kernel);
        setLine(found.line);
        if (found.choices.length > 0) {
          change(print(state, [{ text: found.choices.join("  "), error: false }]));
        }
      }
    }
  };

  return (
    <div className={styles["console"]}>
      <div
        ref={output}
        role="log"
        aria-label="Console output"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        className={styles["output"]}
      >
        {state.printed.map(({ id, text, error, typed }) => (
          <div key={id} className={classes(typed && styles["typed"], error && styles["error"])}>
            {text === "" ? "\u00a0" : text}
          </div>
        ))}
      </div>
      <form
        className={styles["line"]}
        onSubmit={(event) => {
          event.preventDefault();
          change(enter(session, state, line));
          setLine("");
          setBack(0);
        }}
      >
        <span aria-hidden="true">{promptOf(state)}</span>
        <input
          aria-label={`Command, in ${state.shell.cwd}`}
          aria-describedby={hint}
          value={line}
          maxLength={LONGEST_LINE}
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          onChange={(event) => {
            setLine(event.target.value);
            setBack(0);
          }}
          onKeyDown={onKeyDown}
        />
        <span id={hint} className={styles["hint"]}>
          Tab completes, Up recalls, Escape empties the line
        </span>
      </form>
    </div>
  );
}
