// Who acts on the machines: root's shell and the VMMs of two VMs.
import type { ProcessDescription } from "../document.ts";

export const ACTORS: readonly ProcessDescription[] = [
  { name: "root", privileged: true },
  { name: "vm-a" },
  { name: "vm-b" },
];
