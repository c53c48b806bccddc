// The driver against the hardware: what devices reach after each call, which entries and logs it leaves, and no leaks.
import { describe, expect, it } from "vitest";
import { iova as address, pasid as number } from "../../base/brand.ts";
import { run_timers } from "../core/timers.ts";
import {
  dma_alloc_coherent,
  dma_free_coherent,
  dma_map_page,
  dma_unmap_page,
} from "../iommu/dma.ts";
import {
  iommu_attach_device,
  iommu_detach_device,
  iommu_domain_alloc,
  iommu_domain_free,
  iommu_get_domain_for_dev,
} from "../iommu/domains.ts";
import {
  iommu_aux_attach_device,
  iommu_aux_detach_device,
  iommu_aux_get_pasid,
  iommu_dev_enable_feature,
  iommu_dev_has_feature,
} from "../iommu/features.ts";
import { iommu_map, iommu_unmap } from "../iommu/mapping.ts";
import { invoke } from "../kernel/kernel.ts";
import { dmar_fault_do_one } from "./fault.ts";
import { kernelOn, requester, type Setup, UNITS } from "./kernel.fixture.ts";

const ACCELERATOR = "0000:6a:01.0";
const RID = requester("6a:01.0");
const RW = 3;

const reaches = (setup: Setup, at: number, pasid: number | null): number | null => {
  const outcome = setup.machine.send(RID, {
    pasid: pasid === null ? null : number(pasid),
    access: "read",
    address: address(BigInt(at)),
    length: 8,
  });
  return outcome.ok ? Number(outcome.pieces[0]?.target ?? -1n) : null;
};

/** Everything that a call could leak. */
const holdings = ({ k, machine }: Setup) => ({
  domains: Object.keys(k.state.iommu.domains).length,
  ids: Object.keys(k.state.iommu.domainIds),
  pasids: { ...k.state.iommu.pasids },
  groups: Object.values(k.state.iommu.groups).map((g) => [
    g.domain === g.defaultDomain,
    g.references,
  ]),
  tables: [...machine.pageOwners().values()].filter((owner) => owner === "tables").length,
  cookies: Object.keys(k.state.iommu.cookies).length,
});

const busMaster = (setup: Setup) => setup.machine.writeConfiguration(RID, 4, 2, 6);

