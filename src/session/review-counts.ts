// What a review counts in the record of calls so far: special cases, look-ups by name, exports and their callers.
import type { KernelEvent } from "../linux/kernel/events.ts";
import type { About } from "../linux/kernel/kernel.ts";
import { type Call, type Run, readRecord } from "./checks/record.ts";

/** The record and the symbols that it may mention. */
export interface CountInput {
  events(): Iterable<KernelEvent>;
  readonly symbols: ReadonlyMap<string, About>;
}

export interface Counted {
  readonly text: string;
  readonly times: number;
}

export interface ReviewCount {
  readonly id: string;
  /** What is counted, in the plural, for a heading. */
  readonly title: string;
  /** Different things, in the order in which they first happened, with how often each did. */
  count(input: CountInput): readonly Counted[];
}

class Tally {
  readonly #times = new Map<string, number>();

  add(text: string, times = 1): void {
    this.#times.set(text, (this.#times.get(text) ?? 0) + times);
  }

  list(): readonly Counted[] {
    return [...this.#times].map(([text, times]) => ({ text, times }));
  }
}

/** The nearest caller in another module; null: none. */
function foreignCaller(run: Run): Run | null {
  const { caller } = run;
  return caller !== null && caller.module !== run.module ? caller : null;
}

const isOutOfTree = (about: About | undefined): boolean =>
  about !== undefined && /out[- ]of[- ]tree/.test(about.source);

export interface ExportUse {
  readonly symbol: string;
  readonly module: string;
  /** Runs so far, whoever called. */
  readonly runs: number;
  /** Modules that called it in this run, besides its own. */
  readonly callers: readonly string[];
  /** Those of them that are part of the kernel tree. */
  readonly inTree: readonly string[];
}

/** Every exported function of the modelled kernel with who called it in this run, by module and symbol. */
export function exportUses({ events, symbols }: CountInput): readonly ExportUse[] {
  const runs = new Map<string, number>();
  const callers = new Map<string, Map<string, boolean>>();
  readRecord(events(), {
    entered(run) {
      if (!run.exported) return;
      runs.set(run.symbol, (runs.get(run.symbol) ?? 0) + 1);
      const caller = foreignCaller(run);
      if (!caller) return;
      const of = callers.get(run.symbol) ?? new Map<string, boolean>();
      of.set(caller.module, of.get(caller.module) || !isOutOfTree(symbols.get(caller.symbol)));
      callers.set(run.symbol, of);
    },
    other(event, run) {
      // A look-up by name is a use by the module that looked, though no call yet.
      if (event.kind !== "symbol lookup" || !event.found || run === null) return;
      const of = callers.get(event.symbol) ?? new Map<string, boolean>();
      of.set(run.module, of.get(run.module) || !isOutOfTree(symbols.get(run.symbol)));
      callers.set(event.symbol, of);
    },
  });
  return [...symbols.values()]
    .filter(({ exported }) => exported)
    .map(({ symbol, module }) => {
      const of = [...(callers.get(symbol) ?? [])];
      return {
        symbol,
        module,
        runs: runs.get(symbol) ?? 0,
        callers: of.map(([name]) => name).sort(),
        inTree: of
          .filter(([, inTree]) => inTree)
          .map(([name]) => name)
          .sort(),
      };
    })
    .sort((a, b) => compare(a.module, b.module) || compare(a.symbol, b.symbol));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Counts texts that a reader of the record adds. */
const tallied = (
  id: string,
  title: string,
  readerOf: (add: (text: string | null) => void) => Parameters<typeof readRecord>[1],
): ReviewCount => ({
  id,
  title,
  count({ events }) {
    const tally = new Tally();
    const add = (text: string | null): void => {
      if (text !== null) tally.add(text);
    };
    readRecord(events(), readerOf(add));
    return tally.list();
  },
});

const eventsCount = (
  id: string,
  title: string,
  textOf: (event: KernelEvent, run: Run | null) => string | null,
): ReviewCount => tallied(id, title, (add) => ({ other: (event, run) => add(textOf(event, run)) }));

const runsCount = (id: string, title: string, textOf: (run: Run) => string | null): ReviewCount =>
  tallied(id, title, (add) => ({ entered: (run) => add(textOf(run)) }));

const callsCount = (
  id: string,
  title: string,
  textOf: (call: Call) => string | null,
): ReviewCount => tallied(id, title, (add) => ({ returned: (call) => add(textOf(call)) }));

const exportsCount = (
  id: string,
  title: string,
  keep: (use: ExportUse) => boolean,
): ReviewCount => ({
  id,
  title,
  count: (input) =>
    exportUses(input)
      .filter(keep)
      .map(({ symbol, module }) => ({ text: `${symbol} (${module})`, times: 1 })),
});

const COUNTS: readonly ReviewCount[] = [
  eventsCount("special-cases", "Branches taken for one kind of device", (event, run) =>
    event.kind === "special case" ? `${run?.symbol ?? "boot"}: ${event.name}` : null,
  ),
  eventsCount("symbol-lookups", "Look-ups of another module's symbol at run time", (event, run) =>
    event.kind === "symbol lookup"
      ? `${event.symbol} by ${run?.symbol ?? "boot"}${event.found ? "" : " (not found)"}`
      : null,
  ),
  runsCount("aux-attachments", "Attachments that the IOMMU core does not keep", (run) =>
    run.symbol === "iommu_aux_attach_device" ? run.symbol : null,
  ),
  runsCount("core-attachments", "Attachments that the IOMMU core keeps", (run) =>
    run.symbol === "iommu_attach_group" ? run.symbol : null,
  ),
  runsCount("parent-driver-calls", "Exported functions called by out-of-tree drivers", (run) =>
    run.exported && run.caller?.module === "idxd" ? run.symbol : null,
  ),
  exportsCount(
    "exports-without-callers",
    "Exported functions that no other module called in this run",
    ({ callers }) => callers.length === 0,
  ),
  exportsCount(
    "exports-for-out-of-tree",
    "Exported functions that only out-of-tree drivers called in this run",
    ({ callers, inTree }) => callers.length > 0 && inTree.length === 0,
  ),
  callsCount("system-calls", "System calls", ({ name }) => name),
  callsCount("failed-calls", "System calls that failed", ({ name, result }) =>
    result !== null && result < 0 ? `${name}: ${result}` : null,
  ),
  eventsCount("log-lines", "Lines of the kernel log", (event) =>
    event.kind === "log" ? event.text : null,
  ),
];

export const REVIEW_COUNTS: ReadonlyMap<string, ReviewCount> = new Map(
  COUNTS.map((count) => [count.id, count]),
);

/** The figure beside a count's title. */
export const totalOf = (counted: readonly Counted[]): number =>
  counted.reduce((sum, { times }) => sum + times, 0);
