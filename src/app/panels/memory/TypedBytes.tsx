// Bytes that were typed over but not stored yet: what they change, word by word, and the two ways to store them.
import { type Hpa, hpa } from "../../../base/brand.ts";
import { hex, wordDigits } from "../../../base/hex.ts";
import type { SessionPort } from "../../../session/types.ts";
import { actions } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { useSession } from "../hooks.ts";
import styles from "./Memory.module.css";

interface Props {
  readonly typed: ReadonlyMap<bigint, number>;
  readonly onDone: () => void;
}

interface TypedWord {
  readonly address: Hpa;
  readonly before: bigint;
  readonly after: bigint;
}

/** The 64-bit words that typed bytes change, by address. */
function wordsOf(typed: ReadonlyMap<bigint, number>, memory: SessionPort["memory"]): TypedWord[] {
  const words = new Map<bigint, bigint>();
  for (const [address, value] of typed) {
    const start = address & ~7n;
    const shift = (address & 7n) * 8n;
    const word = words.get(start) ?? memory.readWord(hpa(start));
    words.set(start, (word & ~(0xffn << shift)) | (BigInt(value) << shift));
  }
  return [...words]
    .map(([address, after]) => ({
      address: hpa(address),
      before: memory.readWord(hpa(address)),
      after,
    }))
    .filter((word) => word.before !== word.after)
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

export function TypedBytes({ typed, onDone }: Props) {
  const session = useSession();
  if (!session) return null;
  const words = wordsOf(typed, session.memory);
  function store(invalidate: boolean) {
    actions.edit(
      words.map(({ address, after }) => ({ address, value: after })),
      invalidate,
    );
    onDone();
  }
  return (
    <div className={styles["typed"]}>
      <ul>
        {words.map((word) => (
          <li key={word.address.toString()}>
            <code>
              {hex(word.address)}: {wordDigits(word.before)} becomes {wordDigits(word.after)}
            </code>
          </li>
        ))}
        {words.length === 0 && <li>The typed bytes are what memory holds.</li>}
      </ul>
      <div className={styles["actions"]}>
        <Button disabled={words.length === 0} onClick={() => store(false)}>
          Store, tell no cache
        </Button>
        <Button disabled={words.length === 0} onClick={() => store(true)}>
          Store and invalidate
        </Button>
        <Button look="quiet" onClick={onDone}>
          Discard
        </Button>
      </div>
    </div>
  );
}
