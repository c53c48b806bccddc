// A user of the accelerator inside the kernel, after drivers/dma/dmatest.c, v5.12: copies pages through the DMA API and compares.
import { alloc_page, free_page } from "../core/pages.ts";
import { defineModule } from "../core/symbols.ts";
import { sysfs_create_attribute } from "../core/sysfs.ts";
import { dma_map_page, dma_unmap_page } from "../iommu/dma.ts";
import type { DmaDirection } from "../iommu/types.ts";
import { ERRNO } from "../kernel/errno.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { OPCODE } from "./idxd/descriptor.ts";
import { idxd_submit_desc, KERNEL_QUEUE } from "./idxd/queues.ts";

const PAGE = 4096;
/** Pages that one run may copy. */
export const MOST_PAGES = 256;
const PARAMETERS = "/sys/module/dmatest/parameters";

const about = (symbol: string) => ({
  symbol,
  module: "dmatest",
  source: "drivers/dma/dmatest.c, v5.12, in short: the channel is a device, one copy for each page",
});

/** A page of the kernel with its bus address. */
interface Buffer {
  readonly frame: number;
  readonly address: number;
  readonly direction: DmaDirection;
}

/** A page with a pattern, mapped for the device; an error when there is no page or no address. */
function buffer(
  k: Kernel,
  device: number,
  direction: DmaDirection,
  pattern: bigint,
): Buffer | number {
  const frame = alloc_page(k, "kernel");
  if (frame < 0) return frame;
  for (const word of [0, PAGE / 2, PAGE - 8]) {
    k.machine.writeWord(BigInt(frame * PAGE + word), pattern + BigInt(word));
  }
  const address = dma_map_page(k, device, frame, direction);
  if (address !== 0) return { frame, address, direction };
  free_page(k, frame);
  return -ERRNO.ENOMEM;
}

function release(k: Kernel, device: number, { frame, address, direction }: Buffer): void {
  dma_unmap_page(k, device, address, direction);
  free_page(k, frame);
}

const alike = (k: Kernel, a: number, b: number): boolean =>
  [0, PAGE / 2, PAGE - 8].every(
    (word) =>
      k.machine.readWord(BigInt(a * PAGE + word)) === k.machine.readWord(BigInt(b * PAGE + word)),
  );

/** One copy: 1 when the bytes arrived, 0 when they did not, or an error before the device was asked. */
export const dmatest_func = define(
  about("dmatest_func"),
  (k: Kernel, device: number, round: number): number => {
    const buffers: Buffer[] = [];
    let error = 0;
    const pattern = BigInt(round + 1) * 0x0101_0101_0101_0000n;
    for (const direction of ["to device", "from device", "from device"] as const) {
      if (error < 0) break;
      const made = buffer(k, device, direction, direction === "to device" ? pattern : 0n);
      if (typeof made === "number") error = made;
      else buffers.push(made);
    }
    const [source, destination, completion] = buffers;
    let result = error;
    if (source && destination && completion) {
      idxd_submit_desc(k, device, KERNEL_QUEUE, {
        opcode: OPCODE.move,
        flags: 0,
        completion: BigInt(completion.address),
        source: BigInt(source.address),
        destination: BigInt(destination.address),
        size: PAGE,
      });
      const status = k.machine.readBytes(BigInt(completion.frame * PAGE), 1)[0];
      result = status === 1 && alike(k, source.frame, destination.frame) ? 1 : 0;
    }
    for (const held of buffers.reverse()) release(k, device, held);
    return result;
  },
);

/** The device that a run uses: the one that was chosen, else the first accelerator; 0: none. */
function channel(k: Kernel): number {
  const chosen = k.state.core.modules["dmatest"]?.parameters["channel"] ?? "";
  const found = Object.values(k.state.parents.accelerators).find(
    ({ device }) => chosen === "" || k.state.core.devices[device]?.name === chosen,
  );
  return found?.device ?? 0;
}

/** Writing N copies N pages. EINVAL for no number of 1 .. 256, ENODEV without an accelerator. */
export const dmatest_run_set = define(
  about("dmatest_run_set"),
  (k: Kernel, _argument: number, text: string): number => {
    const pages = /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : 0;
    if (pages < 1 || pages > MOST_PAGES) return -ERRNO.EINVAL;
    const device = channel(k);
    if (device === 0) return -ERRNO.ENODEV;
    let failures = 0;
    for (let round = 0; round < pages; round++) {
      const result = dmatest_func(k, device, round);
      if (result < 0) return result;
      if (result === 0) failures++;
    }
    const name = k.state.core.devices[device]?.name ?? "";
    k.log(`dmatest: ${name}-copy0: summary ${pages} tests, ${failures} failures`);
    return text.length;
  },
);

export const dmatest_chan_set = define(
  about("dmatest_chan_set"),
  (k: Kernel, _argument: number, text: string): number => {
    const name = text.trim();
    const known = Object.values(k.state.parents.accelerators).some(
      ({ device }) => k.state.core.devices[device]?.name === name,
    );
    const module = k.state.core.modules["dmatest"];
    if (!known || !module) return -ERRNO.ENODEV;
    module.parameters["channel"] = name;
    return text.length;
  },
);

define(
  about("dmatest_chan_get"),
  (k: Kernel): string => `${k.state.core.modules["dmatest"]?.parameters["channel"] ?? ""}\n`,
);

export const dmatest_init = define(about("dmatest_init"), (k: Kernel): number => {
  const chosen = sysfs_create_attribute(k, `${PARAMETERS}/channel`, {
    mode: "0644",
    show: "dmatest_chan_get",
    store: "dmatest_chan_set",
  });
  if (chosen < 0) return chosen;
  return sysfs_create_attribute(k, `${PARAMETERS}/run`, { mode: "0200", store: "dmatest_run_set" });
});

define(about("dmatest_exit"), (): void => undefined);

defineModule({
  name: "dmatest",
  init: "dmatest_init",
  exit: "dmatest_exit",
  needs: ["idxd"],
});
