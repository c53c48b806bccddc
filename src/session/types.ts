// The document a reader works on: a machine, a profile and the list of what was done to it.
import type { DomainId, Hpa, Iova, Pasid, RequesterId } from "../base/brand.ts";
import type { Result } from "../base/result.ts";
import type { Memory } from "../hardware/memory/memory.ts";
import type { DeviceEvent } from "../hardware/platform/events.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import type {
  Access,
  CacheEntry,
  CacheName,
  CacheSizes,
  Capabilities,
  DmaOutcome,
  DmaRequest,
  ProfileName,
  Stage,
} from "../hardware/vtd/types.ts";
import type { CallResult, SystemCall } from "../linux/calls.ts";
import type { KernelEvent } from "../linux/kernel/events.ts";
import type { KernelState } from "../linux/kernel/state.ts";
import type { DesignId, InjectedFault, KernelOperation, MachineDescription } from "./document.ts";
import type { CheckArguments, Finding, Ledger } from "./findings.ts";

/** A new value of one 64-bit word of memory. */
export interface WordEdit {
  /** A multiple of 8. */
  readonly address: Hpa;
  readonly value: bigint;
}

/** A value that software writes to a register. */
export interface RegisterWrite {
  /** Bytes from the unit's first register, a multiple of 4. */
  readonly offset: number;
  readonly size: 4 | 8;
  readonly value: bigint;
}

/** One thing the reader did. The state is what running all of them gives. */
export type HardwareOperation =
  /** A request, sent `repeat` times (a stream): the n-th at address + (n * stride) mod span. */
  | {
      readonly op: "dma";
      readonly requester: RequesterId;
      readonly pasid: Pasid | null;
      readonly access: Access;
      readonly address: Iova;
      readonly length: number;
      readonly repeat?: number;
      readonly stride?: number;
      readonly span?: bigint;
    }
  /** Software edits 64-bit words of memory: one, and those in `more` with it. No invalidation is implied. */
  | ({ readonly op: "edit"; readonly more?: readonly WordEdit[] } & WordEdit)
  /** Descriptors of two or four words each, put into the queue in memory and handed over by the tail register. */
  | { readonly op: "invalidate"; readonly descriptors: readonly (readonly bigint[])[] }
  /** Software writes a register, and those in `more` after it. */
  | ({ readonly op: "register write"; readonly more?: readonly RegisterWrite[] } & RegisterWrite);

/** One thing that was done. `id` is its name in a file; `faults` strike while it runs. */
export type Operation = (HardwareOperation | KernelOperation) & {
  readonly id?: string;
  readonly faults?: readonly InjectedFault[];
};

/** Anything that happened, in the order in which it happened. */
export type SessionEvent = HardwareEvent | DeviceEvent | KernelEvent;

/** A point in time: after `operation` operations of a branch, and, inside the next one, after `event` of its events. */
export interface Place {
  readonly branch: number;
  /** 0 .. operations of the branch. */
  readonly operation: number;
  /** Null: between operations. */
  readonly event: number | null;
}

/** A line of operations. A fork shares those before `from` with its parent. */
export interface Branch {
  readonly id: number;
  /** Null: the first line. */
  readonly from: { readonly branch: number; readonly operation: number } | null;
  /** All its operations, shared ones included. */
  readonly operations: readonly Operation[];
}

/** The machine's kernel, actors and devices, for reading. */
export interface WorldPort {
  readonly machine: MachineDescription;
  readonly design: DesignId;
  readonly kernel: KernelState;
  /** Results that operations gave names to. */
  readonly results: Readonly<Record<string, number | string>>;
  readonly ledger: Ledger;
  /** The machine's page tags: owner of each page that is not free, by page number. */
  readonly pageOwners: ReadonlyMap<number, string>;
  /** Accelerator queues, read from the device's registers. */
  readonly queues: readonly DeviceQueue[];
  /** Simulated microseconds since power-on. */
  readonly now: number;
  /** Calls that wait inside the kernel. */
  readonly waiting: readonly {
    readonly task: number;
    readonly name: string;
    readonly point: string;
  }[];
  /** Runs a call of a process and puts everything back: what `ls` reads. */
  peek(process: string, call: SystemCall): CallResult;
  /** Opens a file, reads its whole text and closes it, and puts everything back: what `cat` reads. */
  readFile(process: string, path: string): CallResult;
}

