// VFIO over mdevs that their vendor driver isolates: files, containers, maps, pins, unmaps, with the error of every row.
import { describe, expect, it } from "vitest";
import { fakeKernel } from "../../testing/fake-kernel.ts";
import type { IoctlArgument } from "../calls.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import "../parents/modules.ts";
import "./modules.ts";

const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1007";
const PAGE = 4096;

/** What the notifier of the tests unpins: set by each test. */
const forgetful = new Set<Kernel>();
const told: number[] = [];
define(
  { symbol: "vfio_test_notify", module: "vmlinux", source: "a notifier of the tests" },
  (k: Kernel, device: number, iova: number, size: number) => {
    told.push(iova);
    return forgetful.has(k)
      ? 0
      : invokeSleeping(k, "vfio_unpin_pages", device, pagesOf(iova, size));
  },
);

const pagesOf = (iova: number, size: number): number[] =>
  Array.from({ length: size / PAGE }, (_, n) => iova / PAGE + n);

class Vm {
  readonly host = fakeKernel([], { modules: ["mtty", "vfio_mdev", "vfio_iommu_type1"] });
  readonly k = this.host.k;
  readonly device: number;
  container = 0;
  group = 0;

  constructor() {
    this.host.echo("root", "/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create", UUID);
    this.device = Object.values(this.k.state.mdev.devices)[0]?.device ?? 0;
  }

  /** As far as VFIO_SET_IOMMU. */
  attach(type = 3): this {
    this.container = this.open("/dev/vfio/vfio");
    this.group = this.open(this.groupFile);
    expect(this.ioctl(this.group, "VFIO_GROUP_SET_CONTAINER", this.container)).toBe(0);
    expect(this.ioctl(this.container, "VFIO_SET_IOMMU", type)).toBe(0);
    return this;
  }

  get groupFile(): string {
    const group = this.k.state.iommu.groups[this.k.state.core.devices[this.device]?.group ?? 0];
    return `/dev/vfio/${group?.number}`;
  }

  open(path: string): number {
    return this.host.call("root", { call: "open", path })?.result ?? -999;
  }

  close(fd: number): void {
    this.host.call("root", { call: "close", fd });
  }

  ioctl(fd: number, request: string, argument: IoctlArgument = null): number | undefined {
    return this.host.call("root", { call: "ioctl", fd, request, argument })?.result;
  }

  memory(pages: number): number {
    return this.host.call("root", { call: "mmap", length: pages * PAGE })?.result ?? 0;
  }

  map(iova: number, pages: number, flags = 3): number | undefined {
    const vaddr = this.memory(pages);
    const argument = { iova, vaddr, size: pages * PAGE, flags };
    return this.ioctl(this.container, "VFIO_IOMMU_MAP_DMA", argument);
  }

  unmap(iova: number, size: number, flags = 0): number | undefined {
    return this.ioctl(this.container, "VFIO_IOMMU_UNMAP_DMA", { iova, size, flags });
  }

  pin(pages: number[], prot = 3, frames: number[] = []): number | undefined {
    return this.host.run(
      invokeSleeping(this.k, "vfio_pin_pages", this.device, pages, prot, frames),
    );
  }

  watch(): void {
    const symbol = "vfio_test_notify";
    this.host.run(
      invokeSleeping(this.k, "vfio_register_notifier", this.device, symbol, this.device),
    );
  }

  pins(): number {
    return Object.keys(this.k.state.core.pins).length;
  }
}

