// Which stage of a mediated device may follow which, as v5.12 creates and removes it: the judge of every interleaving.
import type { MdevDevice } from "./tables.ts";

/** "none": the UUID is on no list. */
export type MdevStage = MdevDevice["stage"] | "none";

/**
 * Stages by the ones that may come next. A create that fails goes back over what it had done: an mdev that its vendor
 * driver knows is deleted, one that only reserved its UUID is gone at once.
 */
export const NEXT_STAGES: Readonly<Record<MdevStage, readonly MdevStage[]>> = {
  none: ["reserved"],
  reserved: ["created", "none"],
  created: ["added", "deleted"],
  added: ["active", "deleted"],
  active: ["closing"],
  closing: ["deleted"],
  deleted: ["none"],
};

/** May an mdev that stands at `from` be seen at `to` next? Staying where it is counts as allowed. */
export const mayFollow = (from: MdevStage, to: MdevStage): boolean =>
  from === to || NEXT_STAGES[from].includes(to);

/** What one look at an mdev shows beside its stage. */
export interface MdevSight {
  readonly stage: MdevStage;
  readonly active: boolean;
  /** On its bus: device_add() was called, device_del() was not. */
  readonly added: boolean;
  /** Its parent is registered. */
  readonly parent: boolean;
}

/** What is wrong with a step from one sight to the next, in words; "" when nothing is. */
export function judge(before: MdevSight, after: MdevSight): string {
  if (!mayFollow(before.stage, after.stage)) {
    return `${after.stage} does not follow ${before.stage}`;
  }
  // Unregistration leaves `active` as it is: the mdev cannot be found any more when it closes.
  const early = after.stage === "reserved" || after.stage === "created" || after.stage === "added";
  if (after.active && early) return `it is active while ${after.stage}`;
  if (after.stage === "active" && !after.added) return "it is active but not on its bus";
  if (after.stage !== "none" && !after.parent) return "its parent was freed before it";
  return "";
}
