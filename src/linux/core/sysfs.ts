// The node tree behind /sys, /dev and /sys/kernel/debug: directories, attributes, links, device files (fs/sysfs, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { wait } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { resolve } from "./listing.ts";
import type { Node } from "./tables.ts";

/** What an attribute's file does; `argument` is handed to `show` and `store`. */
export interface AttributeNode {
  /** Four octal digits: "0444". */
  readonly mode: string;
  /** Symbol of show(k, argument) -> text or a negative error; "" for a write-only file. */
  readonly show?: string;
  /** Symbol of the sleeping store(k, argument, text) -> 0 or more, or a negative error; "" for a read-only file. */
  readonly store?: string;
  readonly argument?: number | string;
}

/** Makes a directory and those above it that are missing. 0, -EEXIST, or -ENOMEM. */
export function sysfs_create_dir(k: Kernel, path: string): number {
  if (path in k.state.core.nodes) return -ERRNO.EEXIST;
  return place(k, path, { kind: "directory" });
}

/** A link to the absolute path `target`, kept in relative form as sysfs does. 0, -EEXIST, -ENOENT without the target, or -ENOMEM. */
export function sysfs_create_link(k: Kernel, path: string, target: string): number {
  if (path in k.state.core.nodes) return -ERRNO.EEXIST;
  if (!(target in k.state.core.nodes)) return -ERRNO.ENOENT;
  return place(k, path, { kind: "link", target: relative(path, target) });
}

/** A file with functions behind it. 0, -EEXIST or -ENOMEM. */
export function sysfs_create_attribute(k: Kernel, path: string, file: AttributeNode): number {
  if (path in k.state.core.nodes) return -ERRNO.EEXIST;
  return place(k, path, {
    kind: "attribute",
    mode: file.mode,
    show: file.show ?? "",
    store: file.store ?? "",
    argument: file.argument ?? 0,
  });
}

/** A device file, absolute path: device_file(k, "/dev/vfio/7", "vfio group", group, "0600"). 0, -EEXIST or -ENOMEM. */
export function device_file(
  k: Kernel,
  path: string,
  fops: string,
  argument: number,
  mode: string,
): number {
  if (path in k.state.core.nodes) return -ERRNO.EEXIST;
  return place(k, path, { kind: "device", fops, argument, mode });
}

/** Removes a node and all below it; nothing when there is none. */
export function sysfs_remove(k: Kernel, path: string): void {
  const { nodes } = k.state.core;
  const node = nodes[path];
  if (!node) return;
  delete nodes[path];
  if (node.kind !== "directory") return;
  for (const below of Object.keys(nodes)) if (below.startsWith(`${path}/`)) delete nodes[below];
}

/** Waits until no other task is inside an attribute at or below `path`, as the removal of an active file does. */
export function* sysfs_drain(k: Kernel, path: string): Sleep<void> {
  if (!othersInside(k, path)) return;
  yield* wait(`drain ${path}`, () => !othersInside(k, path));
}

/**
 * device_remove_file_self(): an attribute removes itself from inside its own store function. True for the one task
 * that took it away; another one that wanted the same gets false once the file is gone.
 */
export function device_remove_file_self(k: Kernel, path: string): boolean {
  if (!(path in k.state.core.nodes)) return false;
  sysfs_remove(k, path);
  return true;
}

/** Canonical absolute path after following links; undefined when there is nothing. */
export function find(k: Kernel, path: string): string | undefined {
  const found = resolve(k.state, path);
  return typeof found === "number" ? undefined : found.path;
}

/** The text of a link at `from` that leads to `to`, both absolute. */
export function relative(from: string, to: string): string {
  const start = from.split("/").slice(1, -1);
  const end = to.split("/").slice(1);
  let shared = 0;
  while (shared < start.length && start[shared] === end[shared]) shared++;
  return [...start.slice(shared).map(() => ".."), ...end.slice(shared)].join("/");
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

function place(k: Kernel, path: string, node: Node): number {
  if (k.allocate() < 0) return -ERRNO.ENOMEM;
  const { nodes } = k.state.core;
  for (let above = parentOf(path); above !== "" && !(above in nodes); above = parentOf(above)) {
    nodes[above] = { kind: "directory" };
  }
  nodes[path] = node;
  return 0;
}

function othersInside(k: Kernel, path: string): boolean {
  const { active } = k.state.core;
  return Object.keys(active).some(
    (file) =>
      (file === path || file.startsWith(`${path}/`)) &&
      (active[file] ?? []).some((task) => task !== k.task),
  );
}
