// What the three sample drivers share: a device of their own class, a pool that mdevs take units from, an emulated PCI function.
// Shapes follow samples/vfio-mdev, v5.12. They never do DMA.
import type { IoctlArgument } from "../../calls.ts";
import { device_add, device_del, device_initialize, put_device } from "../../core/devices.ts";
import { defineModule } from "../../core/symbols.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import { mdev_register_device, mdev_unregister_device } from "../../mdev/parents.ts";
import { mdev_dev } from "../../mdev/pointer.ts";
import type { MdevParentOps } from "../../mdev/tables.ts";
import {
  CONFIG_REGION,
  DEVICE_FLAGS,
  field,
  type IoctlResult,
  PCI_REGIONS,
  plain,
  REGION_FLAGS,
  REGION_SHIFT,
} from "../../vfio/abi.ts";
import type { SampleMdev } from "../tables.ts";

export interface SampleType {
  readonly group: string;
  /** Units of the pool that one mdev takes. */
  readonly units: number;
  /** Texts of the type's files, without the newline. */
  readonly name: string;
  readonly description?: string;
}

export interface Sample {
  readonly name: "mtty" | "mdpy" | "mbochs";
  /** Units in the pool. */
  readonly pool: number;
  /** Error of create when the pool is short. */
  readonly short: number;
  readonly types: readonly SampleType[];
  /** Vendor and device number in configuration space. */
  readonly id: number;
  /** Lines of the kernel log. */
  readonly loaded: readonly string[];
  readonly unloaded: readonly string[];
  readonly created?: (type: SampleType) => string;
  readonly removed?: string;
  /** Bytes of a BAR. */
  readonly barBytes: (bar: number, units: number) => number;
  readonly readBar: (mdev: SampleMdev, bar: number, start: number, count: number) => Uint8Array;
  readonly writeBar: (mdev: SampleMdev, bar: number, start: number, bytes: Uint8Array) => void;
}

const CONFIG_BYTES = 256;

const used = (k: Kernel, sample: Sample): number =>
  Object.values(k.state.parents.sampleMdevs)
    .filter((mdev) => mdev.driver === sample.name)
    .reduce((sum, mdev) => sum + mdev.units, 0);

const typeOf = (k: Kernel, sample: Sample, type: number): SampleType | undefined =>
  sample.types.find(({ group }) => group === k.state.mdev.types[type]?.group);

/** Defines every function of a sample driver and its module. */
export function defineSample(sample: Sample): MdevParentOps {
  const { name } = sample;
  const about = (symbol: string) => ({
    symbol: `${name}_${symbol}`,
    module: name,
    source: `samples/vfio-mdev/${name}.c, v5.12`,
  });
  defineTypeFiles(sample, about);
  defineLifeCycle(sample, about);
  defineRegions(sample, about);
  const symbol = (part: string): string => `${name}_${part}`;
  const operations: MdevParentOps = {
    name,
    module: name,
    types: sample.types.map(({ group, description }) => ({
      group,
      attributes: {
        name: symbol("name_show"),
        ...(description === undefined ? {} : { description: symbol("description_show") }),
        device_api: symbol("device_api_show"),
        available_instances: symbol("available_instances_show"),
      },
    })),
    create: symbol("create"),
    remove: symbol("remove"),
    open: symbol("open"),
    release: symbol("close"),
    read: symbol("read"),
    write: symbol("write"),
    mmap: "",
    ioctl: symbol("ioctl"),
  };
  defineModuleOf(sample, about, operations);
  return operations;
}

type AboutOf = (symbol: string) => {
  readonly symbol: string;
  readonly module: string;
  readonly source: string;
};

function defineTypeFiles(sample: Sample, about: AboutOf): void {
  define(about("name_show"), (k: Kernel, type: number) => `${typeOf(k, sample, type)?.name}\n`);
  define(
    about("description_show"),
    (k: Kernel, type: number) => `${typeOf(k, sample, type)?.description}\n`,
  );
  define(about("device_api_show"), () => "vfio-pci\n");
  define(about("available_instances_show"), (k: Kernel, type: number) => {
    const units = typeOf(k, sample, type)?.units ?? 1;
    return `${Math.floor((sample.pool - used(k, sample)) / units)}\n`;
  });
}

