// The call tree: what the kernel ran during one operation, nested as it ran, from the record of events alone.
import type { KernelEvent } from "../linux/kernel/events.ts";
import type { Moment, Operation, SessionEvent } from "../session/types.ts";

/** One system call, interrupt, timer or run of a function. */
export interface CallNode {
  /** Unique in its operation: "call 12", "system 3". */
  readonly id: string;
  readonly kind: "system call" | "function" | "interrupt" | "timer";
  /** Symbol, or name of the system call. */
  readonly name: string;
  /** Function: its module. System call: the process. */
  readonly module: string;
  readonly arguments: string;
  /** Empty while it has not returned. */
  readonly result: string;
  readonly failed: boolean;
  readonly returned: boolean;
  readonly exported: boolean;
  readonly specialCases: readonly { readonly name: string; readonly when: string }[];
  readonly lookups: readonly { readonly symbol: string; readonly found: boolean }[];
  /** Stores, register and configuration writes of this very run. */
  readonly writes: number;
  /** It waited for something at these points. */
  readonly waits: readonly string[];
  /** Events of the operation before it began, and when it had returned. */
  readonly from: number;
  readonly to: number;
  readonly children: readonly CallNode[];
}

type Growing = {
  -readonly [K in keyof CallNode]: CallNode[K] extends readonly (infer T)[]
    ? K extends "children"
      ? Growing[]
      : T[]
    : CallNode[K];
};

/** The trees of one operation, in order. Events that belong to no run are left to other views. */
export function callForest(events: readonly SessionEvent[]): readonly CallNode[] {
  const roots: Growing[] = [];
  const runs = new Map<number, Growing>();
  /** The system call that each task is in. */
  const systemCalls = new Map<number, Growing>();
  /** Interrupt or timer that runs now: its functions have no task. */
  let aside: Growing | null = null;
  for (const [at, event] of events.entries()) {
    switch (event.kind) {
      case "system call": {
        const node = begin("system call", `system ${at}`, event.name, event.process, at);
        node.arguments = brief(event.arguments);
        systemCalls.set(event.task, node);
        roots.push(node);
        break;
      }
      case "system call returned": {
        const node = systemCalls.get(event.task);
        if (!node) break;
        finish(node, String(event.result), event.result < 0, at);
        systemCalls.delete(event.task);
        break;
      }
      case "interrupt handled":
        aside = begin("interrupt", `interrupt ${at}`, `interrupt ${event.vector}`, "", at);
        roots.push(aside);
        break;
      case "timer":
        aside = begin("timer", `timer ${at}`, event.symbol, "", at);
        roots.push(aside);
        break;
      case "enter": {
        const node = begin("function", `call ${event.call}`, event.symbol, event.module, at);
        node.arguments = event.arguments.join(", ");
        node.exported = event.exported;
        const parent =
          runs.get(event.caller) ?? (event.task === 0 ? aside : systemCalls.get(event.task));
        (parent?.children ?? roots).push(node);
        runs.set(event.call, node);
        break;
      }
      case "leave": {
        const node = runs.get(event.call);
        if (node) finish(node, event.result, /^-\d+$/.test(event.result), at);
        if (aside?.children.at(-1) === node) aside = extend(aside, at);
        break;
      }
      default:
        note(event, runs, systemCalls);
    }
  }
  return roots;
}

/** An interrupt has no end of its own in the record: it ends with its last function. */
function extend(aside: Growing | null, at: number): Growing | null {
  if (aside) finish(aside, "", false, at);
  return aside;
}

function begin(
  kind: CallNode["kind"],
  id: string,
  name: string,
  module: string,
  from: number,
): Growing {
  return {
    id,
    kind,
    name,
    module,
    arguments: "",
    result: "",
    failed: false,
    returned: false,
    exported: false,
    specialCases: [],
    lookups: [],
    writes: 0,
    waits: [],
    from,
    to: from + 1,
    children: [],
  };
}

function finish(node: Growing, result: string, failed: boolean, at: number): void {
  node.result = result;
  node.failed = failed;
  node.returned = true;
  node.to = at + 1;
}

/** What happened inside a run without being one. */
function note(
  event: SessionEvent,
  runs: ReadonlyMap<number, Growing>,
  systemCalls: ReadonlyMap<number, Growing>,
): void {
  switch (event.kind) {
    case "special case":
      runs.get(event.call)?.specialCases.push({ name: event.name, when: event.when });
      break;
    case "symbol lookup":
      runs.get(event.call)?.lookups.push({ symbol: event.symbol, found: event.found });
      break;
    case "store":
    case "device register write":
    case "configuration write": {
      const run = runs.get(event.call);
      if (run) run.writes++;
      break;
    }
    case "pause":
      if (event.blocked) systemCalls.get(event.task)?.waits.push(event.point);
      break;
    default:
  }
}

