// Random damage to files of other people, for tests of what readers do with it.
import * as fc from "fast-check";
import { expect } from "vitest";
import type { Result } from "../base/result.ts";

/** How many damaged files are tried: few normally, 10,000 in `npm run test:deep`. */
export const DAMAGED = process.env["DEEP"] ? 10_000 : 200;

type Edit =
  | { readonly kind: "set" | "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "remove" | "repeat"; readonly at: number; readonly count: number }
  | { readonly kind: "cut"; readonly at: number };

/** Numbers that break readers: limits of widths and what lies beside them. */
const words = fc
  .constantFrom(
    0n,
    1n,
    0x7fn,
    0xfffn,
    0xffffn,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 40n,
    2n ** 52n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
  )
  .map((value) => new Uint8Array(new BigUint64Array([value]).buffer));
const texts = fc
  .constantFrom(
    "null",
    "{}",
    "[]",
    '"',
    "0x",
    "-1",
    "1e999",
    "\n",
    ":",
    ",",
    "}",
    "]",
    "\u0000",
    "é",
    "true",
    '"__proto__":',
    "0xffffffffffffffffff",
  )
  .map((text) => new TextEncoder().encode(text));
const noise = fc.uint8Array({ minLength: 1, maxLength: 16 });

/** Places near the front, where headers are, are as likely as all others together. */
const place = fc.oneof(fc.nat(0x200), fc.nat(2 ** 30));

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("set", "insert"),
    at: place,
    bytes: fc.oneof(words, texts, noise),
  }),
  fc.record({
    kind: fc.constantFrom("remove", "repeat"),
    at: place,
    count: fc.integer({ min: 1, max: 300 }),
  }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
) as fc.Arbitrary<Edit>;

function apply(bytes: Uint8Array, change: Edit): Uint8Array {
  const at = change.at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (change.kind) {
    case "set":
      return Buffer.concat([before, change.bytes, after.subarray(change.bytes.length)]);
    case "insert":
      return Buffer.concat([before, change.bytes, after]);
    case "remove":
      return Buffer.concat([before, after.subarray(change.count)]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, change.count), after]);
    case "cut":
      return before;
  }
}

/** `bytes` with one to four changes. */
export const damaged = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => edits.reduce(apply, bytes));

/** Text of damaged bytes, as a program gets it. */
export const damagedText = (text: string): fc.Arbitrary<string> =>
  damaged(new TextEncoder().encode(text)).map((bytes) => new TextDecoder().decode(bytes));

/** CPU time of this process in milliseconds: other work of the machine does not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs a reader on damaged input: within a second it gives a value, or a problem fit for a person. */
export async function expectAnswer<T>(
  read: () => Result<T> | Promise<Result<T>>,
): Promise<Result<T>> {
  const start = cpuTime();
  const outcome = await read();
  expect(cpuTime() - start).toBeLessThan(1000);
  if (!outcome.ok) {
    const { source, place: where, message } = outcome.problem;
    expect(source).not.toBe("");
    expect(message).toMatch(/^[\x20-\x7e]{10,400}$/);
    expect(where).toMatch(/^[\x20-\x7e]{0,200}$/);
  }
  return outcome;
}
