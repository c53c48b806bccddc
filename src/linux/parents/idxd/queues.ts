// Work queues of the accelerator: its registers, who has which queue, and submission by the kernel.
import type { RequesterId } from "../../../base/brand.ts";
import { define, type Kernel } from "../../kernel/kernel.ts";
import type { WorkQueue } from "../tables.ts";
import { CORE, DEVICE, MDEV, outOfTree } from "./about.ts";
import { type Descriptor, PORTAL_BYTES, writeDescriptor } from "./descriptor.ts";

/** Registers in BAR 0. */
export const REGISTER = {
  capabilities: 0x08,
  queues: 0x100,
  queueStride: 0x20,
  status: 8,
} as const;
/** Bits of WQCFG; the PASID is in bits 31:12. */
export const WQCFG = { enable: 1, dedicated: 2, pasidEnable: 4, pasidShift: 12 } as const;

/** The queue that the host keeps for itself. */
export const KERNEL_QUEUE = 0;

const at = (queue: number): number => REGISTER.queues + queue * REGISTER.queueStride;

/** Requester id of a PCI function. */
export const requesterOf = (k: Kernel, device: number): RequesterId =>
  (k.state.core.pci[device]?.requester ?? 0) as RequesterId;

function writeRegister(k: Kernel, device: number, offset: number, value: number): void {
  const name = k.state.core.devices[device]?.name ?? "";
  k.record({
    kind: "device register write",
    call: k.call,
    device: name,
    offset,
    value: BigInt(value),
  });
  k.machine.writeDevice(requesterOf(k, device), offset, 4, BigInt(value));
}

/** Writes WQCFG of a dedicated queue. `pasid` 0: its requests carry none. */
export const idxd_wq_enable = define(
  outOfTree("idxd_wq_enable", DEVICE),
  (k: Kernel, device: number, queue: number, pasid: number): number => {
    const identity = pasid > 0 ? WQCFG.pasidEnable + pasid * 2 ** WQCFG.pasidShift : 0;
    writeRegister(k, device, at(queue), WQCFG.enable + WQCFG.dedicated + identity);
    return 0;
  },
);

/** Takes the queue out of service and waits until nothing is in flight. */
export const idxd_wq_drain = define(
  outOfTree("idxd_wq_drain", DEVICE),
  (k: Kernel, device: number, queue: number): void => {
    writeRegister(k, device, at(queue), 0);
    k.machine.readDevice(requesterOf(k, device), at(queue) + REGISTER.status, 4);
  },
);

/** WQCFG as it is now. */
export const readQueue = (k: Kernel, device: number, queue: number): number =>
  Number(k.machine.readDevice(requesterOf(k, device), at(queue), 4));

/** Sets a free queue aside for an mdev: its number, or -1 when all are taken. */
export const idxd_wq_get_free = define(
  outOfTree("idxd_wq_get_free", MDEV),
  (k: Kernel, device: number, mdev: number): number => {
    const queue = freeQueues(k, device)[0];
    if (!queue) return -1;
    queue.use = "mdev";
    queue.mdev = mdev;
    return queue.index;
  },
);

export const idxd_wq_put = define(
  outOfTree("idxd_wq_put", MDEV),
  (k: Kernel, device: number, index: number): void => {
    const queue = k.state.parents.accelerators[device]?.queues[index];
    if (!queue) return;
    queue.use = "free";
    queue.mdev = 0;
  },
);

export const freeQueues = (k: Kernel, device: number): readonly WorkQueue[] =>
  (k.state.parents.accelerators[device]?.queues ?? []).filter((queue) => queue.use === "free");

/** The CPU stores a descriptor to a queue's portal: the requests carry the parent's requester id. */
export const idxd_submit_desc = define(
  outOfTree("idxd_submit_desc", "drivers/dma/idxd/submit.c", true),
  (k: Kernel, device: number, queue: number, descriptor: Descriptor): void => {
    const bytes = writeDescriptor(descriptor);
    k.machine.submit(requesterOf(k, device), queue * PORTAL_BYTES, bytes);
  },
  (_k, device, queue, { opcode, source, destination, size }) => [
    `${device}`,
    `queue ${queue}`,
    `opcode ${opcode}`,
    `0x${source.toString(16)} -> 0x${destination.toString(16)}`,
    `${size} bytes`,
  ],
);

/** PCI command register: memory space and bus master on or off. */
export const idxd_set_master = define(
  outOfTree("idxd_set_master", CORE),
  (k: Kernel, device: number, on: boolean): void => {
    const function_ = requesterOf(k, device);
    const before = k.machine.readConfiguration(function_, 4, 2);
    const value = on ? before | 6 : before & ~4;
    const name = k.state.core.devices[device]?.name ?? "";
    k.record({ kind: "configuration write", call: k.call, device: name, offset: 4, value });
    k.machine.writeConfiguration(function_, 4, 2, value);
  },
);
