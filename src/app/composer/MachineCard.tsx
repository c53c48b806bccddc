// What is open: name, how it was made, what its tables hold, and what the profile in force means.
import { useMemo } from "react";
import { ProfileSwitch } from "../ProfileSwitch.tsx";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { useMedia } from "../ui/use-media.ts";
import styles from "./MachineCard.module.css";

const PROFILES = {
  spec: "Behaves as revision 5.10 of the specification says, also where QEMU differs.",
  qemu: "Behaves as QEMU 11.1 does: legacy fault reasons in scalable mode, and no look at reserved bits of PASID entries.",
} as const;

const MODES = {
  "remapping off": "remapping off",
  legacy: "legacy mode",
  scalable: "scalable mode",
  abort: "abort-DMA mode",
  reserved: "reserved table mode",
} as const;

const CountOf = (props: {
  readonly count: number;
  readonly one: string;
  readonly many: string;
}) => (
  <>
    <b>{props.count}</b> {props.count === 1 ? props.one : props.many}
  </>
);

export function MachineCard() {
  const session = useApp((state) => state.session);
  const revision = useApp((state) => state.revision);
  const phone = useMedia("(max-width: 599px)");
  const docked = useMedia("(min-width: 1280px)");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session changes in place; revision says when.
  const survey = useMemo(() => session?.survey() ?? null, [session, revision]);
  if (!session || !survey) return null;
  const { info } = session;
  return (
    <section aria-labelledby="machine" className={styles["card"]}>
      <div className={styles["where"]}>
        <p>{info.origin.kind === "sample" ? "Sample" : "Your own image"}</p>
        {docked && (
          <Button look="quiet" onClick={() => actions.togglePanel("left")}>
            Close
          </Button>
        )}
      </div>
      <h2 id="machine" className="t-title">
        {info.title}
      </h2>
      {info.provenance !== "" && (
        <details className={styles["made"]}>
          <summary>How it was made</summary>
          <p>{info.provenance}</p>
        </details>
      )}
      <ul className={styles["counts"]}>
        <li>
          <CountOf count={survey.requesters.length} one="requester" many="requesters" />,{" "}
          {MODES[survey.mode]}
        </li>
        <li>
          <CountOf count={survey.spaces.length} one="address space" many="address spaces" />
        </li>
        <li>
          <CountOf count={survey.tables.length} one="page of tables" many="pages of tables" />
        </li>
      </ul>
      {survey.limits.map((limit) => (
        <p key={limit} className={styles["note"]}>
          {limit}
        </p>
      ))}
      {phone && <ProfileSwitch />}
      <p className={styles["note"]}>
        <strong>Profile {session.profile}.</strong> {PROFILES[session.profile]}
      </p>
    </section>
  );
}
