// The running kernel: state, machine, recorder. `define` registers each function under its symbol and records every run.
import { ERRNO } from "./errno.ts";
import type { CallId, FaultPoint, KernelEvent } from "./events.ts";
import type { MachinePort } from "./machine-port.ts";
import { Scheduler, type Sleep } from "./scheduler.ts";
import type { KernelState } from "./state.ts";

/** What is known of a kernel function at build time. */
export interface About {
  readonly symbol: string;
  /** "vmlinux" for what is built in, else the module's name as lsmod prints it: "vfio_iommu_type1". */
  readonly module: string;
  /** EXPORT_SYMBOL or EXPORT_SYMBOL_GPL. */
  readonly exported?: boolean;
  /** File and kernel version that the behaviour follows: "drivers/vfio/mdev/mdev_core.c, v5.12". */
  readonly source: string;
}

// biome-ignore lint/suspicious/noExplicitAny: replacements of functions of every signature stand in one table.
type Body = (k: Kernel, ...rest: any[]) => unknown;

const REGISTRY = new Map<string, About>();

/** What runs when a record names a function: drivers, file operations, timers. */
const CALLABLE = new Map<string, Body>();

/** Every function that was defined, by symbol. */
export const registeredSymbols = (): ReadonlyMap<string, About> => REGISTRY;

/** Functions that a design or an era puts in place of others, by symbol. */
export type Replacements = ReadonlyMap<string, Body>;

export interface KernelOptions {
  readonly machine: MachinePort;
  readonly state: KernelState;
  readonly replacements: Replacements;
  readonly onEvent: (event: KernelEvent) => void;
  /** Runs the handler of an interrupt vector. */
  readonly onInterrupt: (k: Kernel, vector: number) => void;
}

export interface Counts {
  readonly task: number;
  readonly calls: CallId[];
  readonly nextCall: CallId;
  readonly reached: ReadonlyMap<FaultPoint, number>;
}

export class Kernel {
  readonly machine: MachinePort;
  readonly replacements: Replacements;
  readonly scheduler = new Scheduler();
  /** Replaced as a whole when the machine goes back in time: never keep a record of it across calls. */
  state: KernelState;
  /** Task that runs now; 0: an interrupt, a timer or boot. */
  task = 0;
  readonly #onEvent: (event: KernelEvent) => void;
  readonly #onInterrupt: (k: Kernel, vector: number) => void;
  #calls: CallId[] = [];
  #nextCall = 1;
  #faults = new Map<FaultPoint, readonly number[]>();
  #reached = new Map<FaultPoint, number>();

  constructor(options: KernelOptions) {
    this.machine = options.machine;
    this.state = options.state;
    this.replacements = options.replacements;
    this.#onEvent = options.onEvent;
    this.#onInterrupt = options.onInterrupt;
  }

  record(event: KernelEvent): void {
    this.#onEvent(event);
  }

  /** The recorded run that is innermost now; 0: none. */
  get call(): CallId {
    return this.#calls.at(-1) ?? 0;
  }

  /** Starts the count of runs and faults anew. `faults`: which ordinals (from 1) of which points fail. */
  beginOperation(
    faults: readonly { readonly point: FaultPoint; readonly ordinal: number }[] = [],
  ): void {
    if (this.scheduler.live.length === 0) {
      this.#nextCall = 1;
      this.scheduler.clear();
    }
    this.#reached.clear();
    this.#faults = new Map();
    for (const { point, ordinal } of faults) {
      this.#faults.set(point, [...(this.#faults.get(point) ?? []), ordinal]);
    }
  }

