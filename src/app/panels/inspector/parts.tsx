// Pieces that all views of the inspector are made of.
import type { ReactNode } from "react";
import type { Unit } from "../../../scene/walk-types.ts";
import type { SessionPort, Survey } from "../../../session/types.ts";
import styles from "../Panel.module.css";
import links from "../walk/Lines.module.css";

/** What every view reads. */
export interface Machine {
  readonly session: SessionPort;
  readonly survey: Survey;
  readonly unit: Unit;
}

interface ViewProps {
  /** One line: what kind of object, and of whom. */
  readonly where: string;
  readonly title: string;
  readonly mono?: boolean;
  readonly children: ReactNode;
}

export function ObjectView({ where, title, mono = false, children }: ViewProps) {
  return (
    <div className={styles["panel"]}>
      <header className={styles["head"]}>
        <p className={styles["where"]}>{where}</p>
        <h2 className={mono ? styles["address"] : styles["title"]}>{title}</h2>
      </header>
      {children}
    </div>
  );
}

export type Fact = readonly [name: string, value: ReactNode];

export function Facts({
  caption,
  facts,
}: {
  readonly caption: string;
  readonly facts: readonly Fact[];
}) {
  return (
    <table className={styles["rows"]}>
      <caption className="visually-hidden">{caption}</caption>
      <tbody>
        {facts.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{typeof value === "string" ? <Value text={value} /> : value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Leading numbers in mono, the words after them in the face of the page. */
function Value({ text }: { readonly text: string }) {
  const [, number = "", words = ""] =
    /^((?:0x[0-9a-f_]+|[0-9a-f]+:[0-9a-f.]+|[0-9]+)?)(.*)$/.exec(text) ?? [];
  return (
    <>
      {number !== "" && <code>{number}</code>}
      {words}
    </>
  );
}

export function Section({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}) {
  return (
    <section className={styles["section"]}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

export function Link({
  onClick,
  children,
}: {
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <button type="button" className={links["link"]} onClick={onClick}>
      {children}
    </button>
  );
}

/** Said where the object is no longer in the tables, caches or registers. */
export function Gone({ where, title }: { readonly where: string; readonly title: string }) {
  return (
    <ObjectView where={where} title={title}>
      <p className={styles["text"]}>It is no longer there. Undo brings it back.</p>
    </ObjectView>
  );
}
