// The document: a described machine with a kernel, a design, a seed, and the list of operations. Plain JSON, version 1.
import type { PlatformDescription } from "../hardware/platform/description.ts";
import type { SystemCall } from "../linux/calls.ts";
import type { FaultPoint } from "../linux/kernel/events.ts";

/** `$name`: the result of an earlier operation that was given this name. */
export type Reference = `$${string}`;

/** T in which every number may also be a reference. */
export type WithReferences<T> = T extends number
  ? T | Reference
  : T extends string | boolean | null
    ? T
    : { readonly [K in keyof T]: WithReferences<T[K]> };

/** Who acts: "root" (the shell), a VMM such as "vm-a", or any process of the machine's description. */
export type ActorName = string;

/** What an actor wants. A program of the actor turns it into system calls (session/actors). */
export type Demand =
  | { readonly want: "load module"; readonly module: string; readonly parameters?: string }
  | { readonly want: "unload module"; readonly module: string }
  | { readonly want: "bind driver"; readonly device: string; readonly driver: string }
  | { readonly want: "unbind driver"; readonly device: string }
  /** `device`: name of the parent; `type`: directory name of the type. */
  | {
      readonly want: "create mdev";
      readonly parent: string;
      readonly type: string;
      readonly uuid: string;
    }
  | { readonly want: "remove mdev"; readonly uuid: string }
  /** Starts a VM: memory of so many pages. The VM's name is the actor's. */
  | { readonly want: "start VM"; readonly pages: number }
  /** Group, container, IOMMU, memory mapped from guest address `at` (default 0x0), device. `device`: a UUID or "0000:6a:01.0". */
  | { readonly want: "assign device"; readonly device: string; readonly at?: string }
  | { readonly want: "release device"; readonly device: string }
  | { readonly want: "stop VM" }
  /** Maps pages of VM memory, counted from its first, at an I/O address. */
  | {
      readonly want: "map";
      readonly iova: string;
      readonly page: number;
      readonly pages: number;
      readonly access?: "read" | "write" | "read and write";
    }
  | { readonly want: "unmap"; readonly iova: string; readonly pages: number }
  /** The guest's driver gives work to its device: the queue copies `length` bytes from one I/O address to another, or fills one. */
  | {
      readonly want: "device copy";
      readonly device: string;
      readonly from: string;
      readonly to: string;
      readonly length: number;
    }
  | {
      readonly want: "device fill";
      readonly device: string;
      readonly to: string;
      readonly length: number;
      /** 16 hex digits at most. */
      readonly pattern?: string;
    }
  /** The host kernel uses the parent itself, through its DMA API. */
  | { readonly want: "host copy"; readonly device: string; readonly pages: number };

export interface InjectedFault {
  readonly point: FaultPoint;
  /** Which one of its kind in the operation, from 1. */
  readonly ordinal: number;
}

/** One call of a group that runs at the same time. */
export interface ConcurrentCall {
  readonly process: ActorName;
  readonly call: WithReferences<SystemCall>;
  readonly as?: string;
}

/** Operations that need a kernel. */
export type KernelOperation =
  | {
      readonly op: "call";
      readonly process: ActorName;
      readonly call: WithReferences<SystemCall>;
      readonly as?: string;
    }
  | {
      readonly op: "demand";
      readonly actor: ActorName;
      readonly demand: Demand;
      readonly as?: string;
    }
  /** Calls or demands of several actors at once. `schedule`: which runnable task goes on at each choice; beyond its end the seed chooses. */
  | {
      readonly op: "together";
      readonly calls: readonly (
        | ConcurrentCall
        | { readonly actor: ActorName; readonly demand: Demand; readonly as?: string }
      )[];
      readonly schedule?: readonly number[];
    }
  /** Simulated time passes; timers run. 1 .. 3,600,000,000 microseconds. */
  | { readonly op: "wait"; readonly microseconds: number };

export type DesignId = "D1" | "D2";

/** A process that exists from the start. */
export interface ProcessDescription {
  readonly name: ActorName;
  readonly privileged?: boolean;
  /** RLIMIT_MEMLOCK in KiB; default 65536. */
  readonly memoryLock?: number;
}

/** A machine with the kernel that boots on it. */
export interface MachineDescription {
  readonly platform: PlatformDescription;
  /** Words of the kernel command line: "intel_iommu=on,sm_on iommu.strict=1". */
  readonly commandLine: string;
  /** Modules loaded at boot, in order: "vfio_pci", "mdev" ... */
  readonly modules: readonly string[];
  readonly processes: readonly ProcessDescription[];
}

export type SourceType =
  | "mail"
  | "commit"
  | "kernel source"
  | "specification"
  | "measured"
  | "reading"
  | "memory";

export interface Source {
  readonly type: SourceType;
  /** Message-ID, commit, file with line and version, section: what it is found by. */
  readonly where: string;
  /** What it says, in our own words; at most 40 words. */
  readonly says?: string;
}

/** What is declared of a check at a moment. */
export interface DeclaredCheck {
  readonly id: string;
  /** Name of a check in session/checks. */
  readonly check: string;
  readonly arguments?: Readonly<Record<string, string | number>>;
  /** Id of the operation after which it is asked; "end": after the last. */
  readonly at: string;
  readonly declared: "holds" | "breaks";
  /** Why, for people. */
  readonly because?: string;
}

/** What is selected and which tabs are shown when a step opens. Words of scene/selection and app tabs. */
export interface StepView {
  /** "mdev 83b8f4f2-…", "entry 0x1065040", "domain 7", "requester 6a:01.0 0x41", "check ID". */
  readonly selection?: string;
  readonly foot?: string;
  readonly side?: string;
}

export interface Step {
  /** Lower-case words with hyphens; never renamed. */
  readonly id: string;
  readonly title: string;
  /** Ids of the operations that the step runs, in the document's order. */
  readonly operations: readonly string[];
  /** At most 40 words. */
  readonly caption: string;
  readonly sources: readonly Source[];
  /** True exactly when every source is reading or memory: the page says so beside the caption. */
  readonly labelled?: boolean;
  readonly view?: StepView;
  /** Ids of declared checks to show. */
  readonly checks?: readonly string[];
  /** Names of review counts to show (session/review-counts). */
  readonly counts?: readonly string[];
}

export interface Walkthrough {
  /** One question; the last step answers it. */
  readonly question: string;
  readonly assumptions: readonly string[];
  readonly chapters: readonly {
    readonly id: string;
    readonly title: string;
    readonly steps: readonly Step[];
  }[];
}

/** A scenario file. `Operation` as in types.ts with an id, in the document's JSON form. */
export interface ScenarioHead {
  readonly format: "iommu-playground scenario";
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  /** What it shows, one or two sentences. */
  readonly summary: string;
  /** Name of a preset, or a machine of its own. */
  readonly machine: string | MachineDescription;
  readonly design: DesignId;
  /** 0 .. 2^32 - 1; chooses where a schedule is silent. */
  readonly seed: number;
  readonly faults?: readonly (InjectedFault & { readonly operation: string })[];
  readonly checks: readonly DeclaredCheck[];
  readonly walkthrough?: Walkthrough;
}
