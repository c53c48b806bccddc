import { describe, expect, it } from "vitest";
import type { RequesterId } from "../base/brand.ts";
import { emptyState, type KernelState } from "../linux/kernel/state.ts";
import { findObject, objectGroups } from "./objects.ts";

const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

/** One process with a container of one mdev group, as much of each record as the panel reads. */
function state(): KernelState {
  const kernel = emptyState();
  const tables = {
    core: {
      devices: {
        2: { id: 2, name: "0000:6a:01.0", group: 3, references: 2 },
        9: { id: 9, name: UUID, driver: "vfio_mdev", group: 4, references: 3 },
      },
      processes: {
        5: {
          id: 5,
          name: "vm-a",
          memoryLimit: 65536,
          lockedPages: 4,
          privileged: false,
          files: { 3: 20, 4: 21 },
          ranges: [{ start: 0x7000_0000, pages: 4, frames: [1, 2, 3, 4], window: null }],
          exited: false,
        },
      },
      files: {
        20: { id: 20, fops: "vfio container", path: "/dev/vfio/vfio", object: 30, references: 1 },
        21: { id: 21, fops: "vfio group", path: "/dev/vfio/31", object: 31, references: 1 },
      },
      modules: { mdev: { name: "mdev", parameters: {}, references: 1, state: "live" } },
    },
    iommu: {
      groups: {
        3: { id: 3, number: 14, devices: [2], domain: 6, defaultDomain: 6, name: "" },
        4: { id: 4, number: 31, devices: [9], domain: 0, defaultDomain: 0, name: "" },
      },
      domains: {
        6: {
          id: 6,
          type: "dma",
          firstLevel: false,
          pgd: 0x1000,
          levels: 4,
          domainId: 2,
          defaultPasid: 0,
          devices: [2],
          subdevices: {},
          tables: [1],
          mappedPages: 2,
        },
        7: {
          id: 7,
          type: "unmanaged",
          firstLevel: false,
          pgd: 0x2000,
          levels: 4,
          domainId: 7,
          defaultPasid: 0x41,
          devices: [],
          subdevices: { 2: 1 },
          tables: [1],
          mappedPages: 4,
        },
      },
    },
    vfio: {
      groups: { 31: { id: 31, iommuGroup: 4, container: 30, opened: true, devices: [], users: 1 } },
      containers: { 30: { id: 30, groups: [31], driver: "type1", iommu: 40, references: 2 } },
      type1: {
        40: {
          id: 40,
          v2: true,
          domains: [{ domain: 7, groups: [{ iommuGroup: 4, mdevGroup: true }] }],
          externalDomain: null,
          mappings: [
            {
              iova: 0,
              vaddr: 0x7000_0000,
              size: 0x4000,
              read: true,
              write: true,
              process: 5,
              iommuMapped: true,
              pfns: {},
            },
          ],
        },
      },
    },
    mdev: {
      parents: { 50: { id: 50, device: 2, operations: "idxd", references: 1, types: [51] } },
      types: { 51: { id: 51, parent: 50, name: "idxd-1dwq-v1", group: "1dwq-v1" } },
      devices: {
        52: {
          id: 52,
          uuid: UUID,
          parent: 50,
          type: 51,
          device: 9,
          active: true,
          iommuDevice: 2,
          stage: "active",
        },
      },
    },
    parents: {
      acceleratorMdevs: {
        52: { mdev: 52, queue: 1, isolation: "iommu", pasid: 0x41, enabled: true, pages: [] },
      },
    },
  };
  for (const [name, part] of Object.entries(tables)) {
    Object.assign(kernel[name as "core"], part);
  }
  return kernel;
}

const groups = (kernel = state()) =>
  objectGroups({
    kernel,
    queues: [
      {
        function: 0x6a08 as RequesterId,
        queue: 1,
        enabled: true,
        dedicated: true,
        pasid: 0x41 as never,
      },
    ],
    waiting: [{ task: 3, name: "vm-b", point: "lock mdev_list_lock" }],
  });

describe("objects of the kernel", () => {
  it("lists each table in a line per object", () => {
    const lines = groups().flatMap((group) =>
      group.objects.map((one) => `${one.name}: ${one.note}`),
    );
    expect(lines).toEqual([
      "vm-a: 2 open files, 4 pages of memory",
      "container 30: type1 v2, 1 group, 16 KiB mapped",
      "group 14: 0000:6a:01.0",
      `group 31: ${UUID}, held through a container`,
      "domain 2: of the DMA API, 2 pages mapped",
      "domain 7: of VFIO, 4 pages mapped",
      "parent 0000:6a:01.0: 1 type, 1 mdev",
      `mdev ${UUID}: idxd-1dwq-v1, active, isolated by the IOMMU as 0000:6a:01.0`,
      "queue 1 of 6a:01.0: on, PASID 0x041",
      "mdev: live, used 1 times",
      "vm-b: waits at lock mdev_list_lock",
    ]);
  });

  it("says that the core knows of no attachment of an mdev's group", () => {
    const group = findObject(groups(), "group 31");
    expect(group?.facts).toContainEqual(["domain", "none: the core knows of no attachment"]);
  });

  it("leads from a descriptor to the domain", () => {
    const [container] = findObject(groups(), "file vm-a 3")?.links ?? [];
    const [, domain] = findObject(groups(), container?.id ?? "")?.links ?? [];
    expect(domain).toMatchObject({ id: "domain 7", as: "domain" });
    expect(findObject(groups(), domain?.id ?? "")?.facts).toContainEqual([
      "attached",
      "0000:6a:01.0 with a PASID",
    ]);
  });

  it("links each name to an object that exists, or to a requester", () => {
    const known = groups();
    const visit = (objects: (typeof known)[number]["objects"]): void => {
      for (const one of objects) {
        for (const link of one.links) {
          if (!link.id.startsWith("requester")) expect(findObject(known, link.id)).not.toBeNull();
        }
        visit(one.parts);
      }
    };
    for (const group of known) visit(group.objects);
  });

  it("says what to do where there is nothing", () => {
    const empty = objectGroups({ kernel: emptyState(), queues: [], waiting: [] });
    for (const group of empty) {
      expect(group.objects).toEqual([]);
      expect(group.empty).toMatch(/\.$/);
    }
  });
});
