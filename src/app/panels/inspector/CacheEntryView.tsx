// One cached entry: tags, what it answers, and whether the tables still agree.

import { wordDigits } from "../../../base/hex.ts";
import { tableStructure } from "../../../hardware/layout/catalogue.ts";
import { decode } from "../../../hardware/layout/codec.ts";
import type { CacheName } from "../../../hardware/vtd/types.ts";
import { fieldViews } from "../../../scene/inspect-bits.ts";
import { cacheFacts } from "../../../scene/listing-caches.ts";
import { cacheName } from "../../../scene/walk-story.ts";
import { actions } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { useCacheEntries, useStale } from "../hooks.ts";
import styles from "../Panel.module.css";
import { Facts, type Machine, ObjectView, Section } from "./parts.tsx";

interface Props extends Machine {
  readonly cache: CacheName;
  readonly slot: number;
}

export function CacheEntryView({ unit, cache, slot }: Props) {
  const entry = useCacheEntries()?.find((one) => one.cache === cache && one.slot === slot);
  const stale = useStale()?.find((one) => one.cache === cache && one.slot === slot);
  const where = cacheName(cache);
  if (!entry) {
    return (
      <ObjectView where={where} title={`Slot ${slot}`}>
        <p className={styles["text"]}>The slot is empty now.</p>
      </ObjectView>
    );
  }
  const words = entry.cache === "context" || entry.cache === "pasid" ? entry.words : [];
  const table = entry.cache === "context" ? "context entry" : "PASID table entry";
  const fields = fieldViews(
    decode(tableStructure(table, unit.scalable), words, unit.environment),
    words.length,
  ).filter((field) => field.listed);
  return (
    <ObjectView where={where} title={`Slot ${slot}`}>
      {stale ? (
        <section className={styles["fault"]} aria-label="Stale">
          <h3>Stale: the tables no longer say so</h3>
          <p className={styles["text"]}>{stale.now}</p>
        </section>
      ) : (
        <p className={styles["text"]}>The tables say the same.</p>
      )}
      <Facts caption={`${where}, slot ${slot}`} facts={cacheFacts(entry, unit)} />
      {words.length > 0 && (
        <Section title="As it was read from memory">
          <Facts
            caption="Fields of the cached entry"
            facts={fields.map((field) => [
              field.name === "reserved" ? `reserved ${field.range}` : field.name,
              field.says === "" ? field.value : `${field.value} ${field.says}`,
            ])}
          />
          <ul className={styles["lines"]}>
            {words.map((word, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: words of an entry never move.
              <li key={at}>
                <code>
                  q{at} {wordDigits(word)}
                </code>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <div className={styles["inline"]}>
        <Button onClick={() => actions.invalidate(cache === "paging" ? "iotlb" : cache)}>
          Invalidate the {cache === "paging" ? "IOTLB and paging-structure caches" : where}
        </Button>
      </div>
    </ObjectView>
  );
}