describe.each(["secondStage", "firstStage", "cachingMode"] as const)("a unit with %s", (name) => {
  const start = () => {
    const setup = kernelOn(UNITS[name]);
    busMaster(setup);
    return { ...setup, parent: setup.device(ACCELERATOR) };
  };

  it("boots with translation on and one default domain for each group", () => {
    const { k } = start();
    expect(Number(k.machine.readUnit(0x1c, 4)) >>> 31).toBe(1);
    for (const group of Object.values(k.state.iommu.groups)) {
      expect(group.domain).not.toBe(0);
      expect(k.state.iommu.domains[group.domain]?.type).toBe("dma");
    }
  });

  it("gives a part of a device its own PASID and takes it away again without a trace", () => {
    const setup = start();
    const { k, parent } = setup;
    expect(iommu_dev_has_feature(k, parent, "AUX")).toBe(true);
    expect(iommu_dev_enable_feature(k, parent, "AUX")).toBe(0);
    const before = holdings(setup);
    const whole = iommu_domain_alloc(k, "pci");
    expect(iommu_attach_device(k, whole, parent)).toBe(-1);
    iommu_domain_free(k, whole);

    const domain = iommu_domain_alloc(k, "pci");
    expect(iommu_aux_attach_device(k, domain, parent)).toBe(0);
    const pasid = iommu_aux_get_pasid(k, domain, parent);
    expect(pasid).toBe(1);
    expect(iommu_map(k, domain, 0x10_0000, 0x30_0000, 0x5000, RW)).toBe(0);
    expect(reaches(setup, 0x10_2008, pasid)).toBe(0x30_2008);
    expect(reaches(setup, 0x10_2008, null)).toBeNull();
    expect(reaches(setup, 0x10_2008, pasid + 1)).toBeNull();
    expect(iommu_unmap(k, domain, 0x10_0000, 0x5000)).toBe(0x5000);
    expect(reaches(setup, 0x10_2008, pasid)).toBeNull();

    iommu_map(k, domain, 0x10_0000, 0x30_0000, 0x1000, RW);
    expect(reaches(setup, 0x10_0000, pasid)).toBe(0x30_0000);
    iommu_aux_detach_device(k, domain, parent);
    expect(reaches(setup, 0x10_0000, pasid)).toBeNull();
    iommu_domain_free(k, domain);
    expect({ ...holdings(setup), tables: 0 }).toEqual({ ...before, tables: 0 });
    expect(holdings(setup).tables - before.tables).toBeLessThanOrEqual(2);
  });

  it("moves a whole device to an owner's domain and back", () => {
    const setup = start();
    const { k, parent } = setup;
    const before = holdings(setup);
    const domain = iommu_domain_alloc(k, "pci");
    expect(iommu_map(k, domain, 0x4000, 0x30_0000, 0x3000, RW)).toBe(0);
    expect(iommu_attach_device(k, domain, parent)).toBe(0);
    expect(reaches(setup, 0x5000, null)).toBe(0x30_1000);
    iommu_unmap(k, domain, 0x4000, 0x3000);
    expect(reaches(setup, 0x5000, null)).toBeNull();
    iommu_detach_device(k, domain, parent);
    iommu_domain_free(k, domain);
    expect(holdings(setup)).toEqual(before);
  });
});

describe("failures", () => {
  it("unwinds whatever allocation fails on the way to a mapped aux domain", () => {
    for (let ordinal = 1; ordinal < 40; ordinal++) {
      const setup = kernelOn(UNITS.secondStage);
      const { k } = setup;
      const parent = setup.device(ACCELERATOR);
      iommu_dev_enable_feature(k, parent, "AUX");
      const before = holdings(setup);
      setup.failing("allocation", [ordinal]);
      const domain = iommu_domain_alloc(k, "pci");
      if (domain !== 0 && iommu_aux_attach_device(k, domain, parent) === 0) {
        iommu_map(k, domain, 0x10_0000, 0x30_0000, 0x3000, RW);
        iommu_unmap(k, domain, 0x10_0000, 0x3000);
        iommu_aux_detach_device(k, domain, parent);
      }
      if (domain !== 0) iommu_domain_free(k, domain);
      const after = holdings(setup);
      expect({ ...after, tables: 0 }).toEqual({ ...before, tables: 0 });
      expect(after.tables - before.tables).toBeLessThanOrEqual(1);
    }
  });

  it("leaves a stale translation when an invalidation is lost", () => {
    const setup = kernelOn(UNITS.secondStage);
    busMaster(setup);
    const { k } = setup;
    const parent = setup.device(ACCELERATOR);
    iommu_dev_enable_feature(k, parent, "AUX");
    const domain = iommu_domain_alloc(k, "pci");
    iommu_aux_attach_device(k, domain, parent);
    iommu_map(k, domain, 0x10_0000, 0x30_0000, 0x1000, RW);
    expect(reaches(setup, 0x10_0000, 1)).toBe(0x30_0000);
    setup.failing("invalidation", [1]);
    iommu_unmap(k, domain, 0x10_0000, 0x1000);
    expect(reaches(setup, 0x10_0000, 1)).toBe(0x30_0000);
  });

  it("keeps a device with a reserved range from an owner", () => {
    const setup = kernelOn(UNITS.secondStage);
    const device = setup.device("0000:00:1d.0");
    const domain = iommu_domain_alloc(setup.k, "pci");
    expect(iommu_attach_device(setup.k, domain, device)).toBe(-1);
  });
});

