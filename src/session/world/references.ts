// `$name` in a call stands for the result of an earlier operation that was given this name.
import { ok, problem, type Result } from "../../base/result.ts";
import type { SystemCall } from "../../linux/calls.ts";
import type { WithReferences } from "../document.ts";

export type Results = Readonly<Record<string, number | string>>;

const REFERENCE = /^\$[A-Za-z_][\w.-]*$/;
/** Fields of calls that hold numbers; all others are texts in which a dollar sign is a dollar sign. */
const NUMBERS = new Set(["fd", "offset", "count", "address", "length", "argument"]);

/** The call with every reference replaced. A problem names one that stands for nothing yet. */
export function resolveCall(
  call: WithReferences<SystemCall>,
  results: Results,
): Result<SystemCall> {
  let missing = "";
  const resolve = (value: unknown): unknown => {
    if (typeof value === "string" && REFERENCE.test(value)) {
      const found = results[value.slice(1)];
      if (found === undefined) missing ||= value;
      return found ?? 0;
    }
    if (Array.isArray(value)) return value.map(resolve);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, resolve(field)]));
  };
  const fields = Object.entries(call).map(([key, value]) => [
    key,
    NUMBERS.has(key) ? resolve(value) : value,
  ]);
  return missing === ""
    ? ok(Object.fromEntries(fields) as SystemCall)
    : problem("call", missing, "No operation before gave a result this name.");
}

/** Names in `calls` that are used; for a check of a document before it runs. */
export function referencesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return REFERENCE.test(value) ? [value.slice(1)] : [];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(referencesIn);
}
