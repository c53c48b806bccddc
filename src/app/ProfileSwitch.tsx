// The profile in force, and the switch to the other one.
import styles from "./ProfileSwitch.module.css";
import { actions, useApp } from "./store.ts";
import { classes } from "./ui/classes.ts";

interface Props {
  readonly className?: string | undefined;
  /** Where there is little room: names alone. */
  readonly short?: boolean;
}

export function ProfileSwitch({ className, short = false }: Props) {
  const session = useApp((state) => state.session);
  useApp((state) => state.revision);
  if (!session) return null;
  return (
    <label className={classes(styles["switch"], className)}>
      <span className={short ? "visually-hidden" : undefined}>Profile</span>
      <select
        value={session.profile}
        onChange={(event) => actions.setProfile(event.target.value === "spec" ? "spec" : "qemu")}
      >
        <option value="spec">{short ? "spec" : "spec, VT-d 5.10"}</option>
        <option value="qemu">{short ? "qemu" : "qemu, QEMU 11.1"}</option>
      </select>
    </label>
  );
}
