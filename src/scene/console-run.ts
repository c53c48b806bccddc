// The commands of the console. Reading leaves no trace; writing and modules become operations, which the caller runs.
import { type Listed, list, statNode } from "../linux/core/listing.ts";
import { knownModules } from "../linux/core/symbols.ts";
import { ERRNO_TEXT, errnoName } from "../linux/kernel/errno.ts";
import type { KernelState } from "../linux/kernel/state.ts";
import type { Operation, WorldPort } from "../session/types.ts";
import { absolute, type CommandLine } from "./console-parse.ts";

/** Process that types. */
export const SHELL = "root";

export interface Shell {
  /** Absolute, without a slash at the end. */
  readonly cwd: string;
}

export interface Output {
  readonly text: string;
  readonly error: boolean;
}

export type Command =
  | { readonly kind: "print"; readonly lines: readonly Output[] }
  | { readonly kind: "go"; readonly cwd: string }
  | { readonly kind: "clear" }
  /** Run one after another until one fails; `failed` words the error of an answer. */
  | {
      readonly kind: "run";
      readonly operations: readonly Operation[];
      readonly failed: (result: number, operation: number) => string;
    };

export type ConsoleWorld = Pick<WorldPort, "kernel" | "peek" | "readFile">;

/** Lines that one command may print. */
const MOST_LINES = 1000;

const out = (text: string): Output => ({ text, error: false });
const err = (text: string): Output => ({ text, error: true });
const print = (...lines: readonly Output[]): Command => ({
  kind: "print",
  lines:
    lines.length <= MOST_LINES
      ? lines
      : [...lines.slice(0, MOST_LINES), err(`${lines.length - MOST_LINES} more lines`)],
});
const textLines = (text: string): Output[] =>
  text === "" ? [] : text.replace(/\n$/, "").split("\n").map(out);

/** "File exists" for -17. */
export function errorText(result: number): string {
  const name = errnoName(result);
  return name ? ERRNO_TEXT[name] : `error ${-result}`;
}

interface Context {
  readonly args: readonly string[];
  readonly flags: string;
  readonly shell: Shell;
  readonly world: ConsoleWorld;
}

interface Known {
  readonly usage: string;
  readonly does: string;
  readonly run: (context: Context) => Command;
}

const COMMANDS: Readonly<Record<string, Known>> = {
  cat: { usage: "cat FILE...", does: "prints files", run: cat },
  cd: { usage: "cd [DIRECTORY]", does: "goes to a directory", run: cd },
  clear: { usage: "clear", does: "empties the console", run: () => ({ kind: "clear" }) },
  dmesg: { usage: "dmesg", does: "prints the kernel log", run: dmesg },
  echo: {
    usage: "echo [-n] TEXT [> FILE]",
    does: "prints text, or writes it to a file",
    run: ({ args }) => print(out(args.join(" "))),
  },
  help: { usage: "help", does: "prints this list", run: help },
  insmod: { usage: "insmod MODULE [NAME=VALUE]...", does: "loads one module", run: insmod },
  ls: { usage: "ls [-l] [-d] [PATH]...", does: "lists directories", run: ls },
  lsmod: { usage: "lsmod", does: "lists loaded modules", run: lsmod },
  modprobe: {
    usage: "modprobe [-r] MODULE [NAME=VALUE]...",
    does: "loads a module and what it needs, or unloads it",
    run: modprobe,
  },
  pwd: { usage: "pwd", does: "prints the directory", run: ({ shell }) => print(out(shell.cwd)) },
  readlink: { usage: "readlink LINK", does: "prints where a link leads", run: readlink },
  rmmod: { usage: "rmmod MODULE", does: "unloads a module", run: rmmod },
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** `serial`: a number that no earlier command of this session had; it names the file that is opened. */
export function runCommandLine(
  line: CommandLine,
  shell: Shell,
  world: ConsoleWorld,
  serial: number,
): Command {
  const [name, ...rest] = line.words;
  if (name === undefined) {
    return line.into === null ? print() : print(err("sh: nothing to write: use echo TEXT > FILE"));
  }
  const known = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!known) return print(err(`sh: ${name}: not found. Type help for the commands`));
  if (name === "echo") return echo(rest, line.into, shell, serial);
  if (line.into !== null) return print(err(`sh: only echo writes to files here`));
  const flags = rest.filter((word) => /^-[a-zA-Z0-9]+$/.test(word));
  const args = rest.filter((word) => !flags.includes(word));
  return known.run({ args, flags: flags.join(""), shell, world });
}

function help(): Command {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  return print(
    ...Object.values(COMMANDS).map(({ usage, does }) => out(`${usage.padEnd(width)}  ${does}`)),
  );
}

function echo(args: readonly string[], into: string | null, shell: Shell, serial: number): Command {
  const bare = args[0] === "-n";
  const text = (bare ? args.slice(1) : args).join(" ");
  if (into === null) return print(out(text));
  const path = absolute(into, shell.cwd);
  const fd = `console-${serial}` as const;
  return {
    kind: "run",
    operations: [
      { op: "call", process: SHELL, call: { call: "open", path }, as: fd },
      {
        op: "call",
        process: SHELL,
        call: { call: "write", fd: `$${fd}`, text: bare ? text : `${text}\n` },
      },
      { op: "call", process: SHELL, call: { call: "close", fd: `$${fd}` } },
    ],
    failed: (result, operation) =>
      operation === 0
        ? `sh: can't create ${into}: ${errorText(result)}`
        : `sh: write error: ${errorText(result)}`,
  };
}

