// The desktop with the sample driver whose mdevs are made of software alone: serial ports from a shared pool.
import type { MachineDescription } from "../document.ts";
import { DESK } from "./desk.ts";

export const SAMPLES: MachineDescription = {
  ...DESK,
  platform: { ...DESK.platform, title: "Serial ports made of software" },
  modules: ["vfio", "vfio_iommu_type1", "mdev", "vfio_mdev", "mtty"],
};
