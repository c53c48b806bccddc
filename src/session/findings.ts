// What a check answers, and the ledger of what actors were granted, which hardware checks hold tables and caches against.
import type { RequesterId } from "../base/brand.ts";

export interface Finding {
  readonly outcome: "holds" | "breaks";
  /** One sentence: what was counted. */
  readonly summary: string;
  /** What shows it, worst first; at most 20. `place` is a selection text as in StepView. */
  readonly evidence: readonly { readonly text: string; readonly place: string | null }[];
}

export type CheckArguments = Readonly<Record<string, string | number>>;

/** What actors asked for and were granted, kept by the session from calls and their results, never from kernel tables. */
export interface Ledger {
  /** Owner of each page that is not free: "kernel", "tables" or a process. Told by the machine's page tags. */
  ownerOf(page: number): string;
  /**
   * Pages (frame numbers) that a process may let its devices reach now: MAP_DMA that succeeded and was not undone.
   * With the UUID of an mdev that it has open: those of that mdev's container alone.
   */
  mapped(process: string, mdev?: string | null): ReadonlySet<number>;
  /** Those of `mapped` that its devices may write too. */
  writable(process: string, mdev?: string | null): ReadonlySet<number>;
  /** Which process each queue works for: from the functions' registers and the portals and regions that processes hold. */
  readonly tenants: readonly {
    readonly requester: RequesterId;
    readonly pasid: number | null;
    readonly process: string;
    readonly mdev: string | null;
  }[];
  /** Ranges whose unmap returned and that were not mapped again. */
  readonly unmapped: readonly { readonly process: string; readonly frames: readonly number[] }[];
}
