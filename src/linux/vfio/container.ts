// Containers: /dev/vfio/vfio, choosing an IOMMU driver, and handing it what it alone understands (vfio.c, v5.12).
import type { IoctlArgument } from "../calls.ts";
import { module_put, try_module_get } from "../core/symbols.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, defineSleeping, invokeSleeping, type Kernel } from "../kernel/kernel.ts";
import { lock, lockShared, unlock, unlockShared } from "../kernel/locks.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { type IoctlResult, numberOf, plain, VFIO_API_VERSION } from "./abi.ts";
import { groupLock, vfio_container_put } from "./attach.ts";
import type { Container, VfioIommuDriver } from "./tables.ts";

const { EBUSY, EINVAL, ENODEV, ENOMEM } = ERRNO;
const about = (symbol: string, exported = false) => ({
  symbol,
  module: "vfio",
  exported,
  source: "drivers/vfio/vfio.c, v5.12",
});

/** An IOMMU driver offers itself to containers. 0 or EBUSY. */
export const vfio_register_iommu_driver = define(
  about("vfio_register_iommu_driver", true),
  (k: Kernel, driver: VfioIommuDriver): number => {
    if (driver.name in k.state.vfio.iommuDrivers) return -EBUSY;
    if (k.allocate() < 0) return -ENOMEM;
    k.state.vfio.iommuDrivers[driver.name] = driver;
    return 0;
  },
  (_k, driver) => [driver.name],
);

export const vfio_unregister_iommu_driver = define(
  about("vfio_unregister_iommu_driver", true),
  (k: Kernel, name: string): void => {
    delete k.state.vfio.iommuDrivers[name];
  },
);

/** open("/dev/vfio/vfio"): a new container is the file's object. */
define(about("vfio_fops_open"), (k: Kernel, file: number): number => {
  const record = k.state.core.files[file];
  if (!record || k.allocate() < 0) return -ENOMEM;
  const id = k.newId();
  k.state.vfio.containers[id] = { id, groups: [], driver: "", iommu: 0, references: 1 };
  record.object = id;
  return 0;
});

define(about("vfio_fops_release"), (k: Kernel, file: number): number => {
  const container = k.state.core.files[file]?.object ?? 0;
  vfio_container_put(k, container);
  return 0;
});

defineSleeping(
  about("vfio_fops_unl_ioctl"),
  function* (
    k: Kernel,
    file: number,
    request: string,
    argument: IoctlArgument,
  ): Sleep<IoctlResult> {
    const container = k.state.vfio.containers[k.state.core.files[file]?.object ?? 0];
    if (!container) return plain(-EINVAL);
    switch (request) {
      case "VFIO_GET_API_VERSION":
        return plain(VFIO_API_VERSION);
      case "VFIO_CHECK_EXTENSION":
        return plain(yield* vfio_ioctl_check_extension(k, container.id, numberOf(argument)));
      case "VFIO_SET_IOMMU":
        return plain(yield* vfio_ioctl_set_iommu(k, container.id, numberOf(argument)));
      default: {
        const driver = k.state.vfio.iommuDrivers[container.driver];
        if (!driver) return plain(-EINVAL);
        return yield* invokeSleeping<IoctlResult>(
          k,
          driver.ioctl,
          container.iommu,
          request,
          argument,
        );
      }
    }
  },
  (_k, file, request, argument) => [`${file}`, request, JSON.stringify(argument)],
);

/** The container's driver answers, or without one the first registered driver that says yes. */
const vfio_ioctl_check_extension = defineSleeping(
  about("vfio_ioctl_check_extension"),
  function* (k: Kernel, container: number, extension: number): Sleep<number> {
    yield* lockShared(k, groupLock(container));
    const record = k.state.vfio.containers[container];
    const own = record && k.state.vfio.iommuDrivers[record.driver];
    let result = 0;
    if (own) result = yield* extensionOf(k, own, record.iommu, extension);
    else {
      for (const driver of Object.values(k.state.vfio.iommuDrivers)) {
        if (result > 0 || !try_module_get(k, driver.module)) continue;
        result = yield* extensionOf(k, driver, 0, extension);
        module_put(k, driver.module);
      }
    }
    unlockShared(k, groupLock(container));
    return result;
  },
);

/** VFIO_SET_IOMMU: EINVAL without a group or with a driver already; ENODEV when no driver knows the type; or its error. */
const vfio_ioctl_set_iommu = defineSleeping(
  about("vfio_ioctl_set_iommu"),
  function* (k: Kernel, container: number, type: number): Sleep<number> {
    yield* lock(k, groupLock(container));
    const record = k.state.vfio.containers[container];
    let result: number = -ENODEV;
    if (!record || record.groups.length === 0 || record.driver !== "") result = -EINVAL;
    else {
      for (const driver of Object.values(k.state.vfio.iommuDrivers)) {
        result = yield* tryDriver(k, record, driver, type, result);
        if (result === 0) break;
      }
    }
    unlock(k, groupLock(container));
    return result;
  },
);

/** One registered driver for a container: 0, its error, or `unknown` where it does not know the type. */
function* tryDriver(
  k: Kernel,
  container: Container,
  driver: VfioIommuDriver,
  type: number,
  unknown: number,
): Sleep<number> {
  if (!try_module_get(k, driver.module)) return unknown;
  let result = unknown;
  if ((yield* extensionOf(k, driver, 0, type)) > 0) {
    const iommu = yield* invokeSleeping(k, driver.open, type);
    result =
      iommu > 0
        ? yield* __vfio_container_attach_groups(k, container.id, driver.name, iommu)
        : iommu;
    if (result === 0) {
      container.driver = driver.name;
      container.iommu = iommu;
      return 0;
    }
    if (iommu > 0) yield* invokeSleeping<unknown>(k, driver.release, iommu);
  }
  module_put(k, driver.module);
  return result;
}

/** Every group of the container, or none: an error detaches those that were attached. */
const __vfio_container_attach_groups = defineSleeping(
  about("__vfio_container_attach_groups"),
  function* (k: Kernel, container: number, name: string, iommu: number): Sleep<number> {
    const driver = k.state.vfio.iommuDrivers[name];
    if (!driver) return -ENODEV;
    const attached: number[] = [];
    for (const group of k.state.vfio.containers[container]?.groups ?? []) {
      const iommuGroup = k.state.vfio.groups[group]?.iommuGroup ?? 0;
      const error = yield* invokeSleeping(k, driver.attachGroup, iommu, iommuGroup);
      if (error) {
        for (const done of attached.reverse()) {
          yield* invokeSleeping<unknown>(k, driver.detachGroup, iommu, done);
        }
        return error;
      }
      attached.push(iommuGroup);
    }
    return 0;
  },
);

function* extensionOf(
  k: Kernel,
  driver: VfioIommuDriver,
  iommu: number,
  extension: number,
): Sleep<number> {
  const answer = yield* invokeSleeping<IoctlResult>(
    k,
    driver.ioctl,
    iommu,
    "VFIO_CHECK_EXTENSION",
    extension,
  );
  return answer.result;
}
