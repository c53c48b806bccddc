// The accelerator driver takes a function: registers, AUX on the parent, the host's own queue and its memory, registration as a parent of mdevs.
import { driver_register, driver_unregister } from "../../core/devices.ts";
import { defineModule, moduleParameter } from "../../core/symbols.ts";
import { dma_alloc_coherent, dma_free_coherent } from "../../iommu/dma.ts";
import {
  iommu_dev_disable_feature,
  iommu_dev_enable_feature,
  iommu_dev_feature_enabled,
} from "../../iommu/features.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { defineSleeping, type Kernel } from "../../kernel/kernel.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import { mdev_register_device, mdev_unregister_device } from "../../mdev/parents.ts";
import type { WorkQueue } from "../tables.ts";
import { CORE, outOfTree } from "./about.ts";
import { IDXD_OPERATIONS, usesAux } from "./mdev.ts";
import {
  idxd_set_master,
  idxd_wq_drain,
  idxd_wq_enable,
  KERNEL_QUEUE,
  REGISTER,
  requesterOf,
} from "./queues.ts";

/** Vendor and device number of Intel DSA. */
export const IDXD_ID = "8086:0b25";

/** 0; ENOMEM; ENODEV when the registers do not answer; else what registering as a parent gave. */
defineSleeping(
  outOfTree("idxd_pci_probe", CORE),
  function* (k: Kernel, device: number): Sleep<number> {
    const name = k.state.core.devices[device]?.name ?? "";
    if (k.allocate() < 0) return -ERRNO.ENOMEM;
    idxd_set_master(k, device, true);
    const count = Number(
      k.machine.readDevice(requesterOf(k, device), REGISTER.capabilities, 4) & 0xffn,
    );
    if (count === 0 || count > 64) {
      idxd_set_master(k, device, false);
      return -ERRNO.ENODEV;
    }
    const aux = usesAux(k) ? iommu_dev_enable_feature(k, device, "AUX") : 0;
    if (aux < 0) k.log(`idxd ${name}: Failed to enable AUX domains: ${aux}`);
    const queues: WorkQueue[] = [];
    for (let index = 0; index < count; index++) {
      queues.push({ index, use: index === KERNEL_QUEUE ? "kernel" : "free", mdev: 0 });
    }
    const auxEnabled = iommu_dev_feature_enabled(k, device, "AUX");
    k.state.parents.accelerators[device] = { device, auxEnabled, queues };
    const completions = dma_alloc_coherent(k, device, 1);
    if (completions === null) {
      quiesce(k, device);
      return -ERRNO.ENOMEM;
    }
    k.state.parents.accelerators[device] = { device, auxEnabled, queues, completions };
    idxd_wq_enable(k, device, KERNEL_QUEUE, 0);
    k.log(`idxd ${name}: Intel(R) Accelerator Device, ${count} work queues`);
    const error = yield* mdev_register_device(k, device, IDXD_OPERATIONS.name);
    if (error < 0) quiesce(k, device);
    return error;
  },
);

defineSleeping(outOfTree("idxd_remove", CORE), function* (k: Kernel, device: number): Sleep<void> {
  yield* mdev_unregister_device(k, device);
  quiesce(k, device);
});

/** Undoes what probe did, backwards. */
function quiesce(k: Kernel, device: number): void {
  const accelerator = k.state.parents.accelerators[device];
  for (const queue of accelerator?.queues ?? []) idxd_wq_drain(k, device, queue.index);
  if (accelerator?.completions) dma_free_coherent(k, device, accelerator.completions);
  const leaves = moduleParameter(k, "idxd", "aux") === "2";
  if (accelerator?.auxEnabled && !leaves) iommu_dev_disable_feature(k, device, "AUX");
  idxd_set_master(k, device, false);
  delete k.state.parents.accelerators[device];
}

defineSleeping(outOfTree("idxd_init_module", CORE), function* (k: Kernel): Sleep<number> {
  k.state.mdev.operations[IDXD_OPERATIONS.name] = IDXD_OPERATIONS;
  const error = yield* driver_register(k, {
    name: "idxd",
    bus: "pci",
    module: "idxd",
    probe: "idxd_pci_probe",
    remove: "idxd_remove",
    matches: [IDXD_ID],
  });
  if (error) delete k.state.mdev.operations[IDXD_OPERATIONS.name];
  return error;
});

defineSleeping(outOfTree("idxd_exit_module", CORE), function* (k: Kernel): Sleep<void> {
  yield* driver_unregister(k, "idxd");
  delete k.state.mdev.operations[IDXD_OPERATIONS.name];
});

defineModule({
  name: "idxd",
  init: "idxd_init_module",
  exit: "idxd_exit_module",
  needs: ["vfio", "mdev"],
  parameters: { aux: "1" },
});