export interface DeviceQueue {
  readonly function: RequesterId;
  readonly queue: number;
  readonly enabled: boolean;
  readonly dedicated: boolean;
  readonly pasid: Pasid | null;
}

/** Where the bytes of a machine come from: shipped with the page, or the reader's own files. */
export type MachineOrigin =
  | { readonly kind: "sample"; readonly id: string }
  | {
      readonly kind: "own";
      readonly tables: string;
      readonly registers: string;
      readonly digest: string;
    }
  /** Described in a document: a preset, or a machine of the document's own. */
  | { readonly kind: "preset"; readonly id: string };

/** What is open, for people. */
export interface MachineInfo {
  readonly origin: MachineOrigin;
  readonly title: string;
  /** What it is and how it was made, one or two sentences; empty for the reader's own. */
  readonly provenance: string;
  /** Host address width used, 32 .. 52. */
  readonly haw: number;
  /** Names of requesters where the sample knows them. */
  readonly names: ReadonlyMap<RequesterId, string>;
}

/** How a call or a demand ended. */
export interface Answer {
  /** Process that made it. */
  readonly process: string;
  readonly result: number;
  readonly value: CallResult["value"];
  /** What a program could not do and why; null: nothing went wrong, or it was a plain call. */
  readonly problem: string | null;
}

/** What one operation did. */
export interface Moment {
  readonly operation: Operation;
  /** Of calls and demands that ended in it, in the order in which they ended. */
  readonly answers?: readonly Answer[];
  /** Everything, in order; empty when the memory bound took it (seek there to have it again). */
  readonly events: readonly SessionEvent[];
  /** Of the (last) request. */
  readonly outcome: DmaOutcome | null;
}

/** A run of I/O addresses that the tables map with the same rights onto consecutive host pages. */
export interface MappedRange {
  readonly start: Iova;
  /** Bytes. */
  readonly length: bigint;
  readonly target: Hpa;
  readonly read: boolean;
  readonly write: boolean;
  /** Bytes of the largest page in it: 4096, 2 MiB or 1 GiB. */
  readonly pageSize: number;
}

/** What one page of memory holds, when the tables say so. */
export type TableRole =
  | "root table"
  | "context table"
  | "PASID directory"
  | "PASID table"
  | "first-stage table"
  | "second-stage table"
  | "invalidation queue";

export interface TablePage {
  readonly address: Hpa;
  readonly role: TableRole;
  /** Paging tables only: 4 is the top of a 4-level table. */
  readonly level: number | null;
  /** Entries in use. */
  readonly present: number;
}

/** One set of paging tables, or "the same addresses" for pass-through. */
export interface AddressSpace {
  /** Stable inside a survey: stage and root, e.g. "second-stage@0x110000000". */
  readonly id: string;
  readonly stage: Stage;
  /** Root of the first (or only) stage; null for pass-through. */
  readonly root: Hpa | null;
  readonly levels: number;
  readonly domains: readonly DomainId[];
  readonly users: readonly { readonly requester: RequesterId; readonly pasid: Pasid | null }[];
  readonly ranges: readonly MappedRange[];
  /** Mapped bytes, counted also where `ranges` was cut. */
  readonly mapped: bigint;
}

/** A PASID entry in use (legacy mode: the context entry itself, `pasid` null). */
export interface SurveyedEntry {
  readonly pasid: Pasid | null;
  /** The entry for requests without PASID. */
  readonly forRequestsWithoutPasid: boolean;
  readonly address: Hpa;
  /** Null: the entry is not usable; `problem` says why. */
  readonly stage: Stage | null;
  readonly domain: DomainId;
  /** Id of its address space. */
  readonly space: string | null;
  readonly problem: string | null;
}