function cat({ args, shell, world }: Context): Command {
  if (args.length === 0) return print(err("cat: name a file"));
  return print(
    ...args.flatMap((path) => {
      const { result, value } = world.readFile(SHELL, absolute(path, shell.cwd));
      if (result < 0) {
        const what = errnoName(result) === "EISDIR" ? "read error" : `can't open '${path}'`;
        return [err(`cat: ${what}: ${errorText(result)}`)];
      }
      return textLines(typeof value === "string" ? value : "");
    }),
  );
}

function ls({ args, flags, shell, world }: Context): Command {
  const paths = args.length === 0 ? [shell.cwd] : args;
  const { kernel } = world;
  const lines = paths.flatMap((given, at) => {
    const path = absolute(given, shell.cwd);
    const itself = statNode(kernel, path);
    if (typeof itself === "number") return [err(`ls: ${given}: ${errorText(itself)}`)];
    const bare = flags.includes("d") || (itself.kind === "link" && flags.includes("l"));
    const found: readonly Listed[] | number = bare
      ? [{ ...itself, name: given }]
      : list(kernel, path);
    if (typeof found === "number") return [err(`ls: ${given}: ${errorText(found)}`)];
    const shown = flags.includes("l") ? longLines(found) : found.map(({ name }) => out(name));
    if (paths.length === 1) return shown;
    return [...(at > 0 ? [out("")] : []), out(`${given}:`), ...shown];
  });
  return print(...lines);
}

const longLines = (found: readonly Listed[]): Output[] =>
  found.map(({ mode, name, size, target }) =>
    out(
      `${mode} root root ${String(size).padStart(6)} ${name}${target === "" ? "" : ` -> ${target}`}`,
    ),
  );

function cd({ args, shell, world }: Context): Command {
  const path = absolute(args[0] ?? "/", shell.cwd);
  const { result } = world.peek(SHELL, { call: "getdents", path });
  return result < 0
    ? print(err(`sh: cd: can't cd to ${args[0] ?? "/"}: ${errorText(result)}`))
    : { kind: "go", cwd: path };
}

function readlink({ args, shell, world }: Context): Command {
  const [path] = args;
  if (path === undefined) return print(err("readlink: name a link"));
  const { result, value } = world.peek(SHELL, {
    call: "readlink",
    path: absolute(path, shell.cwd),
  });
  // The program says nothing either; here the reason is worth a line.
  return result < 0
    ? print(err(`readlink: ${path}: ${errorText(result)}`))
    : print(...textLines(typeof value === "string" ? value : ""));
}

/** "[    0.012345] text". */
function dmesg({ world }: Context): Command {
  return print(
    ...world.kernel.log.map(({ at, text }) => {
      const micros = String(at % 1_000_000).padStart(6, "0");
      return out(`[${String(Math.floor(at / 1_000_000)).padStart(5)}.${micros}] ${text}`);
    }),
  );
}

function lsmod({ world }: Context): Command {
  const { modules } = (world.kernel as KernelState).core;
  return print(
    out("Module                  Used by"),
    ...Object.values(modules).map(({ name, references }) => {
      const users = Object.values(modules)
        .filter((other) => knownModules().get(other.name)?.needs.includes(name))
        .map((other) => other.name);
      return out(`${name.padEnd(22)}  ${references} ${users.join(",")}`.trimEnd());
    }),
  );
}

function modprobe({ args, flags }: Context): Command {
  const [module, ...values] = args;
  if (module === undefined) return print(err("modprobe: name a module"));
  if (flags.includes("r")) {
    return {
      kind: "run",
      operations: [{ op: "demand", actor: SHELL, demand: { want: "unload module", module } }],
      failed: (result) => `modprobe: can't unload module ${module}: ${errorText(result)}`,
    };
  }
  const parameters = values.join(" ");
  return {
    kind: "run",
    operations: [
      {
        op: "demand",
        actor: SHELL,
        demand: { want: "load module", module, ...(parameters !== "" && { parameters }) },
      },
    ],
    failed: (result) => `modprobe: can't load module ${module}: ${errorText(result)}`,
  };
}

function insmod({ args }: Context): Command {
  const [file, ...values] = args;
  if (file === undefined) return print(err("insmod: name a module"));
  const name = (file.split("/").at(-1) ?? file).replace(/\.ko$/, "").replaceAll("-", "_");
  return {
    kind: "run",
    operations: [
      {
        op: "call",
        process: SHELL,
        call: { call: "init_module", name, parameters: values.join(" ") },
      },
    ],
    failed: (result) => `insmod: can't insert '${file}': ${errorText(result)}`,
  };
}

function rmmod({ args }: Context): Command {
  const [name] = args;
  if (name === undefined) return print(err("rmmod: name a module"));
  return {
    kind: "run",
    operations: [
      {
        op: "call",
        process: SHELL,
        call: { call: "delete_module", name: name.replaceAll("-", "_") },
      },
    ],
    failed: (result) => `rmmod: can't unload module '${name}': ${errorText(result)}`,
  };
}
