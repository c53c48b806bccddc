// What the tables in memory say, read without touching any state: no caches, no accessed bits, no records.
import { environmentOf } from "../../hardware/vtd/environment.ts";
import type { Switches } from "../../hardware/vtd/profile.ts";
import type { Capabilities } from "../../hardware/vtd/types.ts";
import type { Survey } from "../types.ts";
import { Allowance } from "./limits.ts";
import { hostAddress, type ReadableMemory, readTable, TableList } from "./pages.ts";
import { Requesters } from "./requesters.ts";
import { Spaces } from "./spaces.ts";

/** Where the tables start, as the unit has taken it over. */
export interface SurveyInput {
  readonly memory: ReadableMemory;
  readonly capabilities: Capabilities;
  /** Host address width in bits. */
  readonly haw: number;
  /** Whose reading of the tables: those of the profile in force. */
  readonly switches: Switches;
  /** GSTS.TES. */
  readonly translating: boolean;
  /** RTADDR_REG in force. */
  readonly rootPointer: bigint;
  /** GSTS.QIES and the queue registers. */
  readonly queue: {
    readonly enabled: boolean;
    readonly base: bigint;
    readonly head: bigint;
    readonly tail: bigint;
  };
}

/** Reads every table that the registers lead to, within the limits. */
export function surveyTables(input: SurveyInput): Survey {
  const { memory, haw, switches } = input;
  const environment = environmentOf(input);
  const mode = tableMode(input);
  const allowance = new Allowance();
  const tables = new TableList();
  const rootTable = hostAddress(Number(input.rootPointer & ((1n << BigInt(haw)) - 4096n)));
  const spaces = new Spaces(memory, environment, allowance, tables);
  const reader = new Requesters(memory, environment, switches, allowance, tables, spaces);
  const requesters =
    mode === "legacy" || mode === "scalable" ? reader.read(rootTable, mode === "scalable") : [];
  const listed = spaces.finish();
  if (input.queue.enabled) addQueue(input, tables);
  return {
    mode,
    rootTable,
    requesters,
    spaces: listed,
    tables: tables.list(),
    limits: allowance.sentences(),
  };
}

function tableMode({
  translating,
  rootPointer,
  capabilities,
  switches,
}: SurveyInput): Survey["mode"] {
  if (!translating) return "remapping off";
  const mode = Number((rootPointer >> 10n) & 3n);
  if (switches.tableModeBitTen) {
    return (mode & 1) === 1 && capabilities.smts ? "scalable" : "legacy";
  }
  if (mode === 0) return "legacy";
  if (mode === 1 && capabilities.smts) return "scalable";
  return mode === 3 && capabilities.adms ? "abort" : "reserved";
}

/** The pages of the invalidation queue, with the descriptors that wait in each. */
function addQueue({ queue, memory, haw }: SurveyInput, tables: TableList): void {
  const base = Number(queue.base & ((1n << BigInt(haw)) - 4096n));
  const pages = 2 ** Number(queue.base & 7n);
  const size = pages * 4096;
  const width = (queue.base >> 11n) & 1n ? 32 : 16;
  const waiting = new Array<number>(pages).fill(0);
  let at = Number(queue.head) % size;
  const end = Number(queue.tail) % size;
  for (let left = size / width; at !== end && left > 0; left--) {
    const page = Math.floor(at / 4096);
    waiting[page] = (waiting[page] ?? 0) + 1;
    at = (at + width) % size;
  }
  waiting.forEach((count, page) => {
    const table = readTable(memory, base + page * 4096);
    if (table) tables.add(table.address, "invalidation queue", null, count);
  });
}
