// The document and its machine: runs operations, goes back, and answers what memory, registers and caches hold.
import { ok, problem, type Result } from "../base/result.ts";
import { join64 } from "../base/words.ts";
import type { Store } from "../hardware/memory/store.ts";
import { switchesOf } from "../hardware/vtd/profile.ts";
import type {
  CacheEntry,
  CacheSizes,
  Capabilities,
  DmaRequest,
  Identification,
  ProfileName,
} from "../hardware/vtd/types.ts";
import { RemappingUnit } from "../hardware/vtd/unit.ts";
import type { Finding } from "./findings.ts";
import { History } from "./history.ts";
import {
  joinStreams,
  type Machinery,
  refuseOperation,
  runOperation,
  type Seen,
} from "./operations.ts";
import { staleNow } from "./stale/stale-now.ts";
import { fingerprint } from "./survey/fingerprint.ts";
import { surveyTables } from "./survey/survey.ts";
import type {
  Branch,
  MachineInfo,
  Moment,
  Operation,
  Place,
  SessionPort,
  StaleEntry,
  Survey,
  WorldPort,
} from "./types.ts";

export interface OpenOptions {
  /** Memory with its contents. The session owns it from here on. */
  readonly store: Store;
  /** 32-bit register words by byte offset, VER, CAP and ECAP among them. */
  readonly registers: ReadonlyMap<number, number>;
  readonly profile: ProfileName;
  readonly info: MachineInfo;
  readonly caches?: Partial<CacheSizes>;
}

/** Sizes that fit on the page as gauges. */
const PAGE_CACHES: CacheSizes = { context: 16, pasid: 32, iotlb: 64, paging: 32 };

/** Offsets of the registers that lead to tables, and their bits. */
const [GSTS, IQH, IQT, IQA] = [0x1c, 0x80, 0x88, 0x90] as const;
const [TES, QIES] = [1n << 31n, 1n << 26n] as const;

export class Session implements SessionPort {
  readonly info: MachineInfo;
  readonly #store: Store;
  readonly #registers: ReadonlyMap<number, number>;
  readonly #identification: Identification;
  readonly #caches: CacheSizes;
  #profile: ProfileName;
  #unit: RemappingUnit;
  /** Memory alone, before a unit was put beside it. */
  readonly #bare: number;
  /** The machine as it was opened. */
  #opened: number;
  readonly #history: History;
  #undone: Operation[] = [];
  #survey: Survey | null = null;
  /** Tables and registers of `#survey`, and whether they were compared since the last operation. */
  #surveyOf = "";
  #surveyChecked = false;
  #stale: readonly StaleEntry[] | null = null;

  /** A problem when the registers do not describe a unit. */
  static open(options: OpenOptions): Result<Session> {
    const { registers, info } = options;
    if (!Number.isInteger(info.haw) || info.haw < 32 || info.haw > 52) {
      return problem("machine", "haw", "The host address width is 32 to 52 bits.");
    }
    for (const [name, offset] of [
      ["VER", 0x00],
      ["CAP", 0x08],
      ["ECAP", 0x10],
    ] as const) {
      if (!registers.has(offset)) {
        return problem(
          "registers",
          name,
          `The register is missing, so it is unknown what the unit can do.`,
        );
      }
    }
    return ok(new Session(options));
  }

  private constructor(options: OpenOptions) {
    const { store, registers } = options;
    const wide = (offset: number): bigint =>
      join64(registers.get(offset + 4) ?? 0, registers.get(offset) ?? 0);
    this.info = options.info;
    this.#store = store;
    this.#registers = registers;
    this.#identification = { ver: registers.get(0) ?? 0, cap: wide(0x08), ecap: wide(0x10) };
    this.#caches = { ...PAGE_CACHES, ...options.caches };
    this.#profile = options.profile;
    this.#history = new History((checkpoint) => store.forget(checkpoint));
    this.#bare = store.checkpoint();
    this.#unit = this.#makeUnit();
    this.#opened = store.checkpoint();
  }

  get profile(): ProfileName {
    return this.#profile;
  }

  get capabilities(): Capabilities {
    return this.#unit.capabilities;
  }

  get memory(): SessionPort["memory"] {
    return this.#store;
  }

  get operations(): readonly Operation[] {
    return this.#history.operations;
  }

  get moments(): readonly Moment[] {
    return this.#history.moments;
  }

