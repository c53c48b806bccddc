// A kernel function: who called it in this run, and apart from that who calls it in the kernel tree, with the source.
import { treeCallers } from "../../../linux/designs.ts";
import { registeredSymbols } from "../../../linux/kernel/kernel.ts";
import { type CallerInRun, functionInRun } from "../../../scene/calls.ts";
import { countWord } from "../../../scene/words.ts";
import type { SessionPort } from "../../../session/types.ts";
import { actions } from "../../store.ts";
import styles from "../Panel.module.css";
import { Facts, Link, ObjectView, Section } from "./parts.tsx";

interface Props {
  readonly session: SessionPort;
  readonly symbol: string;
}

export function FunctionView({ session, symbol }: Props) {
  const { place, moments } = session;
  const upTo = place.operation + (place.event === null ? 0 : 1);
  const run = functionInRun(moments, upTo, symbol);
  const about = registeredSymbols().get(symbol);
  const exported = run?.exported ?? about?.exported ?? false;
  return (
    <ObjectView where={exported ? "Exported kernel function" : "Kernel function"} title={symbol}>
      <Facts
        caption="Function"
        facts={[
          ["module", run?.module || about?.module || "not known"],
          ["runs", countWord(run?.runs ?? 0, "time")],
          ["failed", countWord(run?.failed ?? 0, "time")],
          ["follows", about?.source ?? "not modelled as a function of its own"],
        ]}
      />
      <Section title="Callers in this run">
        <Callers
          session={session}
          callers={run?.callers ?? []}
          none="Nobody has called it up to this moment."
        />
      </Section>
      {run !== null && run.lookups.length > 0 && (
        <Section title="Looked up by name in this run">
          <Callers session={session} callers={run.lookups} none="" />
        </Section>
      )}
      <Section title="Callers in the kernel tree">
        <TreeCallers symbol={symbol} />
      </Section>
    </ObjectView>
  );
}

function Callers({
  session,
  callers,
  none,
}: {
  readonly session: SessionPort;
  readonly callers: readonly CallerInRun[];
  readonly none: string;
}) {
  if (callers.length === 0) return <p className={styles["note"]}>{none}</p>;
  const { branch } = session.place;
  return (
    <ul className={styles["lines"]}>
      {callers.slice(0, 50).map((one) => (
        <li key={one.caller}>
          {one.module === "" ? (
            one.caller
          ) : (
            <Link onClick={() => actions.select({ kind: "function", symbol: one.caller })}>
              <code>{one.caller}</code>
            </Link>
          )}{" "}
          <span className={styles["note"]}>
            {[one.module, countWord(one.times, "time")].filter(Boolean).join(", ")},{" "}
            <Link
              onClick={() => actions.seek({ branch, operation: one.operation + 1, event: null })}
            >
              first in operation {one.operation + 1}
            </Link>
          </span>
        </li>
      ))}
    </ul>
  );
}

function TreeCallers({ symbol }: { readonly symbol: string }) {
  const known = treeCallers(symbol);
  if (!known) {
    return (
      <p className={styles["note"]}>
        Not looked up: the era data tells the exports that the review is about.
      </p>
    );
  }
  return (
    <>
      <p className={styles["text"]}>
        {known.callers.length === 0 ? "No caller in the tree." : `${known.callers.join(", ")}.`}
      </p>
      {known.how && <p className={styles["note"]}>{known.how}.</p>}
      {known.outside && <p className={styles["note"]}>Outside the tree: {known.outside}.</p>}
      <p className={styles["note"]}>
        Source, {known.source.type}: {known.source.where}. {known.source.says}
      </p>
    </>
  );
}
