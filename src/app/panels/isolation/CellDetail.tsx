// The way into the pages of one cell: which addresses lead there, by what, and what would close it.

import type { Cell, Column, Way } from "../../../scene/isolation.ts";
import { cellWords, wayWords } from "../../../scene/isolation.ts";
import type { IsolationRow } from "../../../scene/isolation-rows.ts";
import { capital } from "../../../scene/words.ts";
import type { SessionPort } from "../../../session/types.ts";
import { actions } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import panel from "../Panel.module.css";
import styles from "./Isolation.module.css";

interface Props {
  readonly session: SessionPort;
  readonly row: IsolationRow;
  readonly column: Column;
  readonly cell: Cell | null;
}

export function CellDetail({ session, row, column, cell }: Props) {
  const stale = cell?.ways.find((way) => way.through !== "tables");
  return (
    <section className={styles["detail"]} aria-label="The way in">
      <p className={panel["where"]}>
        {row.title} → {column.title}
      </p>
      <h2>{title(cell)}</h2>
      {row.rides !== null && (
        <p className={panel["note"]}>
          These are the pages that {row.rides} reaches: its requests look the same.
        </p>
      )}
      {cell && cell.ways.length > 0 && (
        <ul className={panel["lines"]}>
          {cell.ways.map((way) => (
            <li key={`${way.iova} ${way.through}`}>
              <code>{wayWords(way)}</code>
            </li>
          ))}
        </ul>
      )}
      {stale && <p className={panel["note"]}>{closing(stale)}</p>}
      <div className={styles["actions"]}>
        <Button onClick={() => actions.select(row.selection)}>Select {row.title}</Button>
        {stale && (
          <Button onClick={() => selectCached(session, row, stale)}>Show the cached entry</Button>
        )}
      </div>
    </section>
  );
}

const title = (cell: Cell | null): string => capital(cellWords(cell));

const CLOSES: Readonly<Record<Way["through"], string>> = {
  tables: "",
  IOTLB:
    "An IOTLB invalidation of the page or its domain closes it. A PASID-cache invalidation alone does not remove it.",
  "PASID cache":
    "A PASID-cache invalidation of this PASID closes it, followed by an IOTLB invalidation of its domain.",
  "paging cache": "An IOTLB invalidation of the domain empties the paging caches, too.",
};

const closing = (way: Way): string => CLOSES[way.through];

function selectCached(session: SessionPort, row: IsolationRow, way: Way): void {
  const entry = session.cacheEntries().find((one) => {
    if (way.through === "IOTLB") {
      const inside = one.cache === "iotlb" && (way.iova & ~one.mask) === one.address;
      return inside && one.requester === row.requester;
    }
    if (way.through === "PASID cache") {
      return one.cache === "pasid" && one.requester === row.requester && one.pasid === row.pasid;
    }
    return one.cache === "paging" && one.domain === row.tag?.entry?.domain;
  });
  if (entry) actions.select({ kind: "cache entry", cache: entry.cache, slot: entry.slot });
  else actions.say("The cache no longer holds it.");
}
