// Reader of recorded lookups: one JSON object a line, what another implementation said about one I/O page of one requester.
import * as v from "valibot";
import {
  type Iova,
  iova,
  type Pasid,
  pasid,
  type RequesterId,
  requesterId,
} from "../base/brand.ts";
import { ok, problem, type Result } from "../base/result.ts";
import { hexNumber, parseJson, validate } from "./json.ts";

/** What was recorded about one page. */
export interface Lookup {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
  readonly address: Iova;
  /** Whether the tables in the image still say so; others are not judged. */
  readonly agrees: boolean;
  readonly outcome:
    | {
        readonly kind: "translated";
        /** Where the page begins, and its size minus one. */
        readonly target: bigint;
        readonly mask: bigint;
      }
    | { readonly kind: "fault"; readonly reason: number; readonly write: boolean };
}

const common = {
  sid: hexNumber(16),
  pasid: v.optional(v.nullable(hexNumber(20)), null),
  iova: hexNumber(),
  agrees: v.boolean(),
};

const translated = v.object({ ...common, gpa: hexNumber(), mask: hexNumber() });
const fault = v.object({ ...common, fault_reason: hexNumber(8), write: v.boolean() });
const result = v.object({ result: v.picklist(["translated", "fault"]) });

/** Reads all lines; empty ones are skipped. A problem names the line and the key. */
export function readLookups(source: string, text: string): Result<readonly Lookup[]> {
  const lookups: Lookup[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    if (content.trim() === "") continue;
    const lookup = readLine(source, index + 1, content);
    if (!lookup.ok) return lookup;
    lookups.push(lookup.value);
  }
  if (lookups.length === 0) return problem(source, "", "there is no lookup in this file");
  return ok(lookups);
}

function readLine(source: string, line: number, content: string): Result<Lookup> {
  const place = `line ${line} `;
  const parsed = parseJson(source, content);
  if (!parsed.ok) {
    const column = parsed.problem.place.replace(/^line 1 ?/, "");
    return problem(source, `${place}${column}`.trimEnd(), parsed.problem.message);
  }
  const kind = validate(source, place, result, parsed.value);
  if (!kind.ok) return kind;
  if (kind.value.result === "translated") {
    const found = validate(source, place, translated, parsed.value);
    if (!found.ok) return found;
    const { gpa, mask } = found.value;
    return ok({ ...head(line, found.value), outcome: { kind: "translated", target: gpa, mask } });
  }
  const found = validate(source, place, fault, parsed.value);
  if (!found.ok) return found;
  const reason = Number(found.value.fault_reason);
  return ok({
    ...head(line, found.value),
    outcome: { kind: "fault", reason, write: found.value.write },
  });
}

type Common = { sid: bigint; pasid: bigint | null; iova: bigint; agrees: boolean };

const head = (line: number, fields: Common) => ({
  line,
  requester: requesterId(Number(fields.sid)),
  pasid: fields.pasid === null ? null : pasid(Number(fields.pasid)),
  address: iova(fields.iova),
  agrees: fields.agrees,
});
