// What a step or an operation changed, counted from its events: the lines under "Changed by this step".
import type { Moment } from "../session/types.ts";

export interface DeltaLine {
  readonly count: number;
  readonly words: string;
}

export interface Delta {
  readonly lines: readonly DeltaLine[];
  /** Lines of the kernel log, oldest first; at most `LOG_LINES`, the last ones. */
  readonly log: readonly string[];
}

const LOG_LINES = 4;

const COUNTED = [
  ["system call", "system call", "system calls"],
  ["enter", "kernel function run", "kernel functions run"],
  ["special case", "special case taken", "special cases taken"],
  ["symbol lookup", "symbol looked up at run time", "symbols looked up at run time"],
  ["store", "word of memory stored", "words of memory stored"],
  ["descriptor", "invalidation descriptor", "invalidation descriptors"],
  ["reached", "access reached memory", "accesses reached memory"],
  ["record", "fault recorded", "faults recorded"],
  ["injected fault", "fault injected by the document", "faults injected by the document"],
] as const;

/** Counts over the events of these moments; kinds that did not happen are left out. */
export function deltaOf(moments: readonly Moment[]): Delta {
  const counts = new Map<string, number>();
  const log: string[] = [];
  for (const { events } of moments) {
    for (const event of events) {
      counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
      if (event.kind === "log") log.push(event.text);
    }
  }
  const lines = COUNTED.flatMap(([kind, one, many]) => {
    const count = counts.get(kind) ?? 0;
    return count === 0 ? [] : [{ count, words: count === 1 ? one : many }];
  });
  return { lines, log: log.slice(-LOG_LINES) };
}
