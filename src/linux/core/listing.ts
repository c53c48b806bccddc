// Reading the node tree without running the kernel: path lookup, directory listings, the columns of `ls -l`.
import { ERRNO } from "../kernel/errno.ts";
import type { KernelState } from "../kernel/state.ts";
import type { Node } from "./tables.ts";

export interface Found {
  /** Absolute, without links in it and without a trailing slash; "" is the root. */
  readonly path: string;
  readonly node: Node;
}

/** One line of `ls -l`. */
export interface Listed {
  readonly name: string;
  readonly kind: Node["kind"];
  /** "drwxr-xr-x", "-r--r--r--", "lrwxrwxrwx", "crw-------". */
  readonly mode: string;
  /** Text of a link, else "". */
  readonly target: string;
  /** What stat() gives: 4096 for an attribute, else 0. */
  readonly size: number;
}

/** Links that one lookup may follow. */
const LINK_LIMIT = 40;

/**
 * Looks a path up; every link on the way is followed, the last one only when `follow` says so.
 * -ENOENT, -ENOTDIR when a file stands where a directory is needed, -ELOOP.
 */
export function resolve(state: KernelState, path: string, follow = true): Found | number {
  const { nodes } = state.core;
  if (!path.startsWith("/")) return -ERRNO.ENOENT;
  let todo = path.split("/").filter((part) => part !== "");
  let here = "";
  for (let links = 0; todo.length > 0; ) {
    const [part = "", ...rest] = todo;
    todo = rest;
    if (part === ".") continue;
    if (part === "..") {
      here = here.slice(0, Math.max(here.lastIndexOf("/"), 0));
      continue;
    }
    const next = `${here}/${part}`;
    const node = Object.hasOwn(nodes, next) ? nodes[next] : undefined;
    if (!node) return -ERRNO.ENOENT;
    if (node.kind === "link" && (rest.length > 0 || follow || path.endsWith("/"))) {
      if (++links > LINK_LIMIT) return -ERRNO.ELOOP;
      if (node.target.startsWith("/")) here = "";
      todo = [...node.target.split("/").filter((name) => name !== ""), ...rest];
      continue;
    }
    if (node.kind !== "directory" && (rest.length > 0 || path.endsWith("/"))) {
      return -ERRNO.ENOTDIR;
    }
    here = next;
  }
  const node: Node | undefined = here === "" ? { kind: "directory" } : nodes[here];
  return node ? { path: here, node } : -ERRNO.ENOENT;
}

/** Names in a directory, sorted; -ENOTDIR for anything else, or the error of the lookup. */
export function names(state: KernelState, path: string): readonly string[] | number {
  const found = resolve(state, path);
  if (typeof found === "number") return found;
  if (found.node.kind !== "directory") return -ERRNO.ENOTDIR;
  const start = `${found.path}/`;
  return Object.keys(state.core.nodes)
    .filter((at) => at.startsWith(start) && !at.includes("/", start.length))
    .map((at) => at.slice(start.length))
    .sort();
}

/** What `ls -l` prints of a directory, or of one file; a negative error. */
export function list(state: KernelState, path: string): readonly Listed[] | number {
  const found = resolve(state, path);
  if (typeof found === "number") return found;
  if (found.node.kind !== "directory") return [listed(path, found.node)];
  const inside = names(state, path);
  if (typeof inside === "number") return inside;
  return inside.flatMap((name) => {
    const node = state.core.nodes[`${found.path}/${name}`];
    return node ? [listed(name, node)] : [];
  });
}

/** What lstat() says of a path: the link itself where it is one; a negative error. */
export function statNode(state: KernelState, path: string): Listed | number {
  const found = resolve(state, path, false);
  if (typeof found === "number") return found;
  return listed(found.path.slice(found.path.lastIndexOf("/") + 1), found.node);
}

function listed(name: string, node: Node): Listed {
  return {
    name,
    kind: node.kind,
    mode: modeOf(node),
    target: node.kind === "link" ? node.target : "",
    size: node.kind === "attribute" ? 4096 : 0,
  };
}

/** The ten characters of `ls -l`. */
export function modeOf(node: Node): string {
  if (node.kind === "directory") return "drwxr-xr-x";
  if (node.kind === "link") return "lrwxrwxrwx";
  return `${node.kind === "device" ? "c" : "-"}${permissions(node.mode)}`;
}

const permissions = (octal: string): string =>
  [...octal.slice(-3)]
    .map((digit) => {
      const bits = Number(digit);
      return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${bits & 1 ? "x" : "-"}`;
    })
    .join("");
