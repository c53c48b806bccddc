// The node tree, timers, interrupts, page runs and life of devices, each by itself.
import { describe, expect, it } from "vitest";
import { fakeKernel } from "../../testing/fake-kernel.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../kernel/kernel.ts";
import { bus_register, device_add, device_del, device_initialize, put_device } from "./devices.ts";
import { free_irq, request_irq } from "./interrupts.ts";
import { list, resolve, statNode } from "./listing.ts";
import { alloc_page, alloc_pages, free_page, free_pages } from "./pages.ts";
import {
  device_file,
  find,
  sysfs_create_attribute,
  sysfs_create_dir,
  sysfs_create_link,
  sysfs_drain,
  sysfs_remove,
} from "./sysfs.ts";
import { add_timer, del_timer, nextTimer, run_timers } from "./timers.ts";

const about = (symbol: string) => ({ symbol, module: "vmlinux", source: "test" });
define(about("core_test_timer"), (k: Kernel, argument: number): void => {
  k.log(`timer ${argument}`);
  if (argument === 1) add_timer(k, 0, "core_test_timer", 9);
});
define(about("core_test_release"), (k: Kernel, device: number): void => {
  k.log(`gone ${k.state.core.devices[device]?.name}`);
});
defineSleeping(about("core_test_store"), function* (k: Kernel, _argument: number, text: string) {
  yield { point: "inside", ready: () => k.state.log.at(-1)?.text === "leave" };
  return text.length;
});

const lines = (k: Kernel): readonly string[] => k.state.log.map((line) => line.text);

describe("the node tree", () => {
  it("follows links, shows them as they are kept, and lists what ls -l prints", () => {
    const { k } = fakeKernel();
    sysfs_create_dir(k, "/sys/a/b/c");
    expect(sysfs_create_dir(k, "/sys/a")).toBe(-ERRNO.EEXIST);
    expect(sysfs_create_link(k, "/sys/x/link", "/sys/a/b")).toBe(0);
    expect(sysfs_create_link(k, "/sys/x/lost", "/sys/none")).toBe(-ERRNO.ENOENT);
    sysfs_create_attribute(k, "/sys/a/b/file", { mode: "0200" });
    device_file(k, "/dev/vfio/vfio", "none", 0, "0666");
    expect(find(k, "/sys/x/link/c/../file")).toBe("/sys/a/b/file");
    expect(find(k, "/sys/x/link/none")).toBeUndefined();
    expect(statNode(k.state, "/sys/x/link")).toMatchObject({
      kind: "link",
      target: "../a/b",
      mode: "lrwxrwxrwx",
    });
    expect(list(k.state, "/sys/x/link")).toMatchObject([
      { name: "c", mode: "drwxr-xr-x" },
      { name: "file", mode: "--w-------", size: 4096 },
    ]);
    expect(list(k.state, "/dev/vfio/vfio")).toMatchObject([{ mode: "crw-rw-rw-" }]);
    expect(resolve(k.state, "/sys/a/b/file/")).toBe(-ERRNO.ENOTDIR);
    expect(resolve(k.state, "sys")).toBe(-ERRNO.ENOENT);
    sysfs_remove(k, "/sys/a");
    expect(resolve(k.state, "/sys/x/link")).toBe(-ERRNO.ENOENT);
  });

  it("gives up on links that lead in a circle", () => {
    const { k } = fakeKernel();
    sysfs_create_dir(k, "/sys/one");
    sysfs_create_link(k, "/sys/two", "/sys/one");
    sysfs_remove(k, "/sys/one");
    sysfs_create_link(k, "/sys/one", "/sys/two");
    expect(resolve(k.state, "/sys/one")).toBe(-ERRNO.ELOOP);
  });

  it("waits with a removal for those who are inside a file", () => {
    const { k, run, call } = fakeKernel();
    sysfs_create_attribute(k, "/sys/t/f", { mode: "0200", store: "core_test_store" });
    const fd = call("root", { call: "open", path: "/sys/t/f" })?.result ?? -1;
    expect(call("root", { call: "write", fd, text: "1" })).toBeUndefined();
    sysfs_remove(k, "/sys/t");
    expect(run(sysfs_drain(k, "/sys/t"))).toBeUndefined();
    expect(k.scheduler.live).toHaveLength(2);
    k.log("leave");
    k.scheduler.run(k);
    expect(k.scheduler.live).toHaveLength(0);
    expect(call("root", { call: "write", fd, text: "1" })?.result).toBe(-ERRNO.ENODEV);
  });
});

describe("time and interrupts", () => {
  it("runs timers in order of due time, and only those that are due", () => {
    const { k, machine } = fakeKernel();
    add_timer(k, 20, "core_test_timer", 2);
    add_timer(k, 10, "core_test_timer", 1);
    const third = add_timer(k, 30, "core_test_timer", 3);
    expect(nextTimer(k)).toBe(10);
    machine.time = 25;
    run_timers(k);
    expect(lines(k).slice(-3)).toEqual(["timer 1", "timer 2", "timer 9"]);
    expect(del_timer(k, third)).toBe(true);
    expect(del_timer(k, third)).toBe(false);
    expect(nextTimer(k)).toBeNull();
  });

  it("hands vectors to their handlers", () => {
    const { k, machine } = fakeKernel();
    const vector = request_irq(k, "core_test_timer", 5);
    machine.vectors.push(vector);
    k.handleInterrupts();
    expect(lines(k).at(-1)).toBe("timer 5");
    free_irq(k, vector);
    machine.vectors.push(vector);
    k.handleInterrupts();
    expect(lines(k).at(-1)).toContain("No irq handler");
  });
});

describe("pages and devices", () => {
  it("gives out runs that are aligned, and uses freed frames again, the last one first", () => {
    const { k, machine } = fakeKernel();
    const one = alloc_page(k, "kernel");
    const run = alloc_pages(k, "tables", 8);
    expect(run % 8).toBe(0);
    expect(machine.owners.get(run + 7)).toBe("tables");
    free_pages(k, run, 8);
    expect(alloc_pages(k, "tables", 8)).toBe(run);
    free_page(k, one);
    expect(alloc_page(k, "kernel")).toBe(one);
  });

  it("keeps a device until its last reference, and takes it off its bus", () => {
    const { k, run, failing } = fakeKernel();
    bus_register(k, { name: "t", module: "vmlinux", iommuOps: "" });
    const fresh = { name: "dev", bus: "t", parent: 0, path: "virtual/t/dev" };
    const device = device_initialize(k, { ...fresh, release: "core_test_release" });
    failing("allocation", [3]);
    expect(run(device_add(k, device))).toBe(-ERRNO.ENOMEM);
    expect(find(k, "/sys/devices/virtual/t/dev")).toBeUndefined();
    failing("allocation", []);
    expect(run(device_add(k, device))).toBe(0);
    expect(find(k, "/sys/bus/t/devices/dev/uevent")).toBe("/sys/devices/virtual/t/dev/uevent");
    run(device_del(k, device));
    expect(find(k, "/sys/bus/t/devices/dev")).toBeUndefined();
    expect(lines(k).at(-1)).not.toBe("gone dev");
    put_device(k, device);
    expect(lines(k).at(-1)).toBe("gone dev");
    expect(k.state.core.devices[device]).toBeUndefined();
  });
});
