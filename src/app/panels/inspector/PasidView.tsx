// A PASID table entry in use (legacy mode: the context entry), and the address space it leads to.
import { formatBdf } from "../../../base/bdf.ts";
import type { Pasid, RequesterId } from "../../../base/brand.ts";
import { hex, pasidHex } from "../../../base/hex.ts";
import { stageWord } from "../../../scene/words.ts";
import { actions } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "../Panel.module.css";
import { EntryEditorOf } from "./EntryEditorOf.tsx";
import { type Fact, Facts, Gone, Link, type Machine, ObjectView, Section } from "./parts.tsx";

interface Props extends Machine {
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
}

export function PasidView({ session, survey, unit, requester, pasid }: Props) {
  const bdf = formatBdf(requester);
  const owner = survey.requesters.find((one) => one.requester === requester);
  const entry =
    owner?.entries.find((one) => one.pasid === pasid) ??
    (pasid === null ? owner?.entries.find((one) => one.forRequestsWithoutPasid) : undefined);
  const title = pasid === null ? "Requests without PASID" : `PASID ${pasidHex(pasid)}`;
  if (!entry) return <Gone where={`Requester ${bdf}`} title={title} />;
  const space = survey.spaces.find((one) => one.id === entry.space);
  const first = space?.ranges[0];
  const facts: Fact[] = [
    ["domain id", `${entry.domain}`],
    ["entry", hex(entry.address)],
  ];
  if (space) {
    facts.push([
      "space",
      <Link key="space" onClick={() => actions.select({ kind: "space", id: space.id })}>
        {stageWord(space)}
        {space.root === null ? "" : `, ${hex(space.root)}`}
      </Link>,
    ]);
  }
  return (
    <ObjectView where={`Requester ${bdf}`} title={title}>
      {entry.problem && <p className={styles["stale"]}>{entry.problem}</p>}
      <Facts caption={title} facts={facts} />
      <div className={styles["inline"]}>
        <Button
          onClick={() =>
            actions.setDraft({
              requester: bdf,
              pasid: entry.forRequestsWithoutPasid || pasid === null ? "" : pasidHex(pasid),
              ...(first ? { address: hex(first.start) } : {}),
            })
          }
        >
          Use in the request
        </Button>
      </div>
      <Section title={entry.pasid === null ? "Context entry" : "PASID table entry"}>
        <EntryEditorOf
          place={{
            table: entry.pasid === null ? "context entry" : "PASID table entry",
            level: null,
            address: entry.address,
          }}
          unit={unit}
          title={title}
          isMemory={(address) => session.memory.isMemory(address)}
        />
      </Section>
    </ObjectView>
  );
}
