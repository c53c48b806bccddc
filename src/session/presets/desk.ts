// A desktop: legacy mode, a graphics card behind a port without ACS, conventional cards behind a bridge, firmware that owns a range.
import type { MachineDescription } from "../document.ts";
import { ACTORS } from "./actors.ts";

const intel = (
  name: string,
  address: string,
  kind: "host bridge" | "endpoint" | "root port" | "root complex integrated endpoint",
  device: number,
  class_: number,
) => ({ name, address, kind, vendor: 0x8086, device, class: class_ });

export const DESK: MachineDescription = {
  platform: {
    title: "A desktop in legacy mode",
    haw: 39,
    unit: {
      version: "0x10",
      // 4-level second-stage tables, domain ids of 8 bits, one recording register.
      cap: "0x00d2008c40660462",
      // Queue, coherent walks, pass-through, interrupt remapping; no scalable mode.
      ecap: "0x0000000000f050da",
    },
    memory: [
      { start: "0x1000", length: "0x9f000" },
      { start: "0x7c000000", length: "0x100000" },
      { start: "0x100000000", length: "0x4000000" },
    ],
    functions: [
      intel("Host bridge", "00:00.0", "host bridge", 0x3ec2, 0x060000),
      {
        ...intel("Root port without ACS", "00:01.0", "root port", 0x1901, 0x060400),
        secondary: 1,
        subordinate: 1,
      },
      {
        name: "Graphics card",
        address: "01:00.0",
        kind: "endpoint",
        vendor: 0x10de,
        device: 0x1b80,
        class: 0x030000,
      },
      {
        name: "Audio of the graphics card",
        address: "01:00.1",
        kind: "endpoint",
        vendor: 0x10de,
        device: 0x10f0,
        class: 0x040300,
      },
      intel("USB controller", "00:14.0", "root complex integrated endpoint", 0xa36d, 0x0c0330),
      {
        ...intel("Root port with ACS", "00:1c.0", "root port", 0xa338, 0x060400),
        secondary: 2,
        subordinate: 2,
        acs: ["SV", "TB", "RR", "CR", "UF"],
      },
      intel("NIC", "02:00.0", "endpoint", 0x15b7, 0x020000),
      {
        ...intel("Root port of the bridge", "00:1d.0", "root port", 0xa330, 0x060400),
        secondary: 3,
        subordinate: 4,
        acs: ["SV", "TB", "RR", "CR", "UF"],
      },
      {
        name: "PCI bridge",
        address: "03:00.0",
        kind: "PCIe to PCI bridge",
        vendor: 0x12d8,
        device: 0xe111,
        class: 0x060400,
        secondary: 4,
        subordinate: 4,
      },
      {
        name: "Sound card",
        address: "04:00.0",
        kind: "conventional",
        vendor: 0x1102,
        device: 0x0007,
        class: 0x040100,
      },
      {
        name: "Serial card",
        address: "04:01.0",
        kind: "conventional",
        vendor: 0x1415,
        device: 0x9501,
        class: 0x070002,
      },
    ],
    reserved: [{ devices: ["00:14.0"], start: "0x7c000000", end: "0x7c01ffff" }],
  },
  commandLine: "intel_iommu=on",
  modules: ["vfio", "vfio_iommu_type1", "vfio_pci"],
  processes: ACTORS,
};