/** Canonical JSON of a call's fields as `path=/dev/vfio/7, fd=3`. What is no JSON stays as it is. */
export function brief(json: string): string {
  const fields = /^\{(.*)\}$/s.exec(json)?.[1];
  if (fields === undefined) return json;
  return fields
    .replace(/"([A-Za-z_0-9]+)":/g, "$1=")
    .replace(/,(?=[A-Za-z_0-9]+=)/g, ", ")
    .replace(/^call="?[^",]*"?,? ?/, "");
}

export interface CallCounts {
  readonly systemCalls: number;
  readonly functions: number;
  readonly specialCases: number;
  readonly lookups: number;
  readonly writes: number;
}

/** Counted over whole trees. */
export function countCalls(forest: readonly CallNode[]): CallCounts {
  const counts = { systemCalls: 0, functions: 0, specialCases: 0, lookups: 0, writes: 0 };
  const visit = (node: CallNode): void => {
    if (node.kind === "system call") counts.systemCalls++;
    if (node.kind === "function") counts.functions++;
    counts.specialCases += node.specialCases.length;
    counts.lookups += node.lookups.length;
    counts.writes += node.writes;
    node.children.forEach(visit);
  };
  forest.forEach(visit);
  return counts;
}

/**
 * Indices of the operations that belong together with the one at `index`: what one line of the console made, which opens,
 * writes and closes one file.
 */
export function commandAround(operations: readonly Operation[], index: number): readonly number[] {
  const name = fileOf(operations[index]);
  if (name === null) return [index];
  let [first, last] = [index, index];
  while (fileOf(operations[first - 1]) === name) first--;
  while (fileOf(operations[last + 1]) === name) last++;
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** The name under which a call opened a file, or by which it refers to one. */
function fileOf(operation: Operation | undefined): string | null {
  if (operation?.op !== "call") return null;
  if (operation.as !== undefined) return operation.as;
  const { call } = operation;
  return "fd" in call && typeof call.fd === "string" ? call.fd.slice(1) : null;
}

/** Ids of the nodes on the way to the run of `symbol` that began first, the run's own last; empty when it did not run. */
export function pathToSymbol(forest: readonly CallNode[], symbol: string): readonly string[] {
  for (const node of forest) {
    if (node.kind === "function" && node.name === symbol) return [node.id];
    const below = pathToSymbol(node.children, symbol);
    if (below.length > 0) return [node.id, ...below];
  }
  return [];
}

/** Who called a function in this run. */
export interface CallerInRun {
  /** Symbol, or the name of a system call with the process in front. */
  readonly caller: string;
  readonly module: string;
  readonly times: number;
  /** Operation of the first of these calls, from 0. */
  readonly operation: number;
}

export interface FunctionInRun {
  readonly symbol: string;
  readonly module: string;
  readonly exported: boolean;
  readonly runs: number;
  readonly failed: number;
  readonly callers: readonly CallerInRun[];
  /** Functions that took it by symbol_get(). */
  readonly lookups: readonly CallerInRun[];
}

/** From the record of the first `upTo` operations; null when the function neither ran nor was looked up. */
export function functionInRun(
  moments: readonly Moment[],
  upTo: number,
  symbol: string,
): FunctionInRun | null {
  const callers = new Map<
    string,
    { caller: string; module: string; times: number; operation: number }
  >();
  const lookups: typeof callers = new Map();
  let found: Extract<KernelEvent, { kind: "enter" }> | null = null;
  let [runs, failed] = [0, 0];
  const count = (into: typeof callers, caller: string, module: string, operation: number): void => {
    const known = into.get(caller);
    if (known) known.times++;
    else into.set(caller, { caller, module, times: 1, operation });
  };
  for (let operation = 0; operation < Math.min(upTo, moments.length); operation++) {
    const events = moments[operation]?.events ?? [];
    const entered = new Map<number, Extract<KernelEvent, { kind: "enter" }>>();
    const calls = new Map<number, Extract<KernelEvent, { kind: "system call" }>>();
    const own = new Set<number>();
    for (const event of events) {
      if (event.kind === "system call") calls.set(event.task, event);
      else if (event.kind === "enter") {
        entered.set(event.call, event);
        if (event.symbol !== symbol) continue;
        found = event;
        runs++;
        own.add(event.call);
        const caller = entered.get(event.caller);
        const call = calls.get(event.task);
        if (caller) count(callers, caller.symbol, caller.module, operation);
        else if (call) count(callers, `${call.process}: ${call.name}`, "", operation);
        else count(callers, "an interrupt, a timer or boot", "", operation);
      } else if (event.kind === "leave") {
        if (own.has(event.call) && /^-\d+$/.test(event.result)) failed++;
      } else if (event.kind === "symbol lookup" && event.symbol === symbol) {
        const caller = entered.get(event.call);
        count(lookups, caller?.symbol ?? "boot", caller?.module ?? "", operation);
      }
    }
  }
  if (!found && lookups.size === 0) return null;
  return {
    symbol,
    module: found?.module ?? "",
    exported: found?.exported ?? true,
    runs,
    failed,
    callers: [...callers.values()],
    lookups: [...lookups.values()],
  };
}
