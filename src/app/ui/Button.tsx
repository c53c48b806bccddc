// The three buttons: plain (outlined), filled (one in view at most), quiet (text only).
import type { ButtonHTMLAttributes } from "react";
import styles from "./Button.module.css";
import { classes } from "./classes.ts";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: "plain" | "filled" | "quiet";
}

export function Button({ look = "plain", className, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(styles["button"], styles[look], className)}
    />
  );
}
