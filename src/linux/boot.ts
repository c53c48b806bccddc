// From power-on to the first system call: file systems, PCI, the IOMMU, built-in drivers, modules, processes (init/main.c, v5.12).
import "./core/driver-files.ts";
import "./intel/init.ts";
import "./parents/modules.ts";
import "./pci/pcieport.ts";
import "./vfio/modules.ts";
import { bootParameter, moduleBootParameters } from "./core/command-line.ts";
import { bus_register } from "./core/devices.ts";
import { handleInterrupt } from "./core/interrupts.ts";
import { createProcess, type NewProcess } from "./core/processes.ts";
import { load_module, modulesToLoad } from "./core/symbols.ts";
import { sysfs_create_attribute, sysfs_create_dir } from "./core/sysfs.ts";
import { intel_iommu_init } from "./intel/init.ts";
import { define, type Kernel } from "./kernel/kernel.ts";
import type { Sleep } from "./kernel/scheduler.ts";
import { pci_subsys_init } from "./pci/enumeration.ts";
import { pcie_portdrv_init } from "./pci/pcieport.ts";

export { handleInterrupt };

export interface BootOptions {
  /** "intel_iommu=on,sm_on iommu.strict=1". */
  readonly commandLine: string;
  /** Loaded in this order, each with what it needs. */
  readonly modules: readonly string[];
  readonly processes: readonly NewProcess[];
}

const DIRECTORIES = [
  "/dev/vfio",
  "/proc",
  "/sys/bus",
  "/sys/class/iommu",
  "/sys/devices/virtual",
  "/sys/kernel/debug",
  "/sys/kernel/iommu_groups",
  "/sys/module",
];

/** Boots: runs until nothing is left to do. Problems of modules are lines of the log, as on a real machine. */
export function boot(k: Kernel, options: BootOptions): void {
  k.state.core.commandLine = options.commandLine;
  k.scheduler.start("boot", start(k, options), () => {});
  k.scheduler.run(k);
}

function* start(k: Kernel, options: BootOptions): Sleep<number> {
  k.log("Linux version 5.12.0");
  k.log(`Command line: ${options.commandLine}`);
  for (const path of DIRECTORIES) sysfs_create_dir(k, path);
  sysfs_create_attribute(k, "/proc/cmdline", { mode: "0444", show: "cmdline_proc_show" });
  sysfs_create_attribute(k, "/proc/modules", { mode: "0444", show: "modules_proc_show" });

  bus_register(k, { name: "pci", module: "vmlinux", iommuOps: "" });
  yield* pci_subsys_init(k, bootParameter(k, "intel_iommu").includes("on"));
  const iommu = intel_iommu_init(k);
  if (iommu < 0) k.log(`DMAR: Initialization failed: ${iommu}`);
  yield* pcie_portdrv_init(k);

  for (const wanted of options.modules) yield* modprobe(k, wanted);
  for (const process of options.processes) createProcess(k, process);
  return 0;
}

/** Loads a module and, before it, the modules that it needs. */
function* modprobe(k: Kernel, wanted: string): Sleep<void> {
  const names = modulesToLoad(k, wanted);
  if (names.length === 0 && !(wanted in k.state.core.modules)) {
    k.log(`modprobe: module ${wanted} not found`);
  }
  for (const name of names) {
    const result = yield* load_module(k, name, moduleBootParameters(k, name));
    if (result < 0) k.log(`modprobe: could not insert ${name}: ${result}`);
  }
}

const about = (symbol: string, source: string) => ({ symbol, module: "vmlinux", source });

define(
  about("cmdline_proc_show", "fs/proc/cmdline.c, v5.12"),
  (k: Kernel): string => `${k.state.core.commandLine}\n`,
);

/** What lsmod reads: name, size (not modelled), use count. */
define(about("modules_proc_show", "kernel/module.c, v5.12"), (k: Kernel): string =>
  Object.values(k.state.core.modules)
    .map(({ name, references, state }) => {
      const shown = state === "live" ? "Live" : state === "coming" ? "Loading" : "Unloading";
      return `${name} 16384 ${references} - ${shown} 0x0000000000000000\n`;
    })
    .join(""),
);