function defineLifeCycle(sample: Sample, about: AboutOf): void {
  const words = (k: Kernel, mdev: number): string => {
    const device = k.state.core.devices[mdev_dev(k, mdev)];
    return `${device?.driver || "mdev"} ${device?.name ?? ""}`;
  };
  define(about("create"), (k: Kernel, mdev: number): number => {
    const type = typeOf(k, sample, k.state.mdev.devices[mdev]?.type ?? 0);
    if (!type) return -ERRNO.EINVAL;
    if (used(k, sample) + type.units > sample.pool) return -sample.short;
    if (k.allocate() < 0) return -ERRNO.ENOMEM;
    const record = { driver: sample.name, units: type.units, received: [[], []] };
    k.state.parents.sampleMdevs[mdev] = record;
    if (sample.created) k.log(`${words(k, mdev)}: ${sample.created(type)}`);
    return 0;
  });
  define(about("remove"), (k: Kernel, mdev: number): number => {
    if (!(mdev in k.state.parents.sampleMdevs)) return -ERRNO.EINVAL;
    if (sample.removed) k.log(`${words(k, mdev)}: ${sample.removed}`);
    delete k.state.parents.sampleMdevs[mdev];
    return 0;
  });
  define(about("open"), (): number => 0);
  define(about("close"), (): void => undefined);
}

function defineRegions(sample: Sample, about: AboutOf): void {
  const bytesOf = (record: SampleMdev, index: number): number =>
    index === CONFIG_REGION ? CONFIG_BYTES : sample.barBytes(index, record.units);

  define(
    about("read"),
    (k: Kernel, mdev: number, offset: number, count: number): Uint8Array | number => {
      const record = k.state.parents.sampleMdevs[mdev];
      const [index, start] = [Math.floor(offset / REGION_SHIFT), offset % REGION_SHIFT];
      if (!record || count < 0 || start + count > bytesOf(record, index)) return -ERRNO.EFAULT;
      if (index !== CONFIG_REGION) return sample.readBar(record, index, start, count);
      const bytes = new Uint8Array(CONFIG_BYTES);
      new DataView(bytes.buffer).setUint32(0, sample.id, true);
      return bytes.slice(start, start + count);
    },
  );
  define(
    about("write"),
    (k: Kernel, mdev: number, offset: number, bytes: Uint8Array): number => {
      const record = k.state.parents.sampleMdevs[mdev];
      const [index, start] = [Math.floor(offset / REGION_SHIFT), offset % REGION_SHIFT];
      if (!record || start + bytes.length > bytesOf(record, index)) return -ERRNO.EFAULT;
      if (index !== CONFIG_REGION) sample.writeBar(record, index, start, bytes);
      return bytes.length;
    },
    (_k, mdev, offset, bytes) => [`${mdev}`, `0x${offset.toString(16)}`, `${bytes.length} bytes`],
  );
  define(
    about("ioctl"),
    (k: Kernel, mdev: number, request: string, argument: IoctlArgument): IoctlResult => {
      const record = k.state.parents.sampleMdevs[mdev];
      if (!record) return plain(-ERRNO.ENODEV);
      if (request === "VFIO_DEVICE_GET_INFO") {
        const flags = DEVICE_FLAGS.PCI | DEVICE_FLAGS.RESET;
        return { result: 0, value: { flags, num_regions: PCI_REGIONS, num_irqs: 5 } };
      }
      if (request === "VFIO_DEVICE_RESET") {
        record.received = [[], []];
        return plain(0);
      }
      if (request !== "VFIO_DEVICE_GET_REGION_INFO") return plain(-ERRNO.ENOTTY);
      const index = field(argument, "index");
      if (!(index < PCI_REGIONS)) return plain(-ERRNO.EINVAL);
      const size = bytesOf(record, index);
      const flags = size === 0 ? 0 : REGION_FLAGS.READ | REGION_FLAGS.WRITE;
      return { result: 0, value: { index, flags, size, offset: index * REGION_SHIFT } };
    },
  );
}

function defineModuleOf(sample: Sample, about: AboutOf, operations: MdevParentOps): void {
  const { name } = sample;
  defineSleeping(about("dev_init"), function* (k: Kernel): Sleep<number> {
    for (const line of sample.loaded) k.log(line);
    k.state.mdev.operations[name] = operations;
    const path = `virtual/${name}/${name}`;
    const device = device_initialize(k, { name, bus: "", parent: 0, path, release: "" });
    let error = yield* device_add(k, device);
    if (!error) {
      error = yield* mdev_register_device(k, device, name);
      if (error) yield* device_del(k, device);
    }
    if (!error) {
      k.state.parents.samples[name] = device;
      return 0;
    }
    put_device(k, device);
    delete k.state.mdev.operations[name];
    return error;
  });
  defineSleeping(about("dev_exit"), function* (k: Kernel): Sleep<void> {
    const device = k.state.parents.samples[name] ?? 0;
    yield* mdev_unregister_device(k, device);
    yield* device_del(k, device);
    put_device(k, device);
    delete k.state.parents.samples[name];
    delete k.state.mdev.operations[name];
    for (const line of sample.unloaded) k.log(line);
  });
  defineModule({
    name,
    init: `${name}_dev_init`,
    exit: `${name}_dev_exit`,
    needs: ["vfio", "mdev"],
  });
}
