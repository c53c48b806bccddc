// Who can reach what: a matrix of requesters and page owners, and the way into the chosen cell.
import { useMemo, useState } from "react";
import type { AccessFilter, Matrix } from "../../../scene/isolation.ts";
import type { SessionPort } from "../../../session/types.ts";
import { useApp } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { useSession } from "../hooks.ts";
import panel from "../Panel.module.css";
import { CellDetail } from "./CellDetail.tsx";
import { Grid, type Spot } from "./Grid.tsx";
import styles from "./Isolation.module.css";
import { matrixOf } from "./matrix.ts";

const FILTERS: readonly { readonly id: AccessFilter; readonly label: string }[] = [
  { id: "read", label: "Reads" },
  { id: "write", label: "Writes" },
  { id: "both", label: "Both" },
];

export function IsolationPanel() {
  const session = useSession();
  return session && <Shown session={session} />;
}

function Shown({ session }: { readonly session: SessionPort }) {
  const revision = useApp((state) => state.revision);
  const [filter, setFilter] = useState<AccessFilter>("both");
  const [spot, setSpot] = useState<Spot | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session changes behind the same object.
  const matrix = useMemo(() => matrixOf(session, filter), [session, revision, filter]);
  if (!matrix) return null;
  if (matrix.rows.length === 0) {
    return (
      <p className={panel["empty"]}>
        No requester can reach any page. Attach a domain to see a row fill.
      </p>
    );
  }
  const chosen = spot && chosenOf(matrix, spot);
  return (
    <div className={styles["isolation"]}>
      <div className={styles["main"]}>
        <div className={styles["bar"]}>
          <p>Pages each requester can reach now, by walking every table and asking every cache.</p>
          <fieldset className={styles["filters"]}>
            <legend className="visually-hidden">Accesses</legend>
            {FILTERS.map(({ id, label }) => (
              <Button key={id} aria-pressed={filter === id} onClick={() => setFilter(id)}>
                {label}
              </Button>
            ))}
          </fieldset>
        </div>
        <Grid matrix={matrix} spot={spot} onSpot={setSpot} />
        <Legend />
        {matrix.notes.map((note) => (
          <div key={note.text} className={styles["note"]}>
            <h2>{note.title}</h2>
            <p>{note.text}</p>
          </div>
        ))}
      </div>
      {chosen && <CellDetail session={session} {...chosen} />}
    </div>
  );
}

/** The chosen row and column, where both still exist. */
function chosenOf(matrix: Matrix, spot: Spot) {
  const found = matrix.rows.find(({ row }) => row.id === spot.row);
  const at = matrix.columns.findIndex(({ owner }) => owner === spot.owner);
  const column = matrix.columns[at];
  if (!found || !column) return null;
  return { row: found.row, column, cell: found.cells[at] ?? null };
}

function Legend() {
  return (
    <ul className={styles["legend"]}>
      <li>
        <span className={styles["reached"]} /> reached through tables
      </li>
      <li>
        <span className={styles["stale"]} /> reached only through a stale entry
      </li>
      <li>
        <span className={styles["rides"]} /> not told apart by hardware
      </li>
      <li>– not reachable</li>
    </ul>
  );
}
