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
import { domainsWord, pasidWord } from "./words.ts";
import {
  type FunctionFact,
  type MdevFact,
  NO_FUNCTION,
  processOwner,
  spaceFactOf,
  type WorldFacts,
} from "./world-facts.ts";

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
  /** What a running kernel and its devices add; null: an opened image. */
  readonly world: WorldFacts | null;
  /** The request that is followed. */
  readonly journey: Journey | null;
  readonly selection: Selection | null;
  /** The function whose tables are shown in full; null: the scene chooses. */
  readonly focus: RequesterId | null;
  readonly size: Size;
}

/** One way a function sends requests: with a PASID, or without; or an mdev, which may have no way of its own. */
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
  /** The slice that sends this way; null: the function itself. */
  readonly mdev: MdevFact | null;
  /** Requests leave here, under this PASID. Without it the slot has no port. */
  readonly sends: boolean;
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
  /** What the kernel knows about it; null in an image. */
  readonly fact: FunctionFact | null;
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
  readonly world: WorldFacts | null;
  /** "VM-A", "Default DMA domain", else the domains. */
  readonly titleOf: (space: AddressSpace) => string;
}

/** Its card is its only slot: one port for everything. */
export const isSingle = (actor: Actor): boolean =>
  actor.slots.length <= 1 && !actor.slots.some((slot) => slot.mdev);

/** The slot under whose name a slice without a PASID of its own sends; null: it has one, or sends nothing. */
export function ridesOn(actor: Actor, slot: Slot): Slot | null {
  if (!slot.mdev || slot.sends || slot.mdev.queue === null) return null;
  if (slot.mdev.isolation === "iommu") return null;
  return actor.slots.find((one) => one.sends && one.pasid === null && !one.mdev) ?? null;
}

export const actorId = (requester: RequesterId): string => `function-${requester.toString(16)}`;

export const slotId = (requester: RequesterId, pasid: Pasid | null): string =>
  `slot-${requester.toString(16)}-${pasid === null ? "none" : pasid.toString(16)}`;

/** Owners of address spaces, by id: processes of a running machine, else the order of first appearance. */
export function spaceOwners({
  survey,
  roster,
  world,
}: Pick<SceneInput, "survey" | "roster" | "world">): Cast["ownerOf"] {
  if (!world) return (id) => ownerOf(roster, id);
  const spaceById = new Map(survey.spaces.map((space) => [space.id, space]));
  return (id) => {
    const space = spaceById.get(id ?? "");
    return space ? processOwner(world, spaceFactOf(world, space)?.process ?? null) : null;
  };
}

export function castOf(input: SceneInput): Cast {
  const { survey, roster, journey, world } = input;
  const spaceById = new Map(survey.spaces.map((space) => [space.id, space]));
  const factOf = (space: AddressSpace) => world && spaceFactOf(world, space);
  const owner = spaceOwners(input);
  const slotOf = (requester: RequesterId, entry: SurveyedEntry): Slot => {
    const pasid = entry.forRequestsWithoutPasid ? null : entry.pasid;
    return {
      id: slotId(requester, pasid),
      pasid,
      entry,
      space: (entry.space !== null && spaceById.get(entry.space)) || null,
      owner: owner(entry.space),
      problem: entry.problem,
      met: true,
      shares: null,
      mdev: null,
      sends: true,
    };
  };
  const actors = standing(input).map(({ requester, surveyed, fact }) => {
    const entries = surveyed?.entries ?? [];
    const slots = entries.map((entry) => slotOf(requester, entry));
    return withRequest(
      {
        id: requester === NO_FUNCTION ? `parent-${fact?.name}` : actorId(requester),
        requester,
        bdf: requester === NO_FUNCTION ? "" : formatBdf(requester),
        name: fact?.name ?? input.names.get(requester) ?? "",
        surveyed,
        slots: fact && world ? withMdevs(slots, fact.mdevs, world) : slots,
        mapped: entries.some((entry) => (spaceById.get(entry.space ?? "")?.mapped ?? 0n) > 0n),
        fact,
      },
      journey,
    );
  });
  const sender = actors.find((actor) => actor.requester === journey?.requester);
  return {
    actors,
    spaces: inOrder(survey.spaces, roster.spaces, (space) => space.id),
    ownerOf: owner,
    letters: survey.spaces.some((space) => (owner(space.id)?.letter ?? "") !== ""),
    focus: focusOf(actors, input),
    followed: sender?.slots.find((slot) => slot.sends && slot.pasid === journey?.pasid)?.id ?? null,
    scalable: survey.mode === "scalable",
    world,
    titleOf: (space) => factOf(space)?.title || domainsWord(space.domains),
  };
}

