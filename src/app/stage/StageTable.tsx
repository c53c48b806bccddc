// The stage as a table: who sends, through which entry, into which address space; the same selection.
import { useMemo } from "react";
import { type Selection, sameSelection } from "../../scene/selection.ts";
import { type TableRow, tableCaption, tableHeadings, tableOf } from "../../scene/table.ts";
import { actions, useApp } from "../store.ts";
import { classes } from "../ui/classes.ts";
import { Mark } from "./Mark.tsx";
import styles from "./StageTable.module.css";
import { useSceneInput } from "./stage-input.ts";

/** The table does not depend on the room that the stage has. */
const SIZE = { width: 872, height: 632 } as const;

export function StageTable() {
  const input = useSceneInput(SIZE);
  const rows = useMemo(() => (input ? tableOf(input) : []), [input]);
  if (!input) return null;
  return (
    <div className={styles["frame"]}>
      <table className={styles["table"]}>
        <caption className={styles["caption"]}>{tableCaption(input)}</caption>
        <thead>
          <tr>
            {tableHeadings(input).map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <RowView key={row.id} row={row} groups={input.world !== null} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RowView({ row, groups }: { readonly row: TableRow; readonly groups: boolean }) {
  const selected = useApp((state) => state.view.selection);
  const chosen = [row.sender, row.entrySelection, row.spaceSelection].some(
    (one) => one !== null && sameSelection(one, selected),
  );
  return (
    <tr className={classes(chosen && styles["chosen"])}>
      <th scope="row">
        <span className={styles["sender"]}>
          <Mark owner={row.owner} refused={row.problem !== ""} />
          <Choice selection={row.sender} words={row.requester} mono />
          <span className={styles["name"]}>{row.name}</span>
        </span>
      </th>
      {groups && <td className="mono">{row.group}</td>}
      <td className="mono">{row.pasid}</td>
      <td>
        {row.entrySelection ? (
          <Choice
            selection={row.entrySelection}
            words={row.entry}
            label={`${row.entry}, entry at ${row.entryAddress}`}
          />
        ) : (
          row.entry
        )}
        {row.problem !== "" && <span className={styles["problem"]}>{row.problem}</span>}
      </td>
      <td className="mono">{row.domain}</td>
      <td>{row.spaceSelection && <Choice selection={row.spaceSelection} words={row.space} />}</td>
      <td>{row.mapped}</td>
    </tr>
  );
}

function Choice({
  selection,
  words,
  label,
  mono = false,
}: {
  readonly selection: Selection;
  readonly words: string;
  readonly label?: string;
  readonly mono?: boolean;
}) {
  const pressed = useApp((state) => sameSelection(state.view.selection, selection));
  return (
    <button
      type="button"
      className={classes(styles["choice"], mono && "mono")}
      aria-pressed={pressed}
      aria-label={label}
      onClick={() => actions.select(selection)}
    >
      {words}
    </button>
  );
}
