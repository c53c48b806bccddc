// mdevs of the accelerator: one dedicated queue each, isolated by the IOMMU (a PASID in the queue) or by this driver's mediation.

import { moduleParameter } from "../../core/symbols.ts";
import { iommu_aux_get_pasid } from "../../iommu/features.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { define, defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import { mdev_dev, mdev_parent_dev, mdev_set_iommu_device } from "../../mdev/pointer.ts";
import type { MdevParentOps } from "../../mdev/tables.ts";
import {
  vfio_group_get_external_user_from_dev,
  vfio_group_iommu_domain,
  vfio_group_put_external_user,
  vfio_register_notifier,
  vfio_unregister_notifier,
} from "../../vfio/external.ts";
import { MDEV, outOfTree } from "./about.ts";
import { vidxd_unpin_all } from "./mediation.ts";
import {
  freeQueues,
  idxd_wq_drain,
  idxd_wq_enable,
  idxd_wq_get_free,
  idxd_wq_put,
} from "./queues.ts";

/** Names of the type groups; with the driver's name in front they are "idxd-1dwq-v1" and "idxd-1dwq-mediated". */
export const ISOLATED_TYPE = "1dwq-v1";
export const MEDIATED_TYPE = "1dwq-mediated";

/** The parameter `aux=0`: a driver that forgets AUX and with it PASIDs; `aux=2`: one that leaves AUX on when it lets go. */
export const usesAux = (k: Kernel): boolean => moduleParameter(k, "idxd", "aux") !== "0";

/** Who keeps an mdev of this type group apart: a design may say otherwise. */
export const idxd_mdev_isolation = define(
  outOfTree("idxd_mdev_isolation", MDEV),
  (_k: Kernel, group: string): "iommu" | "vendor" => (group === ISOLATED_TYPE ? "iommu" : "vendor"),
);

/** 0; ENOMEM; ENOSPC when no queue is free; EOPNOTSUPP when the IOMMU cannot tell PASIDs of the parent apart. */
export const idxd_vdcm_create = define(
  outOfTree("idxd_vdcm_create", MDEV),
  (k: Kernel, mdev: number): number => {
    const parent = mdev_parent_dev(k, mdev);
    const accelerator = k.state.parents.accelerators[parent];
    const type = k.state.mdev.types[k.state.mdev.devices[mdev]?.type ?? 0];
    if (!accelerator || !type) return -ERRNO.ENODEV;
    if (k.allocate() < 0) return -ERRNO.ENOMEM;
    const isolation = idxd_mdev_isolation(k, type.group);
    if (isolation === "iommu" && usesAux(k) && !accelerator.auxEnabled) return -ERRNO.EOPNOTSUPP;
    const queue = idxd_wq_get_free(k, parent, mdev);
    if (queue < 0) return -ERRNO.ENOSPC;
    const fresh = { mdev, queue, isolation, pasid: 0, enabled: false, pages: [] };
    k.state.parents.acceleratorMdevs[mdev] = fresh;
    if (isolation === "iommu") mdev_set_iommu_device(k, mdev_dev(k, mdev), parent);
    return 0;
  },
);

export const idxd_vdcm_remove = defineSleeping(
  outOfTree("idxd_vdcm_remove", MDEV),
  function* (k: Kernel, mdev: number): Sleep<number> {
    const record = k.state.parents.acceleratorMdevs[mdev];
    if (!record) return -ERRNO.ENODEV;
    yield* idxd_vdcm_release(k, mdev);
    idxd_wq_put(k, mdev_parent_dev(k, mdev), record.queue);
    delete k.state.parents.acceleratorMdevs[mdev];
    return 0;
  },
);

/** The PASID lives in the domain that type1 attached: mdev -> VFIO group -> domain -> PASID on the parent. */
export const idxd_mdev_get_pasid = defineSleeping(
  outOfTree("idxd_mdev_get_pasid", MDEV),
  function* (k: Kernel, mdev: number): Sleep<number> {
    const group = yield* vfio_group_get_external_user_from_dev(k, mdev_dev(k, mdev));
    if (group < 0) return group;
    const domain = yield* vfio_group_iommu_domain(k, group);
    yield* vfio_group_put_external_user(k, group);
    if (domain <= 0) return domain === 0 ? -ERRNO.ENODEV : domain;
    return iommu_aux_get_pasid(k, domain, mdev_parent_dev(k, mdev));
  },
);

/** The VMM opens the device: the queue gets its identity and goes into service. */
export const idxd_vdcm_open = defineSleeping(
  outOfTree("idxd_vdcm_open", MDEV),
  function* (k: Kernel, mdev: number): Sleep<number> {
    const record = k.state.parents.acceleratorMdevs[mdev];
    if (!record) return -ERRNO.ENODEV;
    if (record.isolation === "vendor") {
      const symbol = "idxd_vdcm_unmap_notifier";
      const error = yield* vfio_register_notifier(k, mdev_dev(k, mdev), symbol, mdev);
      if (error < 0) return error;
    } else if (usesAux(k)) {
      const pasid = yield* idxd_mdev_get_pasid(k, mdev);
      if (pasid < 0) return pasid;
      record.pasid = pasid;
    }
    record.enabled = true;
    return idxd_wq_enable(k, mdev_parent_dev(k, mdev), record.queue, record.pasid);
  },
);

/** The last file is closed: nothing may be in flight when the domain goes. */
export const idxd_vdcm_release = defineSleeping(
  outOfTree("idxd_vdcm_release", MDEV),
  function* (k: Kernel, mdev: number): Sleep<void> {
    const record = k.state.parents.acceleratorMdevs[mdev];
    if (!record?.enabled) return;
    record.enabled = false;
    record.pasid = 0;
    idxd_wq_drain(k, mdev_parent_dev(k, mdev), record.queue);
    if (record.isolation === "iommu") return;
    yield* vidxd_unpin_all(k, mdev);
    yield* vfio_unregister_notifier(k, mdev_dev(k, mdev), "idxd_vdcm_unmap_notifier", mdev);
  },
);

/** Parent device of a type. */
const parentOfType = (k: Kernel, type: number): number =>
  k.state.mdev.parents[k.state.mdev.types[type]?.parent ?? 0]?.device ?? 0;

const show = (name: string) => outOfTree(`idxd_${name}_show`, MDEV);
define(show("name"), (k: Kernel, type: number): string => `${k.state.mdev.types[type]?.name}\n`);
define(show("device_api"), (): string => "vfio-pci\n");
define(show("description"), (k: Kernel, type: number): string =>
  k.state.mdev.types[type]?.group === ISOLATED_TYPE
    ? "one dedicated work queue, isolated by the IOMMU\n"
    : "one dedicated work queue, isolated by the driver\n",
);
define(
  show("available_instances"),
  (k: Kernel, type: number): string => `${freeQueues(k, parentOfType(k, type)).length}\n`,
);

const attributes = {
  name: "idxd_name_show",
  device_api: "idxd_device_api_show",
  description: "idxd_description_show",
  available_instances: "idxd_available_instances_show",
};

export const IDXD_OPERATIONS: MdevParentOps = {
  name: "idxd",
  module: "idxd",
  types: [
    { group: ISOLATED_TYPE, attributes },
    { group: MEDIATED_TYPE, attributes },
  ],
  create: "idxd_vdcm_create",
  remove: "idxd_vdcm_remove",
  open: "idxd_vdcm_open",
  release: "idxd_vdcm_release",
  read: "idxd_vdcm_read",
  write: "idxd_vdcm_write",
  mmap: "idxd_vdcm_mmap",
  ioctl: "idxd_vdcm_ioctl",
};
