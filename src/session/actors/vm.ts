// Programs of a VMM: memory of the VM, devices through VFIO, mappings. A step that fails undoes those before it.
import { deviceDirectory } from "./shell.ts";
import type { ActorResult, ActorState, AssignedDevice, MappedMemory } from "./state.ts";
import { done, failed, field, hex, ioctl, make, type Program } from "./steps.ts";

const PAGE = 4096;
const TYPE1V2 = 3;
/** VFIO_DMA_MAP_FLAG_READ and _WRITE. */
const ACCESS = { read: 1, write: 2, "read and write": 3 } as const;
/** VFIO_REGION_INFO_FLAG_MMAP. */
const CAN_MAP = 4;
/** VFIO_PCI_BAR2_REGION_INDEX: the portals. */
const PORTAL_REGION = 2;

/** Allocates the VM's memory. */
export function* startVm(memory: ActorState, pages: number): Program<ActorResult> {
  if (memory.vm) return { result: -16, problem: "The VM runs already.", memory };
  const address = yield* make({ call: "mmap", length: pages * PAGE });
  if (address < 0) return failed(memory, "Allocating the VM's memory", address);
  return done({ ...memory, vm: { address, pages } });
}

/** One VFIO_IOMMU_MAP_DMA. */
function* mapMemory(
  memory: ActorState,
  mapping: MappedMemory,
  access: keyof typeof ACCESS,
): Program<number> {
  const vaddr = (memory.vm?.address ?? 0) + mapping.page * PAGE;
  const argument = {
    flags: ACCESS[access],
    vaddr,
    iova: hex(mapping.iova),
    size: mapping.pages * PAGE,
  };
  return (yield* ioctl(memory.container, "VFIO_IOMMU_MAP_DMA", argument)).result;
}

function* unmapMemory(memory: ActorState, iova: number, pages: number): Program<number> {
  const argument = { flags: 0, iova: hex(iova), size: pages * PAGE };
  return (yield* ioctl(memory.container, "VFIO_IOMMU_UNMAP_DMA", argument)).result;
}

/** Opens the container and puts the group into it; closes what it opened when that fails. */
function* joinContainer(memory: ActorState, group: number): Program<number> {
  const opened = memory.container < 0;
  const container = opened
    ? yield* make({ call: "open", path: "/dev/vfio/vfio" })
    : memory.container;
  if (container < 0) return container;
  let result = 0;
  if (opened) {
    result = (yield* ioctl(container, "VFIO_GET_API_VERSION", null)).result;
    if (result >= 0) {
      result = (yield* ioctl(container, "VFIO_CHECK_EXTENSION", TYPE1V2)).result;
    }
  }
  if (result >= 0) {
    result = (yield* ioctl(group, "VFIO_GROUP_SET_CONTAINER", container)).result;
    if (result >= 0 && opened) {
      result = (yield* ioctl(container, "VFIO_SET_IOMMU", TYPE1V2)).result;
      if (result < 0) yield* ioctl(group, "VFIO_GROUP_UNSET_CONTAINER", null);
    }
  }
  if (result < 0 && opened) yield* make({ call: "close", fd: container });
  return result < 0 ? result : container;
}

/** Takes the group out of the container; the last one unmaps memory and closes the container. */
function* leaveContainer(memory: ActorState, group: number, last: boolean): Program<ActorState> {
  if (last) {
    for (const { iova, pages } of memory.mapped) yield* unmapMemory(memory, iova, pages);
  }
  yield* ioctl(group, "VFIO_GROUP_UNSET_CONTAINER", null);
  if (!last) return memory;
  yield* make({ call: "close", fd: memory.container });
  return { ...memory, container: -1, mapped: [] };
}

