// Cached entries as readers see them, decoded from the words of the caches.
import {
  type DomainId,
  domainId,
  type Hpa,
  type Iova,
  type Pasid,
  pasid,
  type RequesterId,
  requesterId,
} from "../../base/brand.ts";
import { join64 } from "../../base/words.ts";
import { offsetMask } from "./address.ts";
import type { Core } from "./core.ts";
import { OF_SCALABLE_ROOT } from "./entry-caches.ts";
import { NO_PASID } from "./iotlb.ts";
import { levelOfTable } from "./paging-cache.ts";
import { FLAG } from "./request.ts";
import type { CacheEntry, CacheName, Stage } from "./types.ts";

const STAGES: readonly Stage[] = ["first-stage", "second-stage", "nested", "pass-through"];

/** All valid entries: context, PASID, IOTLB, paging, each in order of slot. */
export function cacheEntries(core: Core): CacheEntry[] {
  const { words } = core.store;
  const out: CacheEntry[] = [];
  const areas = [
    ["context", core.contexts],
    ["pasid", core.pasids],
    ["iotlb", core.iotlb],
    ["paging", core.paging],
  ] as const;
  for (const [cache, area] of areas) {
    for (let slot = 0; slot < area.size; slot++) {
      const at = area.wordOf(slot);
      if (words[at] !== 0) out.push(decodeEntry(cache, slot, words, at));
    }
  }
  return out;
}

/** The entry whose words stand at `at`. */
export function decodeEntry(
  cache: CacheName,
  slot: number,
  words: Int32Array,
  at: number,
): CacheEntry {
  const word = (n: number): number => words[at + n] ?? 0;
  const entryWords = (from: number, count: number): bigint[] =>
    Array.from({ length: count }, (_, n) => join64(word(from + 2 * n + 1), word(from + 2 * n)));
  const requester: RequesterId = requesterId(word(0) & 0xffff);
  const domain = (n: number): DomainId => domainId(word(n) & 0xffff);
  switch (cache) {
    case "context": {
      const scalable = (word(0) & OF_SCALABLE_ROOT) !== 0;
      return {
        cache,
        slot,
        requester,
        pasid: null,
        domain: scalable ? null : domain(3),
        words: entryWords(4, scalable ? 4 : 2),
      };
    }
    case "pasid":
      return {
        cache,
        slot,
        requester,
        pasid: pasid(word(1)),
        domain: domain(2),
        words: entryWords(4, 8),
      };
    case "iotlb": {
      const level = (word(0) >> 1) & 3;
      const tag: Pasid | null = word(6) === NO_PASID ? null : pasid(word(6));
      return {
        cache,
        slot,
        requester: requesterId(word(2) >>> 16),
        pasid: tag,
        domain: domain(5),
        stage: STAGES[((word(4) >> 4) & 7) - 1] ?? "second-stage",
        address: join64(word(1), word(0) & ~offsetMask(level)) as Iova,
        mask: BigInt(offsetMask(level)),
        target: join64(word(3), word(4) & ~offsetMask(level)) as Hpa,
        read: (word(4) & FLAG.READ) !== 0,
        write: (word(4) & FLAG.WRITE) !== 0,
        dirty: (word(4) & 4) !== 0,
      };
    }
    case "paging": {
      const first = ((word(0) >> 1) & 3) === 1;
      return {
        cache,
        slot,
        requester: null,
        pasid: first ? pasid(word(4)) : null,
        domain: domain(3),
        stage: first ? "first-stage" : "second-stage",
        address: join64(word(1), word(2)),
        level: levelOfTable(word(0)),
        table: join64(word(5), word(6)) as Hpa,
        read: (word(0) & (FLAG.READ << 6)) !== 0,
        write: (word(0) & (FLAG.WRITE << 6)) !== 0,
      };
    }
  }
}
