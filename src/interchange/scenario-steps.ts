// Rules of a walkthrough's steps: ids, operations in the document's order, sources, and the label of what nobody measured.
import { REVIEW_COUNTS } from "../session/review-counts.ts";
import { restsOnReading } from "../session/scenario.ts";
import type { ScenarioFile } from "./scenario-form.ts";

/** Place and message of one thing that is wrong. */
export interface Fault {
  readonly place: string;
  readonly message: string;
}

type StepFile = NonNullable<ScenarioFile["walkthrough"]>["chapters"][number]["steps"][number];

/** Ids that are given twice. */
export function doubles(
  items: readonly { readonly id: string }[],
  place: string | ((index: number) => string),
  what: string,
): readonly Fault[] {
  const seen = new Set<string>();
  return items.flatMap(({ id }, index) => {
    const twice = seen.has(id);
    seen.add(id);
    const at = typeof place === "string" ? `${place}[${index}]` : place(index);
    return twice
      ? [{ place: `${at}.id`, message: `another ${what} has the id "${id}" already` }]
      : [];
  });
}

export function stepProblems({ walkthrough, operations, checks }: ScenarioFile): readonly Fault[] {
  if (!walkthrough) return [];
  const { chapters } = walkthrough;
  const placed = chapters.flatMap(({ steps }, chapter) =>
    steps.map((step, index) => ({
      step,
      place: `walkthrough.chapters[${chapter}].steps[${index}]`,
    })),
  );
  const checkIds = new Set(checks.map(({ id }) => id));
  return [
    ...doubles(chapters, "walkthrough.chapters", "chapter"),
    ...doubles(
      placed.map(({ step }) => step),
      (index) => placed[index]?.place ?? "walkthrough",
      "step",
    ),
    ...orderProblems(placed, operations),
    ...placed.flatMap(({ step, place }) => ownProblems(step, place, checkIds)),
  ];
}

/** The steps' operations one after another are the document's, from the first that a step names to the last of all. */
function orderProblems(
  placed: readonly { readonly step: StepFile; readonly place: string }[],
  operations: ScenarioFile["operations"],
): readonly Fault[] {
  const position = new Map(operations.map(({ id }, index) => [id, index]));
  let next: number | null = null;
  for (const { step, place } of placed) {
    for (const [index, id] of step.operations.entries()) {
      const at = position.get(id);
      const where = `${place}.operations[${index}]`;
      if (at === undefined) return [{ place: where, message: `there is no operation "${id}"` }];
      if (next !== null && at !== next) {
        const wanted = operations[next]?.id;
        const message = wanted
          ? `the operation "${wanted}" comes next, not "${id}"`
          : `there is no operation left, "${id}" ran before`;
        return [{ place: where, message }];
      }
      next = at + 1;
    }
  }
  const left = next === null ? undefined : operations[next]?.id;
  return left === undefined
    ? []
    : [{ place: "walkthrough", message: `the operation "${left}" belongs to no step` }];
}

function ownProblems(
  { sources, labelled, checks, counts }: StepFile,
  place: string,
  known: ReadonlySet<string>,
): readonly Fault[] {
  const faults: Fault[] = [];
  const rests = restsOnReading(sources);
  if (rests && labelled !== true) {
    const message =
      'every source is reading or memory: say "labelled": true, so that the page tells it';
    faults.push({ place: `${place}.labelled`, message });
  }
  if (!rests && labelled === true) {
    const message = "a source is more than reading or memory, so no label belongs here";
    faults.push({ place: `${place}.labelled`, message });
  }
  for (const [index, id] of (checks ?? []).entries()) {
    if (known.has(id)) continue;
    faults.push({ place: `${place}.checks[${index}]`, message: `there is no check "${id}"` });
  }
  for (const [index, id] of (counts ?? []).entries()) {
    if (REVIEW_COUNTS.has(id)) continue;
    const message = `there is no count "${id}"; there are ${[...REVIEW_COUNTS.keys()].join(", ")}`;
    faults.push({ place: `${place}.counts[${index}]`, message: message.slice(0, 380) });
  }
  return faults;
}
