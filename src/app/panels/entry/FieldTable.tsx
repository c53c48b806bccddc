// The named fields of an entry: name, bits, value, meaning. While editing, values are typed.
import { useState } from "react";
import type { Hpa } from "../../../base/brand.ts";
import { parseNumber } from "../../../base/hex.ts";
import type { FieldView } from "../../../scene/inspect-bits.ts";
import { classes } from "../../ui/classes.ts";
import { useSpot } from "../hooks.ts";
import styles from "./Fields.module.css";
import { isLit, spotProps } from "./spot.ts";

interface Props {
  readonly address: Hpa;
  readonly caption: string;
  readonly fields: readonly FieldView[];
  readonly wide: boolean;
  /** Takes a typed value; says what is wrong with it, or null. */
  readonly onType: ((field: FieldView, value: bigint) => string | null) | null;
}

export function FieldTable({ address, caption, fields, wide, onType }: Props) {
  const spot = useSpot(address);
  const listed = fields.filter((field) => field.listed || field.violates);
  return (
    <table className={classes(styles["fields"], wide && styles["wide"])}>
      <caption className="visually-hidden">{caption}</caption>
      <thead className={wide ? undefined : "visually-hidden"}>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Bits</th>
          <th scope="col">Value</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {listed.map((field) => (
          <tr
            key={field.key}
            onPointerEnter={spotProps(address, field).onPointerEnter}
            onPointerLeave={spotProps(address, field).onPointerLeave}
            className={classes(
              isLit(spot, field) && styles["lit"],
              field.violates && styles["bad"],
            )}
          >
            <th scope="row">
              <button
                type="button"
                className={styles["name"]}
                {...spotProps(address, field)}
                aria-label={`${field.name} ${field.range}`}
              >
                {field.name}
              </button>
            </th>
            <td className={styles["range"]}>{field.range}</td>
            <td className={styles["value"]}>
              {onType ? (
                <FieldInput field={field} onType={(value) => onType(field, value)} />
              ) : (
                <code>{field.value}</code>
              )}
            </td>
            <td className={styles["says"]}>
              {field.violates ? <strong>reserved, must be 0 here</strong> : field.says}
              {wide || field.says === "" ? <Meaning field={field} /> : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What the field is for, after what its value says. */
function Meaning({ field }: { readonly field: FieldView }) {
  if (field.kind === "reserved") return null;
  return (
    <span className={styles["meaning"]}>
      {field.says === "" && !field.violates ? "" : ", "}
      {field.meaning}
    </span>
  );
}

function FieldInput({
  field,
  onType,
}: {
  readonly field: FieldView;
  readonly onType: (value: bigint) => string | null;
}) {
  const [text, setText] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  function take(typed: string) {
    setText(typed);
    const value = parseNumber(typed);
    setWrong(value === undefined ? "Write a number, as 12 or 0x1f." : onType(value));
  }
  return (
    <>
      <input
        className={styles["input"]}
        aria-label={`New value of ${field.name} ${field.range}`}
        aria-invalid={wrong !== null}
        value={text ?? field.value.replace(/ .*/, "")}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => take(event.target.value)}
        onBlur={() => {
          setText(null);
          setWrong(null);
        }}
      />
      {wrong && (
        <span role="alert" className={styles["wrong"]}>
          {wrong}
        </span>
      )}
    </>
  );
}
