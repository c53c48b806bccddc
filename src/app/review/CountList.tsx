// One point of the review, counted from the record of calls up to the shown moment.
import { Fragment, useMemo } from "react";
import { registeredSymbols } from "../../linux/kernel/kernel.ts";
import { isKernelEvent } from "../../session/event-kinds.ts";
import { REVIEW_COUNTS, totalOf } from "../../session/review-counts.ts";
import type { SessionPort } from "../../session/types.ts";
import { useApp } from "../store.ts";
import styles from "./StepsPanel.module.css";

/** Different things that are listed; more are only counted. */
const LISTED = 12;

export function CountList({ id, session }: { readonly id: string; readonly session: SessionPort }) {
  const revision = useApp((state) => state.revision);
  const count = REVIEW_COUNTS.get(id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the machine changes behind the same object.
  const counted = useMemo(
    () =>
      count?.count({
        events: () =>
          session.moments
            .slice(0, session.place.operation)
            .flatMap(({ events }) => events.filter(isKernelEvent)),
        symbols: registeredSymbols(),
      }) ?? [],
    [count, session, revision],
  );
  if (!count) return null;
  const left = counted.length - LISTED;
  return (
    <section className={styles["section"]} aria-label={count.title}>
      <h3>
        {count.title}: {totalOf(counted)}
      </h3>
      <table className={styles["counts"]}>
        <tbody>
          {counted.slice(0, LISTED).map(({ text, times }) => (
            <tr key={text}>
              <td>{times}</td>
              <th scope="row">
                <Counted text={text} />
              </th>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p className={styles["outcome"]}>and {left} more</p>}
    </section>
  );
}

/** A symbol, broken only after an underscore, and what is said of it: "vfio_iommu_attach_group: attach an mdev group". */
function Counted({ text }: { readonly text: string }) {
  const [symbol = "", ...said] = text.split(/(?=[: ])/);
  return (
    <>
      <code>
        {symbol.split(/(?<=_)/).map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never move.
          <Fragment key={index}>
            {part}
            <wbr />
          </Fragment>
        ))}
      </code>
      {said.join("")}
    </>
  );
}
