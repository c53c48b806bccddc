// Groups from topology against recorded machines: the same functions must share groups, under the same numbers.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FunctionDescription } from "../../hardware/platform/description.ts";
import { FUNCTIONS, kernelOn, UNITS } from "../intel/kernel.fixture.ts";
import { invoke } from "../kernel/kernel.ts";
import { iommu_group_set_name } from "./groups.ts";
import { iommu_present } from "./probe.ts";
import { iommu_get_group_resv_regions } from "./reserved.ts";

interface Recorded {
  readonly capture: string;
  readonly functions: readonly FunctionDescription[];
  /** Function to group number. */
  readonly groups: Readonly<Record<string, number>>;
}

const FILE = new URL("../../testing/fixtures/pci-groups.json", import.meta.url);
const RECORDED = JSON.parse(readFileSync(FILE, "utf8")) as readonly Recorded[];

const groupsOf = (functions: readonly FunctionDescription[]) => {
  const { k } = kernelOn(UNITS.secondStage, "intel_iommu=on", functions);
  const { core, iommu } = k.state;
  return Object.fromEntries(
    Object.values(iommu.groups).flatMap((group) =>
      group.devices.map((device) => [
        core.devices[device]?.name.slice("0000:".length) ?? "",
        group.number,
      ]),
    ),
  );
};

describe("groups", () => {
  it("has recorded machines to compare with", () => {
    expect(RECORDED.length).toBeGreaterThanOrEqual(6);
  });

  it.each(RECORDED)("are those of $capture", ({ functions, groups }) => {
    expect(groupsOf(functions)).toEqual(groups);
  });

  const port: FunctionDescription = {
    name: "Port",
    address: "00:02.0",
    kind: "root port",
    vendor: 0x8086,
    device: 1,
    class: 0x060400,
    secondary: 1,
    subordinate: 1,
  };
  const below = (address: string, acs?: FunctionDescription["acs"]): FunctionDescription => ({
    name: address,
    address,
    kind: "endpoint",
    vendor: 0x8086,
    device: 2,
    class: 0x020000,
    ...(acs ? { acs } : {}),
  });

  it("join a port without ACS and what is below it", () => {
    expect(groupsOf([port, below("01:00.0")])).toEqual({ "00:02.0": 0, "01:00.0": 0 });
  });

  it("keep functions of one device together unless they have ACS", () => {
    const isolated: FunctionDescription = { ...port, acs: ["SV", "RR", "CR", "UF"] };
    expect(groupsOf([isolated, below("01:00.0"), below("01:00.1")])).toEqual({
      "00:02.0": 0,
      "01:00.0": 1,
      "01:00.1": 1,
    });
    const acs = ["SV", "RR", "CR", "UF"] as const;
    expect(groupsOf([isolated, below("01:00.0", acs), below("01:00.1", acs)])).toEqual({
      "00:02.0": 0,
      "01:00.0": 1,
      "01:00.1": 2,
    });
  });
});

describe("a group's files", () => {
  it("state type and reserved regions as sysfs does", () => {
    const { k, device } = kernelOn(UNITS.secondStage, "intel_iommu=on,sm_on", FUNCTIONS);
    const group = k.state.core.devices[device("0000:00:1d.0")]?.group ?? 0;
    expect(invoke<string>(k, "iommu_group_show_type", group)).toBe("DMA\n");
    expect(invoke<string>(k, "iommu_group_show_resv_regions", group)).toBe(
      "0x0000000000200000 0x0000000000201fff direct\n0x00000000fee00000 0x00000000feefffff msi\n",
    );
    expect(iommu_get_group_resv_regions(k, group).length).toBe(2);
  });

  it("state a name once the group has one", () => {
    const { k, device } = kernelOn(UNITS.secondStage, "intel_iommu=on", FUNCTIONS);
    const group = k.state.core.devices[device("0000:6a:01.0")]?.group ?? 0;
    const path = `/sys/kernel/iommu_groups/${k.state.iommu.groups[group]?.number}/name`;
    expect(path in k.state.core.nodes).toBe(false);
    expect(iommu_group_set_name(k, group, "accelerator")).toBe(0);
    expect(path in k.state.core.nodes).toBe(true);
    expect(invoke<string>(k, "iommu_group_show_name", group)).toBe("accelerator\n");
  });

  it("are not there without the driver", () => {
    const { k } = kernelOn(UNITS.secondStage, "", FUNCTIONS);
    expect(iommu_present(k, "pci")).toBe(false);
    expect(k.state.iommu.groups).toEqual({});
  });

  it("state identity when the command line asks for pass-through", () => {
    const { k, device } = kernelOn(UNITS.secondStage, "intel_iommu=on,sm_on iommu=pt", FUNCTIONS);
    const group = k.state.core.devices[device("0000:6a:01.0")]?.group ?? 0;
    expect(invoke<string>(k, "iommu_group_show_type", group)).toBe("identity\n");
  });
});
