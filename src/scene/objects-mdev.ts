// Objects of mediated devices: parents with their types, mdevs, and the work queues that mdevs get.
import { formatBdf } from "../base/bdf.ts";
import { pasidHex } from "../base/hex.ts";
import type { KernelState } from "../linux/kernel/state.ts";
import type { MdevDevice, MdevParent } from "../linux/mdev/tables.ts";
import type { DeviceQueue } from "../session/types.ts";
import { deviceName, groupLink, type KernelObject } from "./objects-parts.ts";
import { countWord } from "./words.ts";

export function parentObject(kernel: KernelState, parent: MdevParent): KernelObject {
  const name = deviceName(kernel, parent.device);
  const mdevs = Object.values(kernel.mdev.devices).filter((one) => one.parent === parent.id);
  const types = parent.types.flatMap((id) => kernel.mdev.types[id]?.name ?? []);
  return {
    id: `parent ${name}`,
    kind: "Parent",
    name: `parent ${name}`,
    note: `${countWord(types.length, "type")}, ${countWord(mdevs.length, "mdev")}`,
    facts: [
      ["driver", parent.operations],
      ["types", types.join(", ") || "none"],
      ["references", String(parent.references)],
    ],
    links: mdevs.map((one) => ({ as: "mdev", id: `mdev ${one.uuid}`, name: one.uuid })),
    parts: [],
  };
}

export function mdevObject(kernel: KernelState, mdev: MdevDevice): KernelObject {
  const parent = kernel.mdev.parents[mdev.parent];
  const type = kernel.mdev.types[mdev.type]?.name ?? "";
  const device = kernel.core.devices[mdev.device];
  const queue = kernel.parents.acceleratorMdevs[mdev.id];
  const pointer = mdev.iommuDevice === 0 ? "none" : deviceName(kernel, mdev.iommuDevice);
  return {
    id: `mdev ${mdev.uuid}`,
    kind: "Mediated device",
    name: `mdev ${mdev.uuid}`,
    note: [
      type,
      mdev.stage,
      mdev.iommuDevice === 0 ? "isolated by its driver" : `isolated by the IOMMU as ${pointer}`,
    ]
      .filter(Boolean)
      .join(", "),
    facts: [
      ["type", type],
      ["stage", mdev.stage],
      ["parent", deviceName(kernel, parent?.device ?? 0)],
      ["IOMMU device", pointer],
      ...(queue ? acceleratorWords(queue) : []),
      ["driver", device?.driver || "none"],
      ["references", String(device?.references ?? 0)],
    ],
    links: [
      ...groupLink(kernel, device?.group ?? 0, "group"),
      ...(parent
        ? [
            {
              as: "parent",
              id: `parent ${deviceName(kernel, parent.device)}`,
              name: deviceName(kernel, parent.device),
            },
          ]
        : []),
    ],
    parts: [],
  };
}

/** What the accelerator's driver keeps for an mdev. */
const acceleratorWords = (
  queue: KernelState["parents"]["acceleratorMdevs"][number],
): KernelObject["facts"] => [
  ["queue", `${queue.queue}${queue.enabled ? "" : ", off"}`],
  ["PASID in the queue", queue.pasid === 0 ? "none" : pasidHex(queue.pasid)],
  ["pages of its driver", countWord(queue.pages.length, "page")],
];

export function queueObject(kernel: KernelState, queue: DeviceQueue): KernelObject {
  const bdf = formatBdf(queue.function);
  const owner = Object.values(kernel.parents.acceleratorMdevs).find((one) => {
    const parent = kernel.mdev.parents[kernel.mdev.devices[one.mdev]?.parent ?? 0];
    return one.queue === queue.queue && deviceName(kernel, parent?.device ?? 0).endsWith(bdf);
  });
  const mdev = kernel.mdev.devices[owner?.mdev ?? 0];
  const pasid = queue.pasid === null ? "no PASID" : `PASID ${pasidHex(queue.pasid)}`;
  return {
    id: `queue ${bdf} ${queue.queue}`,
    kind: "Work queue",
    name: `queue ${queue.queue} of ${bdf}`,
    note: queue.enabled ? `on, ${pasid}` : "off",
    facts: [
      ["enabled", queue.enabled ? "yes" : "no"],
      ["kind", queue.dedicated ? "dedicated" : "shared"],
      ["PASID", queue.pasid === null ? "none" : pasidHex(queue.pasid)],
    ],
    links: mdev ? [{ as: "mdev", id: `mdev ${mdev.uuid}`, name: mdev.uuid }] : [],
    parts: [],
  };
}
