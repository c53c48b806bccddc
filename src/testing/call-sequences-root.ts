// What root's shell does at random: mdevs, drivers, modules, files, the host's own DMA, and several writes at once.
import { DEVICES } from "./call-sequences-machine.ts";
import type { Plan, Sight } from "./call-sequences-sight.ts";

export const UUIDS = [1, 2, 3, 4, 5].map((n) => `83b8f4f2-509f-382f-3c1e-e6bfe0fa100${n}`);
const BAD_UUIDS = ["", "x", `${UUIDS[0]}0`, (UUIDS[0] ?? "").replaceAll("-", "0"), "zz".repeat(18)];

const TYPES = [
  [DEVICES.accelerator, "idxd-1dwq-v1"],
  [DEVICES.accelerator, "idxd-1dwq-v1"],
  [DEVICES.accelerator, "idxd-1dwq-mediated"],
  ["mtty", "mtty-1"],
  ["mtty", "mtty-2"],
] as const;
const FUNCTIONS = [
  DEVICES.nic,
  DEVICES.nic,
  DEVICES.reserved,
  ...DEVICES.pair,
  DEVICES.accelerator,
];
/** Modules that come and go. */
const MODULES = ["dmatest", "idxd", "mtty", "vfio_mdev", "vfio_pci", "vfio_iommu_type1", "mdev"];

const createFile = (parent: string, type: string): string =>
  `/sys/class/mdev_bus/${parent}/mdev_supported_types/${type}/create`;
const removeFile = (uuid: string): string => `/sys/bus/mdev/devices/${uuid}/remove`;
const slot = (name: string): string => `/sys/bus/pci/devices/${name}`;

export function* createMdev(sight: Sight): Plan {
  const { random } = sight;
  const [parent, type] = random.pick(TYPES) ?? TYPES[0];
  const unused = UUIDS.filter((uuid) => !sight.uuids.includes(uuid));
  const uuid = random.pick(random.once(12) ? BAD_UUIDS : random.once(8) ? UUIDS : unused) ?? "";
  yield* sight.echo(createFile(parent, type), uuid);
}

export function* removeMdev(sight: Sight): Plan {
  const { random } = sight;
  const uuid = random.pick(sight.uuids) ?? UUIDS[0] ?? "";
  const text = random.once(8) ? (random.pick(["0", "x", "", "-3"]) ?? "") : "1";
  yield* sight.echo(removeFile(uuid), text);
}

/** Gives a function to vfio-pci, or takes it away. */
export function* bindFunction(sight: Sight): Plan {
  const { random } = sight;
  const name = random.pick(FUNCTIONS) ?? "";
  const driver = Object.values(sight.world.kernel.state.core.devices).find(
    (device) => device.name === name,
  )?.driver;
  if (driver && random.once(3)) {
    yield* sight.echo(`${slot(name)}/driver/unbind`, name);
    return;
  }
  if (driver && driver !== "vfio-pci" && !random.once(3)) return;
  if (driver) yield* sight.echo(`${slot(name)}/driver/unbind`, name);
  yield* sight.echo(`${slot(name)}/driver_override`, random.once(4) ? "\n" : "vfio-pci");
  if (random.once(2)) yield* sight.echo("/sys/bus/pci/drivers_probe", name);
  else yield* sight.echo("/sys/bus/pci/drivers/vfio-pci/bind", name);
}

/** The whole accelerator goes to vfio-pci, once its driver let go; sometimes that leaves AUX on. */
export function* handOver(sight: Sight): Plan {
  const name = DEVICES.accelerator;
  const parameters = sight.random.once(3) ? "aux=2" : "";
  const gone = yield* sight.number({ call: "delete_module", name: "dmatest" });
  if (gone < 0) return;
  yield* sight.call({ call: "delete_module", name: "idxd" });
  yield* sight.call({ call: "init_module", name: "idxd", parameters });
  yield* sight.echo(`${slot(name)}/driver/unbind`, name);
  yield* sight.echo(`${slot(name)}/driver_override`, "vfio-pci");
  yield* sight.echo("/sys/bus/pci/drivers_probe", name);
}

/** The NIC goes to vfio-pci. */
export function* giveNic(sight: Sight): Plan {
  yield* sight.echo(`${slot(DEVICES.nic)}/driver_override`, "vfio-pci");
  yield* sight.echo("/sys/bus/pci/drivers_probe", DEVICES.nic);
}

export function* rebindMdev(sight: Sight): Plan {
  const uuid = sight.random.pick(sight.uuids);
  if (!uuid) return;
  yield* sight.echo("/sys/bus/mdev/drivers/vfio_mdev/unbind", uuid);
  yield* sight.echo("/sys/bus/mdev/drivers/vfio_mdev/bind", uuid);
}

