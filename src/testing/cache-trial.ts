// A run of requests, edits and invalidations on one machine: the unit with caches is compared with the unit without,
// and with the naive walker, and after an edit without its invalidation with everything that was ever true since.
import { hpa } from "../base/brand.ts";
import type { CacheSizes } from "../hardware/vtd/types.ts";
import { type Command, descriptor, registerWrites, waitDescriptor } from "./cache-commands.ts";
import { mayBeCached, sufficientFlushes } from "./cache-flushes.ts";
import { buildLab } from "./cache-lab.ts";
import type { Editable, Lab, LabShape } from "./cache-lab-types.ts";
import { dataFor, expectedOf, type Shown, shownBy } from "./expected-outcome.ts";
import { everyCache, LoadedUnit } from "./loaded-unit.ts";
import { naiveCapabilities } from "./naive-capabilities.ts";
import type { ReadWords } from "./naive-memory.ts";
import type { NaiveMachine, NaiveOutcome, NaiveRequest } from "./naive-request.ts";
import { naiveTranslate } from "./naive-walker.ts";
import type { UnitRegisters } from "./units.ts";

/** All features; version 6 with a queue, version 1 with invalidation by registers. */
const REGISTERS = { cap: 0x91d2_008c_2238_0e06n, ecap: 0x0033_ed9c_a400_0fc7n, haw: 46 };
const IOTLB_OFFSET = 0xf0;
/** Of a scalable context entry. */
const CONTEXT_WORDS = 4;

export interface TrialSettings {
  readonly shape: LabShape;
  readonly caches: CacheSizes;
  /** Legacy mode only: invalidate by registers instead of the queue. */
  readonly byRegisters: boolean;
}

interface PendingEdit {
  readonly editable: Editable;
  readonly old: readonly bigint[];
}

export class CacheTrial {
  readonly lab: Lab;
  readonly cached: LoadedUnit;
  readonly plain: LoadedUnit;
  /** Requests that came out as old tables say, after an edit without its invalidation. */
  stale = 0;
  /** Addresses that the last request's walk reads. */
  lastReads: readonly bigint[] = [];
  readonly legacy: boolean;
  readonly #byRegisters: boolean;
  readonly #registers: UnitRegisters;
  #pending: PendingEdit[] = [];
  readonly #old = new Map<bigint, (readonly bigint[])[]>();
  #tail = 0n;
  #requests = 0;

