// Cached entries that today's tables contradict: what makes a forgotten invalidation visible.
import type { DomainId, Pasid, RequesterId } from "../../base/brand.ts";
import { hex, pasidHex } from "../../base/hex.ts";
import { decode } from "../../hardware/layout/codec.ts";
import { faultText } from "../../hardware/layout/fault-text.ts";
import { PASID_ENTRY } from "../../hardware/layout/pasid.ts";
import { CONTEXT_LEGACY, CONTEXT_SCALABLE } from "../../hardware/layout/root-context.ts";
import type { Environment, Structure } from "../../hardware/layout/types.ts";
import type { FaultCode } from "../../hardware/vtd/fault-codes.ts";
import type { CacheEntry } from "../../hardware/vtd/types.ts";
import type { SpaceRoot } from "../survey/spaces.ts";
import type { StaleEntry } from "../types.ts";
import {
  type ColdEntry,
  coldContext,
  coldPasid,
  type TableRoot,
  type WordMemory,
} from "./cold-entries.ts";
import { coldTable } from "./cold-tables.ts";

/** What a walk without caches gives for the page of one address. */
export type ColdTranslation =
  | { readonly target: bigint; readonly mask: bigint }
  | { readonly fault: FaultCode | null };

/** An address space in use: where its tables are and what tags its cached tables. */
export interface TaggedRoot {
  readonly domain: DomainId;
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
  readonly root: SpaceRoot;
}

export interface StaleInput {
  readonly entries: readonly CacheEntry[];
  readonly memory: WordMemory;
  readonly from: TableRoot;
  readonly environment: Environment;
  readonly roots: readonly TaggedRoot[];
  /** Translates without caches and without traces. */
  readonly translate: (entry: IotlbEntry, access: "read" | "write") => ColdTranslation;
}

export type IotlbEntry = Extract<CacheEntry, { cache: "iotlb" }>;
type PagingEntry = Extract<CacheEntry, { cache: "paging" }>;

export function staleEntries(input: StaleInput): StaleEntry[] {
  const stale: StaleEntry[] = [];
  for (const entry of input.entries) {
    const now = contradiction(entry, input);
    if (now !== null) stale.push({ cache: entry.cache, slot: entry.slot, now });
  }
  return stale;
}

/** What a cold walk says instead; null when it agrees. */
function contradiction(entry: CacheEntry, input: StaleInput): string | null {
  const { memory, from, environment } = input;
  switch (entry.cache) {
    case "context": {
      if (entry.requester === null) return null;
      const structure = from.scalable ? CONTEXT_SCALABLE : CONTEXT_LEGACY;
      return changed(
        structure,
        entry.words,
        coldContext(memory, from, entry.requester),
        environment,
      );
    }
    case "pasid": {
      if (entry.requester === null || entry.pasid === null) return null;
      const cold = coldPasid(memory, from, entry.requester, entry.pasid);
      return changed(PASID_ENTRY, entry.words, cold, environment);
    }
    case "iotlb":
      return staleTranslation(entry, input);
    case "paging":
      return staleTable(entry, input);
  }
}

function changed(
  structure: Structure,
  cached: readonly bigint[],
  cold: ColdEntry,
  environment: Environment,
): string | null {
  if ("refused" in cold) return refusal(cold.refused);
  if (cached.every((word, i) => word === cold.words[i])) return null;
  const before = decode(structure, cached, environment);
  const after = decode(structure, cold.words, environment);
  const present = after.find(({ field }) => field.name === "P");
  if (present?.value === 0n) return refusal(`${structure.name} not present`);
  const fields = after.filter(({ value }, i) => value !== before[i]?.value);
  const words = fields.map(({ field, words: text }) => `${field.name} is ${text}`);
  return `the tables now hold other fields: ${words.join(", ")}`;
}

const refusal = (what: string): string => `the tables now refuse: ${what}`;

const refusedBy = (fault: FaultCode | null): string => {
  if (fault === null) return "the tables now refuse";
  const sentence = faultText(fault).refused;
  return refusal(sentence.charAt(0).toLowerCase() + sentence.slice(1, -1));
};

function staleTranslation(entry: IotlbEntry, input: StaleInput): string | null {
  const read = input.translate(entry, "read");
  const write = input.translate(entry, "write");
  const found = "fault" in read ? write : read;
  if ("fault" in found) return refusedBy("fault" in read ? read.fault : null);
  // Cached with the smaller of both page sizes; the tables may hold the same in larger pages.
  if (found.target !== entry.target) return `the tables now lead to ${hex(found.target)}`;
  if (found.mask < entry.mask) return "the tables now map a smaller page here";
  const readable = !("fault" in read);
  const writable = !("fault" in write);
  if (entry.read && !readable) return "the tables now allow writes only";
  if (entry.write && !writable) return "the tables now allow reads only";
  if (entry.read && entry.write) return null;
  if (!entry.read && readable) return "the tables now allow reads as well";
  if (!entry.write && writable) return "the tables now allow writes as well";
  return null;
}

/** The root pointer and levels of one stage of a space; null when it has no such stage. */
function stageOf(root: SpaceRoot, stage: PagingEntry["stage"]): readonly [number, number] | null {
  if (root.stage === "pass-through") return null;
  if (root.stage === "nested") {
    return stage === "first-stage" ? null : [root.second, root.secondLevels];
  }
  return root.stage === stage ? [root.root, root.levels] : null;
}

function staleTable(entry: PagingEntry, input: StaleInput): string | null {
  const { memory, from, roots } = input;
  // First-stage tables of nested spaces lie at guest addresses: not judged.
  const users = roots.filter(
    ({ domain, pasid }) =>
      domain === entry.domain &&
      (entry.stage === "second-stage" || entry.pasid === null || entry.pasid === (pasid ?? 0)),
  );
  if (users.some(({ root }) => root.stage === "nested" && entry.stage === "first-stage"))
    return null;
  let answer: string | null = null;
  for (const { root } of users) {
    const place = stageOf(root, entry.stage);
    if (!place) continue;
    const [table, levels] = place;
    const cold = coldTable(
      memory,
      entry.stage,
      BigInt(table) as TableRoot["root"],
      levels,
      entry.address,
      entry.level,
      from.haw,
    );
    if (cold && cold.table === entry.table) {
      if (cold.read === entry.read && cold.write === entry.write) return null;
      answer = "the tables now give other rights on the way to this table";
    } else if (cold) answer ??= `the tables now lead to the table at ${hex(cold.table)}`;
    else answer ??= "the tables now lead to no table here";
  }
  if (answer !== null) return answer;
  const tag = entry.pasid === null ? "" : ` and PASID ${pasidHex(entry.pasid)}`;
  return `no entry uses domain ${entry.domain}${tag} any more`;
}
