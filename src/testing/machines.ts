// Random machines: tables for one requester as bytes in memory, damage to them, and requests around the mapped address.
import fc from "fast-check";
import { type Damage, damages, inflict } from "./damage.ts";
import { type MachineChoices, machineChoices } from "./machine-choices.ts";
import { type NaivePages, readPages } from "./naive-memory.ts";
import type { NaiveRequest } from "./naive-request.ts";
import { applyTwist, type RequestTwist, requestTwists } from "./request-twists.ts";
import { type BuiltEntry, mapPage, type RadixTree, TableBuilder } from "./tables.ts";
import type { UnitRegisters } from "./units.ts";

export interface RandomMachine {
  /** The kind of tables, in a word. */
  readonly kind: string;
  readonly unit: UnitRegisters;
  readonly rtaddr: bigint;
  readonly enabled: boolean;
  readonly pages: NaivePages;
  readonly entries: readonly BuiltEntry[];
  readonly requests: readonly NaiveRequest[];
  /** How a failing run prints the machine. */
  readonly [fc.toStringMethod]: () => string;
}

const big = BigInt;
const flag = (on: boolean, at: number): bigint => (on ? 1n << big(at) : 0n);
const has = (word: bigint, at: number): boolean => ((word >> big(at)) & 1n) === 1n;

/** Goes round a list, so that the n-th table built takes the n-th choice. */
function cycle<T>(list: readonly T[], otherwise: T): () => T {
  let n = -1;
  return () => {
    n += 1;
    return list[n % list.length] ?? otherwise;
  };
}

function signExtend(address: bigint, width: bigint): bigint {
  return BigInt.asUintN(64, BigInt.asIntN(Number(width), address));
}

function secondTree(builder: TableBuilder, choices: MachineChoices, levels: number): RadixTree {
  return {
    kind: "second",
    root: builder.newTable(),
    levels,
    newTable: () => builder.newTable(),
    locate: (table) => table,
    flags: cycle(choices.secondFlags, 3n),
  };
}

const levelsOf = (aw: number): number => (aw >= 1 && aw <= 3 ? aw + 2 : 4);

function secondWidth(choices: MachineChoices, aw: number): bigint {
  const tables = 12n + 9n * big(levelsOf(aw));
  const unit = ((choices.unit.cap >> 16n) & 0x3fn) + 1n;
  return tables < unit ? tables : unit;
}

interface Built {
  readonly address: bigint;
  readonly ssptptr: bigint;
  readonly fsptptr: bigint;
}

/** Tables that map the chosen address for the entry's type; returns the address cut to the width of the tables. */
function buildPaging(builder: TableBuilder, choices: MachineChoices, type: number): Built {
  const aw = choices.mode === 0 ? choices.context.aw : choices.entry.aw;
  const width = secondWidth(choices, aw);
  const leaves = cycle(choices.secondLeaves, 1);
  const stray = choices.entry.strayFields && choices.mode !== 0 ? builder.newTable() : 0n;
  if (type === 2) {
    const tree = secondTree(builder, choices, levelsOf(aw));
    const address = BigInt.asUintN(Number(width), choices.address);
    mapPage(builder, tree, address, leaves(), builder.newBlock());
    return { address, ssptptr: tree.root, fsptptr: stray };
  }
  if (type !== 1 && type !== 3) {
    const address = BigInt.asUintN(choices.unit.haw, choices.address);
    return { address, ssptptr: stray, fsptptr: stray };
  }
  const levels = choices.entry.fspm === 1 ? 5 : 4;
  const address = signExtend(choices.address, 12n + 9n * big(levels));
  const flags = cycle(choices.firstFlags, 7n);
  const leaf = choices.firstLeaf;
  const size = 1n << (12n + 9n * big(leaf - 1));
  if (type === 1) {
    const newTable = (): bigint => builder.newTable();
    const root = newTable();
    const locate = (table: bigint): bigint => table;
    const tree: RadixTree = { kind: "first", root, levels, newTable, locate, flags };
    mapPage(builder, tree, address, leaf, builder.newBlock());
    return { address, ssptptr: stray, fsptptr: root };
  }
  const second = secondTree(builder, choices, levelsOf(aw));
  const guestBits = Number(width) < choices.unit.haw ? Number(width) : choices.unit.haw;
  let seed = choices.guestSeed;
  const newTable = (): bigint => {
    seed = BigInt.asUintN(64, seed * 0x5851_f42d_4c95_7f2dn + 0x1405_7b7e_f767_814fn);
    return BigInt.asUintN(guestBits, seed >> 3n) & ~0xfffn;
  };
  const toHost = (guest: bigint): bigint =>
    mapPage(builder, second, guest, leaves(), builder.newBlock());
  const root = newTable();
  const tree: RadixTree = { kind: "first", root, levels, newTable, locate: toHost, flags };
  const page = newTable() & ~(size - 1n);
  const guest = mapPage(builder, tree, address, leaf, page);
  toHost(guest);
  return { address, ssptptr: second.root, fsptptr: root };
}

function buildLegacy(builder: TableBuilder, choices: MachineChoices): [bigint, bigint] {
  const { context, entry, requester } = choices;
  const type = context.translationType === 2 ? 4 : 2;
  const built = buildPaging(builder, choices, type);
  const [rootTable, contextTable] = [builder.newTable(), builder.newTable()];
  const low = 1n | flag(context.fpd, 1) | (big(context.translationType) << 2n) | built.ssptptr;
  const high = big(context.aw) | 0x50n | (big(entry.domain) << 8n);
  builder.put("root", rootTable + big(requester >> 8) * 16n, [contextTable | 1n, 0n]);
  builder.put("context", contextTable + big(requester & 0xff) * 16n, [low, high]);
  return [rootTable, built.address];
}

