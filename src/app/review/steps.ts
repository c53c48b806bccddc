// Steps of a walkthrough as places in the session: which operations a step ends after, and what it selects.

import type { Step } from "../../session/document.ts";
import { type Scenario, stepsOf } from "../../session/scenario.ts";

export interface StepPlace {
  readonly step: Step;
  /** Position among all steps, from 0. */
  readonly index: number;
  readonly chapter: string;
  /** Operations that ran when the step begins and when it ends. */
  readonly from: number;
  readonly operation: number;
}

/** Every step with the operations around it; one without operations stays where the one before ended. */
export function stepPlaces(scenario: Scenario): readonly StepPlace[] {
  const at = new Map(scenario.operations.map(({ id }, index) => [id, index + 1]));
  let done = 0;
  const chapterOf = new Map(
    (scenario.walkthrough?.chapters ?? []).flatMap(({ title, steps }) =>
      steps.map(({ id }) => [id, title] as const),
    ),
  );
  return stepsOf(scenario).map((step, index) => {
    const from = done;
    for (const id of step.operations) done = Math.max(done, at.get(id) ?? 0);
    return { step, index, chapter: chapterOf.get(step.id) ?? "", from, operation: done };
  });
}

export const stepPlace = (scenario: Scenario, id: string): StepPlace | undefined =>
  stepPlaces(scenario).find(({ step }) => step.id === id);

/** A caption without its marks for code. */
export const plainText = (text: string): string => text.replaceAll("`", "");
