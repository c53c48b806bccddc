// The profile in force, and the switch to the other one.
import styles from "./ProfileSwitch.module.css";
import { actions, useApp } from "./store.ts";
import { classes } from "./ui/classes.ts";

export function ProfileSwitch({ className }: { readonly className?: string | undefined }) {
  const session = useApp((state) => state.session);
  useApp((state) => state.revision);
  if (!session) return null;
  return (
    <label className={classes(styles["switch"], className)}>
      <span>Profile</span>
      <select
        value={session.profile}
        onChange={(event) => actions.setProfile(event.target.value === "spec" ? "spec" : "qemu")}
      >
        <option value="spec">spec, VT-d 5.10</option>
        <option value="qemu">qemu, QEMU 11.1</option>
      </select>
    </label>
  );
}
