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
import type { Machinery, MachineSource, Seen } from "./machinery.ts";
import { joinStreams, STREAM_LIMIT, WORLD_STREAM_LIMIT } from "./operations.ts";
import { PRESETS } from "./presets/presets.ts";
import type { Scenario } from "./scenario.ts";
import { Standing } from "./standing.ts";
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

export class Session implements SessionPort {
  readonly info: MachineInfo;
  readonly #source: MachineSource;
  #profile: ProfileName;
  readonly #branches = new Branches();
  #standing: Standing;
  #line: Line;
  /** Operations of the line that were done at the present place, and events of the next one. */
  #at = 0;
  #event: number | null = null;
  /** Events of an operation that was left in its middle. */
  #partial: readonly SessionEvent[] = [];
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
    this.#profile = profile;
    this.#standing = new Standing(machine, this.#branches, info.haw);
    this.#line = this.#branches.lines[0] as Line;
  }

  get profile(): ProfileName {
    return this.#profile;
  }

  get capabilities(): Capabilities {
    return this.#standing.machine.unit.capabilities;
  }

  get memory(): SessionPort["memory"] {
    return this.#standing.machine.store;
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
    return this.#standing.machine.world;
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
    this.#standing = new Standing(machine.value, this.#branches, this.info.haw);
    this.#branches.clear();
    this.#seenAtStart = null;
    const { operation } = this.place;
    for (let i = 0; i < this.#line.nodes.length; i++) this.#standing.rerun(this.#line, i, true);
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
    if (!node.complete) this.#standing.reach(line, operation + 1, true);
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
    return this.#standing.readings.probe(request);
  }

  /** The same object as long as the tables and the registers that lead to them stay what they were. */
  survey(): Survey {
    return this.#standing.readings.survey();
  }

  cacheEntries(): readonly CacheEntry[] {
    return this.#standing.machine.unit.cacheEntries();
  }

  cacheSizes(): CacheSizes {
    return this.#standing.machine.unit.cacheSizes;
  }

  stale(): readonly StaleEntry[] {
    return this.#standing.readings.stale();
  }

  readRegister(offset: number, size: 4 | 8): bigint {
    return this.#standing.machine.unit.readRegister(offset, size);
  }

  digest(): string {
    const { rest, store } = this.#standing.machine;
    const hardware = store.digest();
    return rest === null ? hardware : digestOf([hardware, rest]).slice(0, 16);
  }

  stateSha256(): string {
    return digestOfState(this.#standing.machine.store, this.#standing.machine.rest);
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
      if (operation !== at || this.#event !== null || moved)
        this.#standing.reach(line, operation, false);
      moved ||= operation !== at || this.#event !== null;
    };
    if (!seen) {
      look(0);
      seen = extendSeen(NOBODY_SEEN, this.survey());
      this.#seenAtStart = seen;
    }
    for (let i = known; i < at; i++) {
      const node = line.nodes[i] as Node;
      if (node.moment.operation.op !== "dma" || this.#standing.machine.world) {
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
    const refused = this.#standing.machine.refuse(operation);
    if (refused) return refused;
    const line = this.#line;
    const last = line.nodes.at(-1);
    const own = this.#at === line.nodes.length && line.nodes.length > ownFrom(line);
    const most = this.#standing.machine.world ? WORLD_STREAM_LIMIT : STREAM_LIMIT;
    const joined = own && last ? joinStreams(last.moment.operation, operation, most) : null;
    if (!joined) return this.#perform(operation);
    const ordinal = this.#at - 1;
    const seen = this.#standing.run(joined.whole, ordinal, joined.done);
    if (!seen.ok) return this.#goneWrong(seen);
    this.#branches.pop(line);
    return ok(this.#push(line, joined.whole, seen.value));
  }

  #perform(operation: Operation): Result<Moment> {
    if (this.#at >= OPERATION_LIMIT) {
      const message = `A branch has at most ${OPERATION_LIMIT} operations.`;
      return problem(operation.op, operation.id ?? "", message);
    }
    const seen = this.#standing.run(operation, this.#at);
    if (!seen.ok) return this.#goneWrong(seen);
    const fork = this.#at < this.#line.nodes.length;
    const line = fork ? this.#branches.fork(this.#line, this.#at) : this.#line;
    return ok(this.#push(line, operation, seen.value));
  }

  /** Nothing of an operation that could not be run stays. */
  #goneWrong(failed: Result<never>): Result<never> {
    this.#return();
    return failed;
  }

  #push(line: Line, operation: Operation, seen: Seen): Moment {
    const node = this.#standing.push(line, operation, seen);
    this.#line = line;
    this.#at = line.nodes.length;
    this.#event = null;
    return node.moment;
  }

  /** Leaves the middle of an operation: what follows starts before it. */
  #settle(): void {
    if (this.#event !== null) this.#goTo(this.#line, this.#at);
  }

  #goTo(line: Line, operation: number): void {
    this.#standing.reach(line, operation, true);
    this.#line = line;
    this.#at = operation;
    this.#event = null;
    this.#partial = [];
  }

  /** Puts the machine back where the session says it stands. */
  #return(): void {
    const event = this.#event;
    this.#standing.reach(this.#line, this.#at, false);
    const node = this.#line.nodes[this.#at];
    if (event !== null && node) this.#enter(node, event);
  }

  /** Runs the first `event` events of the operation behind the present place. */
  #enter(node: Node, event: number): void {
    this.#event = event;
    this.#partial = event === 0 ? [] : this.#standing.enter(node.moment.operation, this.#at, event);
  }

  /** Events of every operation up to the present place, oldest first. Moves the machine: `#return` puts it back. */
  *#everything(): Generator<readonly SessionEvent[]> {
    const partial = this.#partial;
    yield* this.#standing.events(this.#line, this.#at);
    if (this.#event !== null) yield partial;
  }
}

const ownFrom = (line: Line): number => line.from?.operation ?? 0;