export function* useModule(sight: Sight): Plan {
  const { random } = sight;
  const loaded = sight.world.kernel.state.core.modules;
  const missing = MODULES.filter((name) => !(name in loaded));
  const name = (random.once(3) ? random.pick(MODULES) : random.pick(missing)) ?? "dmatest";
  if (random.once(10)) {
    yield* sight.call({ call: "init_module", name: "nothing", parameters: "" });
    yield* sight.call({ call: "delete_module", name: "nothing" });
  } else if (name in loaded) {
    const done = yield* sight.number({ call: "delete_module", name });
    if (done === 0 && !random.once(4)) {
      yield* sight.call({ call: "init_module", name, parameters: "" });
    }
  } else yield* sight.call({ call: "init_module", name, parameters: "" });
}

export function* hostCopy(sight: Sight): Plan {
  const device = sight.random.once(6) ? DEVICES.nic : DEVICES.accelerator;
  yield* sight.echo("/sys/module/dmatest/parameters/channel", device);
  const pages = sight.random.once(6) ? "0" : String(1 + sight.random.below(3));
  yield* sight.echo("/sys/module/dmatest/parameters/run", pages);
}

const TEXTS = [
  "/proc/cmdline",
  "/proc/modules",
  "/sys/kernel/debug/iommu/intel/dmar_translation_struct",
  "/sys/kernel/debug/iommu/intel/iommu_regset",
  "/sys/class/iommu/dmar0/intel-iommu/cap",
  "/sys/kernel/iommu_groups/1/reserved_regions",
  "/sys/kernel/iommu_groups/5/type",
  `/sys/class/mdev_bus/${DEVICES.accelerator}/mdev_supported_types/idxd-1dwq-v1/available_instances`,
  `/sys/class/mdev_bus/${DEVICES.accelerator}/mdev_supported_types/idxd-1dwq-v1/create`,
  `${slot(DEVICES.nic)}/driver_override`,
  `${slot(DEVICES.nic)}/vendor`,
  "/sys/no/such/file",
];

export function* lookAround(sight: Sight): Plan {
  const { random } = sight;
  const kind = random.below(3);
  if (kind === 0) yield* sight.cat(random.pick(TEXTS) ?? "");
  else if (kind === 1) {
    const paths = ["/sys/bus/mdev/devices", "/dev/vfio", "/sys/kernel/iommu_groups", "/sys/none"];
    yield* sight.call({ call: "getdents", path: random.pick(paths) ?? "/" });
  } else {
    const name = random.pick(FUNCTIONS) ?? "";
    const path = `${slot(name)}/${random.pick(["iommu_group", "driver", "vendor"])}`;
    yield* sight.call({ call: "readlink", path });
  }
}

/** One creates an mdev that another removes at the same time. */
export function* meet(sight: Sight): Plan {
  const uuid = UUIDS.find((one) => !sight.uuids.includes(one)) ?? UUIDS[0] ?? "";
  const [parent, type] = sight.random.pick(TYPES) ?? TYPES[0];
  yield {
    op: "together",
    calls: [
      { actor: "root", demand: { want: "create mdev", parent, type, uuid } },
      { actor: "admin", demand: { want: "remove mdev", uuid } },
    ],
    schedule: Array.from({ length: 12 }, () => (sight.random.once(4) ? 1 : 0)),
  };
}

/** Writers that meet: create, remove and unregistration at once. */
export function* race(sight: Sight): Plan {
  const { random, process } = sight;
  const uuid = random.pick(sight.uuids) ?? UUIDS[0] ?? "";
  const fresh = UUIDS.find((one) => !sight.uuids.includes(one)) ?? uuid;
  const create = createFile(DEVICES.accelerator, "idxd-1dwq-v1");
  const unbind = "/sys/bus/pci/drivers/idxd/unbind";
  const writers = [
    [create, fresh],
    [create, random.once(2) ? fresh : uuid],
    [removeFile(uuid), "1"],
    [removeFile(uuid), "1"],
    ...(random.once(3) ? [[unbind, DEVICES.accelerator] as const] : []),
  ] as const;
  const open: { readonly fd: number; readonly text: string }[] = [];
  for (const [path, text] of writers) {
    if (random.once(3) && path !== unbind) continue;
    const fd = yield* sight.number({ call: "open", path });
    if (fd >= 0) open.push({ fd, text });
  }
  if (open.length === 0) return;
  yield {
    op: "together",
    calls: open.map(({ fd, text }) => ({ process, call: { call: "write", fd, text } })),
  };
  for (const { fd } of open) yield* sight.call({ call: "close", fd });
  if (random.once(2)) yield* sight.echo("/sys/bus/pci/drivers/idxd/bind", DEVICES.accelerator);
}
