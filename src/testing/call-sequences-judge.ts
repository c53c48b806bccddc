// The end of a sequence: everybody gives back what they hold, every module goes, and what is left is counted.
import type { SystemCall } from "../linux/calls.ts";
import { CHECKS } from "../session/checks/registry.ts";
import type { HardwareView } from "../session/checks/types.ts";
import { Readings } from "../session/readings.ts";
import type { World } from "../session/world/world.ts";
import { SEQUENCE_MACHINE } from "./call-sequences-machine.ts";
import { VMS } from "./call-sequences-sight.ts";

const PAGE = 4096;
/** Modules in an order in which nobody needs a later one. */
const ORDER = [
  "dmatest",
  "idxd",
  "mtty",
  "vfio_mdev",
  "mdev",
  "vfio_pci",
  "vfio_iommu_type1",
  "vfio",
];

/** Every process closes and unmaps what it has, mdevs and modules are removed. Problems: what would not go, or went wrong. */
export function tearDown(world: World, ordinal: number): string[] {
  const problems: string[] = [];
  let next = ordinal;
  const { kernel } = world;
  const make = (process: string, call: SystemCall): number | undefined => {
    const done = world.run({ op: "call", process, call }, { ordinal: next++ });
    if (!done.ok) problems.push(done.problem.message);
    return done.ok ? done.value.answers?.find((one) => one.process === process)?.result : undefined;
  };
  const record = (name: string) =>
    Object.values(kernel.state.core.processes).find((one) => !one.exited && one.name === name);
  const letGo = (name: string): void => {
    for (const fd of Object.keys(record(name)?.files ?? {})) {
      make(name, { call: "close", fd: Number(fd) });
    }
    for (const { start, pages } of record(name)?.ranges ?? []) {
      make(name, { call: "munmap", address: start, length: pages * PAGE });
    }
  };
  for (const name of [...VMS, "admin", "root"]) letGo(name);
  for (const { uuid } of Object.values(kernel.state.mdev.devices)) {
    const path = `/sys/bus/mdev/devices/${uuid}/remove`;
    const fd = make("root", { call: "open", path }) ?? -1;
    // A remove that met an unfinished create took the file with it (v5.12): that mdev goes with its parent.
    if (fd < 0) continue;
    const removed = make("root", { call: "write", fd, text: "1" });
    if (removed !== 1) problems.push(`mdev ${uuid} is not removed: ${removed}`);
    make("root", { call: "close", fd });
  }
  for (const name of ORDER) {
    if (!(name in kernel.state.core.modules)) continue;
    const result = make("root", { call: "delete_module", name });
    if (result !== 0) problems.push(`module ${name} does not go: ${result}`);
  }
  const waited = world.run({ op: "wait", microseconds: 1_000_000 }, { ordinal: next });
  if (!waited.ok) problems.push(waited.problem.message);
  return problems;
}

/** What is there, in a form that does not depend on ids. */
export function leftOf(world: World): Readonly<Record<string, unknown>> {
  const { core, iommu, locks, mdev, parents, vfio } = world.kernel.state;
  const processes = Object.values(core.processes).filter((one) => !one.exited);
  const owners = new Map<string, number>();
  for (const owner of world.platform.pageOwners().values()) {
    owners.set(owner, (owners.get(owner) ?? 0) + 1);
  }
  const groups = Object.values(iommu.groups);
  return {
    waiting: world.kernel.scheduler.live.map(({ name, point }) => `${name} at ${point}`),
    locks: Object.keys(locks),
    tasks: Object.keys(core.tasks),
    active: Object.values(core.active).flat(),
    files: Object.keys(core.files),
    locked: processes.flatMap(({ name, lockedPages }) => (lockedPages ? [name, lockedPages] : [])),
    memory: processes.flatMap(({ ranges }) => ranges),
    pins: Object.keys(core.pins),
    orphans: Object.keys(core.orphans),
    pages: VMS.map((name) => owners.get(name) ?? 0),
    kernelPages: owners.get("kernel") ?? 0,
    modules: Object.keys(core.modules),
    devices: Object.values(core.devices)
      .map(({ name, references, added }) => `${name} ${references} ${added}`)
      .sort(),
    nodes: Object.keys(core.nodes)
      .map((path) => path.replaceAll(/iommu_groups\/\d+/g, "iommu_groups/N"))
      .sort(),
    mdevs: Object.values(mdev.devices).length + Object.values(mdev.parents).length,
    parents: [parents.accelerators, parents.acceleratorMdevs, parents.sampleMdevs],
    vfio: [vfio.groups, vfio.devices, vfio.containers, vfio.type1, vfio.pciDevices],
    groups: groups.map(({ devices, references }) => [devices.length, references]),
    domains: Object.values(iommu.domains)
      .map(({ type }) => type)
      .sort(),
    pasids: Object.keys(iommu.pasids),
    timers: Object.values(core.timers).map(({ symbol }) => symbol),
  };
}

/** Names of what differs, with both values. */
export function differences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(before).flatMap((name) => {
    const [a, b] = [before[name], after[name]];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    if (!Array.isArray(a) || !Array.isArray(b)) return [`${name}: ${short(a)}, then ${short(b)}`];
    const gone = without(a, b);
    const more = without(b, a);
    return [`${name}: gone ${short(gone)}, more ${short(more)}`];
  });
}

const without = (all: readonly unknown[], some: readonly unknown[]): unknown[] => {
  const left = some.map((one) => JSON.stringify(one));
  return all.filter((one) => {
    const at = left.indexOf(JSON.stringify(one));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

const short = (value: unknown): string => (JSON.stringify(value) ?? "").slice(0, 300);

/** What a hardware check would look at now. */
export function viewOf(world: World): HardwareView {
  const readings = new Readings(world, SEQUENCE_MACHINE.platform.haw);
  return {
    survey: readings.survey(),
    caches: world.unit.cacheEntries(),
    memory: world.store,
    capabilities: world.unit.capabilities,
    readRegister: (offset, size) => world.unit.readRegister(offset, size),
    ledger: world.world.ledger,
    platform: world.machine.platform,
  };
}

/** Of the named hardware checks: those that break, with what they say. */
export function broken(world: World, ids: readonly string[]): string[] {
  const view = viewOf(world);
  return ids.flatMap((id) => {
    const check = CHECKS.get(id);
    if (check?.kind !== "hardware") return [`there is no hardware check ${id}`];
    const { outcome, summary, evidence } = check.evaluate(view, {});
    if (outcome === "holds") return [];
    return [`${id}: ${summary} ${evidence[0]?.text ?? ""}`];
  });
}
