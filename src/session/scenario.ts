// A scenario as the program holds it: the document of a machine, what is declared of it, and the steps that tell it.
import type { ScenarioHead, Source, Step } from "./document.ts";
import type { Operation } from "./types.ts";

/** An operation of a file: it has a name there. */
export type NamedOperation = Operation & { readonly id: string };

/** Faults stand with the operation in which they strike. */
export interface Scenario extends Omit<ScenarioHead, "faults"> {
  readonly operations: readonly NamedOperation[];
}

/** The word for "after the last operation" in `at` of a check. */
export const AT_END = "end";

/** All steps of a walkthrough, in order; none for a scenario without. */
export const stepsOf = (scenario: Scenario): readonly Step[] =>
  scenario.walkthrough?.chapters.flatMap((chapter) => chapter.steps) ?? [];

/** Nobody measured it and no text says it: the page must tell. */
export const restsOnReading = (sources: readonly Source[]): boolean =>
  sources.every(({ type }) => type === "reading" || type === "memory");
