// A view for tests of hardware checks: entries, mapped pages, caches and grants as short lists.
import { type DomainId, type Hpa, type Iova, iova, pasid, requesterId } from "../../base/brand.ts";
import type { PlatformDescription } from "../../hardware/platform/description.ts";
import type { CacheEntry, Capabilities } from "../../hardware/vtd/types.ts";
import type { AddressSpace, SurveyedEntry } from "../types.ts";
import type { HardwareView } from "./types.ts";

/** The accelerator of the presets. */
export const ACCELERATOR = requesterId(0x6a08);

export interface Given {
  /** PASID (null: requests without one) -> pages by page number of the I/O address. */
  readonly entries: readonly (readonly [number | null, Readonly<Record<number, number>>])[];
  /** IOTLB: PASID, page of the I/O address, page reached, domain (default: the PASID plus 10). */
  readonly cached?: readonly (readonly [number | null, number, number, number?])[];
  readonly owners: Readonly<Record<number, string>>;
  /** Process -> pages it mapped. */
  readonly mapped?: Readonly<Record<string, readonly number[]>>;
  /** Default: whatever is mapped. */
  readonly writable?: Readonly<Record<string, readonly number[]>>;
  readonly unmapped?: Readonly<Record<string, readonly number[]>>;
  /** Process, PASID, mdev. */
  readonly tenants?: readonly (readonly [string, number | null, string | null])[];
  readonly tables?: readonly number[];
  readonly platform?: PlatformDescription;
}

const domainOf = (tag: number | null): DomainId => ((tag ?? 0) + 10) as DomainId;
const address = (page: number): Iova => iova(BigInt(page) * 4096n);

function spaceOf(tag: number | null, pages: Readonly<Record<number, number>>): AddressSpace {
  return {
    id: `second-stage@${tag}`,
    stage: "second-stage",
    root: (BigInt((tag ?? 0) + 1) << 20n) as Hpa,
    levels: 4,
    domains: [domainOf(tag)],
    users: [],
    ranges: Object.entries(pages).map(([from, to]) => ({
      start: address(Number(from)),
      length: 4096n,
      target: (BigInt(to) * 4096n) as Hpa,
      read: true,
      write: true,
      pageSize: 4096,
    })),
    mapped: 4096n * BigInt(Object.keys(pages).length),
  };
}

const entryOf = (tag: number | null): SurveyedEntry => ({
  pasid: tag === null ? pasid(0) : pasid(tag),
  forRequestsWithoutPasid: tag === null,
  address: 0n as Hpa,
  stage: "second-stage",
  domain: domainOf(tag),
  space: `second-stage@${tag}`,
  problem: null,
});

export function viewOf(given: Given): HardwareView {
  const caches = (given.cached ?? []).map(
    ([tag, from, to, domain], slot): CacheEntry => ({
      cache: "iotlb",
      slot,
      requester: ACCELERATOR,
      pasid: tag === null ? null : pasid(tag),
      domain: domain === undefined ? domainOf(tag) : (domain as DomainId),
      stage: "second-stage",
      address: address(from),
      mask: 0xfffn,
      target: (BigInt(to) * 4096n) as Hpa,
      read: true,
      write: true,
      dirty: false,
    }),
  );
  return {
    survey: {
      mode: "scalable",
      rootTable: 0n as Hpa,
      requesters: [
        {
          requester: ACCELERATOR,
          contextAddress: 0n as Hpa,
          context: [],
          entries: given.entries.map(([tag]) => entryOf(tag)),
          problem: null,
        },
      ],
      spaces: given.entries.map(([tag, pages]) => spaceOf(tag, pages)),
      tables: (given.tables ?? []).map((page) => ({
        address: (BigInt(page) * 4096n) as Hpa,
        role: "second-stage table",
        level: 1,
        present: 1,
      })),
      limits: [],
    },
    caches,
    memory: {
      isMemory: () => true,
      readWord: () => 0n,
      readBytes: () => new Uint8Array(0),
      ranges: [],
    } as unknown as HardwareView["memory"],
    capabilities: { pss: 19 } as Capabilities,
    readRegister: () => 0n,
    ledger: {
      ownerOf: (page) => given.owners[page] ?? "free",
      mapped: (process) => new Set(given.mapped?.[process] ?? []),
      writable: (process) => new Set(given.writable?.[process] ?? given.mapped?.[process] ?? []),
      tenants: (given.tenants ?? []).map(([process, tag, mdev]) => ({
        requester: ACCELERATOR,
        pasid: tag,
        process,
        mdev,
      })),
      unmapped: Object.entries(given.unmapped ?? {}).map(([process, frames]) => ({
        process,
        frames,
      })),
    },
    platform: given.platform ?? null,
  };
}