/** Asks for the device and its portal; undoes its own steps when one fails. */
function* openDevice(name: string, group: number): Program<AssignedDevice | number> {
  const device = (yield* ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", name)).result;
  if (device < 0) return device;
  const info = yield* ioctl(device, "VFIO_DEVICE_GET_INFO", null);
  if (info.result < 0) {
    yield* make({ call: "close", fd: device });
    return info.result;
  }
  const region = yield* ioctl(device, "VFIO_DEVICE_GET_REGION_INFO", { index: PORTAL_REGION });
  const size = field(region.value, "size");
  if (region.result < 0 || size === 0) return { group, device, region: -1, portal: 0 };
  const offset = field(region.value, "offset");
  if ((field(region.value, "flags") & CAN_MAP) === 0) {
    return { group, device, region: offset, portal: 0 };
  }
  const portal = yield* make({ call: "mmap", length: PAGE, fd: device, offset });
  if (portal < 0) {
    yield* make({ call: "close", fd: device });
    return portal;
  }
  return { group, device, region: offset, portal };
}

/** Group, container, IOMMU, memory, device, portal, in the order in which a VMM does it. */
export function* assignDevice(memory: ActorState, name: string, at: number): Program<ActorResult> {
  const { vm } = memory;
  if (!vm) return { result: -22, problem: "The VM does not run: start it first.", memory };
  if (memory.devices[name]) {
    return { result: -16, problem: `The VM has ${name} already.`, memory };
  }
  const link = yield { call: "readlink", path: `${deviceDirectory(name)}/iommu_group` };
  if (link.result < 0) return failed(memory, `Finding the group of ${name}`, link.result);
  const number = String(link.value).split("/").at(-1) ?? "";
  const group = yield* make({ call: "open", path: `/dev/vfio/${number}` });
  if (group < 0) return failed(memory, `Opening the group of ${name}`, group);
  const first = memory.container < 0;
  const container = yield* joinContainer(memory, group);
  if (container < 0) {
    yield* make({ call: "close", fd: group });
    return failed(memory, `Putting the group of ${name} into a container`, container);
  }
  let now: ActorState = { ...memory, container };
  if (first) {
    const ram = { iova: at, page: 0, pages: vm.pages };
    const mapped = yield* mapMemory(now, ram, "read and write");
    if (mapped < 0) {
      now = yield* leaveContainer(now, group, true);
      yield* make({ call: "close", fd: group });
      return failed(now, "Mapping the VM's memory", mapped);
    }
    now = { ...now, mapped: [ram] };
  }
  const opened = yield* openDevice(name, group);
  if (typeof opened === "number") {
    now = yield* leaveContainer(now, group, first);
    yield* make({ call: "close", fd: group });
    return failed(now, `Opening ${name}`, opened);
  }
  return done({ ...now, devices: { ...now.devices, [name]: opened } });
}

export function* releaseDevice(memory: ActorState, name: string): Program<ActorResult> {
  const held = memory.devices[name];
  if (!held) return { result: -19, problem: `The VM does not have ${name}.`, memory };
  const { [name]: _, ...devices } = memory.devices;
  if (held.portal !== 0) {
    yield* make({ call: "munmap", address: held.portal, length: PAGE });
  }
  yield* make({ call: "close", fd: held.device });
  const last = Object.keys(devices).length === 0;
  const now = yield* leaveContainer(memory, held.group, last);
  yield* make({ call: "close", fd: held.group });
  return done({ ...now, devices });
}

/** Gives every device back, then the memory. */
export function* stopVm(memory: ActorState): Program<ActorResult> {
  const { vm } = memory;
  if (!vm) return { result: -22, problem: "The VM does not run.", memory };
  let now = memory;
  for (const name of Object.keys(memory.devices)) {
    now = (yield* releaseDevice(now, name)).memory;
  }
  const result = yield* make({ call: "munmap", address: vm.address, length: vm.pages * PAGE });
  if (result < 0) return failed(now, "Giving the VM's memory back", result);
  return done({ ...now, vm: null });
}

const NO_CONTAINER = "The VM has no container: assign a device first.";

export function* map(
  memory: ActorState,
  mapping: MappedMemory,
  access: keyof typeof ACCESS,
): Program<ActorResult> {
  const { vm } = memory;
  if (memory.container < 0 || !vm) return { result: -9, problem: NO_CONTAINER, memory };
  if (mapping.page + mapping.pages > vm.pages) {
    const problem = `The VM has ${vm.pages} pages; page ${mapping.page + mapping.pages - 1} is beyond them.`;
    return { result: -22, problem, memory };
  }
  const result = yield* mapMemory(memory, mapping, access);
  if (result < 0) return failed(memory, `Mapping ${hex(mapping.iova)}`, result);
  return done({ ...memory, mapped: [...memory.mapped, mapping] });
}

/** The result is the number of bytes that were unmapped. */
export function* unmap(memory: ActorState, iova: number, pages: number): Program<ActorResult> {
  if (memory.container < 0) return { result: -9, problem: NO_CONTAINER, memory };
  const result = yield* unmapMemory(memory, iova, pages);
  if (result < 0) return failed(memory, `Unmapping ${hex(iova)}`, result);
  const end = iova + pages * PAGE;
  const mapped = memory.mapped.filter((m) => m.iova < iova || m.iova + m.pages * PAGE > end);
  return done({ ...memory, mapped }, pages * PAGE);
}