describe("the group file", () => {
  it("opens once, and its container joins once", () => {
    const vm = new Vm().attach();
    expect(vm.open(vm.groupFile)).toBe(-ERRNO.EBUSY);
    expect(vm.ioctl(vm.group, "VFIO_GROUP_SET_CONTAINER", vm.container)).toBe(-ERRNO.EINVAL);
    expect(vm.ioctl(vm.container, "VFIO_SET_IOMMU", 3)).toBe(-ERRNO.EINVAL);
  });

  it("refuses what is no container, no group, no device", () => {
    const vm = new Vm();
    const container = vm.open("/dev/vfio/vfio");
    const group = vm.open(vm.groupFile);
    expect(vm.ioctl(group, "VFIO_GROUP_SET_CONTAINER", 99)).toBe(-ERRNO.EBADF);
    expect(vm.ioctl(group, "VFIO_GROUP_SET_CONTAINER", group)).toBe(-ERRNO.EINVAL);
    expect(vm.ioctl(group, "VFIO_GROUP_UNSET_CONTAINER")).toBe(-ERRNO.EINVAL);
    expect(vm.ioctl(container, "VFIO_SET_IOMMU", 3)).toBe(-ERRNO.EINVAL);
    expect(vm.ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", UUID)).toBe(-ERRNO.EINVAL);
    expect(vm.ioctl(group, "VFIO_GROUP_SET_CONTAINER", container)).toBe(0);
    expect(vm.ioctl(container, "VFIO_SET_IOMMU", 2)).toBe(-ERRNO.ENODEV);
    expect(vm.ioctl(container, "VFIO_SET_IOMMU", 3)).toBe(0);
    expect(vm.ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", "nobody")).toBe(-ERRNO.ENODEV);
    expect(vm.ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", UUID)).toBeGreaterThan(2);
    expect(vm.ioctl(group, "VFIO_GROUP_UNSET_CONTAINER")).toBe(-ERRNO.EBUSY);
  });

  it("leaves no trace once everything is closed and removed", () => {
    const vm = new Vm().attach();
    const device = vm.ioctl(vm.group, "VFIO_GROUP_GET_DEVICE_FD", UUID) ?? 0;
    vm.map(0, 2);
    for (const fd of [device, vm.group, vm.container]) vm.close(fd);
    vm.host.echo("root", `/sys/bus/mdev/devices/${UUID}/remove`, "1");
    const { vfio, iommu, core, locks, mdev } = vm.k.state;
    for (const table of [vfio.groups, vfio.devices, vfio.containers, vfio.type1, iommu.groups]) {
      expect(Object.keys(table)).toEqual([]);
    }
    expect(Object.keys(mdev.devices)).toEqual([]);
    expect([core.files, locks].map((table) => Object.keys(table).length)).toEqual([0, 0]);
    expect(core.modules["vfio_iommu_type1"]?.references).toBe(0);
  });

  it("makes the removal of an open mdev wait for its last file", () => {
    const vm = new Vm().attach();
    const device = vm.ioctl(vm.group, "VFIO_GROUP_GET_DEVICE_FD", UUID) ?? 0;
    const remove = `/sys/bus/mdev/devices/${UUID}/remove`;
    expect(vm.host.echo("root", remove, "1")).toBeUndefined();
    vm.close(device);
    expect(Object.keys(vm.k.state.mdev.devices)).toHaveLength(1);
    vm.close(vm.group);
    expect(Object.keys(vm.k.state.mdev.devices)).toEqual([]);
  });
});

describe("VFIO_IOMMU_MAP_DMA", () => {
  const rows: readonly (readonly [string, Readonly<Record<string, number | string>>, number])[] = [
    ["a mapping", { iova: "0x10000", vaddr: PAGE, size: PAGE, flags: 3 }, 0],
    ["no rights", { iova: 0x10000, vaddr: PAGE, size: PAGE, flags: 0 }, -ERRNO.EINVAL],
    ["flags nobody knows", { iova: 0x10000, vaddr: PAGE, size: PAGE, flags: 8 }, -ERRNO.EINVAL],
    ["no size", { iova: 0x10000, vaddr: PAGE, size: 0, flags: 3 }, -ERRNO.EINVAL],
    ["an IOVA inside a page", { iova: 0x10, vaddr: PAGE, size: PAGE, flags: 3 }, -ERRNO.EINVAL],
    ["half a page", { iova: 0x10000, vaddr: PAGE, size: 2048, flags: 3 }, -ERRNO.EINVAL],
    [
      "a wrap",
      { iova: "0xfffffffffffff000", vaddr: PAGE, size: 2 * PAGE, flags: 3 },
      -ERRNO.EINVAL,
    ],
    ["an overlap", { iova: 0, vaddr: PAGE, size: 2 * PAGE, flags: 3 }, -ERRNO.EEXIST],
    ["a new address for nothing", { iova: 0x10000, vaddr: 0, size: PAGE, flags: 4 }, -ERRNO.ENOENT],
    ["text for a number", { iova: "zero", vaddr: PAGE, size: PAGE, flags: 3 }, -ERRNO.EINVAL],
  ];
  for (const [what, argument, result] of rows) {
    it(`gives ${result} for ${what}`, () => {
      const vm = new Vm().attach();
      expect(vm.map(PAGE, 1)).toBe(0);
      expect(vm.ioctl(vm.container, "VFIO_IOMMU_MAP_DMA", argument)).toBe(result);
      expect(vm.pins()).toBe(0);
    });
  }

  it("gives ENOSPC when dma_avail is used up, and ENOMEM without memory", () => {
    const vm = new Vm().attach();
    const [iommu] = Object.values(vm.k.state.vfio.type1);
    if (iommu) iommu.available = 1;
    expect(vm.map(0, 1)).toBe(0);
    expect(vm.map(PAGE, 1)).toBe(-ERRNO.ENOSPC);
    expect(vm.unmap(0, PAGE)).toBe(0);
    const argument = { iova: 0, vaddr: PAGE, size: PAGE, flags: 3 };
    vm.host.failing("allocation", [1]);
    expect(vm.ioctl(vm.container, "VFIO_IOMMU_MAP_DMA", argument)).toBe(-ERRNO.ENOMEM);
    expect(iommu?.available).toBe(1);
  });
});

describe("VFIO_IOMMU_UNMAP_DMA", () => {
  for (const [what, type, iova, size, flags, result, left] of [
    ["a whole mapping", 3, 0, 2 * PAGE, 0, 0, 0],
    ["nothing that is mapped", 3, 0x100000, PAGE, 0, 0, 1],
    ["a cut in v2", 3, PAGE, PAGE, 0, -ERRNO.EINVAL, 1],
    ["a cut of the end in v2", 3, 0, PAGE, 0, -ERRNO.EINVAL, 1],
    ["the first part in v1, which takes all", 1, 0, PAGE, 0, 0, 0],
    ["no size", 3, 0, 0, 0, -ERRNO.EINVAL, 1],
    ["all", 3, 0, 0, 2, 0, 0],
    ["all with a size", 3, 0, PAGE, 2, -ERRNO.EINVAL, 1],
    ["a dirty bitmap", 3, 0, 2 * PAGE, 1, -ERRNO.EINVAL, 1],
  ] as const) {
    it(`gives ${result} for ${what}`, () => {
      const vm = new Vm().attach(type);
      vm.map(0, 2);
      expect(vm.unmap(iova, size, flags)).toBe(result);
      expect(Object.values(vm.k.state.vfio.type1)[0]?.mappings).toHaveLength(left);
    });
  }

  it("has pinned pages given back first, and stops on a driver that never does", () => {
    const vm = new Vm().attach();
    vm.map(0, 2);
    vm.watch();
    expect(vm.pin([0, 1])).toBe(2);
    expect(vm.pins()).toBe(2);
    expect(vm.unmap(0, 2 * PAGE)).toBe(0);
    expect(vm.pins()).toBe(0);
    vm.map(0, 1);
    vm.pin([0]);
    forgetful.add(vm.k);
    told.length = 0;
    expect(vm.unmap(0, PAGE)).toBe(-ERRNO.EFAULT);
    expect(told).toHaveLength(11);
    expect(vm.k.state.log.at(-1)?.text).toContain("kernel BUG");
  });
});

describe("vfio_pin_pages", () => {
  for (const [what, type, watched, pages, prot, result] of [
    ["mapped pages", 3, true, [0, 1], 3, 2],
    ["a page that is not mapped", 3, true, [0, 9], 3, -ERRNO.EINVAL],
    ["no notifier", 3, false, [0], 3, -ERRNO.EINVAL],
    ["rights that the mapping has not", 3, true, [0, 4], 3, -ERRNO.EPERM],
    ["a v1 container", 1, true, [0], 3, -ERRNO.EACCES],
    ["too many at once", 3, true, Array.from({ length: 513 }, (_, n) => n), 3, -ERRNO.E2BIG],
    ["none", 3, true, [], 3, -ERRNO.EINVAL],
  ] as const) {
    it(`gives ${result} for ${what}, and keeps what it says`, () => {
      const vm = new Vm().attach(type);
      vm.map(0, 2);
      vm.map(4 * PAGE, 1, 1);
      if (watched) vm.watch();
      expect(vm.pin([...pages], prot)).toBe(result);
      expect(vm.pins()).toBe(Math.max(0, result));
    });
  }

  it("counts against RLIMIT_MEMLOCK, and gives back when a pin fails", () => {
    const vm = new Vm().attach();
    vm.map(0, 2);
    vm.watch();
    const process = Object.values(vm.k.state.core.processes).find((one) => one.name === "root");
    vm.host.failing("pin", [2]);
    expect(vm.pin([0, 1])).toBe(-ERRNO.EFAULT);
    expect([vm.pins(), process?.lockedPages]).toEqual([0, 0]);
    expect(vm.pin([0, 0, 1])).toBe(3);
    expect([vm.pins(), process?.lockedPages]).toEqual([2, 2]);
  });
});
