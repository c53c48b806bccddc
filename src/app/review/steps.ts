// Steps of a walkthrough as places in the session: which operations a step ends after, and what it selects.

import { parseBdf } from "../../base/bdf.ts";
import { hpa, pasid as pasidOf, requesterId } from "../../base/brand.ts";
import type { Selection } from "../../scene/selection.ts";
import type { Step } from "../../session/document.ts";
import { type Scenario, stepsOf } from "../../session/scenario.ts";
import type { FootTab } from "../state.ts";

export const FOOT_TABS: readonly FootTab[] = [
  "timeline",
  "calls",
  "console",
  "isolation",
  "objects",
  "checks",
  "events",
  "outline",
  "table",
  "memory",
  "registers",
];

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

/** The object that a text of a file names: "requester 6a:01.0", "pasid 6a:01.0 0x41", "memory 0x1000", "mdev UUID"; null: none. */
export function selectionOf(text: string): Selection | null {
  const [kind = "", first = "", second = ""] = text.split(" ");
  const requester = parseBdf(first);
  switch (kind) {
    case "requester":
      return requester === undefined ? null : { kind: "requester", requester };
    case "pasid":
      if (requester === undefined) return null;
      return {
        kind: "pasid",
        requester: requesterId(requester),
        pasid: second === "none" || second === "" ? null : pasidOf(Number(second)),
      };
    case "memory":
      return /^0x[0-9a-f_]+$/i.test(first)
        ? { kind: "memory", address: hpa(BigInt(first.replaceAll("_", ""))) }
        : null;
    case "function":
      return { kind: "function", symbol: first };
    case "check":
      return { kind: "check", id: first };
    case "":
      return null;
    default:
      // Objects of the kernel are named as the objects panel names them.
      return { kind: "object", id: text };
  }
}
