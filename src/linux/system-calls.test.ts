// Calls of processes: memory, files of the node tree, descriptors, modules, and what remains after exit.
import { describe, expect, it } from "vitest";
import { fakeKernel } from "../testing/fake-kernel.ts";
import { defineFileOperations } from "./core/files.ts";
import { free_page, pin_user_page, unpin_user_page } from "./core/pages.ts";
import { processNamed } from "./core/processes.ts";
import { defineModule, symbol_get, symbol_put } from "./core/symbols.ts";
import { device_file, sysfs_create_attribute, sysfs_create_dir } from "./core/sysfs.ts";
import { ERRNO } from "./kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "./kernel/kernel.ts";
import { wait } from "./kernel/locks.ts";

const about = (symbol: string, module = "test_module") => ({ symbol, module, source: "test" });

defineModule({
  name: "test_base",
  init: "",
  exit: "",
  needs: [],
  parameters: { depth: "3" },
});
defineModule({
  name: "test_module",
  init: "test_init",
  exit: "test_exit",
  needs: ["test_base"],
});
defineModule({ name: "test_broken", init: "test_broken_init", exit: "test_exit", needs: [] });
define(about("test_init"), (_k: Kernel): number => 0);
define(about("test_exit"), (_k: Kernel): void => {});
define(about("test_broken_init"), (_k: Kernel): number => -ERRNO.ENODEV);
define({ ...about("test_export"), exported: true }, (_k: Kernel): number => 0);
define(about("test_show"), (_k: Kernel, argument: string): string => `shown ${argument}\n`);
define(about("test_store"), (_k: Kernel, _argument: string, text: string): number =>
  text.startsWith("bad") ? -ERRNO.EINVAL : text.length,
);
defineSleeping(about("test_waits"), function* (k: Kernel, _argument: string, text: string) {
  yield* wait("never", () => k.state.log.some((line) => line.text === "go on"));
  return text.length;
});
defineSleeping(about("test_release"), function* (k: Kernel, file: number) {
  k.log(`released ${k.state.core.files[file]?.object}`);
  yield { point: "released" };
  return 0;
});
define(about("test_mmap"), (_k: Kernel, _file: number, offset: number) => ({
  function: 0x6a08,
  bar: 2,
  barOffset: 0x3000 + offset,
}));
defineFileOperations("test device", { release: "test_release", mmap: "test_mmap" });

function withNodes() {
  const world = fakeKernel();
  const { k } = world;
  sysfs_create_dir(k, "/sys/t");
  const functions = { show: "test_show", store: "test_store", argument: "x" };
  sysfs_create_attribute(k, "/sys/t/both", { mode: "0644", ...functions });
  sysfs_create_attribute(k, "/sys/t/read", { mode: "0444", show: "test_show", argument: "x" });
  sysfs_create_attribute(k, "/sys/t/write", { mode: "0200", store: "test_store", argument: "x" });
  sysfs_create_attribute(k, "/sys/t/slow", { mode: "0200", store: "test_waits", argument: "x" });
  device_file(k, "/dev/test", "test device", 7, "0600");
  return world;
}

