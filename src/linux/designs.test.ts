// Designs name functions that exist, and say of each export of interest who calls it in the kernel tree.
import { describe, expect, it } from "vitest";
import { DESIGNS, exportsByModule, TREE_CALLERS, treeCallers } from "./designs.ts";
import { registeredSymbols } from "./kernel/kernel.ts";
import "./mdev/pointer.ts";
import "./parents/modules.ts";

describe("designs", () => {
  it("replace functions that are defined", () => {
    for (const design of Object.values(DESIGNS)) {
      for (const symbol of design.replaces.keys()) {
        expect(registeredSymbols().has(symbol), `${design.id} ${symbol}`).toBe(true);
      }
    }
    expect(DESIGNS.D1.replaces.size).toBe(0);
    expect(DESIGNS.D2.replaces.size).toBe(1);
  });

  it("say in words where they depart from the kernel of their time", () => {
    for (const { departures } of Object.values(DESIGNS)) {
      expect(departures.length).toBeGreaterThan(0);
      expect(departures.filter((line) => !/^[A-Zm].*\.$/.test(line))).toEqual([]);
    }
  });
});

describe("callers in the kernel tree", () => {
  it("have a source each, and no symbol twice", () => {
    expect(new Set(TREE_CALLERS.map(({ symbol }) => symbol)).size).toBe(TREE_CALLERS.length);
    expect(TREE_CALLERS.filter(({ source }) => source.where === "" || source.says === "")).toEqual(
      [],
    );
  });

  it("are none for the setter, the PASID of an auxiliary domain and the enabling of AUX", () => {
    for (const symbol of [
      "mdev_set_iommu_device",
      "iommu_aux_get_pasid",
      "iommu_dev_enable_feature",
      "vfio_group_iommu_domain",
    ]) {
      expect(treeCallers(symbol)?.callers, symbol).toEqual([]);
    }
    expect(treeCallers("mdev_get_iommu_device")?.callers).toHaveLength(1);
    expect(treeCallers("kmalloc")).toBeUndefined();
  });

  it("are told of symbols that the model exports", () => {
    const exported = [...exportsByModule().values()].flat().map(({ symbol }) => symbol);
    const functions = TREE_CALLERS.filter(({ symbol }) => !symbol.endsWith("_bus_type"));
    expect(functions.filter(({ symbol }) => !exported.includes(symbol))).toEqual([]);
    expect(
      exportsByModule()
        .get("mdev")
        ?.map(({ symbol }) => symbol),
    ).toContain("mdev_set_iommu_device");
  });
});
