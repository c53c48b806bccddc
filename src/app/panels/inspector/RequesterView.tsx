// A function that may send: its context entry and the PASIDs it can use.
import { formatBdf } from "../../../base/bdf.ts";
import type { RequesterId } from "../../../base/brand.ts";
import { hex, plainHex } from "../../../base/hex.ts";
import { pasidWord } from "../../../scene/words.ts";
import type { SurveyedEntry } from "../../../session/types.ts";
import { actions } from "../../store.ts";
import styles from "../Panel.module.css";
import { EntryEditorOf } from "./EntryEditorOf.tsx";
import { Facts, Gone, Link, type Machine, ObjectView, Section } from "./parts.tsx";

export function RequesterView({
  session,
  survey,
  unit,
  requester,
}: Machine & { readonly requester: RequesterId }) {
  const bdf = formatBdf(requester);
  const name = session.info.names.get(requester);
  const found = survey.requesters.find((one) => one.requester === requester);
  if (!found) return <Gone where="Requester" title={bdf} />;
  return (
    <ObjectView where={`Requester ${bdf}`} title={name ?? bdf}>
      {found.problem && <p className={styles["stale"]}>{found.problem}</p>}
      <Facts
        caption={`Requester ${bdf}`}
        facts={[
          ["requester id", plainHex(requester, 4)],
          ["context entry", hex(found.contextAddress)],
        ]}
      />
      <Section title={unit.scalable ? "PASID entries" : "Translation"}>
        <ul className={styles["lines"]}>
          {found.entries.map((entry) => (
            <li key={entry.address.toString()}>
              <Link
                onClick={() => actions.select({ kind: "pasid", requester, pasid: entry.pasid })}
              >
                {entryLine(entry)}
              </Link>
            </li>
          ))}
          {found.entries.length === 0 && <li>No PASID entry is present.</li>}
        </ul>
      </Section>
      <Section title="Context entry">
        <EntryEditorOf
          place={{ table: "context entry", level: null, address: found.contextAddress }}
          unit={unit}
          title={`Context entry of ${bdf}`}
          isMemory={(address) => session.memory.isMemory(address)}
        />
      </Section>
    </ObjectView>
  );
}

/** "PASID 0x041: second-stage, DID 7". */
export function entryLine(entry: SurveyedEntry): string {
  const used = entry.forRequestsWithoutPasid ? ", used without PASID" : "";
  const who = entry.pasid === null ? "All requests" : pasidWord(entry.pasid);
  return `${who}: ${entry.problem ?? `${entry.stage}, DID ${entry.domain}`}${used}`;
}
