// What is being read and how much of it came, once that takes longer than a blink.
import { useEffect, useState } from "react";
import { useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./Progress.module.css";

const BLINK = 300;

interface Props {
  /** Across the page, under the header. */
  readonly bar?: boolean;
}

export function Progress({ bar = false }: Props) {
  const opening = useApp((state) => state.opening);
  const underWay = opening !== null;
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!underWay) return;
    const timer = setTimeout(() => setLate(true), BLINK);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [underWay]);
  if (!opening || !late) return null;
  const read = opening.read === 0 ? "" : `, ${(opening.read / 2 ** 20).toFixed(1)} MiB so far`;
  return (
    <p className={bar ? styles["bar"] : styles["line"]}>
      Reading {opening.what}
      {read}. {opening.stop && <Button onClick={opening.stop}>Stop</Button>}
    </p>
  );
}
