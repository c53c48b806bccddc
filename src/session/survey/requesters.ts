// From the root table to PASID table entries: who may do DMA, and through which entry (sections 9.1 to 9.6).
import { domainId, type Pasid, pasid, type RequesterId, requesterId } from "../../base/brand.ts";
import { hex } from "../../base/hex.ts";
import { decode } from "../../hardware/layout/codec.ts";
import { PASID_DIRECTORY_ENTRY } from "../../hardware/layout/pasid.ts";
import {
  CONTEXT_SCALABLE,
  ROOT_LEGACY,
  ROOT_SCALABLE,
} from "../../hardware/layout/root-context.ts";
import type { Environment } from "../../hardware/layout/types.ts";
import type { Switches } from "../../hardware/vtd/profile.ts";
import type { SurveyedEntry, SurveyedRequester } from "../types.ts";
import { complaint, fieldsOf, legacyMeaning, pasidMeaning } from "./entries.ts";
import type { Allowance } from "./limits.ts";
import {
  hostAddress,
  type ReadableMemory,
  readTable,
  type TableList,
  type TableView,
  wordsAt,
} from "./pages.ts";
import type { Spaces } from "./spaces.ts";

export class Requesters {
  readonly #memory: ReadableMemory;
  readonly #environment: Environment;
  readonly #switches: Switches;
  readonly #allowance: Allowance;
  readonly #tables: TableList;
  readonly #spaces: Spaces;
  /** Why the requester at hand has no entry, as far as it was read. */
  #nothing = "";

  constructor(
    memory: ReadableMemory,
    environment: Environment,
    switches: Switches,
    allowance: Allowance,
    tables: TableList,
    spaces: Spaces,
  ) {
    this.#memory = memory;
    this.#environment = environment;
    this.#switches = switches;
    this.#allowance = allowance;
    this.#tables = tables;
    this.#spaces = spaces;
  }

