// Going through time: the next event or operation from a place, and a place in words.
import type { Branch, Moment, Place, SessionEvent } from "../session/types.ts";
import { operationLabel } from "./timeline-lanes.ts";
import { countWord, digitsWord } from "./words.ts";

/** One event forward or back; over the border of an operation, and operations without events whole. */
export function stepEvent(place: Place, moments: readonly Moment[], by: 1 | -1): Place {
  const { branch, operation, event } = place;
  const between = (at: number): Place => ({
    branch,
    operation: Math.max(0, Math.min(moments.length, at)),
    event: null,
  });
  if (by === 1) {
    const events = moments[operation]?.events.length ?? 0;
    const next = (event ?? 0) + 1;
    return next < events ? { branch, operation, event: next } : between(operation + 1);
  }
  if (event !== null) {
    return event > 1 ? { branch, operation, event: event - 1 } : between(operation);
  }
  const before = moments[operation - 1]?.events.length ?? 0;
  return before > 1
    ? { branch, operation: operation - 1, event: before - 1 }
    : between(operation - 1);
}

/** Whole operations forward or back; from inside one, its own border comes first. */
export function stepOperation(place: Place, moments: readonly Moment[], by: number): Place {
  const inside = place.event !== null && by < 0 ? 1 : 0;
  const operation = Math.max(0, Math.min(moments.length, place.operation + by + inside));
  return { branch: place.branch, operation, event: null };
}

const isStop = (event: SessionEvent, stop: Stop): boolean =>
  stop === "fault" ? event.kind === "refused" : event.kind === "system call";

export type Stop = "fault" | "kernel call";

/** Just after the next event of this kind; null when there is none later. Operations that are not kept are passed over. */
export function nextStop(place: Place, moments: readonly Moment[], stop: Stop): Place | null {
  for (let operation = place.operation; operation < moments.length; operation++) {
    const events = moments[operation]?.events ?? [];
    const from = operation === place.operation ? (place.event ?? 0) : 0;
    for (let at = from; at < events.length; at++) {
      const event = events[at];
      if (!event || !isStop(event, stop)) continue;
      const { branch } = place;
      return at + 1 < events.length
        ? { branch, operation, event: at + 1 }
        : { branch, operation: operation + 1, event: null };
    }
  }
  return null;
}

/** "After operation 41 of 96, assign device", "In operation 42 of 96, DMA write: after event 3 of 12, request". */
export function placeWords(place: Place, moments: readonly Moment[]): string {
  const total = digitsWord(moments.length);
  if (place.event === null) {
    const last = moments[place.operation - 1];
    if (!last) return `Before the first of ${countWord(moments.length, "operation")}`;
    return `After operation ${digitsWord(place.operation)} of ${total}, ${operationLabel(last.operation)}`;
  }
  const moment = moments[place.operation];
  const event = moment?.events[place.event - 1];
  const what = event ? `, ${eventWord(event)}` : "";
  const name = moment ? `, ${operationLabel(moment.operation)}` : "";
  return `In operation ${digitsWord(place.operation + 1)} of ${total}${name}: after event ${place.event} of ${moment?.events.length ?? 0}${what}`;
}

/** An event in two or three words. */
export function eventWord(event: SessionEvent): string {
  switch (event.kind) {
    case "system call":
      return `${event.process} calls ${event.name}`;
    case "system call returned":
      return `the call returns ${event.result}`;
    case "enter":
      return `${event.symbol} begins`;
    case "leave":
      return event.result === "" ? "a function returns" : `a function returns ${event.result}`;
    case "symbol lookup":
      return `${event.symbol} is looked up`;
    case "special case":
      return `special case: ${event.name}`;
    case "log":
      return event.text;
    default:
      return event.kind;
  }
}

export interface Fork {
  readonly branch: number;
  /** Operations that it shares with the branch it is shown on. */
  readonly operation: number;
}

/** Branches that begin on this one, and the one that it began on. */
export function forksOf(branches: readonly Branch[], current: number): readonly Fork[] {
  const forks: Fork[] = branches.flatMap((branch) =>
    branch.from?.branch === current
      ? [{ branch: branch.id, operation: branch.from.operation }]
      : [],
  );
  const from = branches.find((branch) => branch.id === current)?.from;
  if (from) forks.push({ branch: from.branch, operation: from.operation });
  return forks.sort((a, b) => a.operation - b.operation || a.branch - b.branch);
}

/** "Branch 2, from operation 12 of branch 1". People count branches from 1. */
export function branchWords(branch: Branch, branches: readonly Branch[]): string {
  const number = (id: number) => branches.findIndex((one) => one.id === id) + 1;
  const name = `Branch ${number(branch.id)}`;
  const count = countWord(branch.operations.length, "operation");
  if (!branch.from) return `${name}, ${count}`;
  return `${name}, ${count}, leaves branch ${number(branch.from.branch)} after operation ${branch.from.operation}`;
}
