// One cache as a table: tags, answer, and where the tables say otherwise, what they say now.
import type { CacheTable } from "../../../scene/listing-caches.ts";
import { actions, useApp } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "./Registers.module.css";

const SCOPES = { context: "context", pasid: "pasid", iotlb: "iotlb", paging: "iotlb" } as const;

export function CacheRows({ table }: { readonly table: CacheTable }) {
  const selection = useApp((state) => state.view.selection);
  const { cache, name, columns, rows, size } = table;
  const chosen =
    selection?.kind === "cache entry" && selection.cache === cache ? selection.slot : null;
  if (size === 0) return <p className={styles["empty"]}>This cache is switched off.</p>;
  return (
    <>
      <div className={styles["bar"]}>
        <p>
          {rows.length === 0
            ? "Empty. The next request that walks the tables fills it."
            : `${rows.length} of ${size} entries in use.`}
        </p>
        <Button
          look="quiet"
          disabled={rows.length === 0}
          onClick={() => actions.invalidate(SCOPES[cache])}
        >
          {cache === "paging" ? "Invalidate with the IOTLB" : "Invalidate"}
        </Button>
      </div>
      {rows.length > 0 && (
        <table className={styles["table"]}>
          <caption className="visually-hidden">{name}</caption>
          <thead>
            <tr>
              <th scope="col">Slot</th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
              <th scope="col">Tables say now</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr
                key={row.slot}
                data-stale={row.stale !== null}
                data-selected={row.slot === chosen}
              >
                <th scope="row">
                  <button
                    type="button"
                    className={styles["open"]}
                    onClick={() => actions.select({ kind: "cache entry", cache, slot: row.slot })}
                  >
                    {row.slot}
                    {row.hit ? " hit" : ""}
                  </button>
                </th>
                {row.cells.map((cell, at) => (
                  <td key={columns[at]}>
                    <code>{cell}</code>
                  </td>
                ))}
                <td className={styles["now"]}>
                  {row.stale === null ? "the same" : `stale: ${row.stale}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
