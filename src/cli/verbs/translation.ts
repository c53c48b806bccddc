// One address given by `--translate`: reading it, walking it, and the walk as a record for programs and lines for people.

import { formatBdf, parseBdf } from "../../base/bdf.ts";
import { type Iova, iova, type Pasid, pasid, type RequesterId } from "../../base/brand.ts";
import { parseNumber, plainHex } from "../../base/hex.ts";
import type { HardwareEvent } from "../../hardware/vtd/events.ts";
import { faultName } from "../../hardware/vtd/fault-codes.ts";
import { type Prober, probeLength } from "../../interchange/lookup-check.ts";
import { hardwareEvents } from "../../session/event-kinds.ts";
import { UsageError } from "../output.ts";

export interface Translation {
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
  readonly address: Iova;
  readonly access: "read" | "write";
}

interface Step {
  /** Which entry was read: "PASID table entry", "first-stage entry, level 4". */
  readonly read: string;
  readonly address: string;
  readonly words: readonly string[];
  readonly decision: string;
}

/** How one address came out. Numbers are hexadecimal texts; what there is none of is null. */
export interface TranslationRecord {
  readonly bdf: string;
  readonly pasid: string | null;
  readonly iova: string;
  readonly access: "read" | "write";
  readonly result: "translated" | "fault";
  readonly pa: string | null;
  readonly mask: string | null;
  readonly reason: string | null;
  readonly name: string | null;
  readonly steps: readonly Step[];
}

/** `01:00.0,-,0x1000,r`. Throws a UsageError that says which part is wrong. */
export function parseTranslation(text: string): Translation {
  const wrong = (what: string): never => {
    throw new UsageError(`image: --translate ${text}: ${what}`);
  };
  const [bdf = "", process = "", address = "", right = "", ...more] = text.split(",");
  if (more.length > 0 || right === "") {
    return wrong("expected BDF,PASID|-,IOVA,r|w, for example 01:00.0,-,0x1000,r");
  }
  const requester = parseBdf(bdf) ?? wrong(`"${bdf}" is no PCI address like 01:00.0`);
  const number = process === "-" ? null : parseNumber(process);
  if (number === undefined || (number !== null && number > 0xf_ffffn)) {
    return wrong(`"${process}" is neither - nor a PASID from 0 to 0xfffff`);
  }
  const where = parseNumber(address) ?? wrong(`"${address}" is no address of at most 64 bits`);
  if (right !== "r" && right !== "w") return wrong(`"${right}" is neither r nor w`);
  return {
    requester,
    pasid: number === null ? null : pasid(Number(number)),
    address: iova(where),
    access: right === "r" ? "read" : "write",
  };
}

/** Walks the tables with cold caches. */
export function translate(asked: Translation, machine: Prober): TranslationRecord {
  const { outcome, events } = machine.probe({ ...asked, length: probeLength(asked.address) });
  const target = outcome?.pieces[0]?.target ?? null;
  const translated = outcome !== null && outcome.kind !== "fault";
  const fault = outcome?.fault ?? null;
  const steps = hardwareEvents(events).flatMap(stepOf);
  return {
    bdf: formatBdf(asked.requester),
    pasid: asked.pasid === null ? null : plainHex(asked.pasid),
    iova: plainHex(asked.address),
    access: asked.access,
    result: translated ? "translated" : "fault",
    pa: translated && target !== null ? plainHex(target) : null,
    mask: translated && outcome.kind !== "interrupt" ? plainHex(outcome.mask) : null,
    reason: fault === null ? null : plainHex(fault, 2),
    name:
      outcome?.kind === "interrupt"
        ? INTERRUPT[asked.access]
        : fault === null
          ? null
          : faultName(fault),
    steps: fault === null ? steps : refusedAtTheEnd(steps),
  };
}

/** Requests without PASID in the interrupt range: only a write is a message. */
const INTERRUPT = { read: "interrupt range", write: "interrupt request" } as const;

/** A walk dies at the last entry that it read, also where what refused it is checked only after the reading. */
const refusedAtTheEnd = (steps: readonly Step[]): Step[] =>
  steps.map((step, at) => (at === steps.length - 1 ? { ...step, decision: "refused" } : step));

function stepOf(event: HardwareEvent): Step[] {
  if (event.kind !== "read") return [];
  const level = event.level === null ? "" : `, level ${event.level}`;
  return [
    {
      read: `${event.table}${level}`,
      address: plainHex(event.address),
      words: event.words.map((word) => plainHex(word)),
      decision: event.decision,
    },
  ];
}

/** The record as numbered lines. */
export function describeTranslation(record: TranslationRecord): string {
  const asked = `${record.bdf} ${record.pasid === null ? "without PASID" : `PASID ${record.pasid}`} ${record.access} ${record.iova}`;
  const end =
    record.result === "translated"
      ? record.mask === null
        ? `${record.access === "write" ? "is an interrupt request" : "is in the interrupt range"} and is not translated`
        : `reaches ${record.pa ?? "no memory"}, mask ${record.mask}`
      : `is refused: ${record.reason === null ? "no reason is recorded" : `${record.reason} ${record.name}`}`;
  const lines = record.steps.map(
    (step, index) =>
      `  ${index + 1}. ${step.read} at ${step.address}: ${step.words.join(" ") || "no memory"}: ${step.decision}`,
  );
  return [`${asked} ${end}`, ...lines].join("\n");
}
