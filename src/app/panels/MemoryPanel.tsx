// Host memory in hex around one address: what each line is, bytes that can be typed over, pages that do not exist.
import { type FormEvent, useState } from "react";
import { type Hpa, hpa } from "../../base/brand.ts";
import { hex, parseNumber } from "../../base/hex.ts";
import { memoryLines, pageWords } from "../../scene/listing-memory.ts";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { useMedia } from "../ui/use-media.ts";
import { useSession, useSurvey } from "./hooks.ts";
import { HexLines } from "./memory/HexLines.tsx";
import styles from "./memory/Memory.module.css";

/** Lines drawn at once. */
const LINES = 32;
const TOP = 1n << 52n;

/** The address `bytes` further on, kept inside host memory. */
function moved(address: Hpa, bytes: bigint): Hpa {
  const next = address + bytes;
  return hpa(next < 0n ? 0n : next >= TOP ? TOP - 4096n : next);
}

export function MemoryPanel() {
  const session = useSession();
  const survey = useSurvey();
  const asked = useApp((state) => state.view.memoryAt);
  const narrow = useMedia("(max-width: 599px)");
  const width = narrow ? 8 : 16;
  if (!session || !survey) return null;
  // Before anybody asked for an address: where the tables start.
  const at = asked === 0n && !session.memory.isMemory(asked) ? survey.rootTable : asked;
  const lines = memoryLines(session, survey, at, LINES, width);
  const step = BigInt(LINES * width);
  return (
    <div className={styles["panel"]}>
      <div className={styles["bar"]}>
        <GoTo at={at} />
        <Button onClick={() => actions.showMemory(moved(at, -step))}>Page up</Button>
        <Button onClick={() => actions.showMemory(moved(at, step))}>Page down</Button>
        <p className={styles["words"]}>{pageWords(session, survey, at)}</p>
      </div>
      <HexLines
        key={width}
        lines={lines}
        onPage={(direction) => actions.showMemory(moved(at, BigInt(direction) * step))}
      />
    </div>
  );
}

function GoTo({ at }: { readonly at: Hpa }) {
  const [text, setText] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  function go(event: FormEvent) {
    event.preventDefault();
    const value = text === null ? undefined : parseNumber(text, true);
    if (value === undefined || value >= TOP) {
      setWrong(text !== null);
      return;
    }
    setText(null);
    setWrong(false);
    actions.showMemory(hpa(value));
  }
  return (
    <form className={styles["goto"]} onSubmit={go}>
      <label>
        Address{" "}
        <input
          value={text ?? hex(at)}
          aria-invalid={wrong}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <Button type="submit">Go</Button>
      {wrong && (
        <span role="alert" className={styles["wrong"]}>
          Write a hexadecimal address below 2^52.
        </span>
      )}
    </form>
  );
}
