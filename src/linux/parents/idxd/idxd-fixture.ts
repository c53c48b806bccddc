// The accelerator with its driver over a real platform, and VFIO and the DMA API as a table of what was pinned and mapped.
import { ACCELERATOR, enable, open } from "../../../hardware/platform/platform-fixture.ts";
import { ERRNO } from "../../kernel/errno.ts";
import type { FaultPoint, KernelEvent } from "../../kernel/events.ts";
import { Kernel, type Replacements } from "../../kernel/kernel.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import { emptyState } from "../../kernel/state.ts";
import { IDXD_OPERATIONS, ISOLATED_TYPE, MEDIATED_TYPE } from "./mdev.ts";
import "./regions.ts";

export const PAGE = 4096;
export const PARENT = 1;
/** What the container of the test maps: guest page -> frame, and rights. */
export interface Mapped {
  readonly frame: number;
  readonly prot: number;
}

export class Bench {
  readonly platform = open();
  readonly events: KernelEvent[] = [];
  /** By guest page. */
  readonly mapped = new Map<number, Mapped>();
  /** Pins that are held, by guest page. */
  readonly pins = new Map<number, number>();
  /** Bus addresses that are mapped, by address -> frame. */
  readonly bus = new Map<number, number>();
  readonly notifiers: string[] = [];
  pasid = 5;
  readonly k: Kernel;
  #nextId = 100;

  constructor(more: Replacements = new Map(), parameters: Record<string, string> = { aux: "1" }) {
    enable(this.platform, "6a:01.0");
    const state = emptyState();
    this.k = new Kernel({
      machine: this.platform,
      state,
      replacements: new Map([...this.#outside(), ...more]),
      onEvent: (event) => this.events.push(event),
      onInterrupt: () => undefined,
    });
    state.core.devices[PARENT] = {
      id: PARENT,
      name: "0000:6a:01.0",
      bus: "pci",
      parent: 0,
      path: "pci0000:6a/0000:6a:01.0",
      driver: "idxd",
      group: 0,
      references: 1,
      added: true,
      driverOverride: "",
      release: "",
    };
    state.core.pci[PARENT] = {
      device: PARENT,
      requester: ACCELERATOR,
      vendor: 0x8086,
      deviceId: 0x0b25,
      class: 0x088000,
      revision: 0,
      expressType: 9,
      multifunction: false,
      secondary: -1,
      subordinate: -1,
      bridge: 0,
      pasidEnabled: true,
    };
    state.core.modules["idxd"] = { name: "idxd", parameters, references: 0, state: "live" };
    state.mdev.operations["idxd"] = IDXD_OPERATIONS;
    const parent = { id: 10, device: PARENT, operations: "idxd", references: 1, types: [11, 12] };
    state.mdev.parents[10] = { ...parent, listed: true };
    for (const [id, group] of [
      [11, ISOLATED_TYPE],
      [12, MEDIATED_TYPE],
    ] as const) {
      state.mdev.types[id] = { id, parent: 10, name: `idxd-${group}`, group };
    }
    const queues = [0, 1, 2, 3].map((index) => ({
      index,
      use: index === 0 ? ("kernel" as const) : ("free" as const),
      mdev: 0,
    }));
    state.parents.accelerators[PARENT] = { device: PARENT, auxEnabled: true, queues };
  }

  /** An mdev record of a type, as the core has it when the driver's create is called. */
  mdev(group: string): number {
    const id = this.#nextId++;
    const type = group === ISOLATED_TYPE ? 11 : 12;
    this.k.state.mdev.devices[id] = {
      id,
      uuid: `83b8f4f2-509f-382f-3c1e-e6bfe0fa1${id}`,
      parent: 10,
      type,
      device: id + 1000,
      active: false,
      iommuDevice: 0,
      stage: "reserved",
    };
    return id;
  }

  /** Runs a function that may sleep to its end; `faults` strike in it. */
  run<R>(
    body: (k: Kernel) => Sleep<R>,
    faults: readonly { readonly point: FaultPoint; readonly ordinal: number }[] = [],
  ): R {
    this.k.beginOperation(faults);
    const steps = body(this.k);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  /** Replacements for what lies outside the driver. */
  #outside(): Map<string, Outside> {
    const { mapped, pins, bus, notifiers } = this;
    return new Map<string, Outside>([
      [
        "vfio_pin_pages",
        sleeping((_k, _device, pages: number[], prot: number, frames: number[]) => {
          for (const page of pages) {
            const found = mapped.get(page);
            if (!found) return -ERRNO.EINVAL;
            if ((found.prot & prot) !== prot) return -ERRNO.EPERM;
            pins.set(page, (pins.get(page) ?? 0) + 1);
            frames.push(found.frame);
          }
          return pages.length;
        }),
      ],
      [
        "vfio_unpin_pages",
        sleeping((_k, _device, pages: number[]) => {
          for (const page of pages) {
            const count = (pins.get(page) ?? 0) - 1;
            if (count === 0) pins.delete(page);
            else pins.set(page, count);
          }
          return pages.length;
        }),
      ],
      ["vfio_register_notifier", sleeping((_k, _device, symbol) => notifiers.push(symbol) && 0)],
      ["vfio_unregister_notifier", sleeping(() => notifiers.pop() && 0)],
      ["vfio_group_get_external_user_from_dev", sleeping(() => 50)],
      ["vfio_group_put_external_user", sleeping(() => undefined)],
      ["vfio_group_iommu_domain", sleeping(() => 60)],
      ["iommu_aux_get_pasid", () => this.pasid],
      [
        "dma_map_page_attrs",
        (_k, _device, frame: number) => {
          // Remapping is off on this bench: the bus address of a page is the page's own.
          bus.set(frame * PAGE, frame);
          return frame * PAGE;
        },
      ],
      ["dma_unmap_page_attrs", (_k, _device, address: number) => bus.delete(address)],
    ]);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: functions of every signature stand in one table.
type Outside = (k: Kernel, ...rest: any[]) => unknown;

/** A function that may sleep and does not. */
const sleeping = (body: Outside): Outside =>
  function* (k, ...rest) {
    yield* [];
    return body(k, ...rest);
  };
