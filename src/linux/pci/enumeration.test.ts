// Functions found by configuration space, their files, isolation and aliases; drivers bound through sysfs.
import { describe, expect, it } from "vitest";
import { fakeKernel } from "../../testing/fake-kernel.ts";
import { deviceNamed } from "../core/devices.ts";
import { driver_register, driver_unregister } from "../core/drivers.ts";
import { list, names, statNode } from "../core/listing.ts";
import { ERRNO } from "../kernel/errno.ts";
import { defineSleeping, type Kernel } from "../kernel/kernel.ts";
import { pci_enable_pasid, pci_max_pasids } from "./pasid.ts";
import {
  pci_acs_enabled,
  pci_acs_path_enabled,
  pci_for_each_dma_alias,
  REQ_ACS_FLAGS,
} from "./topology.ts";

// A copy of the emulated machine of the captures (own72-mdev) and an accelerator on a root bus of its own.
const MACHINE = [
  { requester: 0x0000, device: 0x29c0, class: 0x06_0000 },
  {
    requester: 0x0010,
    vendor: 0x1b36,
    device: 0x000c,
    class: 0x06_0400,
    expressType: 4,
    secondary: 1,
    acs: 0x1f,
  },
  { requester: 0x0018, device: 0x10d3, expressType: 9 },
  {
    requester: 0x0088,
    vendor: 0x1b36,
    device: 0x000e,
    class: 0x06_0400,
    expressType: 7,
    secondary: 3,
  },
  { requester: 0x00f8, device: 0x2918, class: 0x06_0100, multifunction: true },
  { requester: 0x00fa, device: 0x2922, class: 0x01_0601, multifunction: true },
  { requester: 0x0100, vendor: 0x1b36, device: 0x0010, class: 0x01_0802, expressType: 0 },
  { requester: 0x0308, device: 0x100e },
  { requester: 0x6a08, device: 0x0b25, class: 0x08_8000, expressType: 9, pasidBits: 20 },
];
const about = (symbol: string) => ({ symbol, module: "vmlinux", source: "test" });
defineSleeping(about("test_probe"), function* (k: Kernel, device: number) {
  yield { point: "probing" };
  return k.state.core.devices[device]?.name === "0000:00:03.0" ? -ERRNO.EBUSY : 0;
});
defineSleeping(about("test_remove"), function* () {
  yield { point: "removing" };
});
const DRIVER = {
  name: "test",
  bus: "pci",
  module: "vmlinux",
  probe: "test_probe",
  remove: "test_remove",
  matches: ["8086:100e"],
};

const machine = (commandLine = "intel_iommu=on") => {
  const world = fakeKernel(MACHINE, { commandLine });
  return { ...world, at: (name: string) => deviceNamed(world.k, "pci", `0000:${name}`) };
};

describe("enumeration", () => {
  it("finds what lspci -tv of the capture lists, in the directories that it has there", () => {
    const { k, cat } = machine();
    const listed = list(k.state, "/sys/bus/pci/devices");
    const links =
      typeof listed === "number" ? [] : listed.map((one) => `${one.name} -> ${one.target}`);
    expect(links).toEqual([
      "0000:00:00.0 -> ../../../devices/pci0000:00/0000:00:00.0",
      "0000:00:02.0 -> ../../../devices/pci0000:00/0000:00:02.0",
      "0000:00:03.0 -> ../../../devices/pci0000:00/0000:00:03.0",
      "0000:00:11.0 -> ../../../devices/pci0000:00/0000:00:11.0",
      "0000:00:1f.0 -> ../../../devices/pci0000:00/0000:00:1f.0",
      "0000:00:1f.2 -> ../../../devices/pci0000:00/0000:00:1f.2",
      "0000:01:00.0 -> ../../../devices/pci0000:00/0000:00:02.0/0000:01:00.0",
      "0000:03:01.0 -> ../../../devices/pci0000:00/0000:00:11.0/0000:03:01.0",
      "0000:6a:01.0 -> ../../../devices/pci0000:6a/0000:6a:01.0",
    ]);
    const accelerator = "/sys/bus/pci/devices/0000:6a:01.0";
    expect(cat("vm-a", `${accelerator}/vendor`)).toBe("0x8086\n");
    expect(cat("vm-a", `${accelerator}/class`)).toBe("0x088000\n");
    expect(cat("root", "/sys/bus/pci/devices/0000:00:02.0/uevent")).toContain("DRIVER=pcieport\n");
    expect(statNode(k.state, `${accelerator}/driver_override`)).toMatchObject({
      mode: "-rw-r--r--",
      size: 4096,
    });
    expect(names(k.state, `${accelerator}/../..`)).toContain("virtual");
  });

  it("turns on access control only for an IOMMU that is on", () => {
    const on = machine();
    expect(pci_acs_enabled(on.k, on.at("00:02.0"), REQ_ACS_FLAGS)).toBe(true);
    const off = machine("");
    expect(pci_acs_enabled(off.k, off.at("00:02.0"), REQ_ACS_FLAGS)).toBe(false);
    expect(pci_acs_enabled(on.k, on.at("00:1f.2"), REQ_ACS_FLAGS)).toBe(false);
  });
});