describe("files", () => {
  it("reads and writes attributes with the rights that their modes give", () => {
    const { cat, echo } = withNodes();
    expect(cat("root", "/sys/t/both")).toBe("shown x\n");
    expect(echo("root", "/sys/t/both", "good")).toBe(5);
    expect(echo("root", "/sys/t/both", "bad")).toBe(-ERRNO.EINVAL);
    expect(echo("root", "/sys/t/read", "1")).toBe(-ERRNO.EACCES);
    expect(cat("root", "/sys/t/write")).toBe(-ERRNO.EACCES);
    expect(echo("vm-a", "/sys/t/both", "good")).toBe(-ERRNO.EACCES);
    expect(cat("vm-a", "/sys/t/read")).toBe("shown x\n");
  });

  it("reads from the position on", () => {
    const { call } = withNodes();
    const fd = call("root", { call: "open", path: "/sys/t/read" })?.result ?? -1;
    expect(call("root", { call: "read", fd })?.value).toBe("shown x\n");
    expect(call("root", { call: "read", fd })?.value).toBe("");
  });

  it("gives the errors of a file system", () => {
    const { call, cat, echo } = withNodes();
    expect(cat("root", "/sys/none")).toBe(-ERRNO.ENOENT);
    expect(cat("root", "/sys/t/read/below")).toBe(-ERRNO.ENOTDIR);
    expect(cat("root", "/sys/t")).toBe(-ERRNO.EISDIR);
    expect(echo("root", "/sys/t", "1")).toBe(-ERRNO.EBADF);
    expect(call("root", { call: "getdents", path: "/sys/t/read" })?.result).toBe(-ERRNO.ENOTDIR);
    expect(call("root", { call: "readlink", path: "/sys/t/read" })?.result).toBe(-ERRNO.EINVAL);
    expect(call("root", { call: "read", fd: 9 })?.result).toBe(-ERRNO.EBADF);
    expect(call("root", { call: "close", fd: 9 })?.result).toBe(-ERRNO.EBADF);
    const fd = call("root", { call: "open", path: "/sys/t/read" })?.result ?? -1;
    const unknown = { call: "ioctl", fd, request: "VFIO_GET_API_VERSION", argument: null } as const;
    expect(call("root", unknown)?.result).toBe(-ERRNO.ENOTTY);
  });

  it("runs out of descriptors, and fails to open without memory", () => {
    const { call, failing } = withNodes();
    let last = 0;
    for (let n = 0; n < 1022; n++) {
      last = call("vm-a", { call: "open", path: "/sys/t/read" })?.result ?? 0;
    }
    expect(last).toBe(-ERRNO.EMFILE);
    failing("allocation", [1]);
    expect(call("vm-b", { call: "open", path: "/sys/t/read" })?.result).toBe(-ERRNO.ENOMEM);
  });

  it("keeps a call waiting, and the file alive below it", () => {
    const { call, k } = withNodes();
    const fd = call("root", { call: "open", path: "/sys/t/slow" })?.result ?? -1;
    expect(call("root", { call: "write", fd, text: "1" })).toBeUndefined();
    expect(call("root", { call: "close", fd })?.result).toBe(0);
    expect(Object.keys(k.state.core.files)).toHaveLength(1);
    expect(k.scheduler.live).toHaveLength(1);
    k.log("go on");
    k.scheduler.run(k);
    expect(k.scheduler.live).toHaveLength(0);
    expect(k.state.core.files).toEqual({});
    expect(k.state.core.active).toEqual({});
    expect(k.state.core.tasks).toEqual({});
  });
});

describe("memory", () => {
  it("maps zeroed pages of the process and gives them back", () => {
    const { call, k, machine } = withNodes();
    const at = call("vm-a", { call: "mmap", length: 3 * 4096 })?.result ?? 0;
    expect(at).toBeGreaterThan(0);
    const frames = Object.values(k.state.core.processes)
      .flatMap((one) => one.ranges)
      .flatMap((range) => range.frames);
    expect(frames.map((frame) => machine.owners.get(frame))).toEqual(["vm-a", "vm-a", "vm-a"]);
    const across = { call: "store", address: at + 4094, bytes: "01020304" } as const;
    expect(call("vm-a", across)?.result).toBe(0);
    expect(call("vm-a", { call: "load", address: at + 4093, count: 6 })?.value).toBe(
      "000102030400",
    );
    expect(call("vm-a", { call: "munmap", address: at + 4096, length: 4096 })?.result).toBe(0);
    expect(call("vm-a", { call: "load", address: at + 4096, count: 1 })?.result).toBe(
      -ERRNO.EFAULT,
    );
    expect(call("vm-a", { call: "load", address: at + 8192, count: 1 })?.result).toBe(0);
    expect(frames.map((frame) => machine.owners.get(frame))).toEqual(["vm-a", "free", "vm-a"]);
    expect(call("vm-a", { call: "munmap", address: 1, length: 4096 })?.result).toBe(-ERRNO.EINVAL);
    expect(call("vm-a", { call: "mmap", length: 0 })?.result).toBe(-ERRNO.EINVAL);
  });

  it("gives back everything when memory runs out in the middle", () => {
    const { call, failing, k } = withNodes();
    failing("allocation", [3]);
    expect(call("vm-a", { call: "mmap", length: 4 * 4096 })?.result).toBe(-ERRNO.ENOMEM);
    expect(k.state.core.freeFrames).toHaveLength(2);
    const small = fakeKernel([], {}, 0x110);
    expect(small.call("vm-a", { call: "mmap", length: 17 * 4096 })?.result).toBe(-ERRNO.ENOMEM);
    expect(small.call("vm-a", { call: "mmap", length: 16 * 4096 })?.result).toBeGreaterThan(0);
  });

  it("keeps a pinned frame from being used again until its last pin goes", () => {
    const { call, k, machine } = withNodes();
    const at = call("vm-a", { call: "mmap", length: 4096 })?.result ?? 0;
    const process = processNamed(k, "vm-a");
    const frame = pin_user_page(k, process, at, true);
    expect(pin_user_page(k, process, at, true)).toBe(frame);
    call("vm-a", { call: "munmap", address: at, length: 4096 });
    expect(machine.owners.get(frame)).toBe("vm-a");
    const other = call("vm-b", { call: "mmap", length: 4096 })?.result ?? 0;
    expect(pin_user_page(k, processNamed(k, "vm-b"), other, true)).not.toBe(frame);
    unpin_user_page(k, frame);
    expect(machine.owners.get(frame)).toBe("vm-a");
    unpin_user_page(k, frame);
    expect(machine.owners.get(frame)).toBe("free");
    expect(k.state.core.freeFrames).toEqual([frame]);
    expect(k.state.core.orphans).toEqual({});
    expect(pin_user_page(k, process, at, true)).toBe(-ERRNO.EFAULT);
    free_page(k, k.state.core.freeFrames.pop() ?? 0);
  });

  it("sends 64 bytes to the portal behind a window", () => {
    const { call, machine, k } = withNodes();
    const fd = call("vm-a", { call: "open", path: "/dev/test" })?.result ?? -1;
    const at = call("vm-a", { call: "mmap", length: 4096, fd, offset: 4096 })?.result ?? 0;
    const bytes = "ab".repeat(64);
    expect(call("vm-a", { call: "movdir64b", address: at + 64, bytes })?.result).toBe(0);
    expect(machine.submitted).toMatchObject([{ function: 0x6a08, offset: 0x4040 }]);
    expect(call("vm-a", { call: "movdir64b", address: 0, bytes })?.result).toBe(-ERRNO.EFAULT);
    call("vm-a", { call: "close", fd });
    expect(k.state.log.at(-1)?.text).not.toBe("released 7");
    call("vm-a", { call: "munmap", address: at, length: 4096 });
    expect(k.state.log.at(-1)?.text).toBe("released 7");
  });

  it("leaves nothing behind after exit", () => {
    const { call, k } = withNodes();
    call("vm-a", { call: "mmap", length: 8 * 4096 });
    const fd = call("vm-a", { call: "open", path: "/dev/test" })?.result ?? -1;
    call("vm-a", { call: "mmap", length: 4096, fd });
    expect(call("vm-a", { call: "exit" })?.result).toBe(0);
    expect(k.state.core.files).toEqual({});
    expect(k.state.core.freeFrames).toHaveLength(8);
    expect(k.state.log.at(-1)?.text).toBe("released 7");
    expect(processNamed(k, "vm-a")).toBe(0);
  });
});

