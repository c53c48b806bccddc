// Who reaches which pages now: by the tables in memory, and by what the unit's caches still hold. No kernel is asked.

import { formatBdf } from "../../base/bdf.ts";
import type { RequesterId } from "../../base/brand.ts";
import { pasidHex } from "../../base/hex.ts";
import type { CacheEntry } from "../../hardware/vtd/types.ts";
import type { AddressSpace, Survey, SurveyedEntry } from "../types.ts";
import { pagesBelow, type Reach } from "./old-tables.ts";
import type { HardwareView } from "./types.ts";

export type { Reach } from "./old-tables.ts";

/** What requests under one requester id and PASID reach. */
export interface Tag {
  readonly requester: RequesterId;
  /** Null: requests without PASID. */
  readonly pasid: number | null;
  /** The entry in the tables; null: only caches know the tag. */
  readonly entry: SurveyedEntry | null;
  readonly space: AddressSpace | null;
  /** Pass-through, or remapping off: all of memory at its own addresses. */
  readonly everything: boolean;
  readonly reaches: readonly Reach[];
}

const PAGE = 4096n;

/** Tags by their name. One result for one survey and one state of the caches. */
const known = new WeakMap<
  Survey,
  { readonly caches: string; readonly tags: ReadonlyMap<string, Tag> }
>();
/** Ranges of a space as pages. A space that an unchanged survey gives again is not listed again. */
const listed = new WeakMap<AddressSpace, readonly Reach[]>();

export const tagName = (requester: RequesterId, pasid: number | null): string =>
  pasid === null ? formatBdf(requester) : `${formatBdf(requester)} ${pasidHex(pasid)}`;

/** Where a tag is selected on the page. */
export const placeOf = (requester: RequesterId, pasid: number | null): string =>
  `requester ${formatBdf(requester)}${pasid === null ? "" : ` 0x${pasid.toString(16)}`}`;

/** Every tag that tables or caches give something to, in order of requester and PASID, requests without one first. */
export function reachOf(view: HardwareView): ReadonlyMap<string, Tag> {
  if (view.survey.mode === "remapping off") return unhindered(view);
  const caches = view.caches.map(cacheKey).join("\n");
  const before = known.get(view.survey);
  if (before?.caches === caches) return before.tags;
  const tags = collect(view);
  known.set(view.survey, { caches, tags });
  return tags;
}

/** Without remapping whoever sends a request reaches all of memory. */
const unhindered = (view: HardwareView): ReadonlyMap<string, Tag> =>
  new Map(
    view.ledger.tenants.map(({ requester, pasid }) => [
      tagName(requester, pasid),
      { requester, pasid, entry: null, space: null, everything: true, reaches: [] },
    ]),
  );

function cacheKey(entry: CacheEntry): string {
  const head = `${entry.cache} ${entry.slot} ${entry.requester} ${entry.pasid} ${entry.domain}`;
  switch (entry.cache) {
    case "context":
    case "pasid":
      return `${head} ${entry.words.join(" ")}`;
    case "iotlb":
      return `${head} ${entry.address} ${entry.mask} ${entry.target} ${entry.read}${entry.write}`;
    case "paging":
      return `${head} ${entry.address} ${entry.level} ${entry.table}`;
  }
}

function collect(view: HardwareView): ReadonlyMap<string, Tag> {
  const tags = new Map<string, Tag & { reaches: Reach[] }>();
  const spaces = new Map(view.survey.spaces.map((space) => [space.id, space]));
  const tagOf = (requester: RequesterId, pasid: number | null) => {
    const name = tagName(requester, pasid);
    const tag = tags.get(name) ?? {
      requester,
      pasid,
      entry: null,
      space: null,
      everything: false,
      reaches: [],
    };
    tags.set(name, tag);
    return tag;
  };
  for (const { requester, entries } of view.survey.requesters) {
    for (const entry of entries) {
      if (entry.stage === null) continue;
      const space = entry.space === null ? null : (spaces.get(entry.space) ?? null);
      const pasid = entry.forRequestsWithoutPasid ? null : entry.pasid;
      tags.set(tagName(requester, pasid), {
        requester,
        pasid,
        entry,
        space,
        everything: entry.stage === "pass-through",
        reaches: space ? [...pagesOf(space)] : [],
      });
    }
  }
  for (const entry of view.caches) {
    if (entry.requester === null || entry.cache === "context") continue;
    const pasid = entry.pasid === 0 ? null : entry.pasid;
    if (entry.cache === "iotlb") {
      const mapped: Reach = {
        iova: entry.address,
        frame: Number(entry.target >> 12n),
        pages: Number((entry.mask + 1n) / PAGE),
        read: entry.read,
        write: entry.write,
        through: "IOTLB",
      };
      const tag = tagOf(entry.requester, pasid);
      if (!tag.everything && !gives(tag.reaches, mapped)) tag.reaches.push(mapped);
    } else if (entry.cache === "pasid") {
      addOldSpace(view, spaces, tagOf(entry.requester, pasid), entry.words);
    }
  }
  addOldTables(view, [...tags.values()]);
  return new Map(
    [...tags].sort(
      ([, a], [, b]) => a.requester - b.requester || (a.pasid ?? -1) - (b.pasid ?? -1),
    ),
  );
}

