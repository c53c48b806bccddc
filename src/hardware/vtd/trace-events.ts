// Decodes the trace ring into events, for readers. The hot path writes, this file alone reads.
import { type Hpa, type Iova, pasid, requesterId } from "../../base/brand.ts";
import { join64 } from "../../base/words.ts";
import { tableIndex } from "./address.ts";
import { decodeEntry } from "./cache-entries.ts";
import type { Core } from "./core.ts";
import type { Decision, HardwareEvent, TableKind } from "./events.ts";
import type { FaultCode } from "./fault-codes.ts";
import { decodeRecord } from "./faults.ts";
import { FLAG } from "./request.ts";
import { KIND, RECORD } from "./trace.ts";
import type { Access, CacheName } from "./types.ts";
import { STAGE } from "./walk-record.ts";

const CACHES: readonly CacheName[] = ["context", "pasid", "iotlb", "paging"];
const TABLES: readonly TableKind[] = [
  "root entry",
  "context entry",
  "PASID directory entry",
  "PASID table entry",
  "first-stage entry",
  "second-stage entry",
];
const DECISIONS: readonly Decision[] = [
  "next table",
  "4 KiB page",
  "2 MiB page",
  "1 GiB page",
  "first-stage",
  "second-stage",
  "nested",
  "pass-through",
  "refused",
];
const REASONS = ["FPD", "PFO is set", "same requester pending", "register still full"] as const;
const HOWS = ["walk", "iotlb", "pass-through", "remapping off", "translated request"] as const;

const accessOf = (flags: number): Access =>
  (flags & FLAG.ATOMIC) === FLAG.ATOMIC ? "atomic" : (flags & FLAG.WRITE) !== 0 ? "write" : "read";

/** Takes everything out of the ring, oldest first. */
export function takeEvents(core: Core): HardwareEvent[] {
  const { trace } = core;
  const { ring } = trace;
  const records: Int32Array[] = [];
  const first = trace.position - trace.count * RECORD;
  for (let i = 0; i < trace.count; i++) {
    const at = (first + i * RECORD + ring.length) % ring.length;
    records.push(ring.subarray(at, at + RECORD));
  }
  trace.count = 0;
  const events: HardwareEvent[] = [];
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as Int32Array;
    const rest: number[] = [...record];
    while (((records[i + 1]?.[0] ?? -1) & 0xff) === KIND.MORE) {
      rest.push(...(records[++i] as Int32Array).subarray(1));
    }
    decode(rest, events);
  }
  return events;
}

/** One record, with what follows of it: `w` are its words. */
function decode(w: readonly number[], events: HardwareEvent[]): void {
  const word = (n: number): number => w[n] ?? 0;
  const address = (n: number): bigint => join64(word(n), word(n + 1));
  const words = (from: number, count: number): bigint[] =>
    Array.from({ length: count >> 1 }, (_, n) =>
      join64(word(from + 2 * n + 1), word(from + 2 * n)),
    );
  const head = word(0);
  const byte = (head >> 8) & 0xff;
  switch (head & 0xff) {
    case KIND.REQUEST:
      events.push({
        kind: "request",
        requester: requesterId(word(1)),
        pasid: word(2) < 0 ? null : pasid(word(2)),
        access: accessOf(byte),
        address: address(3) as Iova,
        length: word(5),
      });
      return;
    case KIND.LOOKUP:
      events.push({
        kind: "lookup",
        cache: CACHES[byte] as CacheName,
        slot: word(1) < 0 ? null : word(1),
      });
      return;
    case KIND.READ:
      events.push({
        kind: "read",
        table: TABLES[byte & 0xf] as TableKind,
        level: (head >> 12) & 0xf || null,
        index: word(1),
        address: address(2) as Hpa,
        words: words(4, head >>> 24),
        decision: DECISIONS[(head >> 16) & 0xff] as Decision,
      });
      return;
    case KIND.UPDATE:
      events.push({
        kind: "update",
        address: address(1) as Hpa,
        before: address(3),
        after: address(5),
      });
      return;
    case KIND.FILL: {
      const cache = CACHES[byte] as CacheName;
      const entry = Int32Array.from(w.slice(2, 2 + ((head >> 16) & 0xff)));
      events.push({ kind: "fill", entry: decodeEntry(cache, word(1), entry, 0) });
      return;
    }
    case KIND.DROP:
      events.push({ kind: "drop", cache: CACHES[byte] as CacheName, slot: word(1) });
      return;
    case KIND.REFUSED:
      events.push({
        kind: "refused",
        reason: word(1) as FaultCode,
        address: address(2) as Iova,
      });
      return;
    case KIND.RECORD:
      events.push({
        kind: "record",
        record: decodeRecord(word(1), word(2), word(3), word(4), word(5)),
      });
      return;
    case KIND.NO_RECORD:
      events.push({
        kind: "no record",
        reason: word(1) as FaultCode,
        because: REASONS[word(2)] as (typeof REASONS)[number],
      });
      return;
    case KIND.REACHED:
      events.push({
        kind: "reached",
        address: address(1) as Iova,
        target: address(3) as Hpa,
        length: word(5),
        how: HOWS[byte] as (typeof HOWS)[number],
      });
      return;
    case KIND.INTERRUPT:
      events.push({ kind: "interrupt", address: address(1) as Iova, data: word(3) >>> 0 });
      return;
    case KIND.DESCRIPTOR:
      events.push({
        kind: "descriptor",
        address: address(1) as Hpa,
        words: words(3, (head >> 16) & 0xff),
        error: byte,
      });
      return;
    case KIND.STATUS_WRITE:
      events.push({ kind: "status write", address: address(1) as Hpa, data: word(3) >>> 0 });
      return;
    case KIND.REGISTER_WRITE:
      events.push({
        kind: "register write",
        offset: word(1),
        size: word(2),
        value: join64(word(4), word(3)),
      });
      return;
    case KIND.WALK:
      expandWalk(w, events);
      return;
    default:
  }
}

/** A whole walk of four levels to a 4 KiB page: the lookups that hit, then the entries; each address follows from the entry before. */
function expandWalk(w: readonly number[], events: HardwareEvent[]): void {
  const word = (n: number): number => w[n] ?? 0;
  const head = word(0);
  const first = ((head >> 16) & 7) === STAGE.FIRST;
  const [high, low] = [word(3), word(4)];
  events.push({ kind: "lookup", cache: "context", slot: word(1) });
  if (word(2) >= 0) events.push({ kind: "lookup", cache: "pasid", slot: word(2) });
  let tableHigh = word(15) & 0xf;
  let tableLow = word(15) & 0xffff_f000;
  for (let level = 4; level >= 1; level--) {
    const at = 5 + 2 * (5 - level);
    const index = tableIndex(high, low, level);
    events.push({
      kind: "read",
      table: first ? "first-stage entry" : "second-stage entry",
      level,
      index,
      address: join64(tableHigh, tableLow | (index << 3)) as Hpa,
      words: [join64(word(at + 1), word(at))],
      decision: level > 1 ? "next table" : (DECISIONS[1] as Decision),
    });
    tableHigh = word(at + 1) & 0xf_ffff;
    tableLow = word(at) & 0xffff_f000;
  }
}
