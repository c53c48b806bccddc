// A server: one remapping unit in scalable mode with both stages, an accelerator with work queues, a NIC behind an ACS port.
import type { MachineDescription } from "../document.ts";
import { ACTORS } from "./actors.ts";

export const SERVER: MachineDescription = {
  platform: {
    title: "A server with an accelerator",
    haw: 46,
    unit: {
      version: "0x40",
      // 48-bit addresses, domain ids of 16 bits, eight recording registers, draining, 2 MiB and 1 GiB pages.
      cap: "0xc9d2078c506f0606",
      // Queue, coherent walks, scalable mode, PASIDs of 20 bits, first and second stage with dirty bits, RID_PASID.
      ecap: "0x0023ed9ca4f060df",
    },
    memory: [
      { start: "0x1000", length: "0x9f000" },
      { start: "0x100000000", length: "0x4000000" },
    ],
    functions: [
      {
        name: "Host bridge",
        address: "00:00.0",
        kind: "host bridge",
        vendor: 0x8086,
        device: 0x09a2,
        class: 0x060000,
      },
      {
        name: "Root port",
        address: "5d:00.0",
        kind: "root port",
        vendor: 0x8086,
        device: 0x347a,
        class: 0x060400,
        secondary: 0x5e,
        subordinate: 0x5e,
        acs: ["SV", "TB", "RR", "CR", "UF"],
      },
      {
        name: "NIC",
        address: "5e:00.0",
        kind: "endpoint",
        vendor: 0x8086,
        device: 0x1592,
        class: 0x020000,
      },
      {
        name: "Accelerator",
        address: "6a:01.0",
        kind: "root complex integrated endpoint",
        vendor: 0x8086,
        device: 0x0b25,
        class: 0x088000,
        pasidBits: 20,
        scalableIov: true,
        model: "accelerator",
        queues: 4,
      },
    ],
  },
  commandLine: "intel_iommu=on,sm_on iommu.strict=1",
  modules: ["vfio", "vfio_iommu_type1", "vfio_pci", "mdev", "vfio_mdev"],
  processes: ACTORS,
};
