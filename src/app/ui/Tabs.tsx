// Tabs as text with a 2px rule under the active one; arrow keys, Home and End move between them.
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { classes } from "./classes.ts";
import styles from "./Tabs.module.css";

interface Tab<Id extends string> {
  readonly id: Id;
  readonly label: string;
}

interface Props<Id extends string> {
  /** Unique in the page; the panel of tab `x` has the id `<name>-panel`. */
  readonly name: string;
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  readonly active: Id;
  readonly onChange: (id: Id) => void;
  /** Shown at the right end of the row. */
  readonly children?: ReactNode;
  readonly className?: string | undefined;
}

export function Tabs<Id extends string>(props: Props<Id>) {
  const { name, label, tabs, active, onChange, children, className } = props;
  const list = useRef<HTMLDivElement>(null);
  function move(event: KeyboardEvent) {
    const at = tabs.findIndex((tab) => tab.id === active);
    const last = tabs.length - 1;
    const target = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    const next = target === undefined ? undefined : tabs[target];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(next.id);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[target ?? 0]?.focus();
  }
  return (
    <div className={classes(styles["bar"], className)}>
      <div ref={list} role="tablist" aria-label={label} className={styles["tabs"]} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${name}-tab-${tab.id}`}
            aria-selected={tab.id === active}
            aria-controls={`${name}-panel`}
            tabIndex={tab.id === active ? 0 : -1}
            className={styles["tab"]}
            onClick={() => onChange(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly name: string;
  readonly active: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** What the active tab shows. */
export function TabPanel({ name, active, className, children }: PanelProps) {
  return (
    <div
      role="tabpanel"
      id={`${name}-panel`}
      aria-labelledby={`${name}-tab-${active}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling panel must be reachable by keyboard.
      tabIndex={0}
      className={classes(styles["panel"], className)}
    >
      {children}
    </div>
  );
}
