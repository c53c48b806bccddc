// The whole of a scenario file: head, operations, faults, checks with declared outcomes, and a walkthrough's steps.
import * as v from "valibot";
import type { SourceType } from "../session/document.ts";
import { machineForm } from "./scenario-machine.ts";
import { faultForm, operationForm } from "./scenario-operations.ts";
import { id, list, SCENARIO_LIMITS, text, textOr, whole, words } from "./scenario-parts.ts";

const SOURCES = [
  "mail",
  "commit",
  "kernel source",
  "specification",
  "measured",
  "reading",
  "memory",
] as const satisfies readonly SourceType[];

const sourceForm = v.strictObject({
  type: v.picklist(SOURCES),
  where: text(300),
  says: v.exactOptional(words(SCENARIO_LIMITS.captionWords)),
});

const argumentForm = textOr(
  v.pipe(v.string(), v.maxLength(300, "expected at most 300 characters")),
  whole(-(2 ** 53) + 1, 2 ** 53 - 1),
);

const checkForm = v.strictObject({
  id,
  check: id,
  arguments: v.exactOptional(
    v.record(
      v.pipe(v.string(), v.regex(/^[a-z][A-Za-z0-9]{0,39}$/, "expected the name of an argument")),
      argumentForm,
    ),
  ),
  at: id,
  declared: v.picklist(["holds", "breaks"]),
  because: v.exactOptional(text(400)),
});

const viewForm = v.strictObject({
  selection: v.exactOptional(text(160)),
  foot: v.exactOptional(text(40)),
  side: v.exactOptional(text(40)),
});

const stepForm = v.strictObject({
  id,
  title: text(120),
  operations: list(id, SCENARIO_LIMITS.operations),
  caption: words(SCENARIO_LIMITS.captionWords),
  sources: v.pipe(list(sourceForm, 12), v.minLength(1, "expected at least one source")),
  labelled: v.exactOptional(v.boolean()),
  view: v.exactOptional(viewForm),
  checks: v.exactOptional(list(id, 20)),
  counts: v.exactOptional(list(id, 20)),
});

const walkthroughForm = v.strictObject({
  question: text(200),
  assumptions: list(text(300), 20),
  chapters: v.pipe(
    list(
      v.strictObject({
        id,
        title: text(120),
        steps: v.pipe(list(stepForm, 100), v.minLength(1, "expected at least one step")),
      }),
      20,
    ),
    v.minLength(1, "expected at least one chapter"),
  ),
});

export const scenarioForm = v.strictObject({
  format: v.literal("iommu-playground scenario"),
  version: v.literal(1),
  id,
  title: text(120),
  summary: text(600),
  machine: textOr(id, machineForm),
  design: v.picklist(["D1", "D2"]),
  seed: whole(0, 2 ** 32 - 1),
  operations: list(operationForm, SCENARIO_LIMITS.operations),
  faults: v.exactOptional(list(faultForm, 1000)),
  checks: list(checkForm, 200),
  walkthrough: v.exactOptional(walkthroughForm),
});

/** What the form gives, before references are followed. */
export type ScenarioFile = v.InferOutput<typeof scenarioForm>;