  constructor({ shape, caches, byRegisters }: TrialSettings) {
    this.lab = buildLab(shape);
    this.legacy = shape.legacy;
    this.#byRegisters = byRegisters && shape.legacy;
    this.#registers = { ver: this.#byRegisters ? 0x10 : 0x60, ...REGISTERS };
    const { pages, rtaddr, queue } = this.lab;
    const common = { registers: this.#registers, pages, rtaddr, enabled: true };
    const wide = !shape.legacy;
    this.cached = new LoadedUnit({
      ...common,
      caches,
      ...(this.#byRegisters ? {} : { queue: { page: queue, wide } }),
    });
    this.plain = new LoadedUnit({ ...common, caches: everyCache(0) });
  }

  get settled(): boolean {
    return this.#pending.length === 0;
  }

  /** Sends a request; a difference throws. */
  request(request: NaiveRequest): void {
    this.#requests += 1;
    const data = dataFor(request, this.#requests);
    const possible = this.#outcomes(request);
    const before = this.settled ? null : this.#tables();
    const outcome = this.cached.send(request, data);
    const got = shownBy(outcome, this.cached.record());
    this.cached.acknowledge();
    const wanted = possible.map((each) => expectedOf(each, request, true));
    if (before !== null) {
      if (!wanted.some((each) => sameEnd(each, got)))
        differ("only old or new", request, wanted, got);
      if (wanted[0] !== undefined && !sameEnd(wanted[0], got)) this.stale += 1;
      this.#onlyFlagsChanged(before);
      return;
    }
    const alone = this.plain.send(request, data);
    const without = shownBy(alone, this.plain.record());
    this.plain.acknowledge();
    if (!same(got, without)) differ("the unit without caches", request, [without], got);
    if (!wanted.some((each) => same(each, got))) differ("the naive walker", request, wanted, got);
    if (String(outcome.data) !== String(alone.data)) differ("data", request, [without], got);
    this.#sameMemory();
  }

  /** Software replaces an entry and invalidates nothing. */
  edit(editable: Editable, words: readonly bigint[]): void {
    const old = this.cached.read(editable.address, words.length) ?? [];
    for (const unit of this.settled ? [this.cached, this.plain] : [this.cached]) {
      words.forEach((word, n) => {
        unit.store.writeWord(hpa(editable.address + 8n * BigInt(n)), word);
      });
    }
    if (!mayBeCached(editable, old)) return;
    this.#pending.push({ editable, old });
    const versions = this.#old.get(editable.address) ?? [];
    this.#old.set(editable.address, [...versions, old]);
  }

  /** Invalidates what suffices for all edits since the last time; `choose` picks one of n ways. */
  flush(choose: (ways: number) => number): void {
    for (const { editable, old } of this.#pending) {
      const ways = sufficientFlushes(editable, old, this.legacy);
      const way = ways[choose(ways.length)] ?? [];
      for (const command of way) this.command(command);
    }
    this.#settle();
  }

  /** Setting the root pointer again, or translation off and on, empties all caches of this unit. */
  reset(how: "root pointer" | "toggle"): void {
    if (how === "toggle") this.cached.toggle();
    else this.cached.setRootPointer();
    this.#settle();
  }

  command(command: Command): void {
    if (this.#byRegisters) {
      if (command.type === "pasid" || command.type === "pasid iotlb") return;
      for (const { offset, value } of registerWrites(command, IOTLB_OFFSET)) {
        this.cached.unit.writeRegister(offset, 8, value);
        const done = this.cached.unit.readRegister(offset, 8);
        if (offset !== IOTLB_OFFSET && done >> 63n !== 0n) throw new Error("still invalidating");
      }
      return;
    }
    this.#submit(descriptor(command));
    this.#submit(waitDescriptor(this.lab.status, this.#requests));
  }

  #submit([low, high]: readonly [bigint, bigint]): void {
    const size = this.legacy ? 16n : 32n;
    const address = this.lab.queue + this.#tail;
    const words = this.legacy ? [low, high] : [low, high, 0n, 0n];
    words.forEach((word, n) => {
      this.cached.store.writeWord(hpa(address + 8n * BigInt(n)), word);
    });
    this.#tail = (this.#tail + size) % 4096n;
    this.cached.unit.writeRegister(0x88, 8, this.#tail);
    const head = this.cached.unit.readRegister(0x80, 8);
    if (head !== this.#tail) {
      throw new Error(`the queue stopped at descriptor ${low.toString(16)} ${high.toString(16)}`);
    }
  }

  #settle(): void {
    this.#pending = [];
    this.#old.clear();
    for (const number of this.#tableNumbers()) {
      this.plain.store.writeBytes(hpa(number * 4096n), this.cached.page(number));
    }
  }

  /** Pages that both units use in the same way: everything but queue and status words. */
  #tableNumbers(): bigint[] {
    const own = [this.lab.queue, this.lab.status].map((page) => page / 4096n);
    return [...this.lab.pages.keys()].filter((number) => !own.includes(number));
  }

  #tables(): Map<bigint, Uint8Array> {
    return new Map(this.#tableNumbers().map((number) => [number, this.cached.page(number)]));
  }

  #sameMemory(): void {
    for (const number of this.#tableNumbers()) {
      const [one, other] = [this.cached.page(number), this.plain.page(number)];
      if (Buffer.from(one.buffer).equals(other)) continue;
      const at = one.findIndex((byte, n) => byte !== other[n]);
      if (at >= 0)
        throw new Error(`memory differs at 0x${(number * 4096n + BigInt(at)).toString(16)}`);
    }
  }

