// The list of what was done, with what is kept of each step: bounded checkpoints, bounded events, every outcome.
import type { Moment, Operation } from "./types.ts";

/** Operations that can be undone by restoring; older ones by running the list anew. */
const CHECKPOINTS = 128;
/** Events kept over all moments; the oldest moments lose theirs first. */
const EVENTS_KEPT = 50_000;

export interface Step {
  readonly moment: Moment;
  /** Checkpoint of the state before it, while that is kept. */
  readonly before: number | null;
}

export class History {
  readonly #forget: (checkpoint: number) => void;
  #steps: Step[] = [];
  #events = 0;
  /** Steps before this one have no events any more. */
  #eventless = 0;
  #operations: readonly Operation[] | null = null;
  #moments: readonly Moment[] | null = null;

  /** `forget` is told of each checkpoint that is given up. */
  constructor(forget: (checkpoint: number) => void) {
    this.#forget = forget;
  }

  /** The same array until the next change. */
  get operations(): readonly Operation[] {
    this.#operations ??= this.#steps.map(({ moment }) => moment.operation);
    return this.#operations;
  }

  /** The same array until the next change. */
  get moments(): readonly Moment[] {
    this.#moments ??= this.#steps.map(({ moment }) => moment);
    return this.#moments;
  }

  get last(): Step | undefined {
    return this.#steps.at(-1);
  }

  push(step: Step): void {
    this.#steps.push(step);
    this.#events += step.moment.events.length;
    this.#changed();
    const old = this.#steps.length - 1 - CHECKPOINTS;
    const oldest = this.#steps[old];
    if (oldest && oldest.before !== null) {
      this.#forget(oldest.before);
      this.#steps[old] = { ...oldest, before: null };
    }
    while (this.#events > EVENTS_KEPT && this.#eventless < this.#steps.length - 1) {
      const { moment, before } = this.#steps[this.#eventless] as Step;
      this.#events -= moment.events.length;
      this.#steps[this.#eventless++] = { moment: { ...moment, events: [] }, before };
    }
  }

  pop(): Step | undefined {
    const step = this.#steps.pop();
    if (step) this.#events -= step.moment.events.length;
    this.#eventless = Math.min(this.#eventless, this.#steps.length);
    this.#changed();
    return step;
  }

  /** Empties the list, whose checkpoints are gone. */
  clear(): void {
    this.#steps = [];
    this.#events = 0;
    this.#eventless = 0;
    this.#changed();
  }

  #changed(): void {
    this.#operations = null;
    this.#moments = null;
  }
}
