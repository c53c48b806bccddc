// A described machine with its kernel and the programs of its actors: runs operations on it and gives its whole state away and back.
import { ok, problem, type Result } from "../../base/result.ts";
import type { StoreSnapshot } from "../../hardware/memory/store.ts";
import type { Platform } from "../../hardware/platform/platform.ts";
import type { DmaOutcome } from "../../hardware/vtd/types.ts";
import type { CallResult, SystemCall } from "../../linux/calls.ts";
import { handleInterrupt } from "../../linux/core/interrupts.ts";
import { processNamed } from "../../linux/core/processes.ts";
import { nextTimer, run_timers } from "../../linux/core/timers.ts";
import { DESIGNS } from "../../linux/designs.ts";
import { ERRNO } from "../../linux/kernel/errno.ts";
import { Kernel } from "../../linux/kernel/kernel.ts";
import type { Sleep } from "../../linux/kernel/scheduler.ts";
import { emptyState, type KernelState } from "../../linux/kernel/state.ts";
import { systemCall } from "../../linux/system-calls.ts";
import { expand } from "../actors/expand.ts";
import { type ActorState, newActor } from "../actors/state.ts";
import type { Demand, DesignId, MachineDescription, WithReferences } from "../document.ts";
import type { Machinery, RunOptions, Saved, Seen } from "../machinery.ts";
import { runOperation, runStream } from "../operations.ts";
import { copyOf, copySharing } from "../plain.ts";
import type { Answer, Operation, SessionEvent, WorldPort } from "../types.ts";
import { chooser } from "./choices.ts";
import { emptyLedger, type LedgerState, noteCall, notePage, noteQueue } from "./ledger.ts";
import { recordingPort } from "./port.ts";
import { Recorder, Stopped } from "./recorder.ts";
import { resolveCall } from "./references.ts";
import { refuseInWorld } from "./refuse.ts";
import { worldPort } from "./world-port.ts";

/** Most timers that run in one operation. */
const TIMER_LIMIT = 100_000;
/** Task number under which calls run that nobody shall notice. */
const PEEKING = 1_000_000;
/** Registers of a work queue: offset of the first, bytes of each. */
const QUEUE_REGISTERS = { at: 0x100, size: 0x20 } as const;

interface SavedWorld {
  readonly store: StoreSnapshot;
  readonly kernel: KernelState;
  readonly actors: Readonly<Record<string, ActorState>>;
  readonly results: Readonly<Record<string, number | string>>;
  readonly ledger: LedgerState;
}

export interface WorldOptions {
  readonly platform: Platform;
  readonly machine: MachineDescription;
  readonly design: DesignId;
  readonly seed: number;
}

export class World implements Machinery {
  readonly platform: Platform;
  readonly machine: MachineDescription;
  readonly design: DesignId;
  readonly kernel: Kernel;
  readonly recorder: Recorder;
  readonly world: WorldPort;
  readonly #seed: number;
  actors: Record<string, ActorState> = {};
  results: Record<string, number | string> = {};
  ledger: LedgerState = emptyLedger();
  #answers: Answer[] = [];
  /** Calls inside the kernel, by task. */
  readonly #calling = new Map<number, { readonly process: string; readonly call: SystemCall }>();
  /** Actors whose program waits, by task. */
  readonly #busy = new Map<number, string>();
  /** The last state given away: what did not change since is shared. */
  #last: SavedWorld | null = null;

  constructor({ platform, machine, design, seed }: WorldOptions) {
    this.platform = platform;
    this.machine = machine;
    this.design = design;
    this.#seed = seed;
    platform.setTrace(true);
    const recorder = new Recorder(
      () => platform.takeEvents(),
      (event) => this.#watch(event),
    );
    this.recorder = recorder;
    const world = this;
    const port = recordingPort(platform, {
      get call() {
        return world.kernel.call;
      },
      record: (event) => recorder.record(event),
      drain: () => recorder.drain(),
      tagged: (page, owner) => notePage(this.ledger, page, owner),
      deviceWritten: (function_, offset) => {
        const queue = Math.floor((offset - QUEUE_REGISTERS.at) / QUEUE_REGISTERS.size);
        if (queue >= 0) this.#queueReached(function_, queue);
      },
    });
    this.kernel = new Kernel({
      machine: port,
      state: emptyState(),
      replacements: DESIGNS[design].replaces,
      onEvent: (event) => recorder.record(event),
      onInterrupt: handleInterrupt,
    });
    this.world = worldPort(this);
  }

  get store(): Platform["store"] {
    return this.platform.store;
  }

