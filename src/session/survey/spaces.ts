// Address spaces in order of first appearance: one per stage and root pointer, pass-through as one of its own.
import type { DomainId, Pasid, RequesterId } from "../../base/brand.ts";
import { hpa, iova } from "../../base/brand.ts";
import { plainHex } from "../../base/hex.ts";
import type { Environment } from "../../hardware/layout/types.ts";
import type { AddressSpace, MappedRange } from "../types.ts";
import type { Allowance } from "./limits.ts";
import { hostAddress, type ReadableMemory, type TableList } from "./pages.ts";
import { PagingTables, READ, WRITE } from "./paging-tables.ts";
import { firstRangeAbove, type NumberRange, RangeBuilder, toMappedRange } from "./ranges.ts";

/** What an entry says about the tables behind it. Roots are addresses; levels are 3, 4 or 5. */
export type SpaceRoot =
  | { readonly stage: "pass-through" }
  | { readonly stage: "first-stage"; readonly root: number; readonly levels: number }
  | { readonly stage: "second-stage"; readonly root: number; readonly levels: number }
  | {
      readonly stage: "nested";
      readonly root: number;
      readonly levels: number;
      readonly second: number;
      readonly secondLevels: number;
    };

interface Draft {
  readonly id: string;
  readonly from: SpaceRoot;
  readonly domains: Set<DomainId>;
  readonly users: { requester: RequesterId; pasid: Pasid | null }[];
}

export class Spaces {
  readonly #memory: ReadableMemory;
  readonly #environment: Environment;
  readonly #allowance: Allowance;
  readonly #tables: TableList;
  readonly #second: PagingTables;
  readonly #first: PagingTables;
  readonly #drafts = new Map<string, Draft>();
  readonly #secondRanges = new Map<string, readonly NumberRange[]>();

  constructor(
    memory: ReadableMemory,
    environment: Environment,
    allowance: Allowance,
    tables: TableList,
  ) {
    this.#memory = memory;
    this.#environment = environment;
    this.#allowance = allowance;
    this.#tables = tables;
    this.#second = new PagingTables("second-stage", memory, environment, allowance, tables);
    this.#first = new PagingTables("first-stage", memory, environment, allowance, tables);
  }

  /** The id of the space behind an entry; null when no more spaces are listed. */
  use(
    from: SpaceRoot,
    domain: DomainId,
    requester: RequesterId,
    pasid: Pasid | null,
  ): string | null {
    const key = Object.values(from).join(" ");
    let draft = this.#drafts.get(key);
    if (!draft) {
      if (!this.#allowance.take("spaces")) return null;
      draft = { id: this.#freshId(from), from, domains: new Set(), users: [] };
      this.#drafts.set(key, draft);
    }
    draft.domains.add(domain);
    draft.users.push({ requester, pasid });
    return draft.id;
  }

  /** All spaces with what they map. Reads the paging tables. */
  finish(): AddressSpace[] {
    return [...this.#drafts.values()].map(({ id, from, domains, users }) => {
      const { ranges, mapped } = this.#map(from);
      return {
        id,
        stage: from.stage,
        root: from.stage === "pass-through" ? null : hostAddress(from.root),
        levels: from.stage === "pass-through" ? 0 : from.levels,
        domains: [...domains],
        users,
        ranges,
        mapped,
      };
    });
  }

  #freshId(from: SpaceRoot): string {
    if (from.stage === "pass-through") return "pass-through";
    const root = plainHex(from.root);
    const id =
      from.stage === "nested" ? `nested@${root}/${plainHex(from.second)}` : `${from.stage}@${root}`;
    const taken = [...this.#drafts.values()].some((draft) => draft.id === id);
    return taken ? `${id}, ${from.levels} levels` : id;
  }

  #map(from: SpaceRoot): { ranges: readonly MappedRange[]; mapped: bigint } {
    switch (from.stage) {
      case "pass-through":
        return this.#everything();
      case "second-stage": {
        const ranges = this.#rangesOfSecond(from.root, from.levels);
        const mapped = this.#second.mapped(from.root, from.levels, READ | WRITE);
        return {
          ranges: ranges.map((range) => toMappedRange(range, null)),
          mapped: BigInt(mapped),
        };
      }
      case "first-stage": {
        const sign = signBit(from.levels);
        const builder = new RangeBuilder(this.#allowance, 2 ** sign);
        this.#first.list(from.root, from.levels, READ | WRITE, 0, (start, size, target, rights) =>
          builder.add(start, size, target, rights),
        );
        return {
          ranges: builder.ranges.map((range) => toMappedRange(range, sign)),
          mapped: BigInt(this.#first.mapped(from.root, from.levels, READ | WRITE)),
        };
      }
      case "nested":
        return this.#nested(from);
    }
  }

  #everything(): { ranges: readonly MappedRange[]; mapped: bigint } {
    const length = 1n << BigInt(this.#environment.haw);
    const range: MappedRange = {
      start: iova(0n),
      length,
      target: hpa(0n),
      read: true,
      write: true,
      pageSize: 2 ** 30,
    };
    return { ranges: [range], mapped: length };
  }

  #rangesOfSecond(root: number, levels: number): readonly NumberRange[] {
    const key = `${root} ${levels}`;
    let ranges = this.#secondRanges.get(key);
    if (!ranges) {
      const builder = new RangeBuilder(this.#allowance, -1);
      const end = 2 ** Math.min(this.#environment.capabilities.mgaw, 12 + 9 * levels);
      this.#second.list(root, levels, READ | WRITE, 0, (start, size, target, rights) =>
        start < end ? builder.add(start, size, target, rights) : false,
      );
      ranges = builder.ranges;
      this.#secondRanges.set(key, ranges);
    }
    return ranges;
  }

  /** First-stage pages cut along the second-stage ranges that carry them. */
  #nested(from: Extract<SpaceRoot, { stage: "nested" }>): {
    ranges: readonly MappedRange[];
    mapped: bigint;
  } {
    const host = this.#rangesOfSecond(from.second, from.secondLevels);
    this.#second.mapped(from.second, from.secondLevels, READ | WRITE);
    const locate = (guest: number): number | null => {
      const range = host[firstRangeAbove(host, guest)];
      const inside = range && range.start <= guest && (range.rights & READ) !== 0;
      return inside ? range.target + (guest - range.start) : null;
    };
    const tables = new PagingTables(
      "first-stage",
      this.#memory,
      this.#environment,
      this.#allowance,
      this.#tables,
      locate,
    );
    const sign = signBit(from.levels);
    const builder = new RangeBuilder(this.#allowance, 2 ** sign);
    let mapped = 0;
    tables.list(from.root, from.levels, READ | WRITE, 0, (start, size, guest, rights) => {
      for (let i = firstRangeAbove(host, guest); i < host.length; i++) {
        const range = host[i] as NumberRange;
        if (range.start >= guest + size) break;
        const both = rights & range.rights;
        if (both === 0) continue;
        const low = Math.max(guest, range.start);
        const length = Math.min(guest + size, range.start + range.length) - low;
        const target = range.target + (low - range.start);
        mapped += length;
        const pageSize = Math.min(size, range.pageSize);
        if (!builder.add(start + (low - guest), length, target, both, pageSize)) return false;
      }
      return true;
    });
    return {
      ranges: builder.ranges.map((range) => toMappedRange(range, sign)),
      mapped: BigInt(mapped),
    };
  }
}

/** The highest bit that a first stage translates; higher ones repeat it. */
const signBit = (levels: number): number => 11 + 9 * levels;
