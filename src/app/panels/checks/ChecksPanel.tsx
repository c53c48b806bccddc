// Checks: what the document declares, and what can be asked of this moment; each leads to its evidence.
import { useMemo } from "react";
import { type CheckRow, declaredRows, freeRows } from "../../../scene/checks.ts";
import type { SessionPort } from "../../../session/types.ts";
import { actions, useApp } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { useSession } from "../hooks.ts";
import { selectText } from "../objects/objects.ts";
import panel from "../Panel.module.css";
import { CheckMark } from "./CheckMark.tsx";
import styles from "./Checks.module.css";

export function ChecksPanel() {
  const session = useSession();
  if (!session) return null;
  return <Rows session={session} />;
}

function Rows({ session }: { readonly session: SessionPort }) {
  const revision = useApp((state) => state.revision);
  const scenario = useApp((state) => state.scenario);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session changes behind the same object.
  const [declared, free] = useMemo(() => {
    const checks = scenario?.checks ?? [];
    return [declaredRows(checks, session), freeRows(session, checks)] as const;
  }, [session, revision, scenario]);
  const hardware = free.filter((row) => row.kind === "hardware");
  const review = free.filter((row) => row.kind === "review");
  return (
    <div className={styles["checks"]}>
      {declared.length > 0 && (
        <List session={session} title="Declared by the document" rows={declared} />
      )}
      <List
        session={session}
        title="Of the hardware: memory, registers and caches, never what the kernel believes"
        rows={hardware}
      />
      <List session={session} title="Of the review: the record of calls so far" rows={review} />
    </div>
  );
}

interface ListProps {
  readonly session: SessionPort;
  readonly title: string;
  readonly rows: readonly CheckRow[];
}

function List({ session, title, rows }: ListProps) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2 className={styles["title"]}>{title}</h2>
      <ul>
        {rows.map((row) => (
          <Row key={row.id} session={session} row={row} />
        ))}
      </ul>
    </section>
  );
}

function Row({ session, row }: { readonly session: SessionPort; readonly row: CheckRow }) {
  const selected = useApp(
    ({ view: { selection } }) => selection?.kind === "check" && selection.id === row.id,
  );
  const { at, finding } = row;
  const { branch } = session.place;
  return (
    <li className={styles["row"]}>
      <CheckMark mark={row.mark} />
      <div className={styles["words"]}>
        <button
          type="button"
          className={styles["name"]}
          aria-current={selected ? "true" : undefined}
          onClick={() => actions.select({ kind: "check", id: row.id })}
        >
          {row.title}
        </button>
        <p className={panel["note"]}>
          {row.words}
          {finding ? `. ${finding.summary}` : ""}
        </p>
        {finding && <Evidence session={session} finding={finding} most={3} />}
      </div>
      {finding === null && at !== null && (
        <Button
          look="quiet"
          aria-label={`Go to the moment of: ${row.title}`}
          onClick={() => actions.seek({ branch, operation: at, event: null })}
        >
          Go there
        </Button>
      )}
    </li>
  );
}

interface EvidenceProps {
  readonly session: SessionPort;
  readonly finding: NonNullable<CheckRow["finding"]>;
  readonly most: number;
}

/** What speaks against it; a line that names an object selects it. */
export function Evidence({ session, finding, most }: EvidenceProps) {
  if (finding.evidence.length === 0) return null;
  const left = finding.evidence.length - most;
  return (
    <ul className={styles["evidence"]}>
      {finding.evidence.slice(0, most).map(({ text, place }) => (
        <li key={text}>
          {place === null ? (
            text
          ) : (
            <button
              type="button"
              className={styles["link"]}
              onClick={() => selectText(session, place)}
            >
              {text}
            </button>
          )}
        </li>
      ))}
      {left > 0 && <li>and {left} more, in the inspector</li>}
    </ul>
  );
}
