// The matrix as a grid: arrows move between cells, one cell is in the tab order, choosing one shows the way in.
import { type KeyboardEvent, useRef } from "react";
import { type Cell, cellWords, type Matrix, type MatrixRow } from "../../../scene/isolation.ts";
import { digitsWord } from "../../../scene/words.ts";
import { classes } from "../../ui/classes.ts";
import styles from "./Isolation.module.css";

/** A cell by the ids of its row and column. */
export interface Spot {
  readonly row: string;
  readonly owner: string;
}

interface Props {
  readonly matrix: Matrix;
  readonly spot: Spot | null;
  readonly onSpot: (spot: Spot) => void;
}

export function Grid({ matrix, spot, onSpot }: Props) {
  const table = useRef<HTMLTableElement>(null);
  const { columns, rows } = matrix;
  const at = {
    row: Math.max(
      0,
      rows.findIndex(({ row }) => row.id === spot?.row),
    ),
    column: Math.max(
      0,
      columns.findIndex(({ owner }) => owner === spot?.owner),
    ),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(event.key, at, rows.length, columns.length);
    const row = next && rows[next.row]?.row.id;
    const owner = next && columns[next.column]?.owner;
    if (!next || row === undefined || owner === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSpot({ row: row ?? "", owner: owner ?? "" });
    table.current?.querySelector<HTMLElement>(`[data-cell="${next.row} ${next.column}"]`)?.focus();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is the table with keys to move in it.
    <table ref={table} role="grid" aria-label="Who can reach what" className={styles["grid"]}>
      <thead>
        <tr>
          <th scope="col">Requester</th>
          {columns.map((column) => (
            <th key={column.owner} scope="col">
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody onKeyDown={onKeyDown}>
        {rows.map((one, row) => (
          <tr key={one.row.id}>
            <th scope="row">
              {one.row.title}
              <span className={styles["who"]}>{one.row.note}</span>
            </th>
            {columns.map(({ owner }, column) => (
              <td key={owner}>
                <button
                  type="button"
                  aria-pressed={spot?.row === one.row.id && spot.owner === owner}
                  data-cell={`${row} ${column}`}
                  tabIndex={row === at.row && column === at.column ? 0 : -1}
                  aria-label={cellWords(one.cells[column] ?? null)}
                  className={classes(styles["cell"], ...looks(one, one.cells[column] ?? null))}
                  onClick={() => onSpot({ row: one.row.id, owner })}
                >
                  <CellText cell={one.cells[column] ?? null} />
                </button>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function looks({ row }: MatrixRow, cell: Cell | null): (string | undefined)[] {
  if (!cell) return [styles["none"]];
  const only = cell.byTables === 0 && cell.byCacheOnly > 0;
  return [only ? styles["stale"] : row.rides !== null ? styles["rides"] : styles["reached"]];
}

function CellText({ cell }: { readonly cell: Cell | null }) {
  if (!cell) return "–";
  if (cell.everything) {
    return (
      <>
        <strong>all</strong> <span>not translated</span>
      </>
    );
  }
  return (
    <>
      {cell.byTables > 0 && (
        <>
          <strong>{digitsWord(cell.byTables)}</strong> <span>{cell.rights}</span>
        </>
      )}
      {cell.byCacheOnly > 0 && (
        <span className={styles["only"]}>{digitsWord(cell.byCacheOnly)} cache only</span>
      )}
    </>
  );
}

interface At {
  readonly row: number;
  readonly column: number;
}

function moved(key: string, { row, column }: At, rows: number, columns: number): At | null {
  switch (key) {
    case "ArrowUp":
      return { row: Math.max(0, row - 1), column };
    case "ArrowDown":
      return { row: Math.min(rows - 1, row + 1), column };
    case "ArrowLeft":
      return { row, column: Math.max(0, column - 1) };
    case "ArrowRight":
      return { row, column: Math.min(columns - 1, column + 1) };
    case "Home":
      return { row, column: 0 };
    case "End":
      return { row, column: columns - 1 };
    default:
      return null;
  }
}
