// The machine and the operation after which it stands. It gets anywhere else by restoring a kept state and running the rest again.
import type { Result } from "../base/result.ts";
import type { Branches, Line, Node } from "./branches.ts";
import type { Machinery, Saved, Seen } from "./machinery.ts";
import { Readings } from "./readings.ts";
import type { Moment, Operation, SessionEvent } from "./types.ts";

/** Effort, in events, after which a state is kept: about 10 ms of replay. */
const SAVE_EVERY = 2000;
/** Effort of an operation without its events, in events. */
const OPERATION_EFFORT = 8;

export class Standing {
  readonly machine: Machinery;
  readonly readings: Readings;
  readonly #branches: Branches;
  /** The machine before the first operation. */
  readonly #start: Saved;
  /** The node after which the machine stands, null: the start; and whether it does so exactly. */
  #here: Node | null = null;
  #exact = true;
  /** Effort since the last state that was kept on the way here. */
  #unsaved = 0;

  constructor(machine: Machinery, branches: Branches, haw: number) {
    this.machine = machine;
    this.readings = new Readings(machine, haw);
    this.#branches = branches;
    this.#start = machine.save();
  }

  /** Runs what comes next, after `ordinal` operations; `from`: requests of a stream that ran before. After a problem the machine has to `reach` a place. */
  run(operation: Operation, ordinal: number, from?: number): Result<Seen> {
    const long = operation.op === "dma" && (operation.repeat ?? 1) > SAVE_EVERY / 2;
    const due = this.#unsaved >= SAVE_EVERY || (long && this.#unsaved > 0);
    if (from === undefined && due) this.#save();
    const seen = this.machine.run(operation, { ordinal, ...(from !== undefined && { from }) });
    if (!seen.ok) this.#exact = false;
    return seen;
  }

  /** What `run` did has become the last node of the line. */
  push(line: Line, operation: Operation, seen: Seen): Node {
    const effort = effortOf(operation, seen);
    const node = this.#branches.push(line, momentOf(operation, seen), effort);
    this.#unsaved += effort;
    this.#stand(node, true);
    return node;
  }

  /** Runs the first `event` events of an operation from the state before it, and what they were. */
  enter(operation: Operation, ordinal: number, event: number): readonly SessionEvent[] {
    const seen = this.machine.run(operation, { ordinal, stopAt: event });
    this.#exact = false;
    this.readings.changed();
    return seen.ok ? seen.value.events : [];
  }

  /** Brings the machine to the state after `operation` operations of a line. `fresh`: with the events of the last one. */
  reach(line: Line, operation: number, fresh: boolean): void {
    const { nodes } = line;
    const target = nodes[operation - 1] ?? null;
    const again = fresh && target !== null && !target.complete && !target.failed;
    if (this.#standsAfter(target) && !again) return;
    let from = again ? operation - 1 : operation;
    while (from > 0) {
      const node = nodes[from - 1] as Node;
      if (this.#standsAfter(node) || node.saved) break;
      from--;
    }
    const base = nodes[from - 1] ?? null;
    if (!this.#standsAfter(base)) {
      this.machine.restore(base?.saved ?? this.#start);
      this.#unsaved = 0;
    }
    this.#stand(base, true);
    for (let i = from; i < operation; i++) this.rerun(line, i, fresh && i === operation - 1);
  }

  /** Runs an operation of a line anew, from the state before it. One that cannot be run here stays, without effect. */
  rerun(line: Line, index: number, keep: boolean): void {
    const node = line.nodes[index] as Node;
    if (!node.failed) {
      if (this.#unsaved >= SAVE_EVERY) this.#save();
      const { operation } = node.moment;
      const seen =
        this.machine.refuse(operation) ?? this.machine.run(operation, { ordinal: index });
      if (!seen.ok) {
        node.failed = true;
        this.#exact = false;
        this.reach(line, index, false);
      } else {
        this.#unsaved += effortOf(operation, seen.value);
        if (keep) this.#branches.renew(node, momentOf(operation, seen.value));
      }
    }
    this.#stand(node, true);
  }

  /** Events of the first `count` operations of a line, one list each. Moves the machine. */
  *events(line: Line, count: number): Generator<readonly SessionEvent[]> {
    for (let i = 0; i < count; i++) {
      const node = line.nodes[i] as Node;
      if (node.complete || node.failed) yield node.moment.events;
      else {
        this.reach(line, i, false);
        const seen = this.machine.run(node.moment.operation, { ordinal: i });
        this.#stand(node, seen.ok);
        if (seen.ok) yield seen.value.events;
      }
    }
  }

  #standsAfter(node: Node | null): boolean {
    return this.#exact && this.#here === node;
  }

  #stand(node: Node | null, exact: boolean): void {
    this.#here = node;
    this.#exact = exact;
    this.readings.changed();
  }

  #save(): void {
    const node = this.#here;
    if (!node || node.saved || !this.#exact || !this.machine.quiet) return;
    this.#branches.save(node, this.machine.save());
    this.#unsaved = 0;
  }
}

const momentOf = (operation: Operation, { events, outcome, answers }: Seen): Moment => ({
  operation,
  events,
  outcome,
  ...(answers && answers.length > 0 && { answers }),
});

const effortOf = (operation: Operation, { events }: Seen): number =>
  OPERATION_EFFORT +
  events.length +
  (operation.op === "dma" ? Math.ceil((operation.repeat ?? 1) / 4) : 0);
