// The document and its machine: runs operations, goes to any moment, and answers what memory, registers and caches hold.
import { ok, problem, type Result } from "../base/result.ts";
import type {
  CacheEntry,
  CacheSizes,
  Capabilities,
  DmaRequest,
  ProfileName,
} from "../hardware/vtd/types.ts";
import { Branches, type Line, type Node } from "./branches.ts";
import { runCheck } from "./check-session.ts";
import { digestOf, digestOfState, TraceDigest } from "./digests.ts";
import type { CheckArguments, Finding } from "./findings.ts";
import { extendSeen, NOBODY_SEEN } from "./first-seen.ts";
import { imageSource, type OpenOptions } from "./image-machine.ts";
import type { Machinery, MachineSource, Saved, Seen } from "./machinery.ts";
import { joinStreams, STREAM_LIMIT, WORLD_STREAM_LIMIT } from "./operations.ts";
import { PRESETS } from "./presets/presets.ts";
import { Readings } from "./readings.ts";
import type { Scenario } from "./scenario.ts";
import type {
  Branch,
  FirstSeen,
  MachineInfo,
  Moment,
  Operation,
  Place,
  SessionEvent,
  SessionPort,
  StaleEntry,
  Survey,
  WorldPort,
} from "./types.ts";
import { type OpenWorldOptions, worldInfo, worldSource } from "./world/open-world.ts";

export type { OpenOptions } from "./image-machine.ts";
export type { OpenWorldOptions } from "./world/open-world.ts";

/** Operations of one branch. */
export const OPERATION_LIMIT = 200_000;
/** Effort, in events, after which a state is kept: about 10 ms of replay. */
const SAVE_EVERY = 2000;
/** Effort of an operation without its events, in events. */
const OPERATION_EFFORT = 8;

export class Session implements SessionPort {
  readonly info: MachineInfo;
  readonly #source: MachineSource;
  #machine: Machinery;
  #readings: Readings;
  #profile: ProfileName;
  /** The machine before the first operation. */
  #start: Saved;
  readonly #branches = new Branches();
  #line: Line;
  /** Operations of the line that were done at the present place, and events of the next one. */
  #at = 0;
  #event: number | null = null;
  /** Events of an operation that was left in its middle. */
  #partial: readonly SessionEvent[] = [];
  /** The node after which the machine stands, null: the start; and whether it does so exactly. */
  #here: Node | null = null;
  #exact = true;
  /** Effort since the last state that was kept on the way here. */
  #unsaved = 0;
  readonly #seen = new WeakMap<Node, FirstSeen>();
  #seenAtStart: FirstSeen | null = null;

  /** A machine from an image. A problem when the registers do not describe a unit. */
  static open(options: OpenOptions): Result<Session> {
    const source = imageSource(options);
    if (!source.ok) return source;
    return Session.#from(source.value, options.info, options.profile);
  }

  /** A described machine; its kernel has booted. A problem when the description is no machine. */
  static openWorld(options: OpenWorldOptions): Result<Session> {
    const profile = options.profile ?? "spec";
    return Session.#from(worldSource(options), worldInfo(options), profile);
  }

  /** The machine of a scenario, before its first operation. */
  static openScenario(scenario: Scenario): Result<Session> {
    const { design, id, seed } = scenario;
    const named = typeof scenario.machine === "string" ? scenario.machine : null;
    const machine = named === null ? scenario.machine : PRESETS.get(named);
    if (!machine || typeof machine === "string") {
      return problem(id, "machine", `There is no preset "${named ?? ""}".`);
    }
    const origin = { kind: "preset", id: named ?? id } as const;
    return Session.openWorld({ machine, design, seed, info: { origin } });
  }

