// What a step of a recorded case should have led to, and what it led to, part by part.
import { plainHex } from "../base/hex.ts";
import type { DmaOutcome, FaultRecord } from "../hardware/vtd/types.ts";
import type { Expectation, ExpectedFault, Words } from "./case-form.ts";

/** What an operation did, as far as cases speak of it. */
export interface Observed {
  readonly regs: Readonly<Record<string, bigint>>;
  readonly mem: Words;
  readonly outcome?: DmaOutcome;
  /** Every byte of the request that was let through found memory. */
  readonly reachedMemory?: boolean;
  readonly val?: bigint;
  /** Why the operation could not be played. */
  readonly refused?: string;
}

/** Parts that differ, in words for people and programs: texts, numbers, lists and objects of them. */
export interface Difference {
  readonly want: Readonly<Record<string, unknown>>;
  readonly got: Readonly<Record<string, unknown>>;
}

const FAULT_PARTS = ["reason", "sid", "addr", "type", "pp", "pasid", "exec", "priv"] as const;

const F_BIT = 1n << 63n;

/** Parts of `expectation` that are neither ignored nor equal; null when there are none. */
export function compare(expectation: Expectation, observed: Observed): Difference | null {
  const { parts, ignore, unknown } = expectation;
  const want: Record<string, unknown> = {};
  const got: Record<string, unknown> = {};
  const differ = (part: string, wanted: unknown, found: unknown) => {
    if (ignore.has(part) || JSON.stringify(wanted) === JSON.stringify(found)) return;
    want[part] = wanted;
    got[part] = found;
  };
  if (observed.refused !== undefined) {
    return { want: { played: true }, got: { played: false, because: observed.refused } };
  }
  for (const part of unknown) differ(part, "a part that is known", "this part is not known");
  if (parts.regs && !ignore.has("regs")) {
    const [wanted, found] = registers(parts.regs, observed.regs, ignore);
    differ("regs", wanted, found);
  }
  if (parts.mem && !ignore.has("mem")) {
    const [wanted, found] = memory(parts.mem, observed.mem);
    differ("mem", wanted, found);
  }
  if (parts.val !== undefined) differ("val", plainHex(parts.val), hexOrNull(observed.val));
  const { outcome } = observed;
  if (parts.ok !== undefined) differ("ok", parts.ok, outcome?.ok ?? null);
  if (parts.bus_ok !== undefined) {
    differ("bus_ok", parts.bus_ok, outcome ? outcome.ok && observed.reachedMemory === true : null);
  }
  if (parts.data !== undefined)
    differ("data", parts.data, outcome?.data ? hexBytes(outcome.data) : null);
  if (parts.pa) {
    const wanted = parts.pa.map(([pa, length]) => [hexOrNull(pa), length]);
    const found = outcome?.pieces.map(({ target, length }) => [hexOrNull(target), length]);
    differ("pa", wanted, found ?? null);
  }
  if (parts.fault !== undefined && !ignore.has("fault")) {
    const [wanted, found] = fault(parts.fault, outcome?.record ?? null, ignore);
    differ("fault", wanted, found);
  }
  return Object.keys(want).length > 0 ? { want, got } : null;
}

type Pair = readonly [Record<string, unknown>, Record<string, unknown>];

/** Registers that differ. A recording register whose F is clear says nothing more than that. */
function registers(
  wanted: Readonly<Record<string, bigint>>,
  found: Readonly<Record<string, bigint>>,
  ignore: ReadonlySet<string>,
): Pair {
  const pair: Pair = [{}, {}];
  const clear = ((found["frcd_hi"] ?? 0n) & F_BIT) === 0n;
  const shown = clear ? { ...found, frcd_lo: 0n, frcd_hi: 0n } : found;
  for (const [name, value] of Object.entries(wanted)) {
    if (ignore.has(`regs.${name}`)) continue;
    const got = Object.hasOwn(shown, name) ? shown[name] : undefined;
    if (got === value) continue;
    pair[0][name] = plainHex(value);
    pair[1][name] = got === undefined ? "this register is not known" : plainHex(got);
  }
  return pair;
}

/** Words that changed on one side only, or to another value; null: not changed. */
function memory(wanted: Words, found: Words): Pair {
  const pair: Pair = [{}, {}];
  for (const address of new Set([...wanted.keys(), ...found.keys()])) {
    if (wanted.get(address) === found.get(address)) continue;
    pair[0][plainHex(address)] = hexOrNull(wanted.get(address));
    pair[1][plainHex(address)] = hexOrNull(found.get(address));
  }
  return pair;
}

/** Listed words whose value differs. */
export function compareWords(wanted: Words, read: (address: bigint) => bigint): Difference | null {
  const found = new Map([...wanted.keys()].map((address) => [address, read(address)]));
  const [want, got] = memory(wanted, found);
  return Object.keys(want).length > 0 ? { want, got } : null;
}

function fault(
  wanted: ExpectedFault | null,
  record: FaultRecord | null,
  ignore: ReadonlySet<string>,
): readonly [unknown, unknown] {
  const found = record && recordParts(record);
  if (!wanted || !found) return [wanted && faultTexts(wanted), found && faultTexts(found)];
  const pair: Pair = [{}, {}];
  for (const part of FAULT_PARTS) {
    if (ignore.has(`fault.${part}`) || wanted[part] === found[part]) continue;
    pair[0][part] = faultTexts(wanted)[part];
    pair[1][part] = faultTexts(found)[part];
  }
  return pair;
}

const recordParts = (record: FaultRecord): ExpectedFault => ({
  reason: BigInt(record.reason),
  sid: BigInt(record.requester),
  addr: record.address,
  type: record.access === "write" ? "write" : "read",
  pp: Number(record.pasidPresent),
  pasid: record.pasid,
  exec: Number(record.execute),
  priv: Number(record.privileged),
});

const faultTexts = (parts: ExpectedFault): Record<string, unknown> => ({
  ...parts,
  reason: plainHex(parts.reason, 2),
  sid: plainHex(parts.sid, 4),
  addr: plainHex(parts.addr),
});

const hexOrNull = (value: bigint | null | undefined): string | null =>
  value === null || value === undefined ? null : plainHex(value);

const hexBytes = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
