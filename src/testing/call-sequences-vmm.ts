// What a VMM does at random: groups, containers, mappings, devices, work for queues, and what it must not do.
import { descriptorText } from "../session/actors/descriptor.ts";
import { PAGE, type Plan, type Sight } from "./call-sequences-sight.ts";

const PORTAL_REGION = 2;
/** Where a VMM maps its memory, mostly; then what is reserved, unaligned, or beyond every width. */
const ADDRESSES = [0, 0x1_0000, 0x2_0000, 0x10_0000, 0x20_0000, 0x4000_0000];
const ODD_ADDRESSES = [0x800, 0xfee0_0000, 0x7b80_0000, 2 ** 52, 2 ** 48];

/** From nothing to a device that works, as far as it goes. */
export function* assign(sight: Sight): Plan {
  const { random } = sight;
  const free = sight.freeGroups;
  const path = random.pick(random.once(8) ? sight.groups : free) ?? "/dev/vfio/99";
  const uuid = random.pick(sight.uuids);
  if (uuid && random.once(3)) {
    yield* sight.call({ call: "readlink", path: `/sys/bus/mdev/devices/${uuid}/iommu_group` });
  }
  const group = yield* sight.number({ call: "open", path });
  if (group < 0) return;
  let container = random.pick(sight.held("vfio container"))?.fd ?? -1;
  const fresh = container < 0 || random.once(6);
  if (fresh) container = yield* sight.number({ call: "open", path: "/dev/vfio/vfio" });
  if (fresh && random.once(3)) yield* sight.ioctl(container, "VFIO_GET_API_VERSION", null);
  if (fresh && random.once(3)) yield* sight.ioctl(container, "VFIO_CHECK_EXTENSION", 3);
  const joined = yield* sight.ioctl(group, "VFIO_GROUP_SET_CONTAINER", container);
  if (joined.result < 0) {
    if (!random.once(4)) yield* sight.call({ call: "close", fd: group });
    return;
  }
  if (fresh) {
    const type = random.weighted([
      [12, 3],
      [2, 1],
      [1, 6],
      [1, 7],
    ]);
    const set = yield* sight.ioctl(container, "VFIO_SET_IOMMU", type);
    if (set.result >= 0 && !random.once(6)) yield* map(sight);
  }
  yield* openDevice(sight);
  for (let i = random.below(4); i > 0; i--) yield* work(sight);
}

/** Asks a group for its device, and maps its portal. */
export function* openDevice(sight: Sight): Plan {
  const { random } = sight;
  const group = random.pick(sight.held("vfio group"));
  if (!group) return;
  const names = sight.devicesOf(group.object);
  const name = random.once(10) ? "no-such-device" : (random.pick(names) ?? "0000:6a:01.0");
  const device = (yield* sight.ioctl(group.fd, "VFIO_GROUP_GET_DEVICE_FD", name)).result;
  if (device < 0) return;
  if (random.once(3)) yield* sight.ioctl(device, "VFIO_DEVICE_GET_INFO", null);
  yield* mapPortal(sight, device);
}

function* mapPortal(sight: Sight, device: number): Plan {
  const index = sight.random.once(6) ? sight.random.below(12) : PORTAL_REGION;
  const region = yield* sight.ioctl(device, "VFIO_DEVICE_GET_REGION_INFO", { index });
  const value = region.value as Readonly<Record<string, number | string>> | null;
  if (region.result < 0 || value === null) return;
  const offset = Number(value["offset"]);
  if ((Number(value["flags"]) & 4) !== 0 || sight.random.once(6)) {
    yield* sight.call({ call: "mmap", length: PAGE, fd: device, offset });
  }
}

function* someMemory(sight: Sight): Plan<{ readonly start: number; readonly pages: number }> {
  const { random } = sight;
  const found = random.pick(sight.memory);
  if (found && !random.once(6)) return found;
  const pages = 1 + random.below(12);
  const start = yield* sight.number({ call: "mmap", length: pages * PAGE });
  return { start, pages };
}

export function* map(sight: Sight): Plan {
  const { random } = sight;
  const container = random.pick(sight.held("vfio container"));
  if (!container) return;
  const { start, pages } = yield* someMemory(sight);
  const odd = random.once(8);
  const iova = random.pick(odd ? ODD_ADDRESSES : ADDRESSES) ?? 0;
  const size = random.once(12) ? (random.pick([0, 1, 2 * PAGE + 5, 40 * PAGE]) ?? 0) : pages * PAGE;
  const vaddr = random.once(12) ? 0x1000 : start;
  const flags = random.once(12) ? 0 : (random.pick([1, 2, 3, 3, 3, 3, 3]) ?? 3);
  yield* sight.ioctl(container.fd, "VFIO_IOMMU_MAP_DMA", { iova, vaddr, size, flags });
}

