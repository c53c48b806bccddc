// What the marks on the stage mean: only those that occur.

import { type Cast, ridesOn, type SceneInput } from "./cast.ts";
import { ACCESS_LETTER } from "./words.ts";

export interface LegendEntry {
  /** Which sample is drawn beside the words. */
  readonly sample:
    | "travelled"
    | "ahead"
    | "cached"
    | "stale"
    | "record"
    | "through"
    | "refused"
    | "rides"
    | "table page"
    | "pinned";
  readonly words: string;
}

export function legendOf(input: SceneInput, cast: Cast): LegendEntry[] {
  const entries: LegendEntry[] = [];
  const { journey } = input;
  const slots = cast.actors.flatMap((actor) => actor.slots);
  if (journey) {
    entries.push({
      sample: "travelled",
      words: `travelled by request ${ACCESS_LETTER[journey.access]}`,
    });
  }
  if (slots.some((slot) => slot.space)) {
    entries.push({
      sample: "ahead",
      words: journey ? "ahead, or another request" : "way of a request",
    });
  }
  if (journey?.stops.some((stop) => stop.state === "cached")) {
    entries.push({ sample: "cached", words: "cached" });
  }
  if (input.stale.length > 0) entries.push({ sample: "stale", words: "stale entry" });
  if (journey?.end.kind === "refused") {
    entries.push({ sample: "record", words: journey.end.recorded ? "fault record" : "refused" });
  }
  if (cast.spaces.some((space) => space.stage === "pass-through")) {
    entries.push({ sample: "through", words: "not translated" });
  }
  if (cast.actors.some((actor) => actor.slots.some((slot) => ridesOn(actor, slot)))) {
    entries.push({ sample: "rides", words: "no entry of its own: sends as its parent" });
  }
  const unusable = cast.world
    ? slots.some((slot) => slot.sends && !slot.owner)
    : cast.actors.some((actor) => !actor.slots.some((slot) => slot.owner));
  if (unusable) {
    entries.push({ sample: "refused", words: "no usable entry" });
  }
  if (input.survey.tables.length > 0) entries.push({ sample: "table page", words: "table page" });
  if (cast.world && cast.world.pinned.size > 0) {
    entries.push({ sample: "pinned", words: "pinned page" });
  }
  return entries;
}
