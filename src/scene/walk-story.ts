// A walk as lines of text: what the caches answered, what was written back, how it ended, what stands beside each entry.
import { formatBdf } from "../base/bdf.ts";
import { hpa } from "../base/brand.ts";
import { hex, pasidHex, plainHex } from "../base/hex.ts";
import { faultText } from "../hardware/layout/fault-text.ts";
import { faultName } from "../hardware/vtd/fault-codes.ts";
import type { CacheName, FaultRecord } from "../hardware/vtd/types.ts";
import { changedFields, fieldViews } from "./inspect-bits.ts";
import { decodeEntry, readWords } from "./inspect-entry.ts";
import { partRange } from "./walk-split.ts";
import type { Hop, HopState, Lookup, Unit, Update, Walk } from "./walk-types.ts";

/** A hop's state as it looks while the walk is stepped through; `at` is the index of the hop that is shown. */
export type ShownState = HopState | "reading" | "next";

/** `at` null: the walk is shown finished. */
export function shownState(hop: Hop, index: number, at: number | null): ShownState {
  if (at === null || index < at || hop.state === "not reached") return hop.state;
  if (index > at) return "next";
  return hop.state === "read" ? "reading" : hop.state;
}

/** Index of the hop to look at: the one asked for, else the last that was reached. -1: there are no hops. */
export function hopAtHand(walk: Walk, at: number | null): number {
  const last = walk.hops.length - 1;
  if (at !== null) return Math.min(Math.max(at, 0), last);
  const reached = walk.hops.findLastIndex((hop) => hop.state !== "not reached");
  return reached;
}

const CACHE_NAMES: Record<CacheName, string> = {
  context: "Context cache",
  pasid: "PASID cache",
  iotlb: "IOTLB",
  paging: "Paging-structure cache",
};

export const cacheName = (cache: CacheName): string => CACHE_NAMES[cache];

/** "1 and 2", "5 to 8", "3". */
function hopNumbers(numbers: readonly number[]): string {
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === last) return `${first}`;
  return `${first} ${numbers.length === 2 ? "and" : "to"} ${last}`;
}

/** "Context cache: hit in slot 0, hops 1 and 2 are not read". */
export function lookupWords(lookup: Lookup): string {
  const name = CACHE_NAMES[lookup.cache];
  if (lookup.slot === null) return `${name}: no entry`;
  const skips =
    lookup.skips.length === 0
      ? ""
      : `, ${lookup.skips.length === 1 ? "hop" : "hops"} ${hopNumbers(lookup.skips)} not read`;
  return `${name}: hit in slot ${lookup.slot}${skips}`;
}

/** What accessed and dirty bits were set, and where. */
export function updateWords(update: Update, walk: Walk, unit: Unit): string {
  const hop = walk.hops.find((candidate) => candidate.number === update.hop);
  if (!hop) return `${hex(update.address)}: ${hex(update.before)} becomes ${hex(update.after)}`;
  const read = (word: bigint) => fieldViews(decodeEntry(hop.table, hop.level, [word], unit), 1);
  const changes = changedFields(read(update.before), read(update.after)).join("; ");
  return `Hop ${hop.number} at ${hex(update.address)}: ${changes}`;
}

const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;

/** "8 reads", "4 reads, 4 hops from caches". */
export function readsWords(walk: Walk): string {
  const read = walk.hops.filter((hop) => hop.state === "read" || hop.state === "refused").length;
  const cached = walk.hops.filter((hop) => hop.state === "cached").length;
  return cached === 0 ? count(read, "read") : `${count(read, "read")}, ${cached} from cache`;
}

