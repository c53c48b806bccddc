// What is open: its name and what its tables hold; further down how it was made and what the profile in force means.
import { useMemo } from "react";
import type { Survey } from "../../session/types.ts";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { useMedia } from "../ui/use-media.ts";
import styles from "./MachineCard.module.css";

const PROFILES = {
  spec: "Requests are judged as revision 5.10 of the specification says, also where QEMU differs.",
  qemu: "Requests are judged as QEMU 11.1 does it: legacy fault reasons in scalable mode, and no look at reserved bits of PASID entries.",
} as const;

const MODES: Record<Survey["mode"], string> = {
  "remapping off": "Remapping is off",
  legacy: "Legacy mode",
  scalable: "Scalable mode",
  abort: "Abort-DMA mode",
  reserved: "Reserved table mode",
};

const count = (number: number, one: string, many: string) =>
  `${number} ${number === 1 ? one : many}`;

export function MachineCard() {
  const session = useApp((state) => state.session);
  const revision = useApp((state) => state.revision);
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
      <p className={styles["counts"]}>
        {MODES[survey.mode]}, {count(survey.requesters.length, "requester", "requesters")},{" "}
        {count(survey.spaces.length, "address space", "address spaces")},{" "}
        {count(survey.tables.length, "page of tables", "pages of tables")}.
      </p>
      {survey.limits.map((limit) => (
        <p key={limit} className={styles["note"]}>
          {limit}
        </p>
      ))}
    </section>
  );
}

/** What one seldom asks: how the image was made, what the profile changes. */
export function MachineNotes() {
  const session = useApp((state) => state.session);
  useApp((state) => state.revision);
  if (!session) return null;
  const { provenance } = session.info;
  return (
    <section aria-labelledby="notes" className={styles["notes"]}>
      <h3 id="notes">Profile {session.profile}</h3>
      <p>{PROFILES[session.profile]}</p>
      {provenance !== "" && (
        <>
          <h3>How the image was made</h3>
          <p>{provenance}</p>
        </>
      )}
    </section>
  );
}
