// The list of shipped samples: `samples/index.json` beside the page.
import * as v from "valibot";
import { parseBdf } from "../base/bdf.ts";
import { type Iova, iova, type Pasid, pasid, type RequesterId } from "../base/brand.ts";
import { ok, problem, type Result } from "../base/result.ts";
import type { ProfileName } from "../hardware/vtd/types.ts";
import { hexNumber, integer, parseJson, validate } from "./json.ts";

/** A request worth trying on a sample. */
export interface SampleRequest {
  /** What it shows, as a label. */
  readonly title: string;
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
  readonly access: "read" | "write";
  readonly address: Iova;
}

/** A memory image with registers that is shipped with the page. File names are relative to index.json. */
export interface Sample {
  readonly id: string;
  readonly title: string;
  /** What it is, in one sentence. */
  readonly summary: string;
  /** How it was made. */
  readonly provenance: string;
  readonly tables: string;
  readonly registers: string;
  /** Host address width in bits. */
  readonly haw: number;
  /** The profile it opens in: whose behaviour it was recorded with. */
  readonly profile: ProfileName;
  readonly names: ReadonlyMap<RequesterId, string>;
  readonly requests: readonly SampleRequest[];
}

const text = v.pipe(v.string(), v.minLength(1, "expected some text"));
const fileName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9.-]*$/, "expected a file name of a-z, 0-9, . and -"),
);
const bdf = v.pipe(
  v.string(),
  v.check((given) => parseBdf(given) !== undefined, 'expected a PCI address like "01:00.0"'),
  v.transform((given) => parseBdf(given) as RequesterId),
);
const request = v.strictObject({
  title: text,
  requester: bdf,
  pasid: v.nullable(v.pipe(integer(0, 0xfffff), v.transform(pasid))),
  access: v.picklist(["read", "write"]),
  address: v.pipe(hexNumber(), v.transform(iova)),
});
const sample = v.strictObject({
  id: fileName,
  title: text,
  summary: text,
  provenance: text,
  tables: fileName,
  registers: fileName,
  haw: integer(32, 52),
  profile: v.picklist(["spec", "qemu"]),
  names: v.pipe(
    v.record(v.string(), text),
    v.check(
      (names) => Object.keys(names).every((key) => parseBdf(key) !== undefined),
      'expected PCI addresses like "01:00.0" as keys',
    ),
    v.transform(
      (names) =>
        new Map(Object.entries(names).map(([k, name]) => [parseBdf(k) as RequesterId, name])),
    ),
  ),
  requests: v.array(request),
});
const index = v.strictObject({ samples: v.array(sample) });

/** Reads the list. Ids are unique. */
export function readSamples(source: string, json: string): Result<readonly Sample[]> {
  const parsed = parseJson(source, json);
  if (!parsed.ok) return parsed;
  const found = validate(source, "", index, parsed.value);
  if (!found.ok) return found;
  const { samples } = found.value;
  const ids = samples.map(({ id }) => id);
  const twice = ids.findIndex((id, at) => ids.indexOf(id) !== at);
  if (twice >= 0) return problem(source, `samples[${twice}].id`, "this id occurs twice");
  return ok(samples);
}
