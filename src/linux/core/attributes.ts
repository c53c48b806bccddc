// Opening, reading and writing nodes of the tree (fs/kernfs/file.c, fs/sysfs/file.c, v5.12).
import type { CallResult } from "../calls.ts";
import { ERRNO } from "../kernel/errno.ts";
import { invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { installDescriptor, newFile, operationsOf, putFile } from "./files.ts";
import { resolve } from "./listing.ts";
import type { File, Node } from "./tables.ts";

type Attribute = Extract<Node, { kind: "attribute" }>;

const failed = (result: number): CallResult => ({ result, value: null });

/**
 * A descriptor for a path, or an error. Rights are asked when the file is read or written, because `open` carries no
 * flags here; device files are open to every process, as if their owner had handed them out.
 */
export function* openPath(k: Kernel, process: number, path: string): Sleep<number> {
  const found = resolve(k.state, path);
  if (typeof found === "number") return found;
  if (k.allocate() < 0) return -ERRNO.ENOMEM;
  const { node } = found;
  const [fops, object] = node.kind === "device" ? [node.fops, node.argument] : [node.kind, 0];
  const file = newFile(k, fops, found.path, object);
  const { open = "" } = operationsOf(k, file);
  const error = open === "" ? 0 : yield* invokeSleeping(k, open, file);
  if (error < 0) {
    delete k.state.core.files[file];
    return error;
  }
  const descriptor = installDescriptor(k, process, file);
  if (descriptor < 0) yield* putFile(k, file);
  return descriptor;
}

/** From the file's position to its end: show() runs at position 0, the rest is empty. */
export function* readAttribute(k: Kernel, process: number, file: File): Sleep<CallResult> {
  const node = attributeOf(k, file);
  if (typeof node === "number") return failed(node);
  if (!allowed(k, process, node.mode, 4)) return failed(-ERRNO.EACCES);
  if (node.show === "") return failed(-ERRNO.EIO);
  if (file.position > 0) return { result: 0, value: "" };
  enter(k, file.path);
  const text = yield* invokeSleeping<string | number>(k, node.show, node.argument);
  leave(k, file.path);
  if (typeof text === "number") return failed(text);
  file.position = text.length;
  return { result: text.length, value: text };
}

/** One whole text, as `echo` writes it. */
export function* writeAttribute(
  k: Kernel,
  process: number,
  file: File,
  text: string,
): Sleep<number> {
  const node = attributeOf(k, file);
  if (typeof node === "number") return node;
  if (!allowed(k, process, node.mode, 2)) return -ERRNO.EACCES;
  if (node.store === "") return -ERRNO.EIO;
  if (text === "") return 0;
  enter(k, file.path);
  const result = yield* invokeSleeping(k, node.store, node.argument, text);
  leave(k, file.path);
  return result < 0 ? result : text.length;
}

function attributeOf(k: Kernel, file: File): Attribute | number {
  const node = k.state.core.nodes[file.path];
  return node?.kind === "attribute" ? node : -ERRNO.ENODEV;
}

/** `bit`: 4 to read, 2 to write. Sysfs belongs to root, and gives not even root what the mode gives nobody. */
function allowed(k: Kernel, process: number, mode: string, bit: 4 | 2): boolean {
  const [owner = 0, , others = 0] = [...mode.slice(-3)].map(Number);
  const privileged = k.state.core.processes[process]?.privileged ?? false;
  return ((privileged ? owner : others) & bit) !== 0;
}

function enter(k: Kernel, path: string): void {
  const { active } = k.state.core;
  active[path] = [...(active[path] ?? []), k.task];
}

function leave(k: Kernel, path: string): void {
  const { active } = k.state.core;
  const inside = active[path] ?? [];
  const rest = inside.toSpliced(inside.indexOf(k.task), 1);
  if (rest.length > 0) active[path] = rest;
  else delete active[path];
}
