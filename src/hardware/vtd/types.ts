// The remapping unit's vocabulary at its ports: capabilities, requests, outcomes, cached entries.
import type { DomainId, Hpa, Iova, Pasid, RequesterId } from "../../base/brand.ts";
import type { FaultCode } from "./fault-codes.ts";

/** The raw identification registers. Everything a unit can do is decoded from them. */
export interface Identification {
  /** VER_REG, 32 bits: [7:4] major, [3:0] minor. */
  readonly ver: number;
  /** CAP_REG, 64 bits. */
  readonly cap: bigint;
  /** ECAP_REG, 64 bits. */
  readonly ecap: bigint;
}

/** Fields of VER, CAP and ECAP, under the specification's names, as numbers and flags. */
export interface Capabilities {
  readonly major: number;
  /** Number of domain ids = 2^(4 + 2 ND). */
  readonly nd: number;
  readonly cm: boolean;
  /** Bit i: tables of i + 2 levels. */
  readonly sagaw: number;
  /** Largest guest address width in bits (the field plus one). */
  readonly mgaw: number;
  readonly zlr: boolean;
  /** Byte offset of the first fault recording register. */
  readonly fro: number;
  /** Second-stage page sizes: bit 0 2 MiB, bit 1 1 GiB. */
  readonly sslps: number;
  readonly psi: boolean;
  /** Number of fault recording registers. */
  readonly nfr: number;
  readonly mamv: number;
  readonly fs1gp: boolean;
  readonly fs5lp: boolean;
  readonly esrtps: boolean;
  readonly c: boolean;
  readonly qi: boolean;
  readonly dt: boolean;
  readonly ir: boolean;
  readonly pt: boolean;
  readonly sc: boolean;
  /** Byte offset of IVA_REG; IOTLB_REG follows at + 8. */
  readonly iro: number;
  readonly mts: boolean;
  readonly nest: boolean;
  readonly prs: boolean;
  readonly srs: boolean;
  readonly nwfs: boolean;
  readonly eafs: boolean;
  /** PASID bits supported. */
  readonly pss: number;
  readonly pasid: boolean;
  readonly pds: boolean;
  readonly smts: boolean;
  readonly ssads: boolean;
  readonly ssts: boolean;
  readonly fsts: boolean;
  readonly smpwcs: boolean;
  readonly rps: boolean;
  readonly adms: boolean;
  readonly rprivs: boolean;
  readonly ptrs: boolean;
  readonly hpts: boolean;
  readonly ssirws: boolean;
}

/** Whose behaviour is shown where the specification and QEMU 11.1 part. */
export type ProfileName = "spec" | "qemu";

export interface CacheSizes {
  /** Number of entries, a multiple of 4; 0 switches the cache off. */
  readonly context: number;
  readonly pasid: number;
  readonly iotlb: number;
  readonly paging: number;
}

export type Access = "read" | "write" | "atomic";

/** One memory request as it arrives from PCI. */
export interface DmaRequest {
  readonly requester: RequesterId;
  /** The PASID the request carries, or null for one without. */
  readonly pasid: Pasid | null;
  readonly access: Access;
  readonly address: Iova;
  /** Bytes, 0 .. 65536. Crossing 4 KiB pages splits the request as the profile says. */
  readonly length: number;
  /** Writes: what is written, `length` bytes. Without it, bytes that name the request. */
  readonly data?: Uint8Array;
  /** Privileged mode requested. Only with a PASID. */
  readonly privileged?: boolean;
  /** Execute requested. Only with a PASID, only reads. */
  readonly execute?: boolean;
  readonly addressType?: "untranslated" | "translated";
}

/** What was written into a fault recording register (section 11.4.7.6 of the specification). */
export interface FaultRecord {
  readonly index: number;
  readonly reason: FaultCode;
  readonly requester: RequesterId;
  readonly address: bigint;
  readonly access: Access;
  /** PASID present, and its value (0 when not). */
  readonly pasidPresent: boolean;
  readonly pasid: number;
  readonly execute: boolean;
  readonly privileged: boolean;
}

/** Where one piece of a request inside one 4 KiB page went. */
export interface Piece {
  readonly address: Iova;
  readonly length: number;
  /** Null: refused. */
  readonly target: Hpa | null;
}

export interface DmaOutcome {
  /** The whole request was let through. */
  readonly ok: boolean;
  /** How it ended: through tables or caches, with remapping off or past the tables, as an interrupt request, or refused. */
  readonly kind: "translated" | "untranslated" | "interrupt" | "fault";
  readonly pieces: readonly Piece[];
  /** Reads that were let through: the bytes. */
  readonly data: Uint8Array | null;
  /** Mask of the page that answered the (first) piece: 0xfff, 0x1fffff, 0x3fffffff; 0 when none did. */
  readonly mask: bigint;
  /** Why it was refused, whether or not that was recorded; null when it was not. */
  readonly fault: FaultCode | null;
  /** The record this request wrote, or null. */
  readonly record: FaultRecord | null;
}

export type CacheName = "context" | "pasid" | "iotlb" | "paging";

interface CachedCommon {
  /** Position in its cache, 0 .. size - 1: the gauge cell. */
  readonly slot: number;
  readonly requester: RequesterId | null;
  readonly pasid: Pasid | null;
  readonly domain: DomainId | null;
}

/** How an address space is reached: PGTT of the PASID entry, or the legacy translation type. */
export type Stage = "first-stage" | "second-stage" | "nested" | "pass-through";

/** One valid entry of one cache, decoded from the unit's state. */
export type CacheEntry = CachedCommon &
  (
    | { readonly cache: "context"; readonly words: readonly bigint[] }
    | { readonly cache: "pasid"; readonly words: readonly bigint[] }
    | {
        readonly cache: "iotlb";
        readonly stage: Stage;
        /** First I/O address of the cached page. */
        readonly address: Iova;
        readonly mask: bigint;
        readonly target: Hpa;
        readonly read: boolean;
        readonly write: boolean;
        readonly dirty: boolean;
      }
    | {
        readonly cache: "paging";
        readonly stage: "first-stage" | "second-stage";
        readonly address: bigint;
        /** Level of the table that the entry leads to. */
        readonly level: number;
        readonly table: Hpa;
        readonly read: boolean;
        readonly write: boolean;
      }
  );
