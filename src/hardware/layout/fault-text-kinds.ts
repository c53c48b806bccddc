// What a fault reason says to a person, and how the texts are written.
import type { TableKind } from "../vtd/events.ts";

/** The thing that refused: a table entry, a register, or the request itself. */
export type FaultPlace = TableKind | "RTADDR register" | "request";

export interface FaultText {
  /** Where the refusal happened. */
  readonly place: FaultPlace;
  /** One sentence, present tense: what refuses and why. */
  readonly refused: string;
  /** One to three usual causes, likeliest first. */
  readonly causes: readonly [string, ...string[]];
}

export const text = (
  place: FaultPlace,
  refused: string,
  ...causes: [string, ...string[]]
): FaultText => ({ place, refused, causes });
