// How a walk ended: one sentence; for a refusal also its usual causes and the record it left.

import { plainHex } from "../../../base/hex.ts";
import { faultText } from "../../../hardware/layout/fault-text.ts";
import { faultName } from "../../../hardware/vtd/fault-codes.ts";
import { cacheName, recordRows, resultWords, unrecordedWords } from "../../../scene/walk-story.ts";
import type { Walk } from "../../../scene/walk-types.ts";
import { capital } from "../../../scene/words.ts";
import { acknowledgeFaults } from "../../../session/acknowledge.ts";
import { actions, useApp } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { useSession, useStale } from "../hooks.ts";
import styles from "../Panel.module.css";

export function Ending({ walk }: { readonly walk: Walk }) {
  const { result } = walk;
  if (result.kind !== "fault") {
    return (
      <>
        <p className={styles["text"]}>{resultWords(walk)}</p>
        <StaleNote walk={walk} />
      </>
    );
  }
  return (
    <section className={styles["fault"]} aria-label="Fault">
      <h3>
        Fault {plainHex(result.reason, 2)}, {faultName(result.reason)}
      </h3>
      <p className={styles["text"]}>{faultText(result.reason).refused}</p>
    </section>
  );
}

const sentence = (words: string): string => `${capital(words).replace(/\.$/, "")}.`;

/** Said where a cached entry that the tables contradict has answered. */
function StaleNote({ walk }: { readonly walk: Walk }) {
  const stale = useStale() ?? [];
  const used = stale.find((entry) =>
    walk.lookups.some((lookup) => lookup.cache === entry.cache && lookup.slot === entry.slot),
  );
  if (!used) return null;
  return (
    <section className={classes(styles["fault"], styles["hatched"])} aria-label="Stale answer">
      <h3>
        Stale: slot {used.slot} of the {cacheName(used.cache)}
      </h3>
      <p className={styles["text"]}>{sentence(used.now)} Nobody has told the cache.</p>
    </section>
  );
}

/** Software's part: until it clears the record, the next fault may find no room. */
function Acknowledge() {
  const session = useSession();
  // Looks again after every operation.
  useApp((state) => state.revision);
  if (!session || !acknowledgeFaults(session)) return null;
  return (
    <div>
      <Button onClick={() => actions.acknowledge()}>Acknowledge faults</Button>
    </div>
  );
}

/** Usual causes and the record; nothing for a request that was let through. */
export function FaultDetails({ walk }: { readonly walk: Walk }) {
  const { result } = walk;
  if (result.kind !== "fault") return null;
  return (
    <>
      <section className={styles["section"]}>
        <h3>Usual causes, likeliest first</h3>
        <ol className={styles["causes"]}>
          {faultText(result.reason).causes.map((cause) => (
            <li key={cause}>{cause}</li>
          ))}
        </ol>
      </section>
      <section className={styles["section"]}>
        <h3>Fault record</h3>
        {result.record ? (
          <table className={styles["rows"]}>
            <caption className="visually-hidden">Fields of the fault record</caption>
            <tbody>
              {recordRows(result.record).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <p className={styles["note"]}>
            {result.unrecorded ? unrecordedWords(result.unrecorded) : "No record was written."}
          </p>
        )}
        <Acknowledge />
      </section>
    </>
  );
}