/** More mappings than a container may have. */
export function* mapMany(sight: Sight): Plan {
  const container = sight.random.pick(sight.held("vfio container"));
  const memory = sight.memory[0];
  if (!container || !memory) return;
  for (let i = 0; i < 5; i++) {
    const argument = { iova: 0x5000_0000 + i * PAGE, vaddr: memory.start, size: PAGE, flags: 3 };
    const { result } = yield* sight.ioctl(container.fd, "VFIO_IOMMU_MAP_DMA", argument);
    if (result < 0) return;
  }
}

export function* unmap(sight: Sight): Plan {
  const { random } = sight;
  const container = random.pick(sight.held("vfio container"));
  if (!container) return;
  const mapped = random.pick(sight.mappings(container.object)) ?? { iova: 0, size: PAGE };
  const [iova, size] = random.weighted([
    [10, [mapped.iova, mapped.size]],
    [1, [mapped.iova + PAGE, PAGE]],
    [1, [mapped.iova, mapped.size + 1]],
    [1, [0, 0x8000_0000]],
  ]);
  yield* sight.ioctl(container.fd, "VFIO_IOMMU_UNMAP_DMA", { iova, size, flags: 0 });
}

export function* askContainer(sight: Sight): Plan {
  const { random } = sight;
  const container = random.pick(sight.held("vfio container"))?.fd;
  const group = random.pick(sight.held("vfio group"))?.fd;
  if (container !== undefined) {
    const extension = random.below(10);
    const [request, argument] = random.weighted([
      [9, ["VFIO_IOMMU_GET_INFO", null]],
      [2, ["VFIO_CHECK_EXTENSION", extension]],
      [1, ["VFIO_GET_API_VERSION", null]],
      [1, ["VFIO_NO_SUCH_REQUEST", null]],
    ] as const);
    yield* sight.ioctl(container, request, argument);
  }
  if (group !== undefined) yield* sight.ioctl(group, "VFIO_GROUP_GET_STATUS", null);
}

/** A descriptor for the queue: mostly at addresses that are mapped. */
function workText(sight: Sight): string {
  const { random } = sight;
  const containers = sight.held("vfio container").map(({ object }) => object);
  const container = containers.find((one) => sight.mappings(one).length > 0) ?? 0;
  const address = (): bigint => {
    const found = random.pick(sight.mappings(container));
    if (!found || random.once(12)) return BigInt(random.below(2 ** 31));
    return BigInt(found.iova + random.below(Math.max(found.size - 64, 1)));
  };
  return descriptorText({
    operation: random.once(2) ? "copy" : "fill",
    source: address(),
    destination: address(),
    length: 1 + random.below(random.once(16) ? 3 * PAGE : 64),
    completion: random.once(2) ? (address() / 32n) * 32n : 0n,
  });
}

export function* work(sight: Sight): Plan {
  const { random } = sight;
  const portal = random.pick(sight.portals);
  const devices = sight.held("vfio device");
  const queued = devices.filter(({ object }) => sight.hasQueue(object));
  const device = random.pick(random.once(8) ? devices : queued);
  const offset = PORTAL_REGION * 2 ** 40;
  if (portal !== undefined && !random.once(3)) {
    const bytes = random.once(12) ? "00" : workText(sight);
    yield* sight.call({ call: "movdir64b", address: portal, bytes });
    if (random.once(2)) {
      yield* sight.call({ call: "movdir64b", address: portal, bytes: workText(sight) });
    }
  } else if (device) {
    const where = random.once(8) ? random.below(10) * 2 ** 40 + random.below(64) : offset;
    if (random.once(3)) {
      yield* sight.call({ call: "pread", fd: device.fd, offset: where, count: 4 });
    }
    for (let i = random.below(3); i >= 0; i--) {
      yield* sight.call({ call: "pwrite", fd: device.fd, offset: where, bytes: workText(sight) });
    }
  }
}

export function* touch(sight: Sight): Plan {
  const { random } = sight;
  const { start, pages } = yield* someMemory(sight);
  const address = start + random.below(Math.max(pages * PAGE - 8, 1));
  if (random.once(8)) yield* sight.call({ call: "load", address: 64, count: 8 });
  if (random.once(2)) yield* sight.call({ call: "store", address, bytes: "0102030405060708" });
  else yield* sight.call({ call: "load", address, count: 8 });
  if (start >= 0 && random.once(3)) {
    yield* sight.call({ call: "munmap", address: start, length: PAGE });
  }
}

export function* reset(sight: Sight): Plan {
  const device = sight.random.pick(sight.held("vfio device"));
  if (!device) return;
  yield* sight.ioctl(device.fd, "VFIO_DEVICE_RESET", null);
  if (sight.random.once(2)) yield* sight.ioctl(device.fd, "VFIO_DEVICE_GET_INFO", null);
  const offset = sight.random.pick([0, 7, PORTAL_REGION]) ?? 0;
  yield* sight.call({ call: "pread", fd: device.fd, offset: offset * 2 ** 40, count: 4 });
  yield* mapPortal(sight, device.fd);
}

