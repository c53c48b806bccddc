// An address space: who uses it and which addresses lead where. Choosing a range puts it into the request.
import { useState } from "react";
import { formatBdf } from "../../../base/bdf.ts";
import { hex, pasidHex } from "../../../base/hex.ts";
import { bytesWord, countWord, domainsWord, stageWord } from "../../../scene/words.ts";
import type { AddressSpace, MappedRange } from "../../../session/types.ts";
import { actions } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "../Panel.module.css";
import { Facts, Gone, Link, type Machine, ObjectView, Section } from "./parts.tsx";

/** Ranges drawn at once. */
const SHOWN = 40;

export function SpaceView({ session, survey, id }: Machine & { readonly id: string }) {
  const [count, setCount] = useState(SHOWN);
  const space = survey.spaces.find((one) => one.id === id);
  if (!space) return <Gone where="Address space" title={id} />;
  const { ranges, users } = space;
  return (
    <ObjectView where="Address space" title={domainsWord(space.domains)}>
      <Facts
        caption="Address space"
        facts={[
          ["stage", stageWord(space)],
          ["root", space.root === null ? "none, addresses stay the same" : hex(space.root)],
          ["mapped", `${bytesWord(space.mapped)} in ${countWord(ranges.length, "range")}`],
        ]}
      />
      <Section title="Used by">
        <ul className={styles["lines"]}>
          {users.map((user) => (
            <li key={`${user.requester} ${user.pasid}`}>
              <Link onClick={() => actions.select({ kind: "pasid", ...user })}>
                {session.info.names.get(user.requester) ?? ""} {formatBdf(user.requester)}
                {user.pasid === null ? ", no PASID" : `, PASID ${pasidHex(user.pasid)}`}
              </Link>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Mapped ranges">
        {ranges.length === 0 && <p className={styles["note"]}>Nothing is mapped by tables.</p>}
        <ul className={styles["lines"]}>
          {ranges.slice(0, count).map((range) => (
            <Range key={range.start.toString()} space={space} range={range} />
          ))}
        </ul>
        {ranges.length > count && (
          <Button look="quiet" onClick={() => setCount(count + SHOWN)}>
            Show {Math.min(SHOWN, ranges.length - count)} more of {ranges.length}
          </Button>
        )}
      </Section>
    </ObjectView>
  );
}

function Range({ space, range }: { readonly space: AddressSpace; readonly range: MappedRange }) {
  const user = space.users[0];
  const rights = [range.read ? "R" : "", range.write ? "W" : ""].filter(Boolean).join(" ");
  return (
    <li>
      <Link
        onClick={() => {
          actions.setDraft({
            address: hex(range.start),
            ...(user
              ? {
                  requester: formatBdf(user.requester),
                  pasid: user.pasid === null ? "" : pasidHex(user.pasid),
                }
              : {}),
          });
          actions.say(`The request is set to ${hex(range.start)}.`);
        }}
      >
        <code>
          {hex(range.start)} to {hex(range.target)}
        </code>
      </Link>
      <span className={styles["note"]}>
        {bytesWord(range.length)}, {rights}, {bytesWord(BigInt(range.pageSize))} pages
      </span>
    </li>
  );
}
