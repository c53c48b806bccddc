// Checks: named predicates over the machine (hardware) or over the record of calls (review). The two never mix.
import type { PlatformDescription } from "../../hardware/platform/description.ts";
import type { CacheEntry, Capabilities } from "../../hardware/vtd/types.ts";
import type { KernelEvent } from "../../linux/kernel/events.ts";
import type { About } from "../../linux/kernel/kernel.ts";
import type { CheckArguments, Finding, Ledger } from "../findings.ts";
import type { SessionPort, Survey } from "../types.ts";

/** What hardware checks may look at. There is no kernel in it. */
export interface HardwareView {
  readonly survey: Survey;
  readonly caches: readonly CacheEntry[];
  readonly memory: SessionPort["memory"];
  readonly capabilities: Capabilities;
  readRegister(offset: number, size: 4 | 8): bigint;
  readonly ledger: Ledger;
  /** Functions, bridges and reserved ranges as the machine was built; null: an opened image, of which they are not known. */
  readonly platform: PlatformDescription | null;
}

/** What review checks may look at: the record so far and the symbols known at build time. */
export interface ReviewView {
  /** Events of every operation up to now, oldest first. */
  events(): Iterable<KernelEvent>;
  readonly symbols: ReadonlyMap<string, About>;
}

export interface HardwareCheck {
  readonly id: string;
  readonly kind: "hardware";
  readonly title: string;
  /** One sentence: what it asks, and of what. */
  readonly asks: string;
  /** Names of its arguments. */
  readonly takes: readonly string[];
  evaluate(view: HardwareView, args: CheckArguments): Finding;
}

export interface ReviewCheck {
  readonly id: string;
  readonly kind: "review";
  readonly title: string;
  readonly asks: string;
  readonly takes: readonly string[];
  evaluate(view: ReviewView, args: CheckArguments): Finding;
}

export type Check = HardwareCheck | ReviewCheck;
