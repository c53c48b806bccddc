// The invalidation queue in memory: head, tail, the last descriptors done and those that wait.
import { hex, wordDigits } from "../../../base/hex.ts";
import type { QueueView } from "../../../scene/listing-registers.ts";
import { actions } from "../../store.ts";
import styles from "./Registers.module.css";

export function QueueList({ queue }: { readonly queue: QueueView }) {
  const { enabled, base, width, size, head, tail, descriptors } = queue;
  return (
    <>
      <p className={styles["bar"]}>
        {enabled
          ? `At ${hex(base)}: ${size} descriptors of ${width * 8} bits, head ${head}, tail ${tail}.`
          : "Queued invalidation is off. Invalidations go through CCMD and IOTLB registers."}
      </p>
      {descriptors.length > 0 && (
        <table className={styles["table"]}>
          <caption className="visually-hidden">Descriptors, oldest first</caption>
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">Descriptor</th>
              <th scope="col" className={styles["says"]}>
                Fields
              </th>
              <th scope="col" className={styles["words"]}>
                Words
              </th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {descriptors.map((row) => (
              <tr key={row.address.toString()}>
                <th scope="row">
                  <button
                    type="button"
                    className={styles["open"]}
                    onClick={() => actions.showMemory(row.address)}
                  >
                    {hex(row.address)}
                  </button>
                </th>
                <td>
                  {row.name}
                  <span className={styles["below"]}>{row.says}</span>
                </td>
                <td className={styles["says"]}>{row.says}</td>
                <td className={styles["words"]}>
                  <code>{row.words.slice(0, 2).map(wordDigits).join(" ")}</code>
                </td>
                <td>{row.state}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {enabled && descriptors.length === 0 && (
        <p className={styles["empty"]}>No descriptor yet. An invalidation puts one here.</p>
      )}
    </>
  );
}