function pagesOf(space: AddressSpace): readonly Reach[] {
  const before = listed.get(space);
  if (before) return before;
  const reaches = space.ranges.map(
    ({ start, length, target, read, write }): Reach => ({
      iova: start,
      frame: Number(target / PAGE),
      pages: Number(length / PAGE),
      read,
      write,
      through: "tables",
    }),
  );
  listed.set(space, reaches);
  return reaches;
}

/** The tables say the same, with at least these rights. */
const gives = (reaches: readonly Reach[], asked: Reach): boolean =>
  reaches.some(
    (one) =>
      asked.iova >= one.iova &&
      asked.iova - one.iova <= BigInt(one.pages - asked.pages) * PAGE &&
      one.frame + Number((asked.iova - one.iova) / PAGE) === asked.frame &&
      (one.read || !asked.read) &&
      (one.write || !asked.write),
  );

/** Paging tables that a cached PASID entry leads to and the entry in memory does not. */
function addOldSpace(
  view: HardwareView,
  spaces: ReadonlyMap<string, AddressSpace>,
  tag: Tag & { reaches: Reach[] },
  words: readonly bigint[],
): void {
  const [first = 0n, , second = 0n] = words;
  const type = (first >> 6n) & 7n;
  if (type !== 1n && type !== 2n) return;
  const stage = type === 1n ? "first-stage" : "second-stage";
  const root = (stage === "first-stage" ? second : first) & 0x000f_ffff_ffff_f000n;
  if (tag.space?.root === root) return;
  const levels =
    stage === "first-stage"
      ? ((second >> 2n) & 3n) === 1n
        ? 5
        : 4
      : Math.min(5, Number((first >> 2n) & 7n) + 2);
  const today = [...spaces.values()].find((space) => space.root === root && space.stage === stage);
  const reaches = today
    ? pagesOf(today).map((one): Reach => ({ ...one, through: "PASID cache" }))
    : pagesBelow(view.memory, stage, root, levels, 0n, "PASID cache");
  for (const one of reaches) if (!gives(tag.reaches, one)) tag.reaches.push(one);
}

/** Tables that the paging cache leads to although no entry does any more. */
function addOldTables(view: HardwareView, tags: readonly (Tag & { reaches: Reach[] })[]): void {
  const inUse = new Set(view.survey.tables.map(({ address }) => address));
  for (const entry of view.caches) {
    if (entry.cache !== "paging" || inUse.has(entry.table)) continue;
    const users = tags.filter(
      ({ entry: used, pasid }) =>
        used?.domain === entry.domain && (entry.pasid === null || (pasid ?? 0) === entry.pasid),
    );
    if (users.length === 0) continue;
    const reaches = pagesBelow(
      view.memory,
      entry.stage,
      entry.table,
      entry.level,
      entry.address,
      "paging cache",
    );
    for (const tag of users) {
      for (const one of reaches) if (!gives(tag.reaches, one)) tag.reaches.push(one);
    }
  }
}

/** Where a request of this tag to this address would go: what a cache holds comes first, as in the unit. */
export function pageAt(tag: Tag | undefined, address: bigint): Reach | undefined {
  const found = tag?.reaches.filter(
    (one) => address >= one.iova && address - one.iova < BigInt(one.pages) * PAGE,
  );
  return found?.find(({ through }) => through !== "tables") ?? found?.[0];
}

/** Calls `visit` with each page once; `reach` is the first that gives it. */
export function eachPage(tag: Tag, visit: (frame: number, reach: Reach) => void): void {
  const seen = new Set<number>();
  for (const reach of tag.reaches) {
    for (let frame = reach.frame; frame < reach.frame + reach.pages; frame++) {
      if (seen.has(frame)) continue;
      seen.add(frame);
      visit(frame, reach);
    }
  }
}