export interface SurveyedRequester {
  readonly requester: RequesterId;
  readonly contextAddress: Hpa;
  /** Context entry words, 2 or 4. */
  readonly context: readonly bigint[];
  readonly entries: readonly SurveyedEntry[];
  /** Why nothing below the context entry could be used, or null. */
  readonly problem: string | null;
}

/** Everything the tables in memory say, read without touching any state. */
export interface Survey {
  readonly mode: "remapping off" | "legacy" | "scalable" | "abort" | "reserved";
  readonly rootTable: Hpa;
  /** In order of requester id. */
  readonly requesters: readonly SurveyedRequester[];
  /** In order of first appearance: the owners of section 2.2 of the visual design. */
  readonly spaces: readonly AddressSpace[];
  readonly tables: readonly TablePage[];
  /** What was left out because a limit was reached, in words. */
  readonly limits: readonly string[];
}

/** A cached entry that the tables no longer agree with. */
export interface StaleEntry {
  readonly cache: CacheName;
  readonly slot: number;
  /** What a cold walk says now, in words. */
  readonly now: string;
}

/** Who was ever in the tables up to a moment, in order of first appearance. */
export interface FirstSeen {
  readonly requesters: readonly RequesterId[];
  /** Ids of address spaces. */
  readonly spaces: readonly string[];
}

/** What the page and the command line hold on to. `Session` in session.ts is the only implementation. */
export interface SessionPort {
  readonly info: MachineInfo;
  readonly profile: ProfileName;
  readonly capabilities: Capabilities;
  /** What was done and not undone, oldest first. */
  readonly operations: readonly Operation[];
  /** One per operation, oldest first; the oldest may have lost their events to the memory bound. */
  readonly moments: readonly Moment[];
  /** Runs an operation at the tip; forgets what had been undone. A repeated stream joins the operation before it. */
  run(operation: Operation): Result<Moment>;
  /** Moves the tip back by one operation; null when there is none. */
  undo(): Operation | null;
  redo(): Moment | null;
  /** Runs all operations anew under the other profile. */
  setProfile(profile: ProfileName): void;
  /** What a request would do with cold caches, leaving no trace: no accessed bits, no record, no fill. */
  probe(request: DmaRequest): Moment;
  survey(): Survey;
  cacheEntries(): readonly CacheEntry[];
  cacheSizes(): CacheSizes;
  /** Entries that a cold walk of today's tables contradicts. */
  stale(): readonly StaleEntry[];
  /** Reading only. */
  readonly memory: Pick<Memory, "isMemory" | "readWord" | "readBytes" | "ranges">;
  /** Register without side effects; 4 or 8 bytes. */
  readRegister(offset: number, size: 4 | 8): bigint;
  /** Digest of memory, registers, caches and kernel, 16 hex digits. */
  digest(): string;
  /** SHA-256 over the same, 64 hex digits. */
  stateSha256(): string;
  /** SHA-256 over every event up to the present place, as lines of canonical JSON; 64 hex digits. */
  traceSha256(): string;
  /** Every event up to the present place, oldest first; those that were dropped are computed anew. Go through it to its end before anything else. */
  trace(): Iterable<SessionEvent>;
  /** A fold over the operations up to the present place: the same for a link and for a live session. */
  firstSeen(): FirstSeen;
  /** Null: the machine has no kernel of ours (an opened image). */
  readonly world: WorldPort | null;
  /** Oldest first. `operations` and `moments` are those of the current branch. */
  readonly branches: readonly Branch[];
  /** What memory, registers, caches and `world` show now. */
  readonly place: Place;
  /** Goes to another moment. Running an operation there forks. */
  seek(place: Place): Result<void>;
  /** Asks a check of the present moment. */
  check(id: string, args?: CheckArguments): Result<Finding>;
}