  /** All requesters with a context entry that is present, in order of requester id. */
  read(rootTable: bigint, scalable: boolean): SurveyedRequester[] {
    const root = readTable(this.#memory, Number(rootTable));
    if (!root) return [];
    const requesters: SurveyedRequester[] = [];
    const structure = scalable ? ROOT_SCALABLE : ROOT_LEGACY;
    let present = 0;
    for (let bus = 0; bus < 256; bus++) {
      const words = wordsAt(root, bus * 16, 2);
      if (words.every((word) => (word & 1n) === 0n)) continue;
      present++;
      const decoded = decode(structure, words, this.#environment);
      const fields = fieldsOf(decoded);
      const halves = scalable ? (["LCTP", "UCTP"] as const) : (["CTP"] as const);
      halves.forEach((name, half) => {
        if (((words[half] ?? 0n) & 1n) === 0n) return;
        if (
          complaint(
            structure,
            decoded,
            (f) => !scalable || this.#switches.bothRootHalves || f.field.word === half,
          )
        ) {
          return;
        }
        this.#readContexts(bus, half, Number(fields.get(name) ?? 0n), scalable, requesters);
      });
    }
    this.#tables.add(root.address, "root table", null, present);
    return requesters;
  }

  #readContexts(
    bus: number,
    half: number,
    address: number,
    scalable: boolean,
    into: SurveyedRequester[],
  ): void {
    if (!this.#allowance.take("tables")) return;
    const table = readTable(this.#memory, address);
    if (!table) return;
    const size = scalable ? 32 : 16;
    let present = 0;
    for (let index = 0; index < 4096 / size; index++) {
      const words = wordsAt(table, index * size, size / 8);
      if (((words[0] ?? 0n) & 1n) === 0n) continue;
      present++;
      if (!this.#allowance.take("requesters")) continue;
      const requester = requesterId((bus << 8) | (half << 7) | index);
      into.push(
        scalable
          ? this.#scalable(requester, table.address + index * size, words)
          : this.#legacy(requester, table.address + index * size, words),
      );
    }
    this.#tables.add(table.address, "context table", null, present);
  }

  #legacy(requester: RequesterId, address: number, context: readonly bigint[]): SurveyedRequester {
    const { did, space, problem } = legacyMeaning(context, this.#environment);
    const contextAddress = hostAddress(address);
    const domain = domainId(did);
    const entry: SurveyedEntry = {
      pasid: null,
      forRequestsWithoutPasid: true,
      address: contextAddress,
      stage: space?.stage ?? null,
      domain,
      space: space && this.#spaces.use(space, domain, requester, null),
      problem,
    };
    return { requester, contextAddress, context, entries: [entry], problem };
  }

  #scalable(
    requester: RequesterId,
    address: number,
    context: readonly bigint[],
  ): SurveyedRequester {
    const decoded = decode(CONTEXT_SCALABLE, context, this.#environment);
    const fields = fieldsOf(decoded);
    const base = { requester, contextAddress: hostAddress(address), context };
    const wrong = complaint(CONTEXT_SCALABLE, decoded);
    if (wrong) return { ...base, entries: [], problem: wrong };
    const { rps } = this.#environment.capabilities;
    const ignored = this.#switches.pasidZeroWithoutRps || !rps;
    const ridPasid = ignored ? 0 : Number(fields.get("RID_PASID") ?? 0n);
    const directory = Number(fields.get("PASIDDIRPTR") ?? 0n);
    const size = 2 ** (Number(fields.get("PDTS") ?? 0n) + 7);
    const entries: SurveyedEntry[] = [];
    this.#nothing = "no PASID directory entry is present";
    for (let page = 0; page * 512 < size; page++) {
      const at = directory + page * 4096;
      const table = this.#allowance.take("pasidTables") ? readTable(this.#memory, at) : null;
      if (!table) {
        if (page > 0) break;
        const problem = `PASIDDIRPTR ${hex(directory)} points to no memory`;
        return { ...base, entries, problem };
      }
      this.#readDirectory(requester, table, page * 512, Math.min(512, size), ridPasid, entries);
    }
    return { ...base, entries, problem: entries.length > 0 ? null : this.#nothing };
  }

  #readDirectory(
    requester: RequesterId,
    directory: TableView,
    first: number,
    count: number,
    ridPasid: number,
    into: SurveyedEntry[],
  ): void {
    let present = 0;
    for (let index = 0; index < count; index++) {
      if ((directory.data.getUint8(index * 8) & 1) === 0) continue;
      present++;
      const decoded = decode(
        PASID_DIRECTORY_ENTRY,
        wordsAt(directory, index * 8, 1),
        this.#environment,
      );
      if (!this.#switches.pasidReservedUnchecked && complaint(PASID_DIRECTORY_ENTRY, decoded))
        continue;
      const address = Number(fieldsOf(decoded).get("SMPTBLPTR") ?? 0n);
      const table = this.#allowance.take("pasidTables") ? readTable(this.#memory, address) : null;
      if (table) {
        this.#nothing = "no PASID table entry is present";
        this.#readPasids(requester, table, (first + index) * 64, ridPasid, into);
      } else this.#nothing = `SMPTBLPTR ${hex(address)} points to no memory`;
    }
    this.#tables.add(directory.address, "PASID directory", null, present);
  }

  #readPasids(
    requester: RequesterId,
    table: TableView,
    first: number,
    ridPasid: number,
    into: SurveyedEntry[],
  ): void {
    let present = 0;
    for (let index = 0; index < 64; index++) {
      if ((table.data.getUint8(index * 64) & 1) === 0) continue;
      present++;
      if (!this.#allowance.take("entries")) continue;
      const words = wordsAt(table, index * 64, 8);
      const number: Pasid = pasid(first + index);
      const forRequestsWithoutPasid = number === ridPasid;
      const { did, space, problem } = pasidMeaning(words, this.#environment, this.#switches);
      const domain = domainId(did);
      const user = forRequestsWithoutPasid ? null : number;
      into.push({
        pasid: number,
        forRequestsWithoutPasid,
        address: hostAddress(table.address + index * 64),
        stage: space?.stage ?? null,
        domain,
        space: space && this.#spaces.use(space, domain, requester, user),
        problem,
      });
    }
    this.#tables.add(table.address, "PASID table", null, present);
  }
}
