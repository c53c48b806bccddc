// Cached entries as rows: tags, what they answer, and what the tables say now where the two part.
import { formatBdf } from "../base/bdf.ts";
import { hex, pasidHex } from "../base/hex.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import type { CacheEntry, CacheName, CacheSizes } from "../hardware/vtd/types.ts";
import type { StaleEntry } from "../session/types.ts";
import { cacheName } from "./walk-story.ts";
import type { Unit } from "./walk-types.ts";
import { entrySays } from "./walk-words.ts";
import { bytesWord } from "./words.ts";

export interface CacheRow {
  readonly cache: CacheName;
  readonly slot: number;
  /** One text per column of the cache. */
  readonly cells: readonly string[];
  /** What a cold walk says now, in words; null when it agrees. */
  readonly stale: string | null;
  /** The shown request was answered by this entry. */
  readonly hit: boolean;
}

export interface CacheTable {
  readonly cache: CacheName;
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly CacheRow[];
  /** Entries it can hold; 0: switched off. */
  readonly size: number;
}

const COLUMNS: Record<CacheName, readonly string[]> = {
  context: ["Requester", "Says"],
  pasid: ["Requester", "PASID", "Domain", "Says"],
  iotlb: ["Domain", "PASID", "Address", "Page", "Target", "Rights"],
  paging: ["Domain", "PASID", "Address", "Leads to", "Rights"],
};

export const pasidTag = (pasid: number | null): string =>
  pasid === null ? "no PASID" : `PASID ${pasidHex(pasid)}`;

const tag = (value: number | null, words: (value: number) => string): string =>
  value === null ? "any" : words(value);

const rightsOf = (entry: { readonly read: boolean; readonly write: boolean }): string =>
  [entry.read ? "R" : "", entry.write ? "W" : ""].filter(Boolean).join(" ") || "none";

/** The texts of one entry, in the order of its cache's columns. */
export function cacheCells(entry: CacheEntry, unit: Unit): readonly string[] {
  const requester = entry.requester === null ? "any" : formatBdf(entry.requester);
  const domain = tag(entry.domain, String);
  const pasid = tag(entry.pasid, pasidHex);
  switch (entry.cache) {
    case "context":
      return [requester, entrySays("context entry", null, entry.words, unit)];
    case "pasid":
      return [requester, pasid, domain, entrySays("PASID table entry", null, entry.words, unit)];
    case "iotlb":
      return [
        domain,
        pasid,
        hex(entry.address),
        `${bytesWord(entry.mask + 1n)}, ${entry.stage}`,
        hex(entry.target),
        `${rightsOf(entry)}${entry.dirty && entry.stage !== "second-stage" ? ", D set" : ""}`,
      ];
    case "paging":
      return [
        domain,
        pasid,
        hex(entry.address),
        `level ${entry.level} table ${hex(entry.table)}`,
        rightsOf(entry),
      ];
  }
}

/** Tags and answer of one entry as pairs, for the inspector. */
export const cacheFacts = (entry: CacheEntry, unit: Unit): readonly (readonly [string, string])[] =>
  cacheCells(entry, unit).map((cell, at) => [COLUMNS[entry.cache][at] ?? "", cell] as const);

/** All four caches with their entries in order of slot. `events` are those of the shown moment, for the hits. */
export function cacheTables(
  entries: readonly CacheEntry[],
  sizes: CacheSizes,
  stale: readonly StaleEntry[],
  events: readonly HardwareEvent[],
  unit: Unit,
): CacheTable[] {
  const hits = new Set(
    events.flatMap((event) =>
      event.kind === "lookup" && event.slot !== null ? [`${event.cache} ${event.slot}`] : [],
    ),
  );
  const caches: readonly CacheName[] = ["context", "pasid", "iotlb", "paging"];
  return caches.map((cache) => ({
    cache,
    name: cacheName(cache),
    columns: COLUMNS[cache],
    size: sizes[cache],
    rows: entries
      .filter((entry) => entry.cache === cache)
      .sort((a, b) => a.slot - b.slot)
      .map((entry) => ({
        cache,
        slot: entry.slot,
        cells: cacheCells(entry, unit),
        stale: stale.find((one) => one.cache === cache && one.slot === entry.slot)?.now ?? null,
        hit: hits.has(`${cache} ${entry.slot}`),
      })),
  }));
}