/** Which bits selected the entry, and what said where its table is: "PASID [19:6] is 0x001. …". */
export function whyWords(hop: Hop, walk: Walk): string {
  const { requester, pasid, address } = walk.split;
  const sources = [
    ["the requester id", requester],
    ["the PASID", pasid],
    ["the address", address],
  ] as const;
  const from = hop.number === 1 ? "The RTADDR register" : "The entry of the hop before";
  for (const [name, parts] of sources) {
    const part = parts.find((one) => one.hop === hop.number);
    if (!part) continue;
    const index = part.value === BigInt(hop.index) ? "" : `, entry 0x${hop.digits} of its half`;
    return `Bits ${partRange(part)} of ${name} are 0x${part.digits}${index}. ${from} says where the table is.`;
  }
  return `${from} says where the table is.`;
}

/** How the walk ended, in one or two sentences. */
export function resultWords(walk: Walk): string {
  const { result } = walk;
  switch (result.kind) {
    case "reached": {
      const target = hex(result.target);
      switch (result.how) {
        case "walk":
          return `Reached ${target}, ${readsWords(walk)}.`;
        case "iotlb":
          return `Reached ${target} through the IOTLB. No paging table was read.`;
        case "pass-through":
          return `Reached ${target}: pass-through, the address is not translated.`;
        case "remapping off":
          return `Reached ${target}: remapping is off, no table is used.`;
        case "translated request":
          return `Reached ${target}: the request carries a translated address.`;
      }
      break;
    }
    case "interrupt":
      return walk.request.access === "write"
        ? `An interrupt request with data ${hex(result.data)}. It is not translated.`
        : "The request is in the interrupt range. It is absorbed there and not translated.";
    case "fault":
      return `Fault ${plainHex(result.reason, 2)}, ${faultName(result.reason)}. ${faultText(result.reason).refused}`;
    case "unknown":
      break;
  }
  return "The events of this request are no longer kept. Send it again to see its walk.";
}

/** Why a refused request left no record. */
export function unrecordedWords(because: string): string {
  switch (because) {
    case "FPD":
      return "Not recorded: FPD in an entry on the way keeps faults of this requester out of the registers.";
    case "PFO is set":
      return "Not recorded: an earlier fault found no free register, so PFO in FSTS is set and new faults are dropped. Acknowledge the faults first.";
    case "same requester pending":
      return "Not recorded: a fault of the same requester is pending already. Acknowledge it first.";
    default:
      return "Not recorded: the recording register still holds an earlier fault. Acknowledge it first.";
  }
}

/** The fields of a fault record as rows: name, value. */
export function recordRows(record: FaultRecord): readonly (readonly [string, string])[] {
  const { reason, requester } = record;
  return [
    ["register", `FRCD ${record.index}`],
    ["reason", `${plainHex(reason, 2)}, ${faultName(reason)}`],
    ["requester id", `${plainHex(requester, 4)}, ${formatBdf(requester)}`],
    ["PASID", record.pasidPresent ? pasidHex(record.pasid) : "none"],
    ["address", `${hex(record.address)}, low 12 bits not kept`],
    ["access", record.access],
  ];
}

/** One row of a table around the entry that was used. */
export interface Neighbour {
  readonly index: number;
  readonly digits: string;
  /** Its first word, `1_06b3_b001`; of a scalable root entry the half that is used. */
  readonly word: string;
  readonly own: boolean;
}

/** The entry of a hop with one neighbour on each side, or fewer at the ends; memory as it is now. */
export function neighbours(hop: Hop, unit: Unit): Neighbour[] {
  const { base, index, size, digits } = hop;
  if (base === null) return [{ index, digits, word: "", own: true }];
  const from = Math.max(0, Math.min(index - 1, hop.count - 3));
  return Array.from({ length: Math.min(3, hop.count) }, (_, at) => {
    const row = from + at;
    const own = row === index;
    const words = own ? hop.words : readWords(unit, hpa(base + BigInt(row * size)), size);
    const half = hop.table === "root entry" && unit.scalable && words[0] === 0n ? 1 : 0;
    const word = words[half];
    return {
      index: row,
      digits: row.toString(16).padStart(digits.length, "0"),
      word: word === undefined ? "no memory" : hex(word).slice(2),
      own,
    };
  });
}