  get unit(): Platform["unit"] {
    return this.platform.unit;
  }

  get quiet(): boolean {
    return this.kernel.scheduler.live.length === 0;
  }

  get rest(): unknown {
    const waiting = this.kernel.scheduler.live.map(({ name, point }) => [name, point]);
    return { kernel: this.kernel.state, actors: this.actors, results: this.results, waiting };
  }

  refuse(operation: Operation): Result<never> | null {
    return refuseInWorld(this, operation);
  }

  run(operation: Operation, { ordinal, from = 0, stopAt }: RunOptions): Result<Seen> {
    const { kernel, recorder } = this;
    recorder.begin(stopAt);
    this.#answers = [];
    kernel.beginOperation(operation.faults);
    const schedule = operation.op === "together" ? operation.schedule : undefined;
    kernel.scheduler.setChoose(chooser(this.#seed, ordinal, schedule));
    try {
      const done = this.#carryOut(operation, from);
      if (!done.ok) return done;
      return ok({ events: recorder.finish(), outcome: done.value, answers: this.#answers });
    } catch (thrown) {
      this.#abandon();
      const events = recorder.finish();
      if (!(thrown instanceof Stopped)) {
        const message = `The model of the machine failed here: ${String(thrown)}.`;
        return problem(operation.op, operation.id ?? "", message);
      }
      if (!thrown.asked) return endless(operation, "events");
      return ok({ events, outcome: null, stopped: true });
    }
  }

  save(): Saved {
    const before = this.#last;
    const size = { values: 0 };
    const state: SavedWorld = {
      store: this.store.snapshot(),
      kernel: copySharing(this.kernel.state, before?.kernel, size),
      actors: { ...this.actors },
      results: copySharing(this.results, before?.results, size),
      ledger: copySharing(this.ledger, before?.ledger, size),
    };
    this.#last = state;
    return { machine: state, size: size.values };
  }

  restore(saved: Saved): void {
    const state = saved.machine as SavedWorld;
    this.#abandon();
    this.store.restoreSnapshot(state.store);
    this.kernel.state = copyOf(state.kernel);
    this.actors = { ...state.actors };
    this.results = { ...state.results };
    this.ledger = copyOf(state.ledger);
    this.#last = state;
    this.platform.setTrace(true);
    this.platform.takeEvents();
  }

  unseen<T>(look: () => T): T {
    const found = this.recorder.silently(look);
    this.platform.setTrace(true);
    this.platform.takeEvents();
    return found;
  }

  /** Runs a call and puts everything back. A call that would have to wait gives -EAGAIN. */
  peek(process: string, call: SystemCall): CallResult {
    return this.#aside((make) => make(process, call));
  }

  /** Opens, reads and closes a file, and puts everything back. */
  readFile(process: string, path: string): CallResult {
    return this.#aside((make) => {
      const opened = make(process, { call: "open", path });
      return opened.result < 0 ? opened : make(process, { call: "read", fd: opened.result });
    });
  }

  /** Lets `look` make calls of which nothing stays. */
  #aside(
    look: (make: (process: string, call: SystemCall) => CallResult) => CallResult,
  ): CallResult {
    const { kernel, store, ledger } = this;
    const { counts, state } = kernel;
    const mark = store.checkpoint();
    kernel.state = copyOf(state);
    this.ledger = copyOf(ledger);
    const make = (process: string, call: SystemCall): CallResult => {
      kernel.enterTask(PEEKING, []);
      const steps = systemCall(kernel, processNamed(kernel, process), call);
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
        if (step.value.ready && !step.value.ready()) return { result: -ERRNO.EAGAIN, value: null };
      }
    };
    try {
      return this.unseen(() => look(make));
    } finally {
      kernel.state = state;
      kernel.counts = counts;
      this.ledger = ledger;
      store.restore(mark);
      store.forget(mark);
    }
  }

  /** Runs what can run until nothing can; problem: it does not end. */
  settle(operation: Operation): Result<null> {
    return this.kernel.scheduler.run(this.kernel) ? ok(null) : endless(operation, "pauses");
  }

