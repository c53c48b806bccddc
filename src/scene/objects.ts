// What the kernel holds: processes with what they have open, containers, groups, domains, mdevs, queues. Read from its tables.
import { plainHex } from "../base/hex.ts";
import type { Domain } from "../linux/iommu/tables.ts";
import type { KernelState } from "../linux/kernel/state.ts";
import type { WorldPort } from "../session/types.ts";
import { mdevObject, parentObject, queueObject } from "./objects-mdev.ts";
import {
  deviceLink,
  deviceName,
  domainKey,
  domainLink,
  type KernelObject,
} from "./objects-parts.ts";
import { containerObject, openFiles } from "./objects-vfio.ts";
import { countWord } from "./words.ts";

export interface ObjectGroup {
  readonly id: string;
  readonly title: string;
  readonly objects: readonly KernelObject[];
  /** What makes the first one appear. */
  readonly empty: string;
}

export type Reading = Pick<WorldPort, "kernel" | "queues" | "waiting">;

export function objectGroups(world: Reading): readonly ObjectGroup[] {
  const { kernel } = world;
  return [
    {
      id: "processes",
      title: "Processes",
      objects: Object.values(kernel.core.processes).map((one) => processObject(kernel, one)),
      empty: "No process runs. Start a VM.",
    },
    {
      id: "containers",
      title: "Containers",
      objects: Object.values(kernel.vfio.containers).map((one) => containerObject(kernel, one)),
      empty: "No container is open. Assign a device to a VM.",
    },
    {
      id: "groups",
      title: "Groups",
      objects: Object.values(kernel.iommu.groups).map((one) => groupObject(kernel, one.id)),
      empty: "No device is in a group yet.",
    },
    {
      id: "domains",
      title: "Domains",
      objects: Object.values(kernel.iommu.domains).map((one) => domainObject(kernel, one)),
      empty: "No domain exists.",
    },
    {
      id: "mdevs",
      title: "Mediated devices",
      objects: [
        ...Object.values(kernel.mdev.parents).map((one) => parentObject(kernel, one)),
        ...Object.values(kernel.mdev.devices).map((one) => mdevObject(kernel, one)),
      ],
      empty: "No parent is registered. Load the driver of the parent, then create an mdev.",
    },
    {
      id: "queues",
      title: "Work queues",
      objects: world.queues.map((queue) => queueObject(kernel, queue)),
      empty: "The machine has no device with work queues.",
    },
    {
      id: "modules",
      title: "Modules",
      objects: Object.values(kernel.core.modules).map(moduleObject),
      empty: "No module is loaded.",
    },
    {
      id: "waiting",
      title: "Calls that wait",
      objects: world.waiting.map(waitingObject),
      empty: "No call waits inside the kernel.",
    },
  ];
}

/** The object with this id, at whatever depth; null when it does not exist now. */
export function findObject(groups: readonly ObjectGroup[], id: string): KernelObject | null {
  const among = (objects: readonly KernelObject[]): KernelObject | null => {
    for (const one of objects) {
      const found = one.id === id ? one : among(one.parts);
      if (found) return found;
    }
    return null;
  };
  return among(groups.flatMap((group) => group.objects));
}

function processObject(
  kernel: KernelState,
  process: KernelState["core"]["processes"][number],
): KernelObject {
  const open = Object.keys(process.files).length;
  const pages = process.ranges.reduce((sum, range) => sum + range.frames.length, 0);
  return {
    id: `process ${process.name}`,
    kind: "Process",
    name: process.name,
    note: process.exited
      ? "has ended"
      : `${countWord(open, "open file")}, ${countWord(pages, "page")} of memory`,
    facts: [
      ["memory", countWord(pages, "page")],
      ["locked", `${countWord(process.lockedPages, "page")} of ${process.memoryLimit / 4096}`],
      ["privileged", process.privileged ? "yes" : "no"],
      ...process.ranges.map(
        (range) =>
          [
            plainHex(range.start),
            range.window ? "window into a device" : countWord(range.frames.length, "page"),
          ] as const,
      ),
    ],
    links: [],
    parts: openFiles(kernel, process),
  };
}

function groupObject(kernel: KernelState, id: number): KernelObject {
  const group = kernel.iommu.groups[id];
  const vfio = Object.values(kernel.vfio.groups).find((one) => one.iommuGroup === id);
  const names = (group?.devices ?? []).map((device) => deviceName(kernel, device));
  const held = vfio?.container ? "held through a container" : vfio?.opened ? "open" : "";
  return {
    id: `group ${group?.number}`,
    kind: "Group",
    name: `group ${group?.number}`,
    note: [names.join(", "), held].filter(Boolean).join(", "),
    facts: [
      ["devices", names.length === 0 ? "none" : names.join(", ")],
      ...(group?.name ? ([["name", group.name]] as const) : []),
      ...(group?.domain ? [] : ([["domain", "none: the core knows of no attachment"]] as const)),
      ...(vfio ? ([["container users", String(vfio.users)]] as const) : []),
    ],
    links: [
      ...domainLink(kernel, group?.domain ?? 0, "domain"),
      ...domainLink(kernel, group?.defaultDomain ?? 0, "default domain"),
      ...(group?.devices ?? []).flatMap((device) => deviceLink(kernel, device, "device")),
      ...(vfio?.container
        ? [
            {
              as: "container",
              id: `container ${vfio.container}`,
              name: `container ${vfio.container}`,
            },
          ]
        : []),
    ],
    parts: [],
  };
}

const DOMAIN_WORD: Readonly<Record<Domain["type"], string>> = {
  blocked: "blocked",
  identity: "pass-through",
  unmanaged: "of VFIO",
  dma: "of the DMA API",
};

function domainObject(kernel: KernelState, domain: Domain): KernelObject {
  const aux = Object.keys(domain.subdevices).map(Number);
  const users = [
    ...domain.devices.map((device) => deviceName(kernel, device)),
    ...aux.map((device) => `${deviceName(kernel, device)} with a PASID`),
  ];
  return {
    id: domainKey(domain),
    kind: "Domain",
    name: domain.domainId >= 0 ? `domain ${domain.domainId}` : "domain, attached nowhere",
    note: `${DOMAIN_WORD[domain.type]}, ${countWord(domain.mappedPages, "page")} mapped`,
    facts: [
      ["type", DOMAIN_WORD[domain.type]],
      ["tables", domain.firstLevel ? "first-stage" : "second-stage"],
      ["top table", domain.pgd === 0 ? "none" : plainHex(domain.pgd)],
      ["levels", String(domain.levels)],
      ["attached", users.length === 0 ? "nowhere" : users.join(", ")],
      ["default PASID", domain.defaultPasid === 0 ? "none" : plainHex(domain.defaultPasid, 3)],
      ["pages of tables", String(domain.tables.length)],
    ],
    links: [...domain.devices, ...aux].flatMap((device) => deviceLink(kernel, device, "device")),
    parts: [],
  };
}

function moduleObject(module: KernelState["core"]["modules"][string]): KernelObject {
  return {
    id: `module ${module.name}`,
    kind: "Module",
    name: module.name,
    note: `${module.state}, used ${module.references} times`,
    facts: [
      ["state", module.state],
      ["used", `${module.references} times`],
      ...Object.entries(module.parameters),
    ],
    links: [],
    parts: [],
  };
}

const waitingObject = (one: WorldPort["waiting"][number]): KernelObject => ({
  id: `task ${one.task}`,
  kind: "Call",
  name: one.name,
  note: `waits at ${one.point}`,
  facts: [["waits at", one.point]],
  links: [],
  parts: [],
});
