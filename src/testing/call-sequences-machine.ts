// The machine on which random calls run: everything a VMM can ask for, and functions that refuse to be assigned.

import type { MachineDescription } from "../session/document.ts";
import { SERVER } from "../session/presets/server.ts";
import { worldSource } from "../session/world/open-world.ts";
import { World } from "../session/world/world.ts";

/** Parent of mdevs; a function that can be assigned; one with a reserved range; two that cannot be told apart. */
export const DEVICES = {
  accelerator: "0000:6a:01.0",
  nic: "0000:5e:00.0",
  reserved: "0000:00:14.0",
  pair: ["0000:00:1f.0", "0000:00:1f.3"],
} as const;

const endpoint = { kind: "root complex integrated endpoint", vendor: 0x8086 } as const;

export const SEQUENCE_MACHINE: MachineDescription = {
  ...SERVER,
  platform: {
    ...SERVER.platform,
    functions: [
      ...SERVER.platform.functions,
      { ...endpoint, name: "USB", address: "00:14.0", device: 0xa12f, class: 0x0c0330 },
      { ...endpoint, name: "LPC", address: "00:1f.0", device: 0xa149, class: 0x060100 },
      { ...endpoint, name: "Audio", address: "00:1f.3", device: 0xa170, class: 0x040300 },
    ],
    reserved: [{ devices: ["00:14.0"], start: "0x7b800000", end: "0x7b803fff" }],
  },
  commandLine: "intel_iommu=on,sm_on iommu.strict=1 vfio_iommu_type1.dma_entry_limit=4",
  modules: [...SERVER.modules, "idxd", "dmatest", "mtty"],
  processes: [
    { name: "root", privileged: true },
    { name: "admin", privileged: true },
    { name: "vm-a", memoryLock: 64 },
    { name: "vm-b" },
  ],
};

/** A booted machine; `save` and `restore` of it bring every sequence back to this moment. */
export function openSequenceWorld(design: "D1" | "D2", seed = 1): World {
  const opened = worldSource({ machine: SEQUENCE_MACHINE, design, seed }).open("spec");
  if (!opened.ok) throw new Error(opened.problem.message);
  if (!(opened.value instanceof World)) throw new Error("A described machine is no world.");
  return opened.value;
}
