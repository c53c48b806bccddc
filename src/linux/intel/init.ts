// Start of the Intel driver: invalidation queue, root table, fault event, sysfs, PCI under the unit, translation on
// (drivers/iommu/intel/iommu.c, v5.12). The command line turns the driver on, `intel_iommu=on`, and scalable mode,
// `intel_iommu=on,sm_on`.

import { bootParameter } from "../core/command-line.ts";
import { alloc_page } from "../core/pages.ts";
import { sysfs_create_attribute, sysfs_create_dir, sysfs_create_link } from "../core/sysfs.ts";
import { bare } from "../iommu/print.ts";
import { bus_set_iommu } from "../iommu/probe.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import "./aux.ts";
import "./attach.ts";
import "../iommu/features.ts";
import "../iommu/topology.ts";
import { createDebugFiles } from "./debugfs.ts";
import { dmar_fault, dmar_set_interrupt } from "./fault.ts";
import { dmar_enable_qi, qi_flush_context, qi_flush_iotlb } from "./queue.ts";
import {
  COMMAND,
  capabilities,
  command,
  flushWriteBuffer,
  PAGE,
  REGISTER,
  read32,
} from "./unit.ts";

/** RTADDR: scalable-mode tables. */
const SCALABLE_TABLES = 0x400n;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/iommu.c, v5.12",
});

const raw = (k: Kernel, offset: number): string => bare(k.machine.readUnit(offset, 8));

const version = (k: Kernel): string => {
  const value = read32(k, REGISTER.VER);
  return `${(value >> 4) & 0xf}:${value & 0xf}`;
};

function readOptions(k: Kernel): boolean {
  const { iommu } = k.state;
  const asked = bootParameter(k, "intel_iommu");
  const general = bootParameter(k, "iommu");
  iommu.strict = asked.includes("strict") || bootParameter(k, "iommu.strict").includes("1");
  iommu.passthrough = general.includes("pt") || bootParameter(k, "iommu.passthrough").includes("1");
  iommu.scalable = asked.includes("sm_on") && capabilities(k).smts;
  return asked.includes("on") && !asked.includes("off") && !general.includes("off");
}

/** What dmar_table_init() and the parsing of firmware tables print. */
function announce(k: Kernel): void {
  k.log("DMAR: IOMMU enabled");
  if (k.state.iommu.scalable) k.log("DMAR: Enable scalable mode if hardware supports");
  const base = k.machine.firmware.unitBase.toString(16);
  k.log(`DMAR: DRHD base: 0x${base.padStart(12, "0")} flags: 0x0`);
  k.log(
    `DMAR: dmar0: reg_base_addr ${base} ver ${version(k)} cap ${raw(k, REGISTER.CAP)} ecap ${raw(k, REGISTER.ECAP)}`,
  );
  const { reserved } = k.machine.firmware;
  for (const { start, end } of reserved) {
    const digits = (value: bigint) => `0x${value.toString(16).padStart(14, "0")}`;
    k.log(`DMAR: RMRR base: ${digits(start)} end: ${digits(end)}`);
  }
  if (reserved.length === 0) k.log("DMAR: No RMRR found");
  k.log("DMAR: No ATSR found");
  const type = k.state.iommu.passthrough ? "Passthrough" : "Translated";
  k.log(`iommu: Default domain type: ${type} `);
}

/** Points the unit at an empty root table, and drops what it may have cached. 0 or -ENOMEM. */
export const iommu_set_root_entry = define(about("iommu_set_root_entry"), (k): number => {
  const frame = alloc_page(k, "tables");
  if (frame < 0) return frame;
  const { iommu } = k.state;
  iommu.rootTable = frame * PAGE;
  const mode = iommu.scalable ? SCALABLE_TABLES : 0n;
  k.machine.writeUnit(REGISTER.RTADDR, 8, BigInt(iommu.rootTable) | mode);
  command(k, COMMAND.SRTP);
  qi_flush_context(k, "global", 0, 0);
  qi_flush_iotlb(k, "global", 0);
  return 0;
});

/** Queue, root table, fault event. 0 or an error. */
export const init_dmars = define(about("init_dmars"), (k): number => {
  dmar_fault(k);
  const queued = dmar_enable_qi(k);
  if (queued < 0) return queued;
  k.log("DMAR: dmar0: Using Queued invalidation");
  flushWriteBuffer(k);
  const rooted = iommu_set_root_entry(k);
  if (rooted < 0) return rooted;
  return dmar_set_interrupt(k);
});

const UNIT = "/sys/devices/virtual/iommu/dmar0";

const ATTRIBUTES = [
  "version",
  "address",
  "cap",
  "ecap",
  "domains_supported",
  "domains_used",
] as const;

/** iommu_device_sysfs_add(). */
function createSysfs(k: Kernel): void {
  sysfs_create_dir(k, UNIT);
  sysfs_create_dir(k, `${UNIT}/devices`);
  for (const name of ATTRIBUTES) {
    sysfs_create_attribute(k, `${UNIT}/intel-iommu/${name}`, {
      mode: "0444",
      show: "intel_iommu_show",
      argument: name,
    });
  }
  sysfs_create_link(k, "/sys/class/iommu/dmar0", UNIT);
}

define(about("intel_iommu_show"), (k, name: (typeof ATTRIBUTES)[number]): string => {
  switch (name) {
    case "version":
      return `${version(k)}\n`;
    case "address":
      return `${k.machine.firmware.unitBase.toString(16)}\n`;
    case "cap":
      return `${raw(k, REGISTER.CAP)}\n`;
    case "ecap":
      return `${raw(k, REGISTER.ECAP)}\n`;
    case "domains_supported":
      return `${2 ** (4 + 2 * capabilities(k).nd)}\n`;
    case "domains_used": {
      const taken = Object.keys(k.state.iommu.domainIds).length;
      return `${taken + (k.state.iommu.scalable ? 2 : 1)}\n`;
    }
  }
});

/** Starts the driver: 0, or an error that leaves translation off. Bus "pci" and its devices are there before. */
export const intel_iommu_init = define(about("intel_iommu_init"), (k): number => {
  if (!readOptions(k)) return 0;
  announce(k);
  const started = init_dmars(k);
  if (started < 0) return started;
  const { iommu } = k.state;
  if (!iommu.strict && capabilities(k).cm) {
    k.log("DMAR: IOMMU batching is disabled due to virtualization");
    iommu.strict = true;
  }
  createSysfs(k);
  createDebugFiles(k);
  const placed = bus_set_iommu(k, "pci", "intel");
  if (placed < 0) return placed;
  command(k, COMMAND.TE);
  k.log("DMAR: Intel(R) Virtualization Technology for Directed I/O");
  return 0;
});