  /** Counts one more of `point` in this operation; true when the document makes this one fail. */
  inject(point: FaultPoint): boolean {
    const ordinal = (this.#reached.get(point) ?? 0) + 1;
    this.#reached.set(point, ordinal);
    if (!this.#faults.get(point)?.includes(ordinal)) return false;
    this.record({ kind: "injected fault", point, ordinal });
    return true;
  }

  /** 0, or -ENOMEM where the document lets an allocation fail. */
  allocate(): number {
    return this.inject("allocation") ? -ERRNO.ENOMEM : 0;
  }

  /** A line of the kernel log, without a newline. */
  log(text: string): void {
    const { log } = this.state;
    log.push({ at: this.machine.now(), text });
    if (log.length > LOG_LINES) log.splice(0, log.length - LOG_LINES);
    this.record({ kind: "log", text });
  }

  /** Notes that the running function took a branch that exists for one kind of device. */
  specialCase(name: string, when: string): void {
    this.record({ kind: "special case", call: this.call, name, when });
  }

  /** A new id; ids are never used again. */
  newId(): number {
    return this.state.nextId++;
  }

  handleInterrupts(): void {
    for (const vector of this.machine.takeInterrupts()) {
      const [task, calls] = [this.task, this.#calls];
      this.task = 0;
      this.#calls = [];
      this.record({ kind: "interrupt handled", vector });
      this.#onInterrupt(this, vector);
      this.task = task;
      this.#calls = calls;
    }
  }

  /** What is counted in the running operation. Set it again after calls that shall leave no mark on the counts. */
  get counts(): Counts {
    const { task } = this;
    return { task, calls: this.#calls, nextCall: this.#nextCall, reached: new Map(this.#reached) };
  }

  set counts({ task, calls, nextCall, reached }: Counts) {
    this.task = task;
    this.#calls = calls;
    this.#nextCall = nextCall;
    this.#reached = new Map(reached);
  }

  enterTask(task: number, calls: CallId[]): void {
    this.task = task;
    this.#calls = calls;
  }

  leaveTask(): CallId[] {
    const calls = this.#calls;
    this.task = 0;
    this.#calls = [];
    return calls;
  }

  enter(about: About, shown: readonly string[]): CallId {
    const call = this.#nextCall++;
    this.record({
      kind: "enter",
      call,
      caller: this.call,
      task: this.task,
      symbol: about.symbol,
      module: about.module,
      exported: about.exported ?? false,
      arguments: shown,
    });
    this.#calls.push(call);
    return call;
  }

  leave(call: CallId, result: unknown): void {
    this.#calls.pop();
    this.record({ kind: "leave", call, result: shortly(result) });
  }
}

/** Lines of the kernel log that are kept. */
const LOG_LINES = 1000;

/** A value as the call tree prints it. */
export function shortly(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (typeof value === "object") return "{…}";
  return String(value);
}

function register(about: About, callable: Body): void {
  if (REGISTRY.has(about.symbol)) throw new Error(`${about.symbol} is defined twice`);
  REGISTRY.set(about.symbol, about);
  CALLABLE.set(about.symbol, callable);
}

/** How arguments are shown in the call tree; default: `shortly` of each. */
type Show<A extends unknown[]> = (k: Kernel, ...rest: A) => readonly string[];

/** A kernel function that never sleeps. Call it like the function itself; a design may replace what runs. */
export function define<A extends unknown[], R>(
  about: About,
  body: (k: Kernel, ...rest: A) => R,
  show?: Show<A>,
): (k: Kernel, ...rest: A) => R {
  const callable = (k: Kernel, ...rest: A): R => {
    const call = k.enter(about, show ? show(k, ...rest) : rest.map(shortly));
    const run = (k.replacements.get(about.symbol) as typeof body | undefined) ?? body;
    const result = run(k, ...rest);
    k.leave(call, result);
    return result;
  };
  register(about, callable);
  return callable;
}

/** A kernel function that may sleep: `yield*` it. */
export function defineSleeping<A extends unknown[], R>(
  about: About,
  body: (k: Kernel, ...rest: A) => Sleep<R>,
  show?: Show<A>,
): (k: Kernel, ...rest: A) => Sleep<R> {
  const callable = function* (k: Kernel, ...rest: A): Sleep<R> {
    const call = k.enter(about, show ? show(k, ...rest) : rest.map(shortly));
    const run = (k.replacements.get(about.symbol) as typeof body | undefined) ?? body;
    const result = yield* run(k, ...rest);
    k.leave(call, result);
    return result;
  };
  register(about, callable);
  return callable;
}

/** Calls a function that a record names. The caller knows its signature; one that sleeps needs `invokeSleeping`. */
export function invoke<R = number>(k: Kernel, symbol: string, ...rest: unknown[]): R {
  return callableOf(symbol)(k, ...rest) as R;
}

/** The same for a function that may sleep (or not): `yield*` it. */
export function* invokeSleeping<R = number>(
  k: Kernel,
  symbol: string,
  ...rest: unknown[]
): Sleep<R> {
  const result = callableOf(symbol)(k, ...rest);
  return (isSleep(result) ? yield* result : result) as R;
}

function callableOf(symbol: string): Body {
  const callable = CALLABLE.get(symbol);
  if (!callable) throw new Error(`No kernel function is defined under the symbol ${symbol}`);
  return callable;
}

const isSleep = (value: unknown): value is Sleep<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value && "next" in value;