  #carryOut(operation: Operation, from: number): Result<DmaOutcome | null> {
    let outcome: DmaOutcome | null = null;
    switch (operation.op) {
      case "call":
        this.#startCall(operation.process, operation.call, operation.as);
        break;
      case "demand":
        this.#startDemand(operation.actor, operation.demand, operation.as);
        break;
      case "together":
        for (const one of operation.calls) {
          if ("call" in one) this.#startCall(one.process, one.call, one.as);
          else this.#startDemand(one.actor, one.demand, one.as);
        }
        break;
      case "wait": {
        const waited = this.#wait(operation, operation.microseconds);
        if (!waited.ok) return waited;
        break;
      }
      case "dma":
        outcome = runStream(this.platform, operation, from);
        break;
      default: {
        const done = runOperation(this, this.#struck(operation));
        if (!done.ok) return done;
        for (const event of done.value.events) this.recorder.note(event);
      }
    }
    const settled = this.settle(operation);
    return settled.ok ? ok(outcome) : settled;
  }

  /** An invalidation without the descriptors that a fault of the document keeps from being submitted. */
  #struck(operation: Operation): Operation {
    if (operation.op !== "invalidate" || !operation.faults?.length) return operation;
    const descriptors = operation.descriptors.filter(() => !this.kernel.inject("invalidation"));
    return { ...operation, descriptors };
  }

  #startCall(process: string, call: WithReferences<SystemCall>, as: string | undefined): void {
    const world = this;
    function* steps(): Sleep<number> {
      // A name that stands for nothing was refused before; in a group it may be given by another call of the group.
      const resolved = resolveCall(call, world.results);
      if (!resolved.ok) return world.#answer(process, UNRESOLVED, as, resolved.problem.message);
      const returned = yield* world.#call(process, resolved.value);
      return world.#answer(process, returned, as, null);
    }
    this.kernel.scheduler.start(`${process} ${call.call}`, steps(), () => undefined);
  }

  #startDemand(actor: string, demand: Demand, as: string | undefined): void {
    const world = this;
    function* steps(): Sleep<number> {
      const program = expand(demand, actor, world.actors[actor] ?? newActor());
      let step = program.next();
      while (!step.done) step = program.next(yield* world.#call(actor, step.value));
      const { memory, result, problem: failure } = step.value;
      world.actors[actor] = memory;
      return world.#answer(actor, { result, value: null }, as, failure);
    }
    const { scheduler } = this.kernel;
    const task = scheduler.start(`${actor} ${demand.want}`, steps(), () => this.#busy.delete(task));
    this.#busy.set(task, actor);
  }

  isBusy(actor: string): boolean {
    return [...this.#busy.values()].includes(actor);
  }

  *#call(process: string, call: SystemCall): Sleep<CallResult> {
    const { kernel } = this;
    const { task } = kernel;
    this.#calling.set(task, { process, call });
    const returned = yield* systemCall(kernel, processNamed(kernel, process), call);
    this.#calling.delete(task);
    noteCall(this.ledger, process, call, returned);
    return returned;
  }

  #answer(
    process: string,
    { result, value }: CallResult,
    as: string | undefined,
    failure: string | null,
  ): number {
    this.#answers.push({ process, result, value, problem: failure });
    if (as === undefined) return result;
    this.results[as] = result >= 0 && typeof value === "string" ? value : result;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      for (const [field, held] of Object.entries(value)) this.results[`${as}.${field}`] = held;
    }
    return result;
  }

  #wait(operation: Operation, microseconds: number): Result<null> {
    const { kernel, platform } = this;
    const end = platform.now() + microseconds;
    for (let timers = 0; timers < TIMER_LIMIT; timers++) {
      const due = nextTimer(kernel);
      const next = due === null || due > end ? end : Math.max(due, platform.now());
      platform.advance(next - platform.now());
      run_timers(kernel);
      const settled = this.settle(operation);
      if (!settled.ok) return settled;
      if (next === end && (nextTimer(kernel) ?? Number.POSITIVE_INFINITY) > end) return ok(null);
    }
    return endless(operation, "timers");
  }

  #watch(event: SessionEvent): void {
    if (event.kind === "work submitted") this.#queueReached(event.function, event.queue);
  }

  #queueReached(function_: Platform["functions"][number]["requester"], queue: number): void {
    const running = this.#calling.get(this.kernel.task);
    if (running) noteQueue(this.ledger, running.process, running.call, function_, queue);
  }

  /** Nothing goes on that was under way. */
  #abandon(): void {
    this.kernel.scheduler.clear();
    this.kernel.enterTask(0, []);
    this.#calling.clear();
    this.#busy.clear();
  }
}

const UNRESOLVED: CallResult = { result: -ERRNO.EINVAL, value: null };

const endless = (operation: Operation, what: string): Result<never> =>
  problem(
    operation.op,
    operation.id ?? "",
    `The operation does not end: it was stopped at the limit of ${what}, and nothing of it stays.`,
  );