function pasidEntry(choices: MachineChoices, built: Built): bigint[] {
  const { entry, unit } = choices;
  const [secondStage, firstStage] = [has(unit.ecap, 46), has(unit.ecap, 47)];
  const second = secondStage && (entry.type === 2 || entry.type === 3 || entry.strayFields);
  const first = firstStage && (entry.type === 1 || entry.type === 3 || entry.strayFields);
  let low = 1n | flag(entry.fpd, 1) | (big(entry.type) << 6n);
  if (second) low |= (big(entry.aw) << 2n) | flag(entry.ssade && has(unit.ecap, 45), 9);
  if (second) low |= built.ssptptr;
  const high =
    big(entry.domain) |
    flag(entry.pwsnp && has(unit.ecap, 48), 23) |
    flag(entry.pgsnp && has(unit.ecap, 7), 24);
  let third = flag(entry.sre && has(unit.ecap, 31), 0) | flag(entry.strayFields, 5);
  if (first) third |= (big(entry.fspm) << 2n) | flag(entry.wpe, 4) | built.fsptptr;
  if (first) third |= flag(entry.eafe && has(unit.ecap, 34), 7);
  return [low, high, third, 0n, 0n, 0n, 0n, 0n];
}

function buildScalable(builder: TableBuilder, choices: MachineChoices): [bigint, bigint] {
  const { context, requester, unit } = choices;
  const built = buildPaging(builder, choices, choices.entry.type);
  // So far up, a directory can be as long as it likes without meeting other tables.
  const directory = builder.upper << 2n;
  const ridPasid = has(unit.ecap, 49) ? context.ridPasid : 0;
  const pasid = big(choices.pasid ?? ridPasid);
  const [rootTable, contextTable] = [builder.newTable(), builder.newTable()];
  const pasidTable = builder.newTable();
  const devfn = requester & 0xff;
  const dte = context.dte && has(unit.ecap, 2);
  const low =
    1n |
    flag(context.fpd, 1) |
    flag(dte, 2) |
    flag(context.paside && has(unit.ecap, 40), 3) |
    flag(context.pre && dte && has(unit.ecap, 29), 4) |
    flag(context.eptr && context.paside && has(unit.ecap, 56), 6) |
    (big(context.pdts) << 9n) |
    directory;
  const high = big(ridPasid) | flag(context.ridPrivileged && has(unit.ecap, 53), 20);
  const half = rootTable + big(requester >> 8) * 16n + big(devfn >> 7) * 8n;
  builder.put("root", half, [contextTable | 1n]);
  builder.put("context", contextTable + big(devfn & 0x7f) * 32n, [low, high, 0n, 0n]);
  const pointer = pasidTable | 1n | flag(choices.directoryFpd, 1);
  builder.put("directory", directory + (pasid >> 6n) * 8n, [pointer]);
  builder.put("pasid", pasidTable + (pasid & 0x3fn) * 64n, pasidEntry(choices, built));
  return [rootTable, built.address];
}

function buildMachine(
  choices: MachineChoices,
  harm: readonly Damage[],
  twists: readonly RequestTwist[],
): RandomMachine {
  const builder = new TableBuilder(choices.low ? 1n << 32n : 1n << 37n);
  const [rootTable, address] =
    choices.mode === 0 ? buildLegacy(builder, choices) : buildScalable(builder, choices);
  const { unit, mode, enabled } = choices;
  const ioBits = choices.ioBits && has(unit.ecap, 57);
  for (const damage of harm) inflict(builder, damage, unit.haw);
  const home = { requester: choices.requester, pasid: mode === 0 ? null : choices.pasid, address };
  const requests = twists.map((twist) => applyTwist(twist, home));
  const stages = ["other", "first", "second", "nested", "pass-through"];
  return {
    kind: mode === 0 ? "legacy" : (stages[choices.entry.type] ?? "other"),
    unit,
    enabled,
    requests,
    [fc.toStringMethod]: () => describeMachine(choices, harm, requests, builder),
    rtaddr: rootTable | (big(mode) << 10n) | flag(ioBits, 7),
    pages: builder.pages,
    entries: builder.entries,
  };
}

function describeMachine(
  choices: MachineChoices,
  harm: readonly Damage[],
  requests: readonly NaiveRequest[],
  builder: TableBuilder,
): string {
  const plain = (value: unknown): string =>
    JSON.stringify(value, (_, part) =>
      typeof part === "bigint" ? `0x${part.toString(16)}` : part,
    );
  const entries = builder.entries.map(({ kind, address, count }) => {
    const words = readPages(builder.pages)(address, count);
    const shown = words?.map((word) => `0x${word.toString(16)}`).join(" ") ?? "no memory";
    return `  ${kind} 0x${address.toString(16)}: ${shown}`;
  });
  return [plain(choices), plain(harm), ...requests.map(plain), ...entries].join("\n");
}

/** Machines with none to two damages and one to three requests. */
export const randomMachine: fc.Arbitrary<RandomMachine> = fc
  .tuple(machineChoices, damages, requestTwists)
  .map(([choices, harm, twists]) => buildMachine(choices, harm, twists));
