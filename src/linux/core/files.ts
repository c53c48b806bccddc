// Open files, descriptors, and the sets of functions behind device files (fs/file.c, fs/file_table.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";

/** RLIMIT_NOFILE. */
export const DESCRIPTOR_LIMIT = 1024;

/** First descriptor; 0 to 2 are the standard streams. */
const FIRST_DESCRIPTOR = 3;

/** `struct file_operations`: symbols of functions (k, file id, ...), which may sleep; "" or absent for none. */
export interface FileOperations {
  /** -> 0 or an error; may set the file's `object`, which begins as the node's argument. */
  readonly open?: string;
  /** When the last reference goes. */
  readonly release?: string;
  /** -> text, or an error. */
  readonly read?: string;
  /** (text) -> characters taken, or an error. */
  readonly write?: string;
  /** (request, argument) -> CallResult, or a number. */
  readonly ioctl?: string;
  /** (offset, pages) -> WindowTarget, or an error. */
  readonly mmap?: string;
  /** (offset, count) -> bytes in hex, or an error. */
  readonly pread?: string;
  /** (offset, bytes in hex) -> bytes taken, or an error. */
  readonly pwrite?: string;
}

/** What a device file lets a process map: from `barOffset` of a BAR of a function. */
export interface WindowTarget {
  /** Requester id. */
  readonly function: number;
  readonly bar: number;
  readonly barOffset: number;
}

const OPERATIONS = new Map<string, FileOperations>();

/** Makes a set of file operations known under the name that nodes and files carry, at build time. */
export function defineFileOperations(name: string, operations: FileOperations): void {
  if (OPERATIONS.has(name)) throw new Error(`File operations ${name} are defined twice`);
  OPERATIONS.set(name, operations);
}

export const operationsOf = (k: Kernel, file: number): FileOperations =>
  OPERATIONS.get(k.state.core.files[file]?.fops ?? "") ?? {};

/** Process that is inside the kernel now; 0: none (boot, a timer, an interrupt). */
export const current = (k: Kernel): number => k.state.core.tasks[k.task] ?? 0;

/** File behind a descriptor; 0: there is none. */
export const fileOfDescriptor = (k: Kernel, process: number, descriptor: number): number =>
  k.state.core.processes[process]?.files[descriptor] ?? 0;

/** A new file with one reference. Its id. */
export function newFile(k: Kernel, fops: string, path: string, object: number): number {
  const id = k.newId();
  k.state.core.files[id] = { id, fops, path, object, references: 1, position: 0 };
  return id;
}

/** Lowest free descriptor for a file; -EMFILE. */
export function installDescriptor(k: Kernel, process: number, file: number): number {
  const record = k.state.core.processes[process];
  if (!record) return -ERRNO.ESRCH;
  let descriptor = FIRST_DESCRIPTOR;
  while (descriptor in record.files) descriptor++;
  if (descriptor >= DESCRIPTOR_LIMIT) return -ERRNO.EMFILE;
  record.files[descriptor] = file;
  return descriptor;
}

/** A descriptor for a file without a node (anon_inode_getfd()). -EMFILE, or -ENOMEM. */
export function newDescriptor(
  k: Kernel,
  process: number,
  fops: string,
  path: string,
  object: number,
): number {
  if (k.allocate() < 0) return -ERRNO.ENOMEM;
  const file = newFile(k, fops, path, object);
  const descriptor = installDescriptor(k, process, file);
  if (descriptor < 0) delete k.state.core.files[file];
  return descriptor;
}

export function getFile(k: Kernel, file: number): void {
  const record = k.state.core.files[file];
  if (record) record.references++;
}

/** fput(): with the last reference the file's release runs. */
export function* putFile(k: Kernel, file: number): Sleep<void> {
  const record = k.state.core.files[file];
  if (!record || --record.references > 0) return;
  const release = operationsOf(k, file).release ?? "";
  if (release !== "") yield* invokeSleeping<unknown>(k, release, file);
  delete k.state.core.files[file];
}