describe("the DMA API", () => {
  it("gives memory that the device reaches until it is freed", () => {
    const setup = kernelOn(UNITS.secondStage, "intel_iommu=on,sm_on,strict");
    busMaster(setup);
    const { k } = setup;
    const parent = setup.device(ACCELERATOR);
    const memory = dma_alloc_coherent(k, parent, 4);
    expect(memory?.frames.length).toBe(4);
    const at = memory?.address ?? 0;
    expect(reaches(setup, at + 0x3000, null)).toBe((memory?.frames[3] ?? 0) * 4096);
    if (memory) dma_free_coherent(k, parent, memory);
    expect(reaches(setup, at + 0x3000, null)).toBeNull();
    for (const frame of memory?.frames ?? []) expect(setup.machine.ownerOf(frame)).toBe("free");
  });

  it("is the default domain that the device's group is on", () => {
    const { k, device } = kernelOn(UNITS.secondStage);
    const domain = iommu_get_domain_for_dev(k, device(ACCELERATOR));
    expect(k.state.iommu.domains[domain]?.type).toBe("dma");
  });

  it("flushes a full queue of 255 at once", () => {
    const setup = kernelOn(UNITS.secondStage);
    busMaster(setup);
    const { k } = setup;
    const parent = setup.device(ACCELERATOR);
    const first = dma_map_page(k, parent, 0x300, "both");
    expect(reaches(setup, first, null)).toBe(0x30_0000);
    dma_unmap_page(k, parent, first, "both");
    for (let n = 0; n < 254; n++) {
      dma_unmap_page(k, parent, dma_map_page(k, parent, 0x301, "both"), "both");
    }
    expect(reaches(setup, first, null)).toBe(0x30_0000);
    dma_unmap_page(k, parent, dma_map_page(k, parent, 0x301, "both"), "both");
    expect(reaches(setup, first, null)).toBeNull();
  });

  it("unmaps at once when strict", () => {
    const setup = kernelOn(UNITS.secondStage, "intel_iommu=on,sm_on,strict");
    busMaster(setup);
    const parent = setup.device(ACCELERATOR);
    const at = dma_map_page(setup.k, parent, 0x300, "both");
    expect(at).toBe(0xffff_f000);
    expect(reaches(setup, at, null)).toBe(0x30_0000);
    dma_unmap_page(setup.k, parent, at, "both");
    expect(reaches(setup, at, null)).toBeNull();
  });

  it("unmaps by a timer when lazy, and does not give the address out before", () => {
    const setup = kernelOn(UNITS.secondStage);
    busMaster(setup);
    const parent = setup.device(ACCELERATOR);
    const at = dma_map_page(setup.k, parent, 0x300, "both");
    expect(reaches(setup, at, null)).toBe(0x30_0000);
    dma_unmap_page(setup.k, parent, at, "both");
    expect(reaches(setup, at, null)).toBe(0x30_0000);
    expect(dma_map_page(setup.k, parent, 0x301, "both")).not.toBe(at);
    setup.machine.advance(10_000);
    run_timers(setup.k);
    expect(reaches(setup, at, null)).toBeNull();
    expect(dma_map_page(setup.k, parent, 0x302, "both")).toBe(at);
  });
});

