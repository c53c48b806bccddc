// How a walk ended: the sentence, and for a refusal its usual causes and the record it left.

import { plainHex } from "../../../base/hex.ts";
import { faultText } from "../../../hardware/layout/fault-text.ts";
import { faultName } from "../../../hardware/vtd/fault-codes.ts";
import { recordRows, resultWords, unrecordedWords } from "../../../scene/walk-story.ts";
import type { Walk } from "../../../scene/walk-types.ts";
import styles from "../Panel.module.css";

export function Ending({ walk }: { readonly walk: Walk }) {
  const { result } = walk;
  if (result.kind !== "fault") return <p className={styles["text"]}>{resultWords(walk)}</p>;
  const { refused, causes } = faultText(result.reason);
  return (
    <>
      <section className={styles["fault"]} aria-label="Fault">
        <h3>
          Fault {plainHex(result.reason, 2)}, {faultName(result.reason)}
        </h3>
        <p className={styles["text"]}>{refused}</p>
      </section>
      <section className={styles["section"]}>
        <h3>Usual causes, likeliest first</h3>
        <ol className={styles["causes"]}>
          {causes.map((cause) => (
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
      </section>
    </>
  );
}
