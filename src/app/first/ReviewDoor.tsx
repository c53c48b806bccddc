// The door for reviewers: walkthroughs that play, scenarios with declared outcomes, and machines for free play.
import { useState } from "react";
import { Button } from "../ui/Button.tsx";
import styles from "./ReviewDoor.module.css";

/** Of the shipped files only what the first screen says; the files come with the click. */
const WALKTHROUGH = {
  id: "who-tells-the-iommu",
  title: "Who tells the IOMMU about a slice of a device?",
  text: "The reviewed patch that gives an mdev an IOMMU device, running on v5.12 in 15 steps: who sets it, type1's special cases, each DMA, and what unmap leaves behind.",
};
const SANDBOXES = [
  { id: "server", label: "Server with an accelerator, scalable mode" },
  { id: "desk", label: "Desktop with groups that cannot be split, legacy mode" },
  { id: "samples", label: "Sample mdev drivers, no device behind them" },
] as const;

export function ReviewDoor() {
  const [opening, setOpening] = useState<string | null>(null);
  const open = (
    id: string,
    way: (module: typeof import("../review/open.ts")) => Promise<boolean>,
  ) => {
    setOpening(id);
    void import("../review/open.ts").then(way).finally(() => setOpening(null));
  };
  return (
    <div className={styles["door"]}>
      <section aria-labelledby="walkthrough" className={styles["first"]}>
        <h3 id="walkthrough">{WALKTHROUGH.title}</h3>
        <p>{WALKTHROUGH.text}</p>
        <Button
          look="filled"
          disabled={opening !== null}
          onClick={() => open(WALKTHROUGH.id, (module) => module.openShipped(WALKTHROUGH.id))}
        >
          {opening === WALKTHROUGH.id ? "The machine boots" : "Start the walkthrough"}
        </Button>
      </section>
      <Scenarios open={(id) => open(id, (module) => module.openShipped(id))} />
      <section aria-labelledby="sandboxes" className={styles["more"]}>
        <h3 id="sandboxes">Sandbox: boot a machine and act</h3>
        <ul>
          {SANDBOXES.map(({ id, label }) => (
            <li key={id}>
              <button type="button" onClick={() => open(id, (module) => module.openPreset(id))}>
                {label}
              </button>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

interface Listed {
  readonly id: string;
  readonly title: string;
}

/** The other shipped scenarios, listed when the reader asks. */
function Scenarios({ open }: { readonly open: (id: string) => void }) {
  const [listed, setListed] = useState<readonly Listed[] | null>(null);
  const load = () =>
    void import("../review/shipped-list.ts").then(async ({ listShipped }) =>
      setListed(await listShipped(WALKTHROUGH.id)),
    );
  return (
    <section aria-labelledby="scenarios" className={styles["more"]}>
      <h3 id="scenarios">Scenarios, each with what must hold and what must break</h3>
      {listed === null ? (
        <Button onClick={load}>Show the scenarios</Button>
      ) : (
        <ul>
          {listed.map(({ id, title }) => (
            <li key={id}>
              <button type="button" onClick={() => open(id)}>
                {title}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