describe("modules", () => {
  const load = (name: string, parameters = "") =>
    ({ call: "init_module", name, parameters }) as const;

  it("loads in order of need, and unloads only what nobody uses", () => {
    const { call, cat, k } = withNodes();
    expect(call("root", load("nothing"))?.result).toBe(-ERRNO.ENOENT);
    expect(call("root", load("test_module"))?.result).toBe(-ERRNO.ENOENT);
    expect(call("vm-a", load("test_base"))?.result).toBe(-ERRNO.EPERM);
    expect(call("root", load("test_base", "width=1"))?.result).toBe(-ERRNO.EINVAL);
    expect(call("root", load("test_base", "depth=5"))?.result).toBe(0);
    expect(cat("root", "/sys/module/test_base/parameters/depth")).toBe("5\n");
    expect(call("root", load("test_base"))?.result).toBe(-ERRNO.EEXIST);
    expect(call("root", load("test_module"))?.result).toBe(0);
    expect(call("root", { call: "delete_module", name: "test_base" })?.result).toBe(-ERRNO.EAGAIN);
    expect(symbol_get(k, "test_export")).toBe(true);
    const unload = { call: "delete_module", name: "test_module" } as const;
    expect(call("root", unload)?.result).toBe(-ERRNO.EAGAIN);
    symbol_put(k, "test_export");
    expect(call("root", unload)?.result).toBe(0);
    expect(call("root", unload)?.result).toBe(-ERRNO.ENOENT);
    expect(call("root", { call: "delete_module", name: "test_base" })?.result).toBe(0);
    expect(k.state.core.modules).toEqual({});
  });

  it("records every lookup, found or not", () => {
    const { events, k } = withNodes();
    events.length = 0;
    expect(symbol_get(k, "test_export")).toBe(false);
    expect(symbol_get(k, "test_show")).toBe(false);
    expect(symbol_get(k, "device_add")).toBe(true);
    expect(events).toEqual([
      { kind: "symbol lookup", call: 0, symbol: "test_export", found: false },
      { kind: "symbol lookup", call: 0, symbol: "test_show", found: false },
      { kind: "symbol lookup", call: 0, symbol: "device_add", found: true },
    ]);
  });

  it("forgets a module whose init fails", () => {
    const { call, k } = withNodes();
    expect(call("root", load("test_broken"))?.result).toBe(-ERRNO.ENODEV);
    expect(k.state.core.modules).toEqual({});
    expect(Object.keys(k.state.core.nodes).some((path) => path.includes("test_broken"))).toBe(
      false,
    );
  });
});
