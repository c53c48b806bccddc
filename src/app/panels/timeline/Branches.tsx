// The branches of the session: which one is shown, and a way to the others.
import { branchWords } from "../../../scene/timeline-steps.ts";
import type { SessionPort } from "../../../session/types.ts";
import { actions } from "../../store.ts";
import styles from "./Timeline.module.css";

/** Goes to the end of another branch, and says so. */
export function showBranch(session: SessionPort, id: number): void {
  const branch = session.branches.find((one) => one.id === id);
  if (!branch || id === session.place.branch) return;
  actions.seek({ branch: id, operation: branch.operations.length, event: null });
  actions.say(`${branchWords(branch, session.branches)}.`);
}

export function Branches({ session }: { readonly session: SessionPort }) {
  const { branches, place } = session;
  if (branches.length < 2) return null;
  return (
    <label className={styles["branches"]}>
      <span>Branch</span>
      <select
        value={place.branch}
        onChange={(event) => showBranch(session, Number(event.target.value))}
      >
        {branches.map((branch) => (
          <option key={branch.id} value={branch.id}>
            {branchWords(branch, branches)}
          </option>
        ))}
      </select>
    </label>
  );
}