/** Gives something back: in the right order or not. */
export function* release(sight: Sight): Plan {
  const { random } = sight;
  const kind = random.pick([
    "vfio device",
    "vfio group",
    "vfio group",
    "vfio container",
    "memory",
    "memory",
    "portal",
    "portal",
  ]);
  if (kind === "memory" || kind === "portal") {
    const found = kind === "memory" ? random.pick(sight.memory) : undefined;
    const address = kind === "portal" ? random.pick(sight.portals) : found?.start;
    if (address === undefined) return;
    const length = found ? (1 + random.below(found.pages)) * PAGE : PAGE;
    yield* sight.call({ call: "munmap", address: random.once(10) ? 7 : address, length });
    return;
  }
  const held = random.pick(sight.held(kind ?? ""));
  if (!held) return;
  if (kind === "vfio group" && !random.once(3)) {
    for (const start of sight.portals) {
      yield* sight.call({ call: "munmap", address: start, length: PAGE });
    }
    const devices = random.once(4) ? [] : sight.held("vfio device");
    for (const { fd } of devices) yield* sight.call({ call: "close", fd });
    yield* sight.ioctl(held.fd, "VFIO_GROUP_UNSET_CONTAINER", null);
  } else yield* sight.call({ call: "close", fd: held.fd });
}

/** Gives a group back as a VMM does: portals, devices, the container. */
export function* giveBack(sight: Sight): Plan {
  const group = sight.random.pick(sight.held("vfio group"));
  if (!group) return;
  for (const start of sight.portals) {
    yield* sight.call({ call: "munmap", address: start, length: PAGE });
  }
  for (const { fd } of sight.held("vfio device")) yield* sight.call({ call: "close", fd });
  yield* sight.ioctl(group.fd, "VFIO_GROUP_UNSET_CONTAINER", null);
  yield* sight.call({ call: "close", fd: group.fd });
}

/** Right calls at the wrong time, or on the wrong file. */
export function* misuse(sight: Sight): Plan {
  const { random } = sight;
  const container = random.pick(sight.held("vfio container"))?.fd;
  const group = random.pick(sight.held("vfio group"))?.fd;
  if (container === undefined || group === undefined) return;
  const kind = random.below(4);
  if (kind === 0) yield* sight.ioctl(group, "VFIO_GROUP_SET_CONTAINER", container);
  else if (kind === 1) yield* sight.ioctl(container, "VFIO_SET_IOMMU", 3);
  else if (kind === 2) {
    const other = yield* sight.number({
      call: "open",
      path: random.pick(sight.freeGroups) ?? "/dev/vfio/99",
    });
    yield* sight.ioctl(other, "VFIO_GROUP_SET_CONTAINER", group);
  } else {
    const path = random.pick(sight.freeGroups) ?? "/dev/vfio/99";
    yield* joinWithWindow(sight, container, path);
  }
}

/** Where only mdevs are, the interrupt window is an address like any other; a whole function that joins says no. */
export function* joinWithWindow(sight: Sight, container: number, path: string): Plan {
  const memory = sight.memory[0];
  if (!memory) return;
  const argument = { iova: 0xfee0_0000, vaddr: memory.start, size: PAGE, flags: 3 };
  yield* sight.ioctl(container, "VFIO_IOMMU_MAP_DMA", argument);
  const other = yield* sight.number({ call: "open", path });
  yield* sight.ioctl(other, "VFIO_GROUP_SET_CONTAINER", container);
}

export function* leave(sight: Sight): Plan {
  yield* sight.call({ call: "exit" });
}

/** Any call with any argument. */
export function* nonsense(sight: Sight): Plan {
  const { random } = sight;
  const fd = random.below(8);
  const { pick } = { pick: <T>(from: readonly T[]): T => random.pick(from) as T };
  switch (random.below(8)) {
    case 0: {
      const requests = ["VFIO_SET_IOMMU", "VFIO_GROUP_SET_CONTAINER", "VFIO_IOMMU_MAP_DMA", "NONE"];
      const argument = pick([null, 3, -1, "text", { iova: -1 }, { size: 1e300, iova: "0xzz" }]);
      yield* sight.ioctl(fd, pick(requests), argument);
      break;
    }
    case 1:
      yield* sight.call({ call: "close", fd: 50 + fd });
      break;
    case 2:
      yield* sight.call({ call: "mmap", length: pick([-1, 0, 1e12, 0.5]) });
      break;
    case 3:
      yield* sight.call({ call: "pwrite", fd, offset: -8, bytes: "abc" });
      break;
    case 4:
      yield* sight.call({ call: "open", path: pick(["", "/", "relative", "/dev/vfio", "/dev/x"]) });
      break;
    case 5:
      yield* sight.call({ call: "write", fd, text: "1" });
      break;
    case 6:
      yield* sight.call({ call: "read", fd });
      break;
    default:
      yield* sight.call({ call: "init_module", name: "idxd", parameters: "" });
  }
}