interface Standing {
  readonly requester: RequesterId;
  readonly surveyed: SurveyedRequester | null;
  readonly fact: FunctionFact | null;
}

/** Functions that the kernel enumerated, in its order; then those that only tables name; then who sent a request. */
function standing({ survey, roster, journey, world }: SceneInput): Standing[] {
  const inTables = inOrder(survey.requesters, roster.requesters, (one) => one.requester);
  const known = (world?.functions ?? []).map((fact) => ({
    requester: fact.requester,
    surveyed: inTables.find((one) => one.requester === fact.requester) ?? null,
    fact,
  }));
  const others = inTables
    .filter((one) => !known.some(({ requester }) => requester === one.requester))
    .map((surveyed) => ({ requester: surveyed.requester, surveyed, fact: null }));
  const list: Standing[] = [...known, ...others];
  if (journey && !list.some((one) => one.requester === journey.requester)) {
    list.push({ requester: journey.requester, surveyed: null, fact: null });
  }
  return list;
}

/** The function's own way, its mdevs in the order in which they were created, then entries that no mdev uses. */
function withMdevs(
  slots: readonly Slot[],
  mdevs: readonly MdevFact[],
  world: WorldFacts,
): readonly Slot[] {
  const taken = new Set<Slot>();
  const slices = mdevs.map((mdev): Slot => {
    // Nobody's slice has no owner's mark.
    const own = mdev.process === null ? null : processOwner(world, mdev.process);
    const slot = {
      id: `mdev-${mdev.uuid}`,
      pasid: mdev.pasid,
      entry: null,
      space: null,
      owner: own,
      problem: null,
      met: false,
      shares: null,
      mdev,
      sends: false,
    };
    if (mdev.pasid === null) return slot;
    const found = slots.find((one) => one.pasid === mdev.pasid && !taken.has(one));
    if (found) taken.add(found);
    if (found?.entry?.stage) return { ...found, id: slot.id, mdev };
    // The queue works with a PASID that leads nowhere.
    const problem = found?.problem ?? "detached: no entry";
    return { ...slot, entry: found?.entry ?? null, owner: null, problem, met: true, sends: true };
  });
  const rest = slots.filter((slot) => !taken.has(slot));
  const own = rest.filter((slot) => slot.pasid === null);
  return [...own, ...slices, ...rest.filter((slot) => slot.pasid !== null)];
}

/** A request with a PASID that no slot stands for leaves from a slot of its own, which says what the events say. */
function withRequest(actor: Actor, journey: Journey | null): Actor {
  if (!journey || journey.requester !== actor.requester) return actor;
  if (actor.slots.some((slot) => slot.sends && slot.pasid === journey.pasid)) return actor;
  const id = slotId(actor.requester, journey.pasid);
  const met = journey.stops.some((stop) => stop.place === "row");
  const served = met ? actor.slots.find((slot) => isServedBy(journey, slot)) : undefined;
  // A lone unusable function needs no second line: its card is where requests leave.
  const slot: Slot = served
    ? { ...served, id, pasid: journey.pasid, shares: served.id, mdev: null, sends: true }
    : {
        id,
        pasid: journey.pasid,
        entry: null,
        space: null,
        owner: null,
        problem: actor.surveyed?.problem ?? strangerProblem(journey, met),
        met,
        shares: null,
        mdev: null,
        sends: true,
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
  const parent = actors.find((actor) => actor.fact?.parent && actor.surveyed);
  return found ?? parent ?? actors.find((actor) => actor.mapped) ?? actors[0] ?? null;
}

/** 0 must be seen, 1 something is mapped, 2 the rest. */
export function rankActor(actor: Actor, cast: Cast, selection: Selection | null): number {
  if (actor === cast.focus || isAbout(selection, actor, cast)) return 0;
  return actor.mapped || actor.fact?.parent ? 1 : 2;
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
  if (selection.kind === "object") {
    return actor.slots.some((slot) => slot.mdev && selection.id === `mdev ${slot.mdev.uuid}`);
  }
  if (selection.kind !== "entry") return false;
  return (
    actor.surveyed?.contextAddress === selection.address ||
    cast.actors.some(
      (one) => one === actor && one.slots.some((slot) => slot.entry?.address === selection.address),
    )
  );
}
