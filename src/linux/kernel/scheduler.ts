// Tasks of the kernel: generators that stop at named points, and a scheduler whose choices belong to the document.
import type { KernelEvent } from "./events.ts";

/** What the scheduler needs of the kernel it runs. */
interface Host {
  record(event: KernelEvent): void;
  handleInterrupts(): void;
  enterTask(task: number, calls: number[]): void;
  leaveTask(): number[];
}

/** Where a task stops. Without `ready` it may go on at once; with it, when the predicate says so. */
export interface Pause {
  readonly point: string;
  readonly ready?: () => boolean;
}

/** A function that may sleep, with its result. */
export type Sleep<R> = Generator<Pause, R, undefined>;

interface Task {
  readonly id: number;
  readonly name: string;
  readonly steps: Sleep<number>;
  readonly done: (result: number) => void;
  ready: (() => boolean) | null;
  /** Where it stopped last; "" before its first step. */
  point: string;
  /** Chain of recorded runs that the task is in, innermost last. */
  calls: number[];
}

/** Chooses among so many runnable tasks, oldest first: 0 .. count - 1. */
export type Choose = (count: number, names: readonly string[]) => number;

/** Pauses that one operation may use before it is stopped as endless. */
export const PAUSE_LIMIT = 100_000;

export class Scheduler {
  #tasks: Task[] = [];
  #nextTask = 1;
  #choose: Choose = () => 0;

  /** Tasks that have not returned, oldest first. */
  get live(): readonly { readonly id: number; readonly name: string; readonly point: string }[] {
    return this.#tasks;
  }

  setChoose(choose: Choose): void {
    this.#choose = choose;
  }

  /** A new task; numbers count from 1 whenever nothing else is under way. */
  start(name: string, steps: Sleep<number>, done: (result: number) => void): number {
    if (this.#tasks.length === 0) this.#nextTask = 1;
    const id = this.#nextTask++;
    this.#tasks.push({ id, name, steps, done, ready: null, point: "", calls: [] });
    return id;
  }

  /** Runs until every task has returned or waits. False: the limit of pauses was reached. */
  run(kernel: Host): boolean {
    for (let pauses = 0; pauses < PAUSE_LIMIT; pauses++) {
      kernel.handleInterrupts();
      const runnable = this.#tasks.filter((task) => task.ready === null || task.ready());
      if (runnable.length === 0) return true;
      const chosen =
        runnable.length === 1
          ? 0
          : this.#choose(
              runnable.length,
              runnable.map((t) => t.name),
            );
      const task = runnable[Math.min(Math.max(chosen, 0), runnable.length - 1)];
      if (task) this.#step(kernel, task);
    }
    return false;
  }

  /** Forgets all tasks, for a machine that goes back to a quiet moment; the next one is the first again. */
  clear(): void {
    this.#tasks = [];
    this.#nextTask = 1;
  }

  #step(kernel: Host, task: Task): void {
    kernel.enterTask(task.id, task.calls);
    if (this.#tasks.length > 1) kernel.record({ kind: "resume", task: task.id });
    const { done, value } = task.steps.next();
    task.calls = kernel.leaveTask();
    if (done) {
      this.#tasks = this.#tasks.filter((other) => other !== task);
      task.done(value);
      return;
    }
    task.ready = value.ready ?? null;
    task.point = value.point;
    const blocked = value.ready !== undefined && !value.ready();
    if (blocked || this.#tasks.length > 1) {
      kernel.record({ kind: "pause", task: task.id, point: value.point, blocked });
    }
  }
}
