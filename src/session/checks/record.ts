// The record of kernel runs as review checks and counts read it: who called what, and what came back.
import type { CallId, KernelEvent } from "../../linux/kernel/events.ts";

/** One run of a kernel function. */
export interface Run {
  readonly symbol: string;
  readonly module: string;
  readonly exported: boolean;
  readonly arguments: readonly string[];
  /** Null: called from a system call, an interrupt or a timer. */
  readonly caller: Run | null;
  /** Null: it has not returned yet. */
  result: string | null;
}

/** One system call. */
export interface Call {
  readonly task: number;
  readonly process: string;
  /** Name of the call; of an ioctl its request, "VFIO_SET_IOMMU". */
  readonly name: string;
  /** Canonical JSON. */
  readonly arguments: string;
  result: number | null;
  value: string;
}

export interface Visitor {
  entered?(run: Run): void;
  left?(run: Run): void;
  called?(call: Call): void;
  returned?(call: Call): void;
  /** Any other event; `run` is the one it belongs to, where it belongs to one. */
  other?(event: KernelEvent, run: Run | null): void;
}

/** Goes through the record once, oldest first. */
export function readRecord(events: Iterable<KernelEvent>, visitor: Visitor): void {
  // Ids of runs start anew with each operation: a later run takes an earlier one's place.
  const runs = new Map<CallId, Run>();
  const calls = new Map<number, Call>();
  for (const event of events) {
    switch (event.kind) {
      case "enter": {
        const { symbol, module, exported } = event;
        const caller = event.caller === 0 ? null : (runs.get(event.caller) ?? null);
        const run: Run = {
          symbol,
          module,
          exported,
          arguments: event.arguments,
          caller,
          result: null,
        };
        runs.set(event.call, run);
        visitor.entered?.(run);
        break;
      }
      case "leave": {
        const run = runs.get(event.call);
        if (!run) break;
        run.result = event.result;
        visitor.left?.(run);
        break;
      }
      case "system call": {
        const call: Call = {
          task: event.task,
          process: event.process,
          name: nameOf(event.name, event.arguments),
          arguments: event.arguments,
          result: null,
          value: "",
        };
        calls.set(event.task, call);
        visitor.called?.(call);
        break;
      }
      case "system call returned": {
        const call = calls.get(event.task);
        if (!call) break;
        call.result = event.result;
        call.value = event.value;
        visitor.returned?.(call);
        break;
      }
      default:
        visitor.other?.(event, "call" in event ? (runs.get(event.call) ?? null) : null);
    }
  }
}

function nameOf(name: string, args: string): string {
  if (name !== "ioctl") return name;
  return /"request":"([A-Z0-9_]{1,60})"/.exec(args)?.[1] ?? name;
}
