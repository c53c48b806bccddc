// Who stands on the stage: functions with their entries, and address spaces, in the order of the document.
import { formatBdf } from "../base/bdf.ts";
import type { Pasid, RequesterId } from "../base/brand.ts";
import type { CacheEntry, CacheSizes } from "../hardware/vtd/types.ts";
import type {
  AddressSpace,
  StaleEntry,
  Survey,
  SurveyedEntry,
  SurveyedRequester,
} from "../session/types.ts";
import type { Size } from "./columns.ts";
import type { Journey } from "./journey-types.ts";
import type { Owner } from "./owners.ts";
import { inOrder, ownerOf, type Roster } from "./roster.ts";
import type { Selection } from "./selection.ts";
import { pasidWord } from "./words.ts";

/** Everything a picture is made from. */
export interface SceneInput {
  readonly survey: Survey;
  readonly names: ReadonlyMap<RequesterId, string>;
  readonly roster: Roster;
  readonly cacheEntries: readonly CacheEntry[];
  readonly cacheSizes: CacheSizes;
  readonly stale: readonly StaleEntry[];
  /** Runs of memory that exist, first address and bytes. */
  readonly memory: readonly { readonly start: bigint; readonly length: bigint }[];
  /** Head and tail of the invalidation queue, counted in descriptors; null: the queue is off. */
  readonly queue: { readonly head: number; readonly tail: number } | null;
  /** The request that is followed. */
  readonly journey: Journey | null;
  readonly selection: Selection | null;
  /** The function whose tables are shown in full; null: the scene chooses. */
  readonly focus: RequesterId | null;
  readonly size: Size;
}

/** One way a function sends requests: with a PASID, or without. */
export interface Slot {
  readonly id: string;
  /** What the requests carry. */
  readonly pasid: Pasid | null;
  /** Null: the tables have no entry for it. */
  readonly entry: SurveyedEntry | null;
  readonly space: AddressSpace | null;
  readonly owner: Owner | null;
  readonly problem: string | null;
  /** A request met its entry, or the tables hold one: the unit shows a row for it. */
  readonly met: boolean;
  /** Id of the slot with the same entry, whose row it uses; null: none. */
  readonly shares: string | null;
}

export interface Actor {
  readonly id: string;
  readonly requester: RequesterId;
  readonly bdf: string;
  /** Empty when nobody gave it one. */
  readonly name: string;
  /** Null: no table names it; it is there because it sent a request. */
  readonly surveyed: SurveyedRequester | null;
  readonly slots: readonly Slot[];
  readonly mapped: boolean;
}

export interface Cast {
  readonly actors: readonly Actor[];
  readonly spaces: readonly AddressSpace[];
  readonly ownerOf: (space: string | null) => Owner | null;
  /** Some owner is told apart by a letter too. */
  readonly letters: boolean;
  /** The function in full. */
  readonly focus: Actor | null;
  /** Id of the slot that the followed request leaves from. */
  readonly followed: string | null;
  readonly scalable: boolean;
}

export const actorId = (requester: RequesterId): string => `function-${requester.toString(16)}`;

export const slotId = (requester: RequesterId, pasid: Pasid | null): string =>
  `slot-${requester.toString(16)}-${pasid === null ? "none" : pasid.toString(16)}`;

