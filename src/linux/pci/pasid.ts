// The PASID capability of a function (drivers/pci/ats.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import {
  EXT_CAP_ID,
  pci_find_ext_capability,
  pci_read_config,
  pci_write_config,
} from "./configuration.ts";

/** Bits of the capability and control registers: execute permission, privileged mode. */
export const PASID_EXEC = 2;
export const PASID_PRIV = 4;
const PASID_ENABLE = 1;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  exported: true,
  source: "drivers/pci/ats.c, v5.12",
});

const capabilityAt = (k: Kernel, device: number): number =>
  pci_find_ext_capability(k, device, EXT_CAP_ID.PASID);

/** Number of PASIDs that a function can carry, a power of two; -EINVAL without the capability. */
export const pci_max_pasids = define(
  about("pci_max_pasids"),
  (k: Kernel, device: number): number => {
    const at = capabilityAt(k, device);
    if (at === 0) return -ERRNO.EINVAL;
    return 2 ** ((pci_read_config(k, device, at + 4, 2) >> 8) & 0x1f);
  },
);

/** What it offers of PASID_EXEC and PASID_PRIV; -EINVAL without the capability. */
define(about("pci_pasid_features"), (k: Kernel, device: number): number => {
  const at = capabilityAt(k, device);
  if (at === 0) return -ERRNO.EINVAL;
  return pci_read_config(k, device, at + 4, 2) & (PASID_EXEC | PASID_PRIV);
});

/** 0, -EBUSY when it is on, -EINVAL without the capability or for features it has not. */
export const pci_enable_pasid = define(
  about("pci_enable_pasid"),
  (k: Kernel, device: number, features: number): number => {
    const found = k.state.core.pci[device];
    const at = capabilityAt(k, device);
    if (!found || at === 0) return -ERRNO.EINVAL;
    if (found.pasidEnabled) return -ERRNO.EBUSY;
    const offered = pci_read_config(k, device, at + 4, 2) & (PASID_EXEC | PASID_PRIV);
    if ((features & ~offered) !== 0) return -ERRNO.EINVAL;
    pci_write_config(k, device, at + 6, 2, PASID_ENABLE | features);
    found.pasidEnabled = true;
    return 0;
  },
);

export const pci_disable_pasid = define(
  about("pci_disable_pasid"),
  (k: Kernel, device: number): void => {
    const found = k.state.core.pci[device];
    const at = capabilityAt(k, device);
    if (!found?.pasidEnabled || at === 0) return;
    pci_write_config(k, device, at + 6, 2, 0);
    found.pasidEnabled = false;
  },
);
