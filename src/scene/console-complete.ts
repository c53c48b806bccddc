// Completion of the console: commands, modules, and paths of the node tree.
import { names, resolve } from "../linux/core/listing.ts";
import { knownModules } from "../linux/core/symbols.ts";
import type { KernelState } from "../linux/kernel/state.ts";
import { absolute } from "./console-parse.ts";
import { COMMAND_NAMES, type Shell } from "./console-run.ts";

export interface Completion {
  /** The line, as far as it is certain. */
  readonly line: string;
  /** What it could go on with, when that is more than one. */
  readonly choices: readonly string[];
}

/** Choices that are listed. */
const MOST = 100;
const MODULE_COMMANDS = /^\s*(?:modprobe(?:\s+-r)?|insmod|rmmod)\s+\S*$/;

/** Completes the last word of `line`. */
export function complete(line: string, shell: Shell, kernel: KernelState): Completion {
  const [, before = "", word = ""] = /^(.*?)([^\s>]*)$/s.exec(line) ?? [];
  if (before.trim() === "") return among(before, word, COMMAND_NAMES, " ");
  if (MODULE_COMMANDS.test(line)) {
    const known = /^\s*rmmod|-r\s/.test(line)
      ? Object.keys(kernel.core.modules)
      : [...knownModules().keys()];
    return among(before, word, known.sort(), " ");
  }
  const slash = word.lastIndexOf("/") + 1;
  const directory = word.slice(0, slash);
  const path = absolute(directory === "" ? "." : directory, shell.cwd);
  const inside = names(kernel, path);
  if (typeof inside === "number") return { line, choices: [] };
  const start = word.slice(slash);
  const found = inside.filter((name) => name.startsWith(start));
  if (found.length === 1) {
    const [only = ""] = found;
    const end = isDirectory(kernel, `${path}/${only}`) ? "/" : " ";
    return { line: `${before}${directory}${only}${end}`, choices: [] };
  }
  return among(`${before}${directory}`, start, found, "");
}

function isDirectory(kernel: KernelState, path: string): boolean {
  const found = resolve(kernel, path.replace(/^\/\//, "/"));
  return typeof found !== "number" && found.node.kind === "directory";
}

function among(before: string, word: string, known: readonly string[], end: string): Completion {
  const found = known.filter((name) => name.startsWith(word));
  const [first = ""] = found;
  if (found.length === 0) return { line: before + word, choices: [] };
  if (found.length === 1) return { line: before + first + end, choices: [] };
  let common = first;
  for (const name of found) {
    while (!name.startsWith(common)) common = common.slice(0, -1);
  }
  return { line: before + common, choices: found.slice(0, MOST) };
}
