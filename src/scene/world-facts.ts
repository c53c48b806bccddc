// What the stage draws of a running kernel and its devices: functions, mdevs with their queues, groups, whose tables are
// whose, and who owns which page. Read from kernel records, device registers, page tags and the ledger of calls.

import { formatBdf } from "../base/bdf.ts";
import type { Pasid, RequesterId } from "../base/brand.ts";
import type { KernelState } from "../linux/kernel/state.ts";
import type { MdevDevice } from "../linux/mdev/tables.ts";
import type { AddressSpace, WorldPort } from "../session/types.ts";
import { type Owner, ownerAt, PLAIN_OWNER } from "./owners.ts";
import type { Selection } from "./selection.ts";
import { processTitle } from "./words.ts";

/** An IOMMU group: its number, and how many devices are in it. */
export interface GroupFact {
  readonly number: number;
  readonly devices: number;
}

export interface MdevFact {
  readonly uuid: string;
  /** Sysfs name of the type. */
  readonly type: string;
  /** Who keeps its DMA apart: the IOMMU by a PASID of its own, or the parent's driver. */
  readonly isolation: "iommu" | "vendor";
  /** Its queue, when the parent gives one; null: its parent does no DMA for it. */
  readonly queue: number | null;
  /** The queue is on. */
  readonly on: boolean;
  /** PASID in the queue's registers; null: none, or the queue is off. */
  readonly pasid: Pasid | null;
  readonly group: GroupFact | null;
  /** Process that has it open; null: nobody. */
  readonly process: string | null;
}

/** A PCI function, or a parent of mdevs that is none. */
export interface FunctionFact {
  /** NO_FUNCTION: not on PCI. */
  readonly requester: RequesterId;
  readonly name: string;
  readonly driver: string;
  readonly group: GroupFact | null;
  /** Registered as a parent of mdevs. */
  readonly parent: boolean;
  readonly mdevs: readonly MdevFact[];
}

export interface SpaceFact {
  readonly title: string;
  /** Process whose container maps it; null: the kernel's own. */
  readonly process: string | null;
}

export interface WorldFacts {
  readonly functions: readonly FunctionFact[];
  /** By physical address of the top table. */
  readonly spaces: ReadonlyMap<bigint, SpaceFact>;
  /** Processes that are drawn, in the order of the machine; the position is the owner. */
  readonly processes: readonly string[];
  /** Owner of each page that is not free, by page number. */
  readonly pages: ReadonlyMap<number, string>;
  readonly pinned: ReadonlySet<number>;
}

/** Stands for the requester id of a parent that is not on PCI. */
export const NO_FUNCTION = -1 as RequesterId;

export function worldFacts(world: WorldPort): WorldFacts {
  const { kernel, machine } = world;
  return {
    functions: functionsOf(world),
    spaces: new Map(
      Object.values(kernel.iommu.domains).flatMap((domain) =>
        domain.pgd === 0 ? [] : [[BigInt(domain.pgd), spaceFact(kernel, domain)] as const],
      ),
    ),
    processes: machine.processes.filter((one) => !one.privileged).map((one) => one.name),
    pages: world.pageOwners,
    pinned: new Set(Object.keys(kernel.core.pins).map(Number)),
  };
}

/** Processes draw with the owner of their position; all else is the kernel's. */
export function processOwner({ processes }: WorldFacts, process: string | null): Owner {
  const at = process === null ? -1 : processes.indexOf(process);
  return at < 0 ? PLAIN_OWNER : ownerAt(at);
}

/** What the kernel says about an address space of the tables; null: nothing. */
export const spaceFactOf = (facts: WorldFacts, space: AddressSpace): SpaceFact | null =>
  space.root === null ? null : (facts.spaces.get(space.root) ?? null);

function spaceFact(
  kernel: KernelState,
  domain: { readonly id: number; readonly type: string },
): SpaceFact {
  if (domain.type === "dma") return { title: "Default DMA domain", process: null };
  const type1 = Object.values(kernel.vfio.type1).find((one) =>
    one.domains.some((each) => each.domain === domain.id),
  );
  const process = type1 ? containerProcess(kernel, (one) => one.iommu === type1.id) : null;
  return { title: process === null ? "" : processTitle(process), process };
}

