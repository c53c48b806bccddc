// What the caches answered on the way, and the accessed and dirty bits that were written back.
import { lookupWords, updateWords } from "../../../scene/walk-story.ts";
import type { Unit, Walk } from "../../../scene/walk-types.ts";
import { actions } from "../../store.ts";
import { useStale } from "../hooks.ts";
import styles from "../Panel.module.css";
import lines from "./Lines.module.css";

export function CacheLines({ walk, unit }: { readonly walk: Walk; readonly unit: Unit }) {
  const stale = useStale() ?? [];
  if (walk.lookups.length === 0 && walk.updates.length === 0) return null;
  return (
    <section className={styles["section"]}>
      <h3>Caches and updates</h3>
      <ul className={styles["lines"]}>
        {walk.lookups.map((lookup, at) => {
          const { cache, slot } = lookup;
          const wrong = stale.find((entry) => entry.cache === cache && entry.slot === slot);
          const key = `${cache} ${at}`;
          if (slot === null) return <li key={key}>{lookupWords(lookup)}</li>;
          return (
            <li key={key}>
              <button
                type="button"
                className={lines["link"]}
                onClick={() => actions.select({ kind: "cache entry", cache, slot })}
              >
                {lookupWords(lookup)}
              </button>
              {wrong && <p className={styles["stale"]}>Stale: {wrong.now}</p>}
            </li>
          );
        })}
        {walk.updates.map((update) => (
          <li key={`${update.address} ${update.after}`}>{updateWords(update, walk, unit)}</li>
        ))}
      </ul>
    </section>
  );
}
