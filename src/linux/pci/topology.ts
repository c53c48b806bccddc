// Who is above whom, what isolates functions from each other, and which requester ids a function has (drivers/pci/pci.c, search.c, v5.12).
import { define, type Kernel } from "../kernel/kernel.ts";
import {
  EXP_TYPE,
  EXT_CAP_ID,
  pci_find_ext_capability,
  pci_read_config,
  pci_write_config,
} from "./configuration.ts";

/** Bits of the ACS control register. */
export const ACS = {
  SV: 0x01,
  TB: 0x02,
  RR: 0x04,
  CR: 0x08,
  UF: 0x10,
  EC: 0x20,
  DT: 0x40,
} as const;

/** What the IOMMU core wants of a path (REQ_ACS_FLAGS). */
export const REQ_ACS_FLAGS = ACS.SV | ACS.RR | ACS.CR | ACS.UF;

/** A requester id under which a device's requests may arrive, and the device that gives it. */
export interface DmaAlias {
  readonly device: number;
  readonly requester: number;
}

/** Device id of the bridge above; 0: the device is on a root bus. */
export const pci_upstream_bridge = (k: Kernel, device: number): number =>
  k.state.core.pci[device]?.bridge ?? 0;

/** Whether a device keeps its own requests apart by all of `flags`. */
export const pci_acs_enabled = define(
  { symbol: "pci_acs_enabled", module: "vmlinux", source: "drivers/pci/pci.c, v5.12" },
  (k: Kernel, device: number, flags: number): boolean => {
    const found = k.state.core.pci[device];
    switch (found?.expressType) {
      case EXP_TYPE.ROOT_PORT:
      case EXP_TYPE.DOWNSTREAM:
        return flagsEnabled(k, device, flags);
      case EXP_TYPE.ENDPOINT:
      case EXP_TYPE.LEG_END:
      case EXP_TYPE.UPSTREAM:
      case EXP_TYPE.RC_END:
        return found.multifunction ? flagsEnabled(k, device, flags) : true;
      default:
        return false;
    }
  },
);

/** Whether all devices from `start` up to the root, or to `end` (0: the root), keep requests apart. */
export function pci_acs_path_enabled(
  k: Kernel,
  start: number,
  end: number,
  flags: number,
): boolean {
  for (let device = start; ; device = pci_upstream_bridge(k, device)) {
    if (!pci_acs_enabled(k, device, flags)) return false;
    const above = pci_upstream_bridge(k, device);
    if (above === 0) return end === 0;
    if (device === end) return true;
  }
}

/** The device itself, then every bridge on the way up that puts its own id on requests; the last one is what arrives. */
export function pci_for_each_dma_alias(k: Kernel, device: number): readonly DmaAlias[] {
  const found = k.state.core.pci[device];
  if (!found) return [];
  const aliases: DmaAlias[] = [{ device, requester: found.requester }];
  for (let above = found.bridge; above !== 0; above = pci_upstream_bridge(k, above)) {
    const bridge = k.state.core.pci[above];
    if (!bridge) break;
    switch (bridge.expressType) {
      case EXP_TYPE.ROOT_PORT:
      case EXP_TYPE.UPSTREAM:
      case EXP_TYPE.DOWNSTREAM:
        break;
      case EXP_TYPE.PCI_BRIDGE:
        aliases.push({ device: above, requester: bridge.secondary << 8 });
        break;
      default:
        aliases.push({ device: above, requester: bridge.requester });
    }
  }
  return aliases;
}

/** Turns on what a device offers of source validation, request and completion redirection and upstream forwarding. */
export const pci_enable_acs = define(
  { symbol: "pci_enable_acs", module: "vmlinux", source: "drivers/pci/pci.c, v5.12" },
  (k: Kernel, device: number): void => {
    const at = pci_find_ext_capability(k, device, EXT_CAP_ID.ACS);
    if (at === 0) return;
    const offered = pci_read_config(k, device, at + 4, 2);
    const before = pci_read_config(k, device, at + 6, 2);
    const after = before | (offered & REQ_ACS_FLAGS);
    if (after !== before) pci_write_config(k, device, at + 6, 2, after);
  },
);

function flagsEnabled(k: Kernel, device: number, flags: number): boolean {
  const at = pci_find_ext_capability(k, device, EXT_CAP_ID.ACS);
  if (at === 0) return false;
  // A control that is not offered is taken for one that is not needed, egress control excepted.
  const wanted = flags & (pci_read_config(k, device, at + 4, 2) | ACS.EC);
  return (pci_read_config(k, device, at + 6, 2) & wanted) === wanted;
}