  run(operation: Operation): Result<Moment> {
    const refused = refuseOperation(operation, this.#store);
    if (refused) return refused;
    const { last } = this.#history;
    const joined = last && joinStreams(last.moment.operation, operation);
    if (joined) {
      const seen = runOperation(this.#machine, joined.whole, joined.done);
      if (!seen.ok) return seen;
      this.#undone = [];
      this.#history.pop();
      return ok(this.#record(joined.whole, seen.value, last.before));
    }
    const done = this.#perform(operation);
    if (done.ok) this.#undone = [];
    return done;
  }

  undo(): Operation | null {
    const last = this.#history.pop();
    if (!last) return null;
    const { operation } = last.moment;
    if (last.before !== null) {
      this.#store.restore(last.before);
      this.#store.forget(last.before);
      this.#changed();
    } else {
      this.#store.restore(this.#opened);
      this.#replay();
    }
    this.#undone.push(operation);
    return operation;
  }

  redo(): Moment | null {
    const operation = this.#undone.pop();
    if (!operation) return null;
    const done = this.#perform(operation);
    return done.ok ? done.value : null;
  }

  setProfile(profile: ProfileName): void {
    if (profile === this.#profile) return;
    this.#profile = profile;
    this.#survey = null;
    this.#store.restore(this.#bare);
    this.#unit = this.#makeUnit();
    this.#opened = this.#store.checkpoint();
    this.#replay();
  }

  probe(request: DmaRequest): Moment {
    const { requester, pasid, access, address, length } = request;
    const operation: Operation = { op: "dma", requester, pasid, access, address, length };
    return this.#aside(() => {
      this.#unit.setTrace(false);
      this.#unit.clearCaches();
      this.#unit.setTrace(true);
      const outcome = this.#unit.dma(request);
      return { operation, events: this.#unit.takeEvents(), outcome };
    });
  }

  /** The same object as long as the tables and the registers that lead to them stay what they were. */
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

  #readTables(): Survey {
    const status = this.readRegister(GSTS, 4);
    return surveyTables({
      memory: this.#store,
      capabilities: this.capabilities,
      haw: this.info.haw,
      switches: switchesOf(this.#profile),
      translating: (status & TES) !== 0n,
      rootPointer: this.#unit.rootPointer,
      queue: {
        enabled: (status & QIES) !== 0n,
        base: this.readRegister(IQA, 8),
        head: this.readRegister(IQH, 8),
        tail: this.readRegister(IQT, 8),
      },
    });
  }

  /** What the survey was made of, in short. */
  #tablesHeld(): string {
    const registers = [GSTS, IQH, IQT, IQA].map((offset) => this.readRegister(offset, 8));
    const tables = fingerprint(this.#store, this.#survey?.tables ?? []);
    return `${tables} ${this.#unit.rootPointer} ${registers}`;
  }

  cacheEntries(): readonly CacheEntry[] {
    return this.#unit.cacheEntries();
  }

  cacheSizes(): CacheSizes {
    return this.#unit.cacheSizes;
  }

  stale(): readonly StaleEntry[] {
    if (this.#stale) return this.#stale;
    const survey = this.survey();
    this.#stale = this.#aside(() => {
      this.#unit.setTrace(false);
      return staleNow(this.#machine, survey);
    });
    return this.#stale;
  }

  readRegister(offset: number, size: 4 | 8): bigint {
    return this.#unit.readRegister(offset, size);
  }

  digest(): string {
    return this.#store.digest();
  }

  get world(): WorldPort | null {
    return null;
  }

  get branches(): readonly Branch[] {
    return [{ id: 0, from: null, operations: this.operations }];
  }

  get place(): Place {
    return { branch: 0, operation: this.operations.length, event: null };
  }

  seek({ operation, event }: Place): Result<void> {
    if (event !== null) return problem("seek", "event", "Only whole operations can be gone to.");
    while (this.operations.length > operation) this.undo();
    while (this.operations.length < operation && this.redo());
    return ok(undefined);
  }

  check(id: string): Result<Finding> {
    return problem("check", id, "There is no check of this name.");
  }

  get #machine(): Machinery {
    return { store: this.#store, unit: this.#unit };
  }

  #makeUnit(): RemappingUnit {
    const unit = new RemappingUnit(this.#store, {
      identification: this.#identification,
      haw: this.info.haw,
      profile: this.#profile,
      caches: this.#caches,
    });
    unit.restoreRegisters(this.#registers);
    unit.setTrace(true);
    return unit;
  }

  /** What `look` finds; nothing of what it does stays. */
  #aside<T>(look: () => T): T {
    const mark = this.#store.checkpoint();
    try {
      return look();
    } finally {
      this.#store.restore(mark);
      this.#store.forget(mark);
      this.#unit.setTrace(true);
      this.#unit.takeEvents();
    }
  }

  #perform(operation: Operation): Result<Moment> {
    const before = this.#store.checkpoint();
    const seen = runOperation(this.#machine, operation);
    if (!seen.ok) {
      this.#store.restore(before);
      this.#store.forget(before);
      return seen;
    }
    return ok(this.#record(operation, seen.value, before));
  }

  #record(operation: Operation, seen: Seen, before: number | null): Moment {
    const moment: Moment = { operation, ...seen };
    this.#history.push({ moment, before });
    this.#changed();
    return moment;
  }

  /** Runs the steps anew from the machine as opened. One that cannot be run here stays, without effect. */
  #replay(): void {
    const { operations } = this.#history;
    this.#history.clear();
    this.#changed();
    for (const operation of operations) {
      const done = this.#perform(operation);
      if (!done.ok) {
        const before = this.#store.checkpoint();
        this.#record(operation, { events: [], outcome: null }, before);
      }
    }
  }

  #changed(): void {
    this.#surveyChecked = false;
    this.#stale = null;
  }
}