describe("aliases and PASIDs", () => {
  it("gives requests below a conventional bridge the bridge's bus number", () => {
    const { k, at } = machine();
    const aliases = (name: string) =>
      pci_for_each_dma_alias(k, at(name)).map((one) => one.requester);
    expect(aliases("03:01.0")).toEqual([0x0308, 0x0300]);
    expect(aliases("01:00.0")).toEqual([0x0100]);
    expect(pci_acs_path_enabled(k, at("03:01.0"), 0, REQ_ACS_FLAGS)).toBe(false);
    expect(pci_acs_path_enabled(k, at("6a:01.0"), 0, REQ_ACS_FLAGS)).toBe(true);
  });

  it("counts and enables PASIDs", () => {
    const { k, at } = machine();
    expect(pci_max_pasids(k, at("6a:01.0"))).toBe(2 ** 20);
    expect(pci_max_pasids(k, at("00:03.0"))).toBe(-ERRNO.EINVAL);
    expect(pci_enable_pasid(k, at("6a:01.0"), 1)).toBe(-ERRNO.EINVAL);
    expect(pci_enable_pasid(k, at("6a:01.0"), 0)).toBe(0);
    expect(pci_enable_pasid(k, at("6a:01.0"), 0)).toBe(-ERRNO.EBUSY);
  });
});

describe("drivers", () => {
  it("binds by id, by driver_override and by hand, and refuses what does not fit", () => {
    const { k, run, at, cat, echo } = machine();
    expect(run(driver_register(k, DRIVER))).toBe(0);
    const driver = (name: string) => k.state.core.devices[at(name)]?.driver;
    const files = "/sys/bus/pci/drivers/test";
    expect(driver("03:01.0")).toBe("test");
    expect(cat("root", `${files}/0000:03:01.0/driver_override`)).toBe("(null)\n");
    expect(echo("root", `${files}/bind`, "0000:01:00.0")).toBe(-ERRNO.ENODEV);
    expect(echo("root", "/sys/bus/pci/devices/0000:01:00.0/driver_override", "test")).toBe(5);
    expect(echo("root", "/sys/bus/pci/drivers_probe", "0000:01:00.0")).toBe(13);
    expect(driver("01:00.0")).toBe("test");
    expect(echo("root", `${files}/unbind`, "0000:01:00.0")).toBe(13);
    expect(echo("root", `${files}/unbind`, "0000:01:00.0")).toBe(-ERRNO.ENODEV);
    expect(echo("root", `${files}/bind`, "0000:01:00.0")).toBe(13);
    expect(echo("root", `${files}/new_id`, "8086 10d3")).toBe(10);
    expect(echo("root", `${files}/new_id`, "8086 10d3")).toBe(-ERRNO.EEXIST);
    expect(echo("root", `${files}/new_id`, "8086")).toBe(-ERRNO.EINVAL);
    expect(driver("00:03.0")).toBe("");
    expect(k.state.log.at(-1)?.text).toBe("test: probe of 0000:00:03.0 failed with error -16");
    expect(echo("root", `${files}/remove_id`, "8086 10d3")).toBe(10);
    expect(run(driver_register(k, DRIVER))).toBe(-ERRNO.EBUSY);
    run(driver_unregister(k, "test"));
    expect(driver("03:01.0")).toBe("");
    expect(names(k.state, files)).toBe(-ERRNO.ENOENT);
    expect(k.state.locks).toEqual({});
  });
});
