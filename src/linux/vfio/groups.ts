// VFIO groups: made with the first device of an IOMMU group, gone with the last device and the last file (vfio.c, v5.12).
import type { Kernel } from "../kernel/kernel.ts";
import type { VfioDevice, VfioGroup } from "./tables.ts";

/** vfio_group_get_from_iommu(): the VFIO group of an IOMMU group. */
export const groupOfIommuGroup = (k: Kernel, iommuGroup: number): VfioGroup | undefined =>
  Object.values(k.state.vfio.groups).find((group) => group.iommuGroup === iommuGroup);

/** vfio_group_get_from_dev(), and the vfio_device. */
export function deviceOf(
  k: Kernel,
  device: number,
): { readonly device: VfioDevice; readonly group: VfioGroup } | undefined {
  const found = Object.values(k.state.vfio.devices).find((record) => record.device === device);
  const group = found && k.state.vfio.groups[found.group];
  return found && group ? { device: found, group } : undefined;
}

/** Drivers whose devices do no DMA for a user: they do not spoil a group (vfio_driver_allowed). */
const ALLOWED_DRIVERS: readonly string[] = ["pci-stub"];
/** And the drivers of bridges, allowed for PCI. */
const ALLOWED_PCI_DRIVERS: readonly string[] = ["pcieport"];

/** vfio_group_viable(): every device of the IOMMU group is VFIO's, has an allowed driver, or has none. */
export function vfio_group_viable(k: Kernel, group: VfioGroup): boolean {
  const members = k.state.iommu.groups[group.iommuGroup]?.devices ?? [];
  return members.every((id) => {
    const device = k.state.core.devices[id];
    if (!device || device.driver === "" || ALLOWED_DRIVERS.includes(device.driver)) return true;
    if (device.bus === "pci" && ALLOWED_PCI_DRIVERS.includes(device.driver)) return true;
    return group.devices.some((mine) => k.state.vfio.devices[mine]?.device === id);
  });
}

/** vfio_group_add_container_user(): 0, or an error where the group cannot be used now. */
export function addContainerUser(k: Kernel, group: VfioGroup, EINVAL: number): number {
  const container = k.state.vfio.containers[group.container];
  if (group.users === 0 || !container || container.driver === "") return -EINVAL;
  if (!vfio_group_viable(k, group)) return -EINVAL;
  group.users++;
  return 0;
}
