// What the modelled kernel reports while it works: one closed union. Call trees, timelines and review checks are made of it.

/** Number of one recorded run of a kernel function; counts from 1 inside an operation. */
export type CallId = number;

export type KernelEvent =
  /** A process enters the kernel. `arguments` is the call as canonical JSON. */
  | {
      readonly kind: "system call";
      readonly task: number;
      readonly process: string;
      readonly name: string;
      readonly arguments: string;
    }
  /** It returns; negative: an error. `value` is what a read or an ioctl hands back, as canonical JSON, or "". */
  | {
      readonly kind: "system call returned";
      readonly task: number;
      readonly result: number;
      readonly value: string;
    }
  | {
      readonly kind: "enter";
      readonly call: CallId;
      /** The run it was called from; 0: from a system call, an interrupt or a timer. */
      readonly caller: CallId;
      readonly task: number;
      readonly symbol: string;
      readonly module: string;
      readonly exported: boolean;
      readonly arguments: readonly string[];
    }
  | { readonly kind: "leave"; readonly call: CallId; readonly result: string }
  /** The function took a branch that exists only for one kind of device. `when`: what it found, in words. */
  | {
      readonly kind: "special case";
      readonly call: CallId;
      readonly name: string;
      readonly when: string;
    }
  /** symbol_get(): another module's export looked up by name at run time. */
  | {
      readonly kind: "symbol lookup";
      readonly call: CallId;
      readonly symbol: string;
      readonly found: boolean;
    }
  /** The CPU stored a 64-bit word of physical memory. */
  | {
      readonly kind: "store";
      readonly call: CallId;
      readonly address: bigint;
      readonly before: bigint;
      readonly after: bigint;
    }
  /** A register of a device other than the remapping unit was written (offset in its BAR 0). */
  | {
      readonly kind: "device register write";
      readonly call: CallId;
      readonly device: string;
      readonly offset: number;
      readonly value: bigint;
    }
  | {
      readonly kind: "configuration write";
      readonly call: CallId;
      readonly device: string;
      readonly offset: number;
      readonly value: number;
    }
  /** A line of the kernel log, without the time. */
  | { readonly kind: "log"; readonly text: string }
  /** A page of memory changed hands. `owner`: "free", "kernel", "tables" or the name of a process. */
  | { readonly kind: "page owner"; readonly page: bigint; readonly owner: string }
  | { readonly kind: "pinned"; readonly page: bigint; readonly count: number }
  /** A task stopped at a named point; `blocked`: until something happens. */
  | {
      readonly kind: "pause";
      readonly task: number;
      readonly point: string;
      readonly blocked: boolean;
    }
  | { readonly kind: "resume"; readonly task: number }
  | { readonly kind: "interrupt handled"; readonly vector: number }
  | { readonly kind: "timer"; readonly symbol: string }
  /** A fault of the document struck: the n-th of its kind in this operation. */
  | { readonly kind: "injected fault"; readonly point: FaultPoint; readonly ordinal: number };

/**
 * Where the document can make something go wrong: an allocation gives ENOMEM; an invalidation is not submitted;
 * a driver forgets to unpin; a driver's mediation does not check; a pin of a user page fails.
 */
export type FaultPoint = "allocation" | "invalidation" | "unpin" | "mediation" | "pin";
