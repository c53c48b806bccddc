// The machines that ship with the page: what each is, how it was made, and a button that opens it.
import { useEffect, useState } from "react";
import { describeProblem, type Result } from "../../base/result.ts";
import type { Sample } from "../../interchange/samples.ts";
import { loadSamples, openSampleById } from "../open/samples.ts";
import styles from "./Samples.module.css";

export function Samples() {
  const [samples, setSamples] = useState<Result<readonly Sample[]> | null>(null);
  useEffect(() => {
    let shown = true;
    void loadSamples().then((result) => {
      if (shown) setSamples(result);
    });
    return () => {
      shown = false;
    };
  }, []);
  return (
    <div className={styles["section"]}>
      {samples && !samples.ok && (
        <p className={styles["trouble"]}>
          {describeProblem(samples.problem)}. Files of your own can be opened all the same.
        </p>
      )}
      <ul className={styles["list"]}>
        {samples?.ok &&
          samples.value.map((sample) => (
            <li key={sample.id}>
              <div className={styles["item"]}>
                <button
                  type="button"
                  className={styles["open"]}
                  aria-describedby={`about-${sample.id}`}
                  onClick={() => void openSampleById(sample.id)}
                >
                  {sample.title}
                </button>
                <div id={`about-${sample.id}`}>
                  <p className={styles["summary"]}>{sample.summary}</p>
                  <p className={styles["provenance"]}>{sample.provenance}</p>
                </div>
              </div>
            </li>
          ))}
      </ul>
    </div>
  );
}
