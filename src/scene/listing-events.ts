// What the hardware reports, one sentence per event, for the log.
import { formatBdf } from "../base/bdf.ts";
import { hex, pasidHex, plainHex, wordDigits } from "../base/hex.ts";
import { descriptorLayout } from "../hardware/layout/descriptors.ts";
import { faultText } from "../hardware/layout/fault-text.ts";
import { REGISTERS } from "../hardware/layout/registers.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import { faultName } from "../hardware/vtd/fault-codes.ts";
import type { CacheEntry } from "../hardware/vtd/types.ts";
import type { Moment } from "../session/types.ts";
import { pasidTag } from "./listing-caches.ts";
import { cacheName, unrecordedWords } from "./walk-story.ts";
import type { Unit } from "./walk-types.ts";
import { entrySays } from "./walk-words.ts";

/** What kind of line it is: decides its mark, never its meaning. */
export type EventTone = "plain" | "fault" | "cache" | "memory";

export interface EventLine {
  readonly tone: EventTone;
  readonly words: string;
}

const line = (words: string, tone: EventTone = "plain"): EventLine => ({ tone, words });

/** One event as a sentence without its full stop. */
export function eventLine(event: HardwareEvent, unit: Unit): EventLine {
  switch (event.kind) {
    case "request":
      return line(
        `${formatBdf(event.requester)}, ${pasidTag(event.pasid)}: ${event.access} of ${event.length} bytes at ${hex(event.address)}`,
      );
    case "lookup":
      return line(
        event.slot === null
          ? `${cacheName(event.cache)}: no entry`
          : `${cacheName(event.cache)}: hit in slot ${event.slot}`,
        "cache",
      );
    case "read": {
      const name = event.level === null ? event.table : `${event.table}, level ${event.level}`;
      if (event.words.length === 0)
        return line(`${name} at ${hex(event.address)} cannot be read`, "fault");
      const says = entrySays(event.table, event.level, event.words, unit);
      const refused = event.decision === "refused";
      return line(
        `Read ${name} at ${hex(event.address)}: ${says}${refused ? ", refused" : ""}`,
        refused ? "fault" : "plain",
      );
    }
    case "update":
      return line(
        `Accessed and dirty bits at ${hex(event.address)}: ${wordDigits(event.before)} becomes ${wordDigits(event.after)}`,
        "memory",
      );
    case "fill":
      return line(
        `${cacheName(event.entry.cache)}: slot ${event.entry.slot} filled, ${fillWords(event.entry)}`,
        "cache",
      );
    case "drop":
      return line(`${cacheName(event.cache)}: slot ${event.slot} emptied`, "cache");
    case "refused":
      return line(
        `Fault ${plainHex(event.reason, 2)}, ${faultName(event.reason)}. ${faultText(event.reason).refused}`,
        "fault",
      );
    case "record":
      return line(`Fault recorded in FRCD ${event.record.index}`, "fault");
    case "no record":
      return line(unrecordedWords(event.because), "fault");
    case "reached":
      return line(
        `Reached ${hex(event.target)}, ${event.length} bytes, ${HOW[event.how]}`,
        "memory",
      );
    case "interrupt":
      return line(
        `Interrupt request at ${hex(event.address)} with data ${hex(event.data)}, not translated`,
      );
    case "descriptor": {
      const name =
        descriptorLayout(event.words[0] ?? 0n, event.words.length > 2 ? 256 : 128)?.name ??
        "Descriptor of an unknown type";
      return event.error === 0
        ? line(`${name} at ${hex(event.address)} done`)
        : line(`${name} at ${hex(event.address)} stops the queue, IQEI ${event.error}`, "fault");
    }
    case "status write":
      return line(`Wait done: ${hex(event.data)} written to ${hex(event.address)}`, "memory");
    case "register write":
      return line(`${registerAt(event.offset, unit)} written: ${hex(event.value)}`);
  }
}

const HOW = {
  walk: "by the walk",
  iotlb: "through the IOTLB",
  "pass-through": "pass-through",
  "remapping off": "remapping is off",
  "translated request": "already translated",
} as const;

function registerAt(offset: number, unit: Unit): string {
  const { capabilities } = unit.environment;
  const found = REGISTERS.find(
    (register) => register.exists(capabilities) && register.offset(capabilities) === offset,
  );
  return found ? found.id : `Register ${plainHex(offset)}`;
}

function fillWords(entry: CacheEntry): string {
  if (entry.cache === "iotlb") return `${hex(entry.address)} to ${hex(entry.target)}`;
  if (entry.cache === "paging") return `level ${entry.level} table ${hex(entry.table)}`;
  const who = entry.requester === null ? "" : formatBdf(entry.requester);
  return entry.cache === "pasid" && entry.pasid !== null
    ? `${who} PASID ${pasidHex(entry.pasid)}`
    : who;
}

/** Index of the next moment after `at` whose request was refused, going round; null when none was. */
export function nextFault(moments: readonly Moment[], at: number | null): number | null {
  const from = at ?? -1;
  for (let step = 1; step <= moments.length; step++) {
    const index = (from + step) % moments.length;
    const outcome = moments[index]?.outcome;
    if (outcome && outcome.fault !== null) return index;
  }
  return null;
}

export interface MomentCounts {
  readonly operations: number;
  readonly requests: number;
  readonly faults: number;
  readonly edits: number;
  readonly invalidations: number;
}

/** How many of each kind; a stream counts every request. */
export function countMoments(moments: readonly Moment[]): MomentCounts {
  const counts = { operations: moments.length, requests: 0, faults: 0, edits: 0, invalidations: 0 };
  for (const { operation, outcome } of moments) {
    if (operation.op === "dma") counts.requests += operation.repeat ?? 1;
    else if (operation.op === "edit") counts.edits++;
    else if (operation.op === "invalidate") counts.invalidations++;
    if (outcome && outcome.fault !== null) counts.faults++;
  }
  return counts;
}
