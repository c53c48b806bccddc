// The left panel: which machine is open, the request being written, what was done last, and invalidation.
import { useState } from "react";
import { commandOf, runCommand } from "../commands.ts";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { sayMoment } from "../words.ts";
import styles from "./Composer.module.css";
import { MachineCard, MachineNotes } from "./MachineCard.tsx";
import { RequestForm } from "./RequestForm.tsx";
import { StreamControls } from "./StreamControls.tsx";

const INVALIDATIONS = [
  { id: "invalidate-everything", label: "All" },
  { id: "invalidate-context", label: "Context" },
  { id: "invalidate-pasid", label: "PASID" },
  { id: "invalidate-iotlb", label: "IOTLB" },
] as const;

const run = (id: string) => () => runCommand(commandOf(id));

export function Composer() {
  return (
    <div className={styles["panel"]}>
      <div className={styles["scroll"]}>
        <MachineCard />
        <Tries />
        <RequestForm />
        <Happened />
        <section aria-labelledby="invalidate" className={styles["section"]}>
          <h3 id="invalidate" className={styles["heading"]}>
            Invalidate
          </h3>
          <div className={styles["tight"]}>
            {INVALIDATIONS.map(({ id, label }) => (
              <Button key={id} aria-label={commandOf(id).label} onClick={run(id)}>
                {label}
              </Button>
            ))}
          </div>
        </section>
        <MachineNotes />
      </div>
      <div className={styles["foot"]}>
        <Button look="filled" type="submit" form="request">
          Send
        </Button>
        <StreamControls />
      </div>
    </div>
  );
}

/** Requests worth trying on a sample; choosing one writes and sends it. */
function Tries() {
  const tries = useApp((state) => state.tries);
  const [open, setOpen] = useState(true);
  if (tries.length === 0) return null;
  return (
    <section aria-labelledby="tries" className={styles["section"]}>
      <div className={styles["title"]}>
        <h3 id="tries" className={styles["heading"]}>
          Requests worth trying
        </h3>
        <Button
          look="quiet"
          aria-expanded={open}
          aria-controls="tries-list"
          onClick={() => setOpen(!open)}
        >
          {open ? "Hide" : `Show ${tries.length}`}
        </Button>
      </div>
      <ul id="tries-list" hidden={!open} className={styles["tries"]}>
        {tries.map((one) => (
          <li key={one.title}>
            <button
              type="button"
              onClick={() => {
                actions.tryRequest(one);
                actions.sendDraft();
              }}
            >
              {one.title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Happened() {
  const session = useApp((state) => state.session);
  useApp((state) => state.revision);
  const undone = useApp((state) => state.undone);
  const last = session?.moments.at(-1);
  if (!session || (!last && undone === 0)) return null;
  return (
    <section aria-labelledby="happened" className={styles["section"]}>
      <h3 id="happened" className={styles["heading"]}>
        What happened
      </h3>
      <p className={styles["sentence"]}>
        {last ? sayMoment(last, session.info) : "Everything is undone."}
      </p>
      <div className={styles["row"]}>
        <Button disabled={!last} onClick={run("undo")}>
          Undo
        </Button>
        <Button disabled={undone === 0} onClick={run("redo")}>
          Redo
        </Button>
      </div>
    </section>
  );
}
