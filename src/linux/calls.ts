// System calls: what actors can ask of the kernel, and what comes back. Nothing else goes in or out.

/** Fields of an ioctl's structure by their kernel names, flags as numbers. Descriptors are numbers. */
export type IoctlArgument = number | string | Readonly<Record<string, number | string>> | null;

export type SystemCall =
  | { readonly call: "open"; readonly path: string }
  | { readonly call: "close"; readonly fd: number }
  /** The whole text from the file's position. */
  | { readonly call: "read"; readonly fd: number }
  | { readonly call: "write"; readonly fd: number; readonly text: string }
  /** A device's regions: `bytes` in hex. */
  | { readonly call: "pread"; readonly fd: number; readonly offset: number; readonly count: number }
  | {
      readonly call: "pwrite";
      readonly fd: number;
      readonly offset: number;
      readonly bytes: string;
    }
  | {
      readonly call: "ioctl";
      readonly fd: number;
      readonly request: string;
      readonly argument: IoctlArgument;
    }
  /** Anonymous memory without `fd`. The result is the address. */
  | {
      readonly call: "mmap";
      readonly length: number;
      readonly fd?: number;
      readonly offset?: number;
    }
  | { readonly call: "munmap"; readonly address: number; readonly length: number }
  /** Names in a directory. */
  | { readonly call: "getdents"; readonly path: string }
  | { readonly call: "readlink"; readonly path: string }
  | { readonly call: "init_module"; readonly name: string; readonly parameters: string }
  | { readonly call: "delete_module"; readonly name: string }
  /** Not calls but instructions on mapped memory: MOVDIR64B to a portal, loads and stores of bytes (hex). */
  | { readonly call: "movdir64b"; readonly address: number; readonly bytes: string }
  | { readonly call: "store"; readonly address: number; readonly bytes: string }
  | { readonly call: "load"; readonly address: number; readonly count: number }
  | { readonly call: "exit" };

export interface CallResult {
  /** What the call returns: 0 or more, or a negative error number. */
  readonly result: number;
  /** Text of read and readlink, names of getdents, fields that an ioctl filled in, bytes in hex. */
  readonly value: string | readonly string[] | Readonly<Record<string, number | string>> | null;
}
