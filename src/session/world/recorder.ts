// Keeps one order of everything that happens in an operation, and stops a replay at the event that was asked for.
import type { HardwareEvent } from "../../hardware/vtd/events.ts";
import type { KernelEvent } from "../../linux/kernel/events.ts";
import type { SessionEvent } from "../types.ts";

type MachineEvent = Exclude<SessionEvent, KernelEvent> | HardwareEvent;

/** Most events of one operation. */
export const EVENT_LIMIT = 500_000;

/** Thrown through the kernel to leave an operation in its middle. */
export class Stopped {
  /** True: the asked event was reached. False: the limit of events was. */
  readonly asked: boolean;
  constructor(asked: boolean) {
    this.asked = asked;
  }
}

export class Recorder {
  #events: SessionEvent[] = [];
  #stopAt = Number.POSITIVE_INFINITY;
  #silent = false;
  /** What the machine noted since it was last asked. */
  readonly #take: () => readonly MachineEvent[];
  /** Told of each event that is kept. */
  readonly #watch: (event: SessionEvent) => void;

  constructor(
    take: () => readonly MachineEvent[],
    watch: (event: SessionEvent) => void = () => undefined,
  ) {
    this.#take = take;
    this.#watch = watch;
  }

  /** Starts anew; `stopAt`: after so many events `Stopped` is thrown. */
  begin(stopAt = Number.POSITIVE_INFINITY): void {
    this.#take();
    this.#events = [];
    this.#stopAt = stopAt;
  }

  /** Notes what the kernel reports, behind what the machine did before. */
  record(event: KernelEvent): void {
    if (this.#silent) return;
    this.#collect();
    this.#push(event);
    this.#mayStop();
  }

  /** Notes what the machine did. */
  drain(): void {
    if (this.#silent) return;
    if (this.#collect()) this.#mayStop();
  }

  /** Takes an event over that was already taken from the machine. */
  note(event: MachineEvent): void {
    this.#push(event);
    this.#mayStop();
  }

  /** The events of the operation, those that the machine still holds included. Never throws. */
  finish(): readonly SessionEvent[] {
    this.#collect();
    const events = this.#events;
    this.#events = [];
    const stopAt = this.#stopAt;
    this.#stopAt = Number.POSITIVE_INFINITY;
    return events.length > stopAt ? events.slice(0, stopAt) : events;
  }

  /** While `look` runs nothing is recorded. */
  silently<T>(look: () => T): T {
    const before = this.#silent;
    this.#silent = true;
    try {
      return look();
    } finally {
      this.#take();
      this.#silent = before;
    }
  }

  #collect(): boolean {
    const taken = this.#take();
    for (const event of taken) this.#push(event);
    return taken.length > 0;
  }

  #push(event: SessionEvent): void {
    this.#events.push(event);
    this.#watch(event);
  }

  #mayStop(): void {
    const { length } = this.#events;
    if (length >= this.#stopAt) throw new Stopped(true);
    if (length > EVENT_LIMIT) throw new Stopped(false);
  }
}
