// What the kernel holds of one object, and where it leads.
import { findObject } from "../../../scene/objects.ts";
import type { SessionPort } from "../../../session/types.ts";
import { objectsOf, selectText } from "../objects/objects.ts";
import styles from "../Panel.module.css";
import { Facts, Gone, Link, ObjectView, Section } from "./parts.tsx";

interface Props {
  readonly session: SessionPort;
  readonly id: string;
}

export function KernelObjectView({ session, id }: Props) {
  const found = findObject(objectsOf(session), id);
  if (!found) return <Gone where="Object of the kernel" title={id} />;
  return (
    <ObjectView where={found.kind} title={found.name}>
      <p className={styles["text"]}>{found.note}</p>
      <Facts caption={found.kind} facts={found.facts} />
      {found.links.length > 0 && (
        <Section title="Leads to">
          <ul className={styles["lines"]}>
            {found.links.map((link) => (
              <li key={`${link.as} ${link.id}`}>
                {link.as}: <Link onClick={() => selectText(session, link.id)}>{link.name}</Link>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {found.parts.length > 0 && (
        <Section title="Holds">
          <ul className={styles["lines"]}>
            {found.parts.slice(0, 100).map((part) => (
              <li key={part.id}>
                <Link onClick={() => selectText(session, part.id)}>{part.name}</Link> {part.note}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </ObjectView>
  );
}
