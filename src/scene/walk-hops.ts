// The hops of one walk: what the events say was read, and what a cache made unnecessary, in the order of the tables.
// Index arithmetic as in sections 3.4, 3.6 and 3.7 of the specification.
import { type Hpa, hpa } from "../base/brand.ts";
import { hex } from "../base/hex.ts";
import { mapsPage } from "../hardware/layout/paging.ts";
import type { HardwareEvent, TableKind } from "../hardware/vtd/events.ts";
import type { FaultCode } from "../hardware/vtd/fault-codes.ts";
import type { Stage } from "../hardware/vtd/types.ts";
import { entrySize, readWords } from "./inspect-entry.ts";
import { levelTint, type Tint } from "./walk-split.ts";
import type { Hop, HopState, Unit } from "./walk-types.ts";
import { blames, contextSays, decisionWords, entryRights, pasidEntrySays } from "./walk-words.ts";

type Events = readonly HardwareEvent[];
type ReadEvent = Extract<HardwareEvent, { kind: "read" }>;
type RequestEvent = Extract<HardwareEvent, { kind: "request" }>;

export interface FoundHops {
  readonly hops: readonly Hop[];
  readonly pasid: number | null;
  readonly stage: Stage | null;
  readonly levels: number;
  readonly leaf: number;
}

/** Where a hop stands before it is known whether it was read. */
interface Place {
  readonly table: TableKind;
  readonly level: number | null;
  readonly title: string;
  readonly tableTitle: string;
  readonly tint: Tint;
  readonly index: number;
  readonly digits: number;
  readonly count: number;
  readonly base: Hpa | null;
}

const POINTER = 0x000f_ffff_ffff_f000n;
const SIZES = new Map([
  [0xfffn, 1],
  [0x1f_ffffn, 2],
  [0x3fff_ffffn, 3],
]);

/** Hops of one part of a request. `mask` is the page mask that answered, for hits that read nothing. */
export function findHops(
  request: RequestEvent,
  events: Events,
  unit: Unit,
  mask: bigint,
): FoundHops {
  const reads = events.filter((event) => event.kind === "read");
  const touched = reads.length > 0 || events.some((e) => e.kind === "lookup" && e.slot !== null);
  if (!touched) return { hops: [], pasid: request.pasid, stage: null, levels: 0, leaf: 1 };

  const builder = new HopBuilder(events, reads, unit);
  const bus = request.requester >> 8;
  const devfn = request.requester & 0xff;
  const upper = devfn >= 0x80;
  const root = builder.add({
    table: "root entry",
    level: null,
    title: "Root entry",
    tableTitle: "Root table",
    tint: "bus",
    index: bus,
    digits: 2,
    count: 256,
    base: unit.rootTable,
  });
  const half = unit.scalable ? (upper ? ", upper half" : ", lower half") : "";
  const context = builder.add({
    table: "context entry",
    level: null,
    title: "Context entry",
    tableTitle: `Context table${half}`,
    tint: "devfn",
    index: unit.scalable ? devfn & 0x7f : devfn,
    digits: 2,
    count: unit.scalable ? 128 : 256,
    base: pointerIn(root, unit.scalable && upper ? 1 : 0),
  });
  if (!unit.scalable) {
    const { stage, levels, table } = contextSays(context.words, unit, context.state === "cached");
    return builder.finish(null, stage, levels, request.address, table, mask);
  }
  const pasid = request.pasid ?? contextSays(context.words, unit).ridPasid;
  const directory = builder.add({
    table: "PASID directory entry",
    level: null,
    title: "Directory entry",
    tableTitle: "PASID directory",
    tint: "directory",
    index: pasid >> 6,
    digits: 3,
    count: 128 << contextSays(context.words, unit).pdts,
    base: pointerIn(context, 0),
  });
  const entry = builder.add({
    table: "PASID table entry",
    level: null,
    title: "PASID entry",
    tableTitle: `PASID table ${pasid >> 6}`,
    tint: "pasid",
    index: pasid & 0x3f,
    digits: 2,
    count: 64,
    base: pointerIn(directory, 0),
  });
  const { stage, levels, table } = pasidEntrySays(entry.words, unit, entry.state === "cached");
  return builder.finish(pasid, stage, levels, request.address, table, mask);
}

const pointerIn = (hop: Hop, word: number): Hpa | null => {
  const value = hop.words[word];
  return value === undefined || (value & POINTER) === 0n ? null : hpa(value & POINTER);
};

class HopBuilder {
  private readonly hops: Hop[] = [];
  private readonly events: Events;
  private readonly reads: readonly ReadEvent[];
  private readonly unit: Unit;
  private readonly used = new Set<ReadEvent>();
  private readonly reason: FaultCode | null;

  constructor(events: Events, reads: readonly ReadEvent[], unit: Unit) {
    this.events = events;
    this.reads = reads;
    this.unit = unit;
    this.reason = events.find((event) => event.kind === "refused")?.reason ?? null;
  }

