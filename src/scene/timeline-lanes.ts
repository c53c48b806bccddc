// Which lane of the timeline an event belongs to, and what an operation is called there.
import type { SystemCall } from "../linux/calls.ts";
import type { WithReferences } from "../session/document.ts";
import type { Operation, SessionEvent } from "../session/types.ts";

export const LANES = [
  "calls",
  "functions",
  "writes",
  "transactions",
  "cache fills",
  "invalidations",
  "faults",
] as const;
export type Lane = (typeof LANES)[number];

/** Names of the lanes on screen. */
export const LANE_WORD: Readonly<Record<Lane, string>> = {
  calls: "Calls",
  functions: "Functions",
  writes: "Writes",
  transactions: "Transactions",
  "cache fills": "Cache fills",
  invalidations: "Invalidations",
  faults: "Faults",
};

/** Null: the event is told elsewhere (call tree, walk, log). */
export function laneOf(event: SessionEvent): Lane | null {
  switch (event.kind) {
    case "system call":
      return "calls";
    case "enter":
      return "functions";
    case "store":
    case "device register write":
    case "configuration write":
    case "register write":
    case "update":
      return "writes";
    case "request":
    case "not sent":
      return "transactions";
    case "fill":
      return "cache fills";
    case "descriptor":
      return "invalidations";
    case "refused":
    case "no record":
      return "faults";
    default:
      return null;
  }
}

/** Last part of a path: "/dev/vfio/7" is "7". */
const lastPart = (path: string): string => path.split("/").at(-1) ?? path;

/** A system call in two or three words: "open 7", "VFIO_SET_IOMMU", "write". */
export function callLabel(call: WithReferences<SystemCall>): string {
  switch (call.call) {
    case "ioctl":
      return call.request;
    case "open":
      return `open ${lastPart(call.path)}`;
    case "init_module":
    case "delete_module":
      return `${call.call} ${call.name}`;
    default:
      return call.call;
  }
}

/** An operation in a few words. */
export function operationLabel(operation: Operation): string {
  switch (operation.op) {
    case "call":
      return callLabel(operation.call);
    case "demand":
      return operation.demand.want;
    case "together":
      return `${operation.calls.length} at once`;
    case "wait":
      return "wait";
    case "dma":
      return (operation.repeat ?? 1) > 1
        ? `${operation.repeat} requests`
        : `DMA ${operation.access}`;
    case "edit":
      return "edit";
    case "invalidate":
      return "invalidate";
    case "register write":
      return "register write";
  }
}
