// What a random caller sees of the machine when it chooses: descriptors, memory, groups. It guides; it judges nothing.
import type { SystemCall } from "../linux/calls.ts";
import type { Process } from "../linux/core/tables.ts";
import type { Answer, Operation } from "../session/types.ts";
import type { World } from "../session/world/world.ts";
import type { Random } from "./call-sequences-random.ts";

export const PAGE = 4096;
export const VMS = ["vm-a", "vm-b"] as const;

/** A plan: it asks for operations and is told how its call ended. Null: it did not return yet. */
export type Plan<T = void> = Generator<Operation, T, Answer | null>;

export interface Held {
  readonly fd: number;
  /** Container, group, device ... of the kernel. */
  readonly object: number;
}

/** The machine as one process sees it. */
export class Sight {
  readonly world: World;
  readonly random: Random;
  readonly process: string;

  constructor(world: World, random: Random, process: string) {
    this.world = world;
    this.random = random;
    this.process = process;
  }

  get record(): Process | undefined {
    const { processes } = this.world.kernel.state.core;
    return Object.values(processes).find((one) => !one.exited && one.name === this.process);
  }

  /** Descriptors of one kind of file. */
  held(fops: string): Held[] {
    const { files } = this.world.kernel.state.core;
    return Object.entries(this.record?.files ?? {}).flatMap(([fd, file]) => {
      const found = files[file];
      return found?.fops === fops ? [{ fd: Number(fd), object: found.object }] : [];
    });
  }

  get memory(): { readonly start: number; readonly pages: number }[] {
    return (this.record?.ranges ?? []).filter((range) => range.window === null);
  }

  get portals(): number[] {
    return (this.record?.ranges ?? []).flatMap(({ window, start }) => (window ? [start] : []));
  }

  /** Mappings of a container. */
  mappings(container: number): readonly { readonly iova: number; readonly size: number }[] {
    const { containers, type1 } = this.world.kernel.state.vfio;
    return type1[containers[container]?.iommu ?? 0]?.mappings ?? [];
  }

  /** Files of groups below /dev/vfio. */
  get groups(): string[] {
    const { nodes } = this.world.kernel.state.core;
    return Object.keys(nodes).filter((path) => /^\/dev\/vfio\/\d+$/.test(path));
  }

  /** Those that nobody has open. */
  get freeGroups(): string[] {
    const { core, vfio } = this.world.kernel.state;
    return this.groups.filter((path) => {
      const node = core.nodes[path];
      return node?.kind === "device" && !vfio.groups[node.argument]?.opened;
    });
  }

  /** The file of a group leads to that device. */
  groupHas(path: string, name: string): boolean {
    const node = this.world.kernel.state.core.nodes[path];
    return node?.kind === "device" && this.devicesOf(node.argument).includes(name);
  }

  /** The device is one of the accelerator's. */
  hasQueue(device: number): boolean {
    const { core, mdev, parents, vfio } = this.world.kernel.state;
    const found = core.devices[vfio.devices[device]?.device ?? 0];
    const slice = Object.values(mdev.devices).find((one) => one.device === found?.id);
    return found?.name === "0000:6a:01.0" || (slice?.id ?? 0) in parents.acceleratorMdevs;
  }

  /** Names of devices in a group of VFIO. */
  devicesOf(group: number): string[] {
    const { core, vfio } = this.world.kernel.state;
    return (vfio.groups[group]?.devices ?? []).flatMap((id) => {
      const device = core.devices[vfio.devices[id]?.device ?? 0];
      return device ? [device.name] : [];
    });
  }

  get uuids(): string[] {
    return Object.values(this.world.kernel.state.mdev.devices).map((mdev) => mdev.uuid);
  }

  /** One call; what it gave. */
  *call(call: SystemCall): Plan<Answer> {
    const answer = yield { op: "call", process: this.process, call };
    return answer ?? { process: this.process, result: -11, value: null, problem: null };
  }

  *number(call: SystemCall): Plan<number> {
    return (yield* this.call(call)).result;
  }

  *ioctl(
    fd: number,
    request: string,
    argument: Extract<SystemCall, { call: "ioctl" }>["argument"],
  ): Plan<Answer> {
    return yield* this.call({ call: "ioctl", fd, request, argument });
  }

  /** `echo TEXT > PATH`. */
  *echo(path: string, text: string): Plan<number> {
    const fd = yield* this.number({ call: "open", path });
    if (fd < 0) return fd;
    const written = yield* this.number({ call: "write", fd, text });
    yield* this.call({ call: "close", fd });
    return written;
  }

  *cat(path: string): Plan {
    const fd = yield* this.number({ call: "open", path });
    if (fd < 0) return;
    yield* this.call({ call: "read", fd });
    yield* this.call({ call: "close", fd });
  }
}
