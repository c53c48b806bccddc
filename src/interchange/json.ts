// JSON of other people: parsed and checked against a schema, with the place of what is wrong.
import * as v from "valibot";
import { plainHex } from "../base/hex.ts";
import { ok, problem, type Result } from "../base/result.ts";
import { findJsonError } from "./json-error.ts";

/** Parses `text`; a problem names line and column. */
export function parseJson(source: string, text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch {
    const at = findJsonError(text);
    const before = text.slice(0, at).split("\n");
    const place = `line ${before.length} column ${(before.at(-1) ?? "").length + 1}`;
    if (at >= text.length) return problem(source, place, "the JSON text ends too early");
    return problem(
      source,
      place,
      `this is not valid JSON from ${brief(text.slice(at, at + 20))} on`,
    );
  }
}

/** Checks `value`; a problem names the path of the first thing that is wrong, below `place`. */
export function validate<const S extends v.GenericSchema>(
  source: string,
  place: string,
  schema: S,
  value: unknown,
): Result<v.InferOutput<S>> {
  const outcome = v.safeParse(schema, value, { abortEarly: true });
  if (outcome.success) return ok(outcome.output);
  const issue = outcome.issues[0];
  return problem(source, joinPath(place, issue), sentence(issue));
}

function joinPath(place: string, issue: v.BaseIssue<unknown>): string {
  let path = place;
  for (const { key } of issue.path ?? []) {
    if (typeof key === "number") path += `[${key}]`;
    else path += `${path === "" || path.endsWith(" ") ? "" : "."}${printable(String(key))}`;
  }
  return path;
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const found = issue.input === undefined ? "nothing" : brief(issue.input);
  if (issue.kind === "validation") return `${issue.message}, found ${found}`;
  if (issue.type === "strict_object" && issue.expected === "never") {
    return "this key is not known here";
  }
  const wanted = issue.expected === null || /^[("]/.test(issue.message) ? null : issue.expected;
  return `expected ${printable(EXPECTED[wanted ?? ""] ?? wanted ?? issue.message)}, found ${found}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  Object: "an object",
  Array: "a list",
  string: "a text",
  number: "a number",
  boolean: "true or false",
};

/** A value as it may stand in a message: short, on one line. */
export function brief(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : kind(value);
  return text.length > 60 ? `${printable(text.slice(0, 57))}...` : printable(text);
}

function kind(value: unknown): string {
  if (typeof value === "bigint") return plainHex(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);

/** `"0x1f"`: a number of at most `bits` bits in hexadecimal, as a bigint. */
export const hexNumber = (bits = 64) =>
  v.pipe(
    v.string(),
    v.regex(/^0x[0-9a-f]{1,16}$/i, 'expected a number like "0x1f"'),
    v.transform((digits) => BigInt(digits)),
    v.check(
      (value: bigint) => value >> BigInt(bits) === 0n,
      `expected a number of at most ${bits} bits`,
    ),
  );

/** An integer from `low` to `high`. */
export const integer = (low: number, high: number) => {
  const message = `expected an integer from ${low} to ${high}`;
  return v.pipe(
    v.number(),
    v.check((n) => Number.isInteger(n) && n >= low && n <= high, message),
  );
};
