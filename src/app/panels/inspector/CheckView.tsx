// One check: what it asks, what it found at this moment, everything that speaks against it, why it was declared so.
import { checkRow } from "../../../scene/checks.ts";
import type { SessionPort } from "../../../session/types.ts";
import { useApp } from "../../store.ts";
import { CheckMark } from "../checks/CheckMark.tsx";
import { Evidence } from "../checks/ChecksPanel.tsx";
import styles from "../Panel.module.css";
import { Gone, ObjectView, Section } from "./parts.tsx";

interface Props {
  readonly session: SessionPort;
  readonly id: string;
}

export function CheckView({ session, id }: Props) {
  const declared = useApp((state) => state.scenario?.checks);
  const row = checkRow(id, declared ?? [], session);
  if (!row) return <Gone where="Check" title={id} />;
  const kind = row.kind === "hardware" ? "Check of the hardware" : "Check of the review";
  return (
    <ObjectView where={row.at === null ? kind : `${kind}, declared`} title={row.title}>
      <p className={styles["text"]}>{row.asks}</p>
      <p className={styles["inline"]}>
        <CheckMark mark={row.mark} />
        <span>{row.words}</span>
      </p>
      {row.finding && <p className={styles["text"]}>{row.finding.summary}</p>}
      {row.because !== "" && <p className={styles["note"]}>{row.because}</p>}
      {row.finding && row.finding.evidence.length > 0 && (
        <Section title="What shows it">
          <Evidence session={session} finding={row.finding} most={20} />
        </Section>
      )}
    </ObjectView>
  );
}
