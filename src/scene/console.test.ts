import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyState, type KernelState } from "../linux/kernel/state.ts";
import { complete } from "./console-complete.ts";
import { absolute, parseCommandLine } from "./console-parse.ts";
import { type Command, type ConsoleWorld, errorText, runCommandLine } from "./console-run.ts";

const parsed = (text: string) => {
  const found = parseCommandLine(text);
  return found.ok ? found.line : found.error;
};

describe("a command line", () => {
  it("is words, with quotes and one redirection", () => {
    expect(parsed("  echo  a 'b c' d\\ e \"f'\\\"g\"  # rest")).toEqual({
      words: ["echo", "a", "b c", "d e", "f'\"g"],
      into: null,
    });
    expect(parsed("echo 1>/sys/x")).toEqual({ words: ["echo"], into: "/sys/x" });
    expect(parsed("echo 12 > '/sys/a b'")).toEqual({ words: ["echo", "12"], into: "/sys/a b" });
    expect(parsed("echo x>>y")).toEqual({ words: ["echo", "x"], into: "y" });
    expect(parsed("")).toEqual({ words: [], into: null });
  });

  it("says what is not there", () => {
    for (const text of ["ls | wc", "a; b", "a & b", "cat < f", "echo $HOME", "ls *", "`id`"]) {
      expect(parsed(text)).toMatch(/^sh: /);
    }
    expect(parsed("echo 'a")).toBe("sh: the quote ' is not closed");
    expect(parsed("echo a >")).toContain("a file is expected");
    expect(parsed("echo a > b > c")).toContain("one >");
    expect(parsed("ls 2>x")).toContain("only > to a file");
    expect(parsed("a\u0000b")).toContain("control character");
    expect(parsed("x".repeat(5000))).toContain("at most 4096");
  });

  it("never throws, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const found = parseCommandLine(text);
        return found.ok ? Array.isArray(found.line.words) : found.error.startsWith("sh: ");
      }),
    );
  });

  it("resolves paths against the directory", () => {
    expect(absolute("a/../b/./c", "/sys")).toBe("/sys/b/c");
    expect(absolute("../..", "/sys")).toBe("/");
    expect(absolute("/dev//vfio/", "/sys")).toBe("/dev/vfio");
  });
});

function kernel(): KernelState {
  const state = emptyState();
  Object.assign(state.core.nodes, {
    "/sys": { kind: "directory" },
    "/sys/class": { kind: "directory" },
    "/sys/class/iommu": { kind: "directory" },
    "/sys/create": {
      kind: "attribute",
      mode: "0200",
      show: "",
      store: "create_store",
      argument: 1,
    },
    "/sys/current": { kind: "link", target: "class/iommu" },
    "/dev": { kind: "directory" },
  });
  state.log.push({ at: 1_000_200, text: "DMAR: IOMMU enabled" });
  return state;
}
const world: ConsoleWorld = {
  kernel: kernel(),
  peek: (_process, call) =>
    call.call === "getdents" && call.path === "/sys/class"
      ? { result: 1, value: ["iommu"] }
      : { result: -2, value: null },
  readFile: (_process, path) =>
    path === "/sys/text" ? { result: 8, value: "one\ntwo\n" } : { result: -2, value: null },
};
const run = (text: string, cwd = "/sys"): Command => {
  const found = parseCommandLine(text);
  if (!found.ok) throw new Error(found.error);
  return runCommandLine(found.line, { cwd }, world, 7);
};
const printed = (text: string, cwd?: string): unknown => {
  const command = run(text, cwd);
  return command.kind === "print" ? command.lines.map((line) => line.text) : command;
};

describe("commands that read", () => {
  it("list directories", () => {
    expect(printed("ls")).toEqual(["class", "create", "current"]);
    expect(printed("ls -l")).toEqual([
      "drwxr-xr-x root root      0 class",
      "--w------- root root   4096 create",
      "lrwxrwxrwx root root      0 current -> class/iommu",
    ]);
    expect(printed("ls -d class")).toEqual(["class"]);
    expect(printed("ls none")).toEqual(["ls: none: No such file or directory"]);
    expect(printed("ls class /dev")).toEqual(["class:", "iommu", "", "/dev:"]);
  });

  it("print files and the log", () => {
    expect(printed("cat text")).toEqual(["one", "two"]);
    expect(printed("cat nothing")).toEqual([
      "cat: can't open 'nothing': No such file or directory",
    ]);
    expect(printed("dmesg")).toEqual(["[    1.000200] DMAR: IOMMU enabled"]);
  });

  it("go to directories", () => {
    expect(run("cd class")).toEqual({ kind: "go", cwd: "/sys/class" });
    expect(printed("cd none")).toEqual(["sh: cd: can't cd to none: No such file or directory"]);
    expect(printed("pwd", "/dev")).toEqual(["/dev"]);
  });

  it("say what is not known", () => {
    expect(printed("rm -rf /")).toEqual(["sh: rm: not found. Type help for the commands"]);
    expect(printed("constructor")).toEqual([
      "sh: constructor: not found. Type help for the commands",
    ]);
    expect(printed("ls > x")).toEqual(["sh: only echo writes to files here"]);
  });
});

describe("commands that act", () => {
  it("write as the calls that a shell makes", () => {
    const command = run('echo "83b8" > create');
    if (command.kind !== "run") throw new Error("no operations");
    expect(command.operations).toEqual([
      {
        op: "call",
        process: "root",
        call: { call: "open", path: "/sys/create" },
        as: "console-7",
      },
      {
        op: "call",
        process: "root",
        call: { call: "write", fd: "$console-7", text: "83b8\n" },
      },
      { op: "call", process: "root", call: { call: "close", fd: "$console-7" } },
    ]);
    expect(command.failed(-17, 1)).toBe("sh: write error: File exists");
    expect(command.failed(-13, 0)).toBe("sh: can't create create: Permission denied");
  });

  it("load and unload modules", () => {
    expect(run("modprobe mtty a=1")).toMatchObject({
      operations: [{ demand: { want: "load module", module: "mtty", parameters: "a=1" } }],
    });
    expect(run("rmmod vfio-pci")).toMatchObject({
      operations: [{ call: { call: "delete_module", name: "vfio_pci" } }],
    });
    expect(run("insmod /lib/mdev.ko")).toMatchObject({
      operations: [{ call: { call: "init_module", name: "mdev" } }],
    });
  });

  it("word errors as programs do", () => {
    expect(errorText(-11)).toBe("Resource temporarily unavailable");
    expect(errorText(-9999)).toBe("error 9999");
  });
});

describe("completion", () => {
  const shell = { cwd: "/sys" };
  it("completes commands, paths and redirections", () => {
    expect(complete("dm", shell, world.kernel)).toEqual({ line: "dmesg ", choices: [] });
    expect(complete("ls cl", shell, world.kernel).line).toBe("ls class/");
    expect(complete("ls class/io", shell, world.kernel).line).toBe("ls class/iommu/");
    expect(complete("echo 1 >cre", shell, world.kernel).line).toBe("echo 1 >create ");
    expect(complete("ls /d", shell, world.kernel).line).toBe("ls /dev/");
  });

  it("goes as far as it is certain and lists the rest", () => {
    expect(complete("cat c", shell, world.kernel)).toEqual({
      line: "cat c",
      choices: ["class", "create", "current"],
    });
    expect(complete("cat cu", shell, world.kernel).line).toBe("cat current/");
    expect(complete("cat zz", shell, world.kernel)).toEqual({ line: "cat zz", choices: [] });
  });
});