  add(place: Place): Hop {
    const read = this.reads.find(
      (event) =>
        event.table === place.table && event.level === place.level && !this.used.has(event),
    );
    if (read) this.used.add(read);
    const size = entrySize(place.table, this.unit.scalable);
    const state = this.stateOf(place, read);
    const known = read ? baseOf(read, place, size) : place.base;
    const base = state === "not reached" ? null : known;
    const address = read
      ? read.address
      : base === null
        ? null
        : hpa(base + BigInt(place.index * size));
    const words = read ? read.words : address === null ? [] : readWords(this.unit, address, size);
    const digits = place.index.toString(16).padStart(place.digits, "0");
    const hop: Hop = {
      number: this.hops.length + 1,
      table: place.table,
      level: place.level,
      title: place.title,
      tableTitle: place.tableTitle,
      tint: place.tint,
      index: place.index,
      digits,
      count: place.count,
      size,
      base,
      address,
      arithmetic:
        base === null || address === null
          ? ""
          : `${hex(base)} + 0x${digits} × ${size} = ${hex(address)}`,
      words,
      state,
      decision: decisionWords(place.table, place.level, words, state, this.unit, this.reason),
    };
    this.hops.push(hop);
    return hop;
  }

  /** Adds the paging hops and says how deep the tables are. */
  finish(
    pasid: number | null,
    stage: Stage | null,
    levels: number,
    address: bigint,
    table: Hpa | null,
    mask: bigint,
  ): FoundHops {
    if (stage === "nested") this.addInOrder();
    else if (stage === "first-stage" || stage === "second-stage") {
      return this.addLevels(pasid, stage, levels, address, table, mask);
    }
    return { hops: this.hops, pasid, stage, levels: 0, leaf: 1 };
  }

  private addLevels(
    pasid: number | null,
    stage: "first-stage" | "second-stage",
    levels: number,
    address: bigint,
    table: Hpa | null,
    mask: bigint,
  ): FoundHops {
    const kind: TableKind = stage === "first-stage" ? "first-stage entry" : "second-stage entry";
    const page = this.reads.find((event) => event.table === kind && / page$/.test(event.decision));
    let leaf = page?.level ?? SIZES.get(mask) ?? 1;
    let base = table;
    for (let level = levels; level >= leaf; level--) {
      const index = Number((address >> BigInt(12 + 9 * (level - 1))) & 0x1ffn);
      const hop = this.add({
        table: kind,
        level,
        title: `Level ${level}`,
        tableTitle: `Level ${level}`,
        tint: levelTint(level),
        index,
        digits: 3,
        count: 512,
        base,
      });
      const word = hop.words[0] ?? 0n;
      base = pointerIn(hop, 0);
      if (entryRights(kind, word) === "" && hop.state !== "cached") base = null;
      // A hit that read nothing does not say how large the page was; memory does.
      else if (hop.state === "cached" && mask === 0n && mapsPage(level, word)) leaf = level;
    }
    return { hops: this.hops, pasid, stage, levels, leaf };
  }

  /** Nested walks: every read in the order it was made. */
  private addInOrder(): void {
    for (const read of this.reads) {
      if (this.used.has(read)) continue;
      const level = read.level ?? 1;
      const side = read.table === "first-stage entry" ? "First-stage" : "Second-stage";
      this.add({
        table: read.table,
        level: read.level,
        title: `${side} level ${level}`,
        tableTitle: `${side} level ${level}`,
        tint: levelTint(level),
        index: read.index,
        digits: 3,
        count: 512,
        base: null,
      });
    }
  }

  private stateOf(place: Place, read: ReadEvent | undefined): HopState {
    const named = this.reads.some((event) => event.decision === "refused");
    const blamed = !named && this.reason !== null && blames(this.reason, place.table);
    if (read) {
      // Rights count over all levels, so the last entry read is where a missing one shows.
      const last = blamed && read === this.reads.at(-1);
      return read.decision === "refused" || last ? "refused" : "read";
    }
    if (!this.passed(place)) return "not reached";
    const deepest = place.level === null || place.level === 1;
    return blamed && deepest ? "refused" : "cached";
  }

  /** Whether the request got beyond a hop that was not read: a cache covered it, or something later happened. */
  private passed(place: Place): boolean {
    const order = ORDER[place.table];
    return this.events.some((event) => {
      if (event.kind === "read") {
        const later = ORDER[event.table];
        return later > order || (later === order && (event.level ?? 0) < (place.level ?? 0));
      }
      if (event.kind === "lookup" && event.slot !== null) return HIT_ORDER[event.cache] >= order;
      return event.kind === "reached";
    });
  }
}

const ORDER: Record<TableKind, number> = {
  "root entry": 0,
  "context entry": 1,
  "PASID directory entry": 2,
  "PASID table entry": 3,
  "first-stage entry": 4,
  "second-stage entry": 4,
};
const HIT_ORDER = { context: 1, pasid: 3, paging: 3, iotlb: 4 } as const;

/** Every table starts on a page of its own; only a PASID directory can be longer than one. */
const baseOf = (read: ReadEvent, place: Place, size: number): Hpa =>
  place.table === "PASID directory entry"
    ? hpa(read.address - BigInt(place.index * size))
    : hpa(read.address & ~0xfffn);