  /** A stale walk may set flags, but only in entries that are there, and nothing else. */
  #onlyFlagsChanged(before: ReadonlyMap<bigint, Uint8Array>): void {
    for (const editable of this.lab.editables) {
      const { table } = editable.what;
      const page = before.get(editable.address / 4096n);
      if (page === undefined) continue;
      const view = new DataView(page.buffer, page.byteOffset);
      const was = view.getBigUint64(Number(editable.address % 4096n), true);
      const [now = 0n] = this.cached.read(editable.address, 1) ?? [];
      if (was === now) continue;
      const flags = table === "first" ? 0x460n : table === "second" ? 0x300n : 0n;
      if ((was & ~now) !== 0n || ((was ^ now) & ~flags) !== 0n || !mayBeCached(editable, [was])) {
        throw new Error(`entry ${editable.address.toString(16)} became ${now.toString(16)}`);
      }
    }
  }

  /** What a walk may find at an address: what is there now, first, and what was there before edits still pending. */
  #contents(
    address: bigint,
    count: number,
    now: readonly bigint[] | null,
  ): readonly (readonly bigint[])[] {
    if (now === null) return [];
    const contents = [now, ...(this.#old.get(address) ?? [])];
    if (count !== CONTEXT_WORDS || this.#old.size === 0) return contents;
    // The PASID cache is found by requester and PASID: a new context entry may meet what an old directory held.
    const device = this.lab.contexts.find((addresses) => addresses.includes(address)) ?? [];
    const ever = device.flatMap((at) => [
      this.cached.read(at, count) ?? [],
      ...(this.#old.get(at) ?? []),
    ]);
    const pointers = ever.flatMap(([low = 0n]) => ((low & 1n) === 1n ? [low >> 12n] : []));
    return contents.flatMap(([low = 0n, ...rest]) => {
      const others = pointers.filter((pointer) => pointer !== low >> 12n);
      return [low, ...[...new Set(others)].map((pointer) => (low & 0xfffn) | (pointer << 12n))].map(
        (word) => [word, ...rest],
      );
    });
  }

  /** What the naive walker says when every read of an edited entry may find any of its contents since; now comes first. */
  #outcomes(request: NaiveRequest): NaiveOutcome[] {
    const { ver, cap, ecap, haw } = this.#registers;
    const capabilities = naiveCapabilities(ver, cap, ecap);
    const machine = (read: ReadWords): NaiveMachine => ({
      read,
      rtaddr: this.lab.rtaddr,
      enabled: true,
      capabilities,
      haw: BigInt(haw),
    });
    const outcomes: NaiveOutcome[] = [];
    const open: number[][] = [[]];
    for (let choices = open.pop(); choices !== undefined; choices = open.pop()) {
      const taken = choices;
      let next = 0;
      const read: ReadWords = (address, count) => {
        const now = this.cached.read(address, count);
        const contents = this.#contents(address, count, now);
        const choice = taken[next] ?? 0;
        if (contents.length < 2) return now;
        if (next === taken.length) {
          for (let n = 1; n < contents.length; n += 1) open.push([...taken, n]);
          taken.push(0);
        }
        next += 1;
        return [...(contents[choice] ?? [])];
      };
      const { outcome, reads } = naiveTranslate(machine(read), request);
      if (outcomes.length === 0) this.lastReads = reads;
      outcomes.push(outcome);
      if (outcomes.length > 20_000) throw new Error("too many possible outcomes");
    }
    return outcomes;
  }
}

/** Where it went or why not, whatever the size of the page and the record. */
const sameEnd = (a: Shown, b: Shown): boolean =>
  a.ok === b.ok && a.target === b.target && a.fault === b.fault;

const plainText = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `0x${part.toString(16)}` : part));

const same = (a: Shown, b: Shown): boolean => plainText(a) === plainText(b);

function differ(what: string, request: NaiveRequest, wanted: readonly Shown[], got: Shown): never {
  const ways = [...new Set(wanted.map(plainText))].join("\n  or ");
  throw new Error(`${what}: ${plainText(request)}\n wanted ${ways}\n got    ${plainText(got)}`);
}