  static #from(source: MachineSource, info: MachineInfo, profile: ProfileName): Result<Session> {
    const machine = source.open(profile);
    return machine.ok ? ok(new Session(source, machine.value, info, profile)) : machine;
  }

  private constructor(
    source: MachineSource,
    machine: Machinery,
    info: MachineInfo,
    profile: ProfileName,
  ) {
    this.info = info;
    this.#source = source;
    this.#machine = machine;
    this.#profile = profile;
    this.#readings = new Readings(machine, info.haw);
    this.#start = machine.save();
    this.#line = this.#branches.lines[0] as Line;
  }

  get profile(): ProfileName {
    return this.#profile;
  }

  get capabilities(): Capabilities {
    return this.#machine.unit.capabilities;
  }

  get memory(): SessionPort["memory"] {
    return this.#machine.store;
  }

  get operations(): readonly Operation[] {
    return this.#branches.lists(this.#line).operations;
  }

  get moments(): readonly Moment[] {
    return this.#branches.lists(this.#line).moments;
  }

  get branches(): readonly Branch[] {
    return this.#branches.branches;
  }

  get place(): Place {
    return { branch: this.#line.id, operation: this.#at, event: this.#event };
  }

  get world(): WorldPort | null {
    return this.#machine.world;
  }

  run(operation: Operation): Result<Moment> {
    this.#settle();
    const done = this.#runHere(operation);
    if (done.ok) this.#line.undone = [];
    return done;
  }

  undo(): Operation | null {
    const line = this.#line;
    const node = line.nodes.length > ownFrom(line) ? this.#branches.pop(line) : undefined;
    if (!node) return null;
    this.#goTo(line, line.nodes.length);
    line.undone.push(node.moment.operation);
    return node.moment.operation;
  }

  redo(): Moment | null {
    const line = this.#line;
    const operation = line.undone.pop();
    if (!operation) return null;
    this.#goTo(line, line.nodes.length);
    const done = this.#perform(operation);
    return done.ok ? done.value : null;
  }

  setProfile(profile: ProfileName): void {
    if (profile === this.#profile) return;
    const machine = this.#source.open(profile);
    if (!machine.ok) return;
    this.#profile = profile;
    this.#machine = machine.value;
    this.#readings = new Readings(machine.value, this.info.haw);
    this.#start = machine.value.save();
    this.#branches.clear();
    this.#seenAtStart = null;
    [this.#here, this.#exact, this.#unsaved] = [null, true, 0];
    const { operation } = this.place;
    for (let i = 0; i < this.#line.nodes.length; i++) this.#rerun(this.#line, i, true);
    this.#goTo(this.#line, operation);
  }

  seek(place: Place): Result<void> {
    const line = this.#branches.lines[place.branch];
    if (!line) return problem("seek", "branch", `There is no branch ${place.branch}.`);
    const { operation, event } = place;
    const count = line.nodes.length;
    if (!Number.isInteger(operation) || operation < 0 || operation > count) {
      return problem("seek", "operation", `The branch has ${count} operations.`);
    }
    if (event === null) {
      this.#goTo(line, operation);
      return ok(undefined);
    }
    const node = line.nodes[operation];
    if (!node) return problem("seek", "event", "There is no operation behind this moment.");
    if (!node.complete) this.#reach(line, operation + 1, true);
    const { length } = node.moment.events;
    if (!Number.isInteger(event) || event < 0 || event > length) {
      this.#return();
      return problem("seek", "event", `The operation has ${length} events.`);
    }
    this.#goTo(line, operation);
    this.#enter(node, event);
    return ok(undefined);
  }

  probe(request: DmaRequest): Moment {
    return this.#readings.probe(request);
  }

  /** The same object as long as the tables and the registers that lead to them stay what they were. */
  survey(): Survey {
    return this.#readings.survey();
  }

  cacheEntries(): readonly CacheEntry[] {
    return this.#machine.unit.cacheEntries();
  }

  cacheSizes(): CacheSizes {
    return this.#machine.unit.cacheSizes;
  }

  stale(): readonly StaleEntry[] {
    return this.#readings.stale();
  }

  readRegister(offset: number, size: 4 | 8): bigint {
    return this.#machine.unit.readRegister(offset, size);
  }

  digest(): string {
    const { rest, store } = this.#machine;
    const hardware = store.digest();
    return rest === null ? hardware : digestOf([hardware, rest]).slice(0, 16);
  }

  stateSha256(): string {
    return digestOfState(this.#machine.store, this.#machine.rest);
  }

  traceSha256(): string {
    const sum = new TraceDigest();
    for (const events of this.#everything()) for (const event of events) sum.add(event);
    this.#return();
    return sum.digest();
  }

  *trace(): Generator<SessionEvent> {
    for (const events of this.#everything()) yield* events;
    this.#return();
  }

  firstSeen(): FirstSeen {
    const line = this.#line;
    const at = this.#at;
    let known = at;
    while (known > 0 && !this.#seen.has(line.nodes[known - 1] as Node)) known--;
    let seen = known > 0 ? this.#seen.get(line.nodes[known - 1] as Node) : this.#seenAtStart;
    let moved = false;
    const look = (operation: number): void => {
      if (operation !== at || this.#event !== null || moved) this.#reach(line, operation, false);
      moved ||= operation !== at || this.#event !== null;
    };
    if (!seen) {
      look(0);
      seen = extendSeen(NOBODY_SEEN, this.survey());
      this.#seenAtStart = seen;
    }
    for (let i = known; i < at; i++) {
      const node = line.nodes[i] as Node;
      if (node.moment.operation.op !== "dma" || this.#machine.world) {
        look(i + 1);
        seen = extendSeen(seen, this.survey());
      }
      this.#seen.set(node, seen);
    }
    if (moved) this.#return();
    return this.#event === null ? seen : extendSeen(seen, this.survey());
  }

  check(id: string, args: CheckArguments = {}): Result<Finding> {
    const found = runCheck(this, id, args, () => this.#everything());
    this.#return();
    return found;
  }

  /** At the present place: joins a stream, goes on at the tip, or forks. */
  #runHere(operation: Operation): Result<Moment> {
    const refused = this.#machine.refuse(operation);
    if (refused) return refused;
    const line = this.#line;
    const last = line.nodes.at(-1);
    const own = this.#at === line.nodes.length && line.nodes.length > ownFrom(line);
    const most = this.#machine.world ? WORLD_STREAM_LIMIT : STREAM_LIMIT;
    const joined = own && last ? joinStreams(last.moment.operation, operation, most) : null;
    if (!joined) return this.#perform(operation);
    const ordinal = this.#at - 1;
    const seen = this.#machine.run(joined.whole, { ordinal, from: joined.done });
    if (!seen.ok) return this.#undoRun(seen);
    this.#branches.pop(line);
    return ok(this.#push(line, joined.whole, seen.value));
  }

  #perform(operation: Operation): Result<Moment> {
    if (this.#at >= OPERATION_LIMIT) {
      const message = `A branch has at most ${OPERATION_LIMIT} operations.`;
      return problem(operation.op, operation.id ?? "", message);
    }
    const long = operation.op === "dma" && (operation.repeat ?? 1) > SAVE_EVERY / 2;
    if (this.#unsaved >= SAVE_EVERY || (long && this.#unsaved > 0)) this.#save();
    const seen = this.#machine.run(operation, { ordinal: this.#at });
    if (!seen.ok) return this.#undoRun(seen);
    const fork = this.#at < this.#line.nodes.length;
    const line = fork ? this.#branches.fork(this.#line, this.#at) : this.#line;
    return ok(this.#push(line, operation, seen.value));
  }

  #undoRun(failed: Result<never>): Result<never> {
    this.#exact = false;
    this.#return();
    return failed;
  }

  #push(line: Line, operation: Operation, seen: Seen): Moment {
    const node = this.#branches.push(line, momentOf(operation, seen), effortOf(operation, seen));
    this.#unsaved += effortOf(operation, seen);
    this.#line = line;
    this.#at = line.nodes.length;
    [this.#here, this.#exact, this.#event] = [node, true, null];
    this.#readings.changed();
    return node.moment;
  }

  #save(): void {
    const node = this.#here;
    if (!node || node.saved || !this.#exact || !this.#machine.quiet) return;
    this.#branches.save(node, this.#machine.save());
    this.#unsaved = 0;
  }

  /** Leaves the middle of an operation: what follows starts before it. */
  #settle(): void {
    if (this.#event !== null) this.#goTo(this.#line, this.#at);
  }

  #goTo(line: Line, operation: number): void {
    this.#reach(line, operation, true);
    this.#line = line;
    this.#at = operation;
    this.#event = null;
    this.#partial = [];
  }

  /** Puts the machine back where the session says it stands. */
  #return(): void {
    const event = this.#event;
    this.#reach(this.#line, this.#at, false);
    const node = this.#line.nodes[this.#at];
    if (event !== null && node) this.#enter(node, event);
  }

  /** Runs the first `event` events of the operation behind the present place. */
  #enter(node: Node, event: number): void {
    this.#event = event;
    this.#partial = [];
    if (event === 0) return;
    const { operation } = node.moment;
    const seen = this.#machine.run(operation, { ordinal: this.#at, stopAt: event });
    this.#exact = false;
    this.#partial = seen.ok ? seen.value.events : [];
    this.#readings.changed();
  }

  /** Brings the machine to the state after `operation` operations of a line. `fresh`: with the events of the last one. */
  #reach(line: Line, operation: number, fresh: boolean): void {
    const { nodes } = line;
    const target = nodes[operation - 1] ?? null;
    const again = fresh && target !== null && !target.complete && !target.failed;
    if (this.#exact && this.#here === target && !again) return;
    let from = again ? operation - 1 : operation;
    const stands = (node: Node | null): boolean => this.#exact && this.#here === node;
    while (from > 0) {
      const node = nodes[from - 1] as Node;
      if (stands(node) || node.saved) break;
      from--;
    }
    const base = nodes[from - 1] ?? null;
    if (!stands(base)) {
      this.#machine.restore(base?.saved ?? this.#start);
      this.#unsaved = 0;
    }
    [this.#here, this.#exact] = [base, true];
    this.#readings.changed();
    for (let i = from; i < operation; i++) this.#rerun(line, i, fresh && i === operation - 1);
  }

  /** Runs an operation of a line anew, from the state before it. One that cannot be run here stays, without effect. */
  #rerun(line: Line, index: number, keep: boolean): void {
    const node = line.nodes[index] as Node;
    if (!node.failed) {
      if (this.#unsaved >= SAVE_EVERY) this.#save();
      const { operation } = node.moment;
      const seen =
        this.#machine.refuse(operation) ?? this.#machine.run(operation, { ordinal: index });
      if (!seen.ok) {
        node.failed = true;
        this.#exact = false;
        this.#reach(line, index, false);
      } else {
        this.#unsaved += effortOf(operation, seen.value);
        if (keep) this.#branches.renew(node, momentOf(operation, seen.value));
      }
    }
    [this.#here, this.#exact] = [node, true];
    this.#readings.changed();
  }

  /** Events of every operation up to the present place, oldest first. Moves the machine: `#return` puts it back. */
  *#everything(): Generator<readonly SessionEvent[]> {
    const { nodes } = this.#line;
    const partial = this.#partial;
    for (let i = 0; i < this.#at; i++) {
      const node = nodes[i] as Node;
      if (node.complete || node.failed) yield node.moment.events;
      else {
        this.#reach(this.#line, i, false);
        const { operation } = node.moment;
        const seen = this.#machine.run(operation, { ordinal: i });
        [this.#here, this.#exact] = [node, seen.ok];
        if (seen.ok) yield seen.value.events;
      }
    }
    if (this.#event !== null) yield partial;
  }
}

const ownFrom = (line: Line): number => line.from?.operation ?? 0;

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