const FAULT =
  /^DMAR: \[DMA (Read|Write)\] Request device \[[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\] PASID [0-9a-f]+ fault addr [0-9a-f]+ \[fault reason \d{2,3}\] \S/;

describe("the fault event", () => {
  it("prints the line of v5.12 and clears the record", () => {
    const setup = kernelOn(UNITS.secondStage);
    busMaster(setup);
    reaches(setup, 0x7000, null);
    setup.k.handleInterrupts();
    const lines = setup.k.state.log.map(({ text }) => text);
    expect(lines).toContain("DMAR: DRHD: handling fault status reg 2");
    const line = lines.find((text) => text.startsWith("DMAR: [DMA"));
    expect(line).toMatch(FAULT);
    expect(line).toContain("Request device [6a:01.0] PASID ffffffff fault addr 7000 [fault reason");
    expect(Number(setup.k.machine.readUnit(0x34, 4))).toBe(0);
  });

  it.each([
    [
      true,
      6,
      -1,
      0x0010,
      0x9c00_0000n,
      "DMAR: [DMA Read] Request device [00:02.0] PASID ffffffff fault addr 9c000000 [fault reason 06] PTE Read access is not set",
    ],
    [
      false,
      2,
      -1,
      0x0010,
      0n,
      "DMAR: [DMA Write] Request device [00:02.0] PASID ffffffff fault addr 0 [fault reason 02] Present bit in context entry is clear",
    ],
    [
      false,
      0x59,
      0x41,
      0x6a08,
      0x7000n,
      "DMAR: [DMA Write] Request device [6a:01.0] PASID 41 fault addr 7000 [fault reason 89] SM: Present bit in PASID Table Entry is clear",
    ],
  ])(
    "prints records as kernels of that age did (%#)",
    (isRead, reason, pasid, source, page, line) => {
      const { k } = kernelOn(UNITS.secondStage);
      dmar_fault_do_one(k, isRead, reason, pasid, source, page);
      expect(k.state.log.at(-1)?.text).toBe(line);
    },
  );

  it("prints at most ten lines in five seconds and clears every record", () => {
    const setup = kernelOn(UNITS.secondStage);
    busMaster(setup);
    for (let n = 0; n < 20; n++) {
      reaches(setup, 0x7000 + 0x1000 * n, null);
      setup.k.handleInterrupts();
    }
    const count = () => setup.k.state.log.filter(({ text }) => /^DMAR: (DRHD: h|\[DMA)/.test(text));
    expect(count().length).toBeLessThanOrEqual(10);
    setup.machine.advance(6_000_000);
    reaches(setup, 0x7000, null);
    setup.k.handleInterrupts();
    expect(setup.k.state.log.some(({ text }) => /^dmar_fault: \d+ callbacks/.test(text))).toBe(
      true,
    );
  });
});

describe("debugfs", () => {
  const show = (setup: Setup, name: string) => invoke<string>(setup.k, `${name}_show`, 0);

  it("prints tables in the form of v5.12", () => {
    const text = show(kernelOn(UNITS.secondStage), "dmar_translation_struct");
    const [first, heading, ...rows] = text.split("\n");
    expect(first).toMatch(/^IOMMU dmar0: Root Table Address: 0x[0-9a-f]+$/);
    expect(heading).toBe("B.D.F\tRoot_entry\t\t\t\tContext_entry\t\t\t\tPASID\tPASID_table_entry");
    const row =
      /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\t(0x[0-9a-f]{16}:0x[0-9a-f]{16}\t){2}\d+ *\t0x[0-9a-f]{16}:0x[0-9a-f]{16}:0x[0-9a-f]{16}$/;
    const filled = rows.filter((line) => line !== "");
    expect(filled.length).toBe(3);
    for (const line of filled) expect(line).toMatch(row);
    expect(text.endsWith("\n\n")).toBe(true);
  });

  it("prints legacy rows with PASID -1", () => {
    const text = show(kernelOn(UNITS.secondStage, "intel_iommu=on"), "dmar_translation_struct");
    expect(text).toMatch(/\t-1 {4}\t0x0{16}:0x0{16}:0x0{16}\n/);
  });

  it("prints every row of the queue and of a mapped page", () => {
    const setup = kernelOn(UNITS.secondStage);
    const at = dma_map_page(setup.k, setup.device(ACCELERATOR), 0x300, "both");
    const page = `0x${(at / 4096).toString(16).padStart(13, "0")} |`;
    expect(show(setup, "domain_translation_struct")).toContain(page);
    expect(show(setup, "invalidation_queue").split("\n").length).toBe(3 + 256 + 2);
  });
});
