// A whole machine: the kernel boots on emulated hardware, finds its functions and the unit, and its processes can work.
import { describe, expect, it } from "vitest";
import { DESCRIPTION, open } from "../hardware/platform/platform-fixture.ts";
import { boot, handleInterrupt } from "./boot.ts";
import type { CallResult, SystemCall } from "./calls.ts";
import { names } from "./core/listing.ts";
import { processNamed } from "./core/processes.ts";
import { Kernel } from "./kernel/kernel.ts";
import { emptyState } from "./kernel/state.ts";
import { startSystemCall } from "./system-calls.ts";

const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
const functions = DESCRIPTION.functions.map((one) =>
  one.model === "accelerator" ? { ...one, device: 0x0b25 } : one,
);

function machine(modules: readonly string[] = [], commandLine = "intel_iommu=on,sm_on") {
  const platform = open({ functions });
  const k = new Kernel({
    machine: platform,
    state: emptyState(),
    replacements: new Map(),
    onEvent: () => {},
    onInterrupt: handleInterrupt,
  });
  k.beginOperation();
  boot(k, { commandLine, modules, processes: [{ name: "root", privileged: true }] });
  const call = (what: SystemCall): CallResult => {
    let answer: CallResult = { result: Number.NaN, value: null };
    startSystemCall(k, processNamed(k, "root"), what, (given) => {
      answer = given;
    });
    k.scheduler.run(k);
    return answer;
  };
  const echo = (path: string, text: string): number => {
    const { result: fd } = call({ call: "open", path });
    if (fd < 0) return fd;
    const { result } = call({ call: "write", fd, text: `${text}\n` });
    call({ call: "close", fd });
    return result;
  };
  return { platform, k, call, echo };
}

const lines = (k: Kernel): readonly string[] => k.state.log.map((line) => line.text);

describe("boot", () => {
  it("ends quiet, with every function found and in a group, and translation on", () => {
    const { k, platform } = machine();
    expect(k.scheduler.live).toEqual([]);
    expect(k.state.locks).toEqual({});
    expect(Object.values(k.state.core.pci).map((one) => one.requester)).toEqual(
      [...platform.functions.map((one) => one.requester)].sort((a, b) => a - b),
    );
    const groups = names(k.state, "/sys/kernel/iommu_groups");
    expect(typeof groups === "number" ? 0 : groups.length).toBeGreaterThan(3);
    for (const { device } of Object.values(k.state.core.pci)) {
      expect(k.state.core.devices[device]?.group).toBeGreaterThan(0);
    }
    // GSTS: TES and RTPS.
    expect(platform.readUnit(0x1c, 4) & 0xc000_0000n).toBe(0xc000_0000n);
    expect(lines(k)).toContain("DMAR: Intel(R) Virtualization Technology for Directed I/O");
  });

  it("leaves the unit alone where the command line does not ask for it", () => {
    const { k, platform } = machine([], "quiet");
    expect(platform.readUnit(0x1c, 4)).toBe(0n);
    expect(names(k.state, "/sys/kernel/iommu_groups")).toEqual([]);
  });

  it("is the same machine every time", () => {
    const modules = ["vfio_pci", "vfio_mdev", "vfio_iommu_type1", "idxd", "mtty"];
    const [one, other] = [machine(modules), machine(modules)];
    expect(other.k.state).toEqual(one.k.state);
    expect(JSON.parse(JSON.stringify(one.k.state))).toEqual(one.k.state);
  });

  it("loads modules with what they need, and says which it does not find", () => {
    const { k } = machine(["vfio_iommu_type1", "idxd", "no_such_module"]);
    expect(Object.keys(k.state.core.modules)).toEqual(
      expect.arrayContaining(["vfio", "vfio_iommu_type1", "mdev", "idxd"]),
    );
    expect(Object.values(k.state.core.modules).every((one) => one.state === "live")).toBe(true);
    expect(lines(k)).toContain("modprobe: module no_such_module not found");
  });

  it("creates and removes an mdev of the accelerator, and is as before", () => {
    const { k, call, echo } = machine(["vfio_mdev", "idxd"]);
    const parent = "/sys/class/mdev_bus/0000:6a:01.0";
    const [type] = call({ call: "getdents", path: `${parent}/mdev_supported_types` })
      .value as readonly string[];
    const groups = names(k.state, "/sys/kernel/iommu_groups");
    const devices = Object.keys(k.state.core.devices).length;
    expect(echo(`${parent}/mdev_supported_types/${type}/create`, UUID)).toBe(37);
    expect(call({ call: "readlink", path: `/sys/bus/mdev/devices/${UUID}` }).value).toBe(
      `../../../devices/pci0000:6a/0000:6a:01.0/${UUID}`,
    );
    const group = call({ call: "readlink", path: `/sys/bus/mdev/devices/${UUID}/iommu_group` });
    expect(group.value).toMatch(/kernel\/iommu_groups\/\d+$/);
    expect(names(k.state, "/sys/kernel/iommu_groups")).not.toEqual(groups);
    expect(echo(`/sys/bus/mdev/devices/${UUID}/remove`, "1")).toBe(2);
    expect(names(k.state, "/sys/kernel/iommu_groups")).toEqual(groups);
    expect(Object.keys(k.state.core.devices)).toHaveLength(devices);
    expect(k.state.core.files).toEqual({});
  });
});
