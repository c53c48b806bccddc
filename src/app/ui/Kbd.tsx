// A key or chord as it is written on the keyboard.
import styles from "./Kbd.module.css";

export function Kbd({ keys }: { readonly keys: string }) {
  return <kbd className={styles["kbd"]}>{keys}</kbd>;
}
