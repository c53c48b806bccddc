// What is read off a machine without changing it: survey of the tables, stale entries, probes.

import { switchesOf } from "../hardware/vtd/profile.ts";
import type { DmaRequest } from "../hardware/vtd/types.ts";
import type { Machinery } from "./machinery.ts";
import { staleNow } from "./stale/stale-now.ts";
import { fingerprint } from "./survey/fingerprint.ts";
import { surveyTables } from "./survey/survey.ts";
import type { Moment, Operation, StaleEntry, Survey } from "./types.ts";

/** Offsets of the registers that lead to tables, and their bits. */
const [GSTS, IQH, IQT, IQA] = [0x1c, 0x80, 0x88, 0x90] as const;
const [TES, QIES] = [1n << 31n, 1n << 26n] as const;

export class Readings {
  readonly #machine: Machinery;
  readonly #haw: number;
  #survey: Survey | null = null;
  /** Tables and registers of `#survey`, and whether they were compared since the last change. */
  #surveyOf = "";
  #surveyChecked = false;
  #stale: readonly StaleEntry[] | null = null;

  constructor(machine: Machinery, haw: number) {
    this.#machine = machine;
    this.#haw = haw;
  }

  /** The machine is in another state. */
  changed(): void {
    this.#surveyChecked = false;
    this.#stale = null;
  }

  survey(): Survey {
    if (this.#survey && !this.#surveyChecked && this.#tablesHeld() !== this.#surveyOf) {
      this.#survey = null;
    }
    if (!this.#survey) {
      this.#survey = this.#readTables();
      this.#surveyOf = this.#tablesHeld();
    }
    this.#surveyChecked = true;
    return this.#survey;
  }

  stale(): readonly StaleEntry[] {
    if (this.#stale) return this.#stale;
    const survey = this.survey();
    this.#stale = this.#aside(() => {
      this.#machine.unit.setTrace(false);
      return staleNow(this.#machine, survey);
    });
    return this.#stale;
  }

  probe(request: DmaRequest): Moment {
    const { unit } = this.#machine;
    const { requester, pasid, access, address, length } = request;
    const operation: Operation = { op: "dma", requester, pasid, access, address, length };
    return this.#aside(() => {
      unit.setTrace(false);
      unit.clearCaches();
      unit.setTrace(true);
      const outcome = unit.dma(request);
      return { operation, events: unit.takeEvents(), outcome };
    });
  }

  /** What `look` finds; nothing of what it does stays. */
  #aside<T>(look: () => T): T {
    const { store } = this.#machine;
    const mark = store.checkpoint();
    try {
      return this.#machine.unseen(look);
    } finally {
      store.restore(mark);
      store.forget(mark);
    }
  }

  #readTables(): Survey {
    const { store, unit } = this.#machine;
    const status = unit.readRegister(GSTS, 4);
    return surveyTables({
      memory: store,
      capabilities: unit.capabilities,
      haw: this.#haw,
      switches: switchesOf(unit.profile),
      translating: (status & TES) !== 0n,
      rootPointer: unit.rootPointer,
      queue: {
        enabled: (status & QIES) !== 0n,
        base: unit.readRegister(IQA, 8),
        head: unit.readRegister(IQH, 8),
        tail: unit.readRegister(IQT, 8),
      },
    });
  }

  /** What the survey was made of, in short. */
  #tablesHeld(): string {
    const { store, unit } = this.#machine;
    const registers = [GSTS, IQH, IQT, IQA].map((offset) => unit.readRegister(offset, 8));
    const tables = fingerprint(store, this.#survey?.tables ?? []);
    return `${tables} ${unit.rootPointer} ${registers}`;
  }
}
