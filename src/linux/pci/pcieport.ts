// The driver of PCI Express ports: it does nothing that matters here, but a bound port counts for groups (drivers/pci/pcie/portdrv_pci.c, v5.12).
import { driver_register } from "../core/devices.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { EXP_TYPE, pci_set_master } from "./configuration.ts";

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/pci/pcie/portdrv_pci.c, v5.12",
});

const PORTS: readonly number[] = [EXP_TYPE.ROOT_PORT, EXP_TYPE.UPSTREAM, EXP_TYPE.DOWNSTREAM];

/** 0, or -ENODEV for what is no port. */
define(about("pcie_portdrv_probe"), (k: Kernel, device: number): number => {
  if (!PORTS.includes(k.state.core.pci[device]?.expressType ?? -1)) return -ERRNO.ENODEV;
  pci_set_master(k, device);
  return 0;
});

define(about("pcie_portdrv_remove"), (_k: Kernel, _device: number): void => {});

export const pcie_portdrv_init = defineSleeping(
  about("pcie_portdrv_init"),
  function* (k: Kernel): Sleep<number> {
    return yield* driver_register(k, {
      name: "pcieport",
      bus: "pci",
      module: "vmlinux",
      probe: "pcie_portdrv_probe",
      remove: "pcie_portdrv_remove",
      matches: ["*"],
    });
  },
);
