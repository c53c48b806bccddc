// What a session needs of a machine, whether it was opened from an image or is described with a kernel on it.
import type { Result } from "../base/result.ts";
import type { Store } from "../hardware/memory/store.ts";
import type { DmaOutcome } from "../hardware/vtd/types.ts";
import type { RemappingUnit } from "../hardware/vtd/unit.ts";
import type { Answer, Operation, SessionEvent, WorldPort } from "./types.ts";

/** What one operation did. */
export interface Seen {
  readonly events: readonly SessionEvent[];
  /** Of the (last) request. */
  readonly outcome: DmaOutcome | null;
  /** Of calls and demands that came to an end in it. */
  readonly answers?: readonly Answer[];
  /** True: it was left in its middle, after the asked number of events. */
  readonly stopped?: boolean;
}

export interface RunOptions {
  /** Operations before it on its branch: what seeded choices follow from. */
  readonly ordinal: number;
  /** Requests of a stream that ran before. */
  readonly from?: number;
  /** Leaves the operation once so many events happened. */
  readonly stopAt?: number;
}

/** A state to come back to. Its form is the machine's own affair; nobody writes to it. */
export interface Saved {
  readonly machine: unknown;
  /** Values it holds for itself alone, not shared with the state before it; without: few. */
  readonly size?: number;
}

export interface Machinery {
  readonly store: Store;
  readonly unit: RemappingUnit;
  /** Null: no kernel of ours. */
  readonly world: WorldPort | null;
  /** What a digest covers besides memory, registers and caches; null: nothing. */
  readonly rest: unknown;
  /** No call waits inside the kernel, so the state can be saved. */
  readonly quiet: boolean;
  /** Why an operation cannot be run, before anything is touched; null when it can. */
  refuse(operation: Operation): Result<never> | null;
  /** After a problem the state is unknown: the session goes back. */
  run(operation: Operation, options: RunOptions): Result<Seen>;
  save(): Saved;
  restore(saved: Saved): void;
  /** Runs `look` without a record of it; the caller puts memory back. */
  unseen<T>(look: () => T): T;
}

/** Makes the machine anew, as it is before the first operation. */
export interface MachineSource {
  open(profile: RemappingUnit["profile"]): Result<Machinery>;
}
