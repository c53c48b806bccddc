// The register file: name, offset, value, fields that are set. A row opens the register in the inspector.
import { hex, plainHex } from "../../../base/hex.ts";
import type { RegisterRow } from "../../../scene/listing-registers.ts";
import { actions, useApp } from "../../store.ts";
import styles from "./Registers.module.css";

/** Value with all its digits: 8 for 32 bits, 16 for each word of wider ones, the highest word first. */
export const registerValue = ({ register, words }: RegisterRow): string =>
  register.bits === 32
    ? hex(words[0] ?? 0n, 8)
    : [...words]
        .reverse()
        .map((word) => hex(word, 16))
        .join(" ");

export function RegisterTable({ rows }: { readonly rows: readonly RegisterRow[] }) {
  const selection = useApp((state) => state.view.selection);
  const chosen = selection?.kind === "register" ? selection.offset : null;
  return (
    <table className={styles["table"]}>
      <caption className="visually-hidden">Registers</caption>
      <thead>
        <tr>
          <th scope="col">Register</th>
          <th scope="col">Offset</th>
          <th scope="col">Value</th>
          <th scope="col" className={styles["says"]}>
            Fields that are set
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.offset} data-selected={row.offset === chosen}>
            <th scope="row">
              <button
                type="button"
                className={styles["open"]}
                onClick={() => actions.select({ kind: "register", offset: row.offset })}
              >
                {row.name}
              </button>
            </th>
            <td>
              <code>{plainHex(row.offset, 3)}</code>
            </td>
            <td>
              <code>{row.register.access === "WO" ? "write only" : registerValue(row)}</code>
            </td>
            <td className={styles["says"]}>{row.says || "none"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
