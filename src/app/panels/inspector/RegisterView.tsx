// One register: its fields, its value, and where software may write it, a value to write.
import { type FormEvent, useState } from "react";
import { hpa } from "../../../base/brand.ts";
import { hex, parseNumber, plainHex } from "../../../base/hex.ts";
import { registerRows } from "../../../scene/listing-registers.ts";
import { actions } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { Bits } from "../entry/Bits.tsx";
import { FieldTable } from "../entry/FieldTable.tsx";
import { useBitsPerRow } from "../entry/use-bits-per-row.ts";
import form from "../memory/Memory.module.css";
import styles from "../Panel.module.css";
import { registerValue } from "../registers/RegisterTable.tsx";
import { Facts, Gone, type Machine, ObjectView, Section } from "./parts.tsx";

/** Registers are not in memory; their spotlight uses addresses above every host address. */
const spotAddress = (offset: number) => hpa((1n << 52n) - 65536n + BigInt(offset));

const ACCESS = {
  RO: "read only",
  WO: "write only, reads as 0",
  RW: "read and write",
  RW1C: "read; writing 1 clears a bit",
} as const;

export function RegisterView({ session, unit, offset }: Machine & { readonly offset: number }) {
  const perRow = useBitsPerRow(false);
  const row = registerRows(session, unit).find((one) => one.offset === offset);
  if (!row) return <Gone where="Register" title={plainHex(offset)} />;
  const { register, words, fields } = row;
  const address = spotAddress(offset);
  return (
    <ObjectView where={`Register at ${plainHex(offset, 3)}`} title={row.name}>
      <p className={styles["text"]}>{register.name}</p>
      <Facts
        caption={row.name}
        facts={[
          ["value", registerValue(row)],
          ["access", ACCESS[register.access]],
          ["section", register.source],
        ]}
      />
      <Section title="Fields">
        <FieldTable
          address={address}
          caption={`Fields of ${row.name}`}
          fields={fields}
          wide={false}
          onType={null}
        />
      </Section>
      {register.bits >= 64 && (
        <Section title="Bits">
          <Bits
            address={address}
            words={words}
            before={words}
            fields={fields}
            tint="offset"
            perRow={perRow}
            onFlip={null}
          />
        </Section>
      )}
      {register.access !== "RO" && register.bits <= 64 && (
        <WriteRegister key={offset} offset={offset} size={register.bits === 32 ? 4 : 8} />
      )}
    </ObjectView>
  );
}

function WriteRegister({ offset, size }: { readonly offset: number; readonly size: 4 | 8 }) {
  const [text, setText] = useState("");
  const value = parseNumber(text, true);
  const fits = value !== undefined && value >> BigInt(size * 8) === 0n;
  function write(event: FormEvent) {
    event.preventDefault();
    if (fits) actions.run({ op: "register write", offset, size, value });
  }
  return (
    <Section title="Write it">
      <form className={form["goto"]} onSubmit={write}>
        <label>
          Value{" "}
          <input
            value={text}
            aria-invalid={text !== "" && !fits}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <Button type="submit" disabled={!fits}>
          Write {fits ? hex(value, size * 2) : `${size} bytes`}
        </Button>
      </form>
      {text !== "" && !fits && (
        <p className={form["wrong"]}>Write at most {size * 2} hexadecimal digits.</p>
      )}
    </Section>
  );
}