export function castOf(input: SceneInput): Cast {
  const { survey, roster, journey } = input;
  const spaceById = new Map(survey.spaces.map((space) => [space.id, space]));
  const owner = (space: string | null) => ownerOf(roster, space);
  const actors = inOrder(survey.requesters, roster.requesters, (one) => one.requester).map(
    (surveyed) =>
      withRequest(
        {
          id: actorId(surveyed.requester),
          requester: surveyed.requester,
          bdf: formatBdf(surveyed.requester),
          name: input.names.get(surveyed.requester) ?? "",
          surveyed,
          slots: surveyed.entries.map((entry) => {
            const pasid = entry.forRequestsWithoutPasid ? null : entry.pasid;
            return {
              id: slotId(surveyed.requester, pasid),
              pasid,
              entry,
              space: (entry.space !== null && spaceById.get(entry.space)) || null,
              owner: owner(entry.space),
              problem: entry.problem,
              met: true,
              shares: null,
            };
          }),
          mapped: surveyed.entries.some(
            (entry) => (spaceById.get(entry.space ?? "")?.mapped ?? 0n) > 0n,
          ),
        },
        journey,
      ),
  );
  if (journey && !actors.some((actor) => actor.requester === journey.requester)) {
    const stranger: Actor = {
      id: actorId(journey.requester),
      requester: journey.requester,
      bdf: formatBdf(journey.requester),
      name: input.names.get(journey.requester) ?? "",
      surveyed: null,
      slots: [],
      mapped: false,
    };
    actors.push(withRequest(stranger, journey));
  }
  return {
    actors,
    spaces: inOrder(survey.spaces, roster.spaces, (space) => space.id),
    ownerOf: owner,
    letters: survey.spaces.some((space) => (owner(space.id)?.letter ?? "") !== ""),
    focus: focusOf(actors, input),
    followed: journey && slotId(journey.requester, journey.pasid),
    scalable: survey.mode === "scalable",
  };
}

/** A request with a PASID that no slot stands for leaves from a slot of its own, which says what the events say. */
function withRequest(actor: Actor, journey: Journey | null): Actor {
  if (!journey || journey.requester !== actor.requester) return actor;
  if (actor.slots.some((slot) => slot.pasid === journey.pasid)) return actor;
  const id = slotId(actor.requester, journey.pasid);
  const met = journey.stops.some((stop) => stop.place === "row");
  const served = met ? actor.slots.find((slot) => isServedBy(journey, slot)) : undefined;
  // A lone unusable function needs no second line: its card is where requests leave.
  const slot: Slot = served
    ? { ...served, id, pasid: journey.pasid, shares: served.id }
    : {
        id,
        pasid: journey.pasid,
        entry: null,
        space: null,
        owner: null,
        problem: actor.surveyed?.problem ?? strangerProblem(journey, met),
        met,
        shares: null,
      };
  return { ...actor, slots: [...actor.slots, slot] };
}

/** Whether the request met the entry of `slot`: read it, or had it from a cache. */
function isServedBy(journey: Journey, { entry }: Slot): boolean {
  if (!entry) return false;
  return journey.entry === null ? entry.pasid === journey.pasid : entry.address === journey.entry;
}

function strangerProblem({ end, pasid }: Journey, met: boolean): string {
  if (end.kind === "reached" && end.how === "remapping off") return "not translated";
  if (met || end.kind !== "refused") return `no entry for ${pasidWord(pasid)}`;
  return "refused before its entry was read";
}

/** Id of the slot whose row the followed request goes through. */
export function followedRow(cast: Cast): string | null {
  const slots = cast.actors.flatMap((actor) => actor.slots);
  return slots.find((slot) => slot.id === cast.followed)?.shares ?? cast.followed;
}

function focusOf(actors: readonly Actor[], input: SceneInput): Actor | null {
  const wanted = input.focus ?? input.journey?.requester;
  const found = actors.find((actor) => actor.requester === wanted);
  return found ?? actors.find((actor) => actor.mapped) ?? actors[0] ?? null;
}

/** 0 must be seen, 1 something is mapped, 2 the rest. */
export function rankActor(actor: Actor, cast: Cast, selection: Selection | null): number {
  if (actor === cast.focus || isAbout(selection, actor, cast)) return 0;
  return actor.mapped ? 1 : 2;
}

export function rankSpace(space: AddressSpace, cast: Cast, selection: Selection | null): number {
  if (selection?.kind === "space" && selection.id === space.id) return 0;
  if (cast.focus?.slots.some((slot) => slot.space === space)) return 0;
  return space.mapped > 0n ? 1 : 2;
}

function isAbout(selection: Selection | null, actor: Actor, cast: Cast): boolean {
  if (!selection) return false;
  if (selection.kind === "requester" || selection.kind === "pasid") {
    return selection.requester === actor.requester;
  }
  if (selection.kind !== "entry") return false;
  return (
    actor.surveyed?.contextAddress === selection.address ||
    cast.actors.some(
      (one) => one === actor && one.slots.some((slot) => slot.entry?.address === selection.address),
    )
  );
}
