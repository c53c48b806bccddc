// sysfs of mdev parents, types and devices, and what writing to it does (drivers/vfio/mdev/mdev_sysfs.c, v5.12).
import {
  device_remove_file_self,
  sysfs_create_attribute,
  sysfs_create_dir,
  sysfs_create_link,
  sysfs_drain,
  sysfs_remove,
} from "../core/sysfs.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { dev_driver_string, deviceDirectory, parseUuid, typeDirectory } from "./names.ts";

const { EINVAL, ENODEV, ENOMEM } = ERRNO;
const about = (symbol: string) => ({
  symbol,
  module: "mdev",
  source: "drivers/vfio/mdev/mdev_sysfs.c, v5.12",
});

/** Length of a UUID's text; one newline more is taken too. */
const UUID_LENGTH = 36;

/** Writing a UUID to a type's `create`: the length of what was written, or an error. */
defineSleeping(
  about("create_store"),
  function* (k: Kernel, type: number, text: string): Sleep<number> {
    if (text.length < UUID_LENGTH || text.length > UUID_LENGTH + 1) return -EINVAL;
    if (text.length === UUID_LENGTH + 1 && !text.endsWith("\n")) return -EINVAL;
    if (k.allocate() < 0) return -ENOMEM;
    const uuid = parseUuid(text);
    if (uuid === "") return -EINVAL;
    const result = yield* invokeSleeping(k, "mdev_device_create", type, uuid);
    return result === 0 ? text.length : result;
  },
);

/** Writing to an mdev's `remove`: a number other than 0 removes it. `device`: its struct device. */
defineSleeping(
  about("remove_store"),
  function* (k: Kernel, device: number, text: string): Sleep<number> {
    if (!/^[0-9]+\n?$/.test(text)) return -EINVAL;
    const path = `${deviceDirectory(k, device)}/remove`;
    if (Number(text) === 0 || !device_remove_file_self(k, path)) return text.length;
    const result = yield* invokeSleeping(k, "mdev_device_remove", device);
    return result === 0 ? text.length : result;
  },
);

/** The links between an mdev and its type, and the file that removes it. 0 or an error. */
export const mdev_create_sysfs_files = define(
  about("mdev_create_sysfs_files"),
  (k: Kernel, device: number, type: number): number => {
    const directory = deviceDirectory(k, device);
    const name = k.state.core.devices[device]?.name ?? "";
    const ofType = typeDirectory(k, type);
    let error = sysfs_create_link(k, `${ofType}/devices/${name}`, directory);
    if (error) return error;
    error = sysfs_create_link(k, `${directory}/mdev_type`, ofType);
    if (!error) {
      error = sysfs_create_attribute(k, `${directory}/remove`, {
        mode: "0200",
        store: "remove_store",
        argument: device,
      });
      if (error) sysfs_remove(k, `${directory}/mdev_type`);
    }
    if (error) sysfs_remove(k, `${ofType}/devices/${name}`);
    return error;
  },
);

export const mdev_remove_sysfs_files = define(
  about("mdev_remove_sysfs_files"),
  (k: Kernel, device: number, type: number): void => {
    const directory = deviceDirectory(k, device);
    sysfs_remove(k, `${directory}/remove`);
    sysfs_remove(k, `${directory}/mdev_type`);
    sysfs_remove(
      k,
      `${typeDirectory(k, type)}/devices/${k.state.core.devices[device]?.name ?? ""}`,
    );
  },
);

/** One directory per type group of the parent's operations. 0 or an error, with nothing left behind. */
export const parent_create_sysfs_files = defineSleeping(
  about("parent_create_sysfs_files"),
  function* (k: Kernel, parent: number): Sleep<number> {
    const record = k.state.mdev.parents[parent];
    const operations = record && k.state.mdev.operations[record.operations];
    if (!record || !operations) return -EINVAL;
    const top = `${deviceDirectory(k, record.device)}/mdev_supported_types`;
    let error = sysfs_create_dir(k, top);
    if (error) return error;
    for (const { group } of operations.types) {
      if (!error) error = mdev_type_create(k, parent, group);
    }
    if (error) yield* parent_remove_sysfs_files(k, parent);
    return error;
  },
);

/** Takes the types away, once nobody is inside one of their files. */
export const parent_remove_sysfs_files = defineSleeping(
  about("parent_remove_sysfs_files"),
  function* (k: Kernel, parent: number): Sleep<void> {
    const record = k.state.mdev.parents[parent];
    if (!record) return;
    for (const type of [...record.types].reverse()) {
      const path = typeDirectory(k, type);
      sysfs_remove(k, path);
      yield* sysfs_drain(k, path);
      delete k.state.mdev.types[type];
    }
    record.types = [];
    sysfs_remove(k, `${deviceDirectory(k, record.device)}/mdev_supported_types`);
  },
);

const mdev_type_create = define(
  { ...about("create_mdev_supported_type") },
  (k: Kernel, parent: number, group: string): number => {
    const record = k.state.mdev.parents[parent];
    const attributes = k.state.mdev.operations[record?.operations ?? ""]?.types.find(
      (candidate) => candidate.group === group,
    )?.attributes;
    if (!record || !attributes) return -ENODEV;
    if (k.allocate() < 0) return -ENOMEM;
    const id = k.newId();
    const name = `${dev_driver_string(k, record.device)}-${group}`;
    k.state.mdev.types[id] = { id, parent, name, group };
    record.types.push(id);
    const path = typeDirectory(k, id);
    let error = sysfs_create_dir(k, path);
    if (!error) {
      error = sysfs_create_attribute(k, `${path}/create`, {
        mode: "0200",
        store: "create_store",
        argument: id,
      });
    }
    if (!error) error = sysfs_create_dir(k, `${path}/devices`);
    for (const [attribute, show] of Object.entries(attributes)) {
      if (error) break;
      error = sysfs_create_attribute(k, `${path}/${attribute}`, {
        mode: "0444",
        show,
        argument: id,
      });
    }
    if (error) {
      sysfs_remove(k, path);
      record.types.pop();
      delete k.state.mdev.types[id];
    }
    return error;
  },
);