/** The process that holds a file of the container. */
function containerProcess(
  kernel: KernelState,
  wanted: (container: KernelState["vfio"]["containers"][number]) => boolean,
): string | null {
  for (const container of Object.values(kernel.vfio.containers)) {
    if (!wanted(container)) continue;
    const holds = (fops: string, object: number) =>
      (fops === "vfio container" && object === container.id) ||
      (fops === "vfio group" && container.groups.includes(object));
    const process = Object.values(kernel.core.processes).find((one) =>
      Object.values(one.files).some((id) => {
        const file = kernel.core.files[id];
        return file !== undefined && holds(file.fops, file.object);
      }),
    );
    if (process) return process.name;
  }
  return null;
}

function functionsOf(world: WorldPort): FunctionFact[] {
  const { kernel, machine } = world;
  const names = new Map(
    machine.platform.functions.map(({ address, name }) => [`0000:${address}`, name]),
  );
  const parents = Object.values(kernel.mdev.parents);
  const mdevsOf = (device: number, requester: RequesterId): MdevFact[] =>
    Object.values(kernel.mdev.devices)
      .filter((mdev) => kernel.mdev.parents[mdev.parent]?.device === device)
      .filter((mdev) => mdev.stage !== "reserved" && mdev.stage !== "deleted")
      .sort((a, b) => a.id - b.id)
      .map((mdev) => mdevFact(world, mdev, requester));
  const fact = (device: number, requester: RequesterId): FunctionFact => {
    const record = kernel.core.devices[device];
    return {
      requester,
      name: names.get(record?.name ?? "") ?? record?.name ?? "",
      driver: record?.driver ?? "",
      group: groupFact(kernel, record?.group ?? 0),
      parent: parents.some((one) => one.device === device),
      mdevs: mdevsOf(device, requester),
    };
  };
  const onPci = Object.values(kernel.core.pci).map((one) =>
    fact(one.device, one.requester as RequesterId),
  );
  const others = parents
    .filter((one) => kernel.core.pci[one.device] === undefined)
    .map((one) => fact(one.device, NO_FUNCTION));
  return [...onPci, ...others];
}

function groupFact(kernel: KernelState, id: number): GroupFact | null {
  const group = kernel.iommu.groups[id];
  return group ? { number: group.number, devices: group.devices.length } : null;
}

function mdevFact(world: WorldPort, mdev: MdevDevice, requester: RequesterId): MdevFact {
  const { kernel } = world;
  const record = kernel.parents.acceleratorMdevs[mdev.id];
  const queue = record
    ? world.queues.find((one) => one.function === requester && one.queue === record.queue)
    : undefined;
  const on = queue?.enabled === true;
  const group = kernel.core.devices[mdev.device]?.group ?? 0;
  return {
    uuid: mdev.uuid,
    type: kernel.mdev.types[mdev.type]?.name ?? "",
    isolation: mdev.iommuDevice === 0 ? "vendor" : "iommu",
    queue: record?.queue ?? null,
    on,
    pasid: on ? (queue?.pasid ?? null) : null,
    group: groupFact(kernel, group),
    process: processOfMdev(world, mdev.uuid, group),
  };
}

/** Who works with it by the ledger of calls, else whose container its group is in. */
function processOfMdev({ ledger, kernel }: WorldPort, uuid: string, group: number): string | null {
  const tenant = ledger.tenants.find((one) => one.mdev === uuid);
  if (tenant) return tenant.process;
  const own = Object.values(kernel.vfio.groups).find((one) => one.iommuGroup === group);
  if (!own || group === 0) return null;
  return containerProcess(kernel, (container) => container.groups.includes(own.id));
}

/** Groups by number, with the functions and mdevs in them. */
export function groupsOf(facts: WorldFacts | null): readonly {
  readonly number: number;
  readonly members: readonly { readonly name: string; readonly selection: Selection }[];
}[] {
  const groups = new Map<number, { name: string; selection: Selection }[]>();
  const add = (group: GroupFact | null, name: string, selection: Selection) => {
    if (!group) return;
    groups.set(group.number, [...(groups.get(group.number) ?? []), { name, selection }]);
  };
  for (const { requester, name, group, mdevs } of facts?.functions ?? []) {
    const bdf = requester === NO_FUNCTION ? "" : `${formatBdf(requester)} `;
    add(group, bdf + name, { kind: "requester", requester });
    for (const mdev of mdevs) {
      add(mdev.group, `mdev ${mdev.uuid}`, { kind: "object", id: `mdev ${mdev.uuid}` });
    }
  }
  return [...groups].sort(([a], [b]) => a - b).map(([number, members]) => ({ number, members }));
}

/** A UUID's first group, as people say it. */
export const shortUuid = (uuid: string): string => uuid.split("-")[0] ?? uuid;
