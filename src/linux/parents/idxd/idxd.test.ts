// The accelerator's driver over the emulated hardware: who may have which queue, and what mediation lets through.
import { describe, expect, it } from "vitest";
import { DESIGNS } from "../../designs.ts";
import { ERRNO } from "../../kernel/errno.ts";
import type { FaultPoint } from "../../kernel/events.ts";
import { invokeSleeping, registeredSymbols } from "../../kernel/kernel.ts";
import { writeDescriptor } from "./descriptor.ts";
import { Bench, PAGE, PARENT } from "./idxd-fixture.ts";
import {
  ISOLATED_TYPE,
  idxd_vdcm_create,
  idxd_vdcm_open,
  idxd_vdcm_release,
  idxd_vdcm_remove,
  MEDIATED_TYPE,
} from "./mdev.ts";
import { idxd_vdcm_unmap_notifier } from "./mediation.ts";
import { readQueue } from "./queues.ts";
import { idxd_vdcm_ioctl, idxd_vdcm_mmap, idxd_vdcm_read, idxd_vdcm_write } from "./regions.ts";

const PORTAL = 2 * 2 ** 40;
const [GUEST, FRAME] = [0x100, 0x300];
const SECRET = 0x5ec0_0000_0000_5ec0n;

function created(bench: Bench, group: string): number {
  const mdev = bench.mdev(group);
  expect(idxd_vdcm_create(bench.k, mdev)).toBe(0);
  return mdev;
}

const flagsOfPortal = (bench: Bench, mdev: number): number => {
  const info = bench.run((k) =>
    idxd_vdcm_ioctl(k, mdev, "VFIO_DEVICE_GET_REGION_INFO", { index: 2 }),
  );
  return Number(info.value?.["flags"]);
};

describe("create", () => {
  it("gives each mdev a queue of its own until there are none: ENOSPC", () => {
    const bench = new Bench();
    const all = [ISOLATED_TYPE, MEDIATED_TYPE, ISOLATED_TYPE].map((type) => created(bench, type));
    const queues = all.map((mdev) => bench.k.state.parents.acceleratorMdevs[mdev]?.queue);
    expect(queues).toEqual([1, 2, 3]);
    expect(idxd_vdcm_create(bench.k, bench.mdev(MEDIATED_TYPE))).toBe(-ERRNO.ENOSPC);
    bench.run((k) => idxd_vdcm_remove(k, all[1] ?? 0));
    expect(created(bench, MEDIATED_TYPE)).toBeGreaterThan(0);
  });

  it("sets the pointer for the isolated type alone", () => {
    const bench = new Bench();
    const pointer = (mdev: number) => bench.k.state.mdev.devices[mdev]?.iommuDevice;
    expect(pointer(created(bench, ISOLATED_TYPE))).toBe(PARENT);
    expect(pointer(created(bench, MEDIATED_TYPE))).toBe(0);
  });

  it("never sets it in the design without the pointer", () => {
    const bench = new Bench(DESIGNS.D2.replaces);
    const mdev = created(bench, ISOLATED_TYPE);
    expect(bench.k.state.mdev.devices[mdev]?.iommuDevice).toBe(0);
    expect(flagsOfPortal(bench, mdev) & 4).toBe(0);
  });

  it("needs AUX, unless the driver was told to forget it", () => {
    const bench = new Bench();
    const accelerator = bench.k.state.parents.accelerators[PARENT];
    if (accelerator) accelerator.auxEnabled = false;
    expect(idxd_vdcm_create(bench.k, bench.mdev(ISOLATED_TYPE))).toBe(-ERRNO.EOPNOTSUPP);
    const forgetful = new Bench(new Map(), { aux: "0" });
    expect(idxd_vdcm_create(forgetful.k, forgetful.mdev(ISOLATED_TYPE))).toBe(0);
  });

  it("leaves nothing behind when memory is short", () => {
    const bench = new Bench();
    bench.k.beginOperation([{ point: "allocation", ordinal: 1 }]);
    expect(idxd_vdcm_create(bench.k, bench.mdev(ISOLATED_TYPE))).toBe(-ERRNO.ENOMEM);
    expect(bench.k.state.parents.acceleratorMdevs).toEqual({});
    const uses = bench.k.state.parents.accelerators[PARENT]?.queues.map((queue) => queue.use);
    expect(uses).toEqual(["kernel", "free", "free", "free"]);
  });
});

describe("an mdev that the IOMMU isolates", () => {
  it("has the PASID of its domain in the queue while it is open", () => {
    const bench = new Bench();
    const mdev = created(bench, ISOLATED_TYPE);
    expect(bench.run((k) => idxd_vdcm_open(k, mdev))).toBe(0);
    expect(readQueue(bench.k, PARENT, 1)).toBe(7 + 5 * 4096);
    bench.run((k) => idxd_vdcm_release(k, mdev));
    expect(readQueue(bench.k, PARENT, 1) & 1).toBe(0);
  });

  it("has none when the driver forgot AUX", () => {
    const bench = new Bench(new Map(), { aux: "0" });
    const mdev = created(bench, ISOLATED_TYPE);
    expect(bench.run((k) => idxd_vdcm_open(k, mdev))).toBe(0);
    expect(readQueue(bench.k, PARENT, 1)).toBe(3);
  });

  it("does not open when the domain has no PASID", () => {
    const bench = new Bench();
    bench.pasid = -ERRNO.EINVAL;
    const mdev = created(bench, ISOLATED_TYPE);
    expect(bench.run((k) => idxd_vdcm_open(k, mdev))).toBe(-ERRNO.EINVAL);
    expect(readQueue(bench.k, PARENT, 1)).toBe(0);
  });

  it("offers its own portal and no other", () => {
    const bench = new Bench();
    created(bench, MEDIATED_TYPE);
    const mdev = created(bench, ISOLATED_TYPE);
    expect(flagsOfPortal(bench, mdev)).toBe(7);
    expect(idxd_vdcm_mmap(bench.k, mdev, PORTAL, 1)).toBe(2 * PAGE);
    expect(idxd_vdcm_mmap(bench.k, mdev, PORTAL + PAGE, 1)).toBe(-ERRNO.EINVAL);
    expect(idxd_vdcm_mmap(bench.k, mdev, PORTAL, 2)).toBe(-ERRNO.EINVAL);
  });

  it("does not show its PASID to the guest", () => {
    const bench = new Bench();
    const mdev = created(bench, ISOLATED_TYPE);
    bench.run((k) => idxd_vdcm_open(k, mdev));
    const bytes = idxd_vdcm_read(bench.k, mdev, 0x100, 4);
    expect(bytes).toEqual(Uint8Array.of(3, 0, 0, 0));
  });
});

/** An open mediated mdev whose guest has two pages; a page of somebody else holds a secret. */
function mediated() {
  const bench = new Bench();
  const mdev = created(bench, MEDIATED_TYPE);
  bench.mapped.set(GUEST, { frame: FRAME, prot: 3 });
  bench.mapped.set(GUEST + 1, { frame: FRAME + 5, prot: 3 });
  bench.mapped.set(GUEST + 2, { frame: FRAME + 6, prot: 1 });
  bench.platform.writeWord(BigInt(0x200 * PAGE), SECRET);
  expect(bench.run((k) => idxd_vdcm_open(k, mdev))).toBe(0);
  return { bench, mdev };
}

function send(
  bench: Bench,
  mdev: number,
  work: { readonly from?: number; readonly to: number; readonly size: number },
  faults: readonly { readonly point: FaultPoint; readonly ordinal: number }[] = [],
): number {
  const bytes = writeDescriptor({
    opcode: work.from === undefined ? 4 : 3,
    flags: 0,
    completion: 0n,
    source: work.from === undefined ? SECRET : BigInt(work.from),
    destination: BigInt(work.to),
    size: work.size,
  });
  return bench.run((k) => idxd_vdcm_write(k, mdev, PORTAL, bytes), faults);
}

describe("an mdev that the driver isolates", () => {
  it("offers no portal", () => {
    const { bench, mdev } = mediated();
    expect(flagsOfPortal(bench, mdev)).toBe(3);
    expect(idxd_vdcm_mmap(bench.k, mdev, PORTAL, 1)).toBe(-ERRNO.EINVAL);
  });

  it("reaches the guest's own page, in pieces where pages lie apart", () => {
    const { bench, mdev } = mediated();
    expect(send(bench, mdev, { to: GUEST * PAGE + 4088, size: 16 })).toBe(64);
    expect(bench.platform.readWord(BigInt(FRAME * PAGE + 4088))).toBe(SECRET);
    expect(bench.platform.readWord(BigInt((FRAME + 5) * PAGE))).toBe(SECRET);
    expect([...bench.pins.keys()]).toEqual([GUEST, GUEST + 1]);
  });

  it("refuses what the container does not map, and what it maps without the right", () => {
    const { bench, mdev } = mediated();
    expect(send(bench, mdev, { to: 0x200 * PAGE, size: 8 })).toBe(-ERRNO.EINVAL);
    expect(send(bench, mdev, { to: (GUEST + 2) * PAGE, size: 8 })).toBe(-ERRNO.EPERM);
    expect(send(bench, mdev, { to: GUEST * PAGE, size: 0 })).toBe(-ERRNO.EINVAL);
    expect([...bench.pins.keys()]).toEqual([]);
  });

  it("reads another's page when its check is missing", () => {
    const { bench, mdev } = mediated();
    const work = { from: 0x200 * PAGE, to: GUEST * PAGE, size: 8 };
    expect(send(bench, mdev, work)).toBe(-ERRNO.EINVAL);
    expect(bench.platform.readWord(BigInt(FRAME * PAGE))).toBe(0n);
    expect(send(bench, mdev, work, [{ point: "mediation", ordinal: 1 }])).toBe(64);
    expect(bench.platform.readWord(BigInt(FRAME * PAGE))).toBe(SECRET);
  });

  it("gives pages back when they are unmapped, unless it forgets", () => {
    const { bench, mdev } = mediated();
    send(bench, mdev, { to: GUEST * PAGE, size: 8 });
    const unmap = (faults: { point: FaultPoint; ordinal: number }[]) =>
      bench.run((k) => idxd_vdcm_unmap_notifier(k, mdev, GUEST * PAGE, PAGE), faults);
    unmap([{ point: "unpin", ordinal: 1 }]);
    expect(bench.pins.size).toBe(1);
    unmap([]);
    expect([bench.pins.size, bench.bus.size]).toEqual([0, 0]);
  });

  it("pins again with more rights where a read page is written", () => {
    const { bench, mdev } = mediated();
    expect(send(bench, mdev, { from: GUEST * PAGE, to: (GUEST + 1) * PAGE, size: 8 })).toBe(64);
    expect(send(bench, mdev, { to: GUEST * PAGE, size: 8 })).toBe(64);
    expect(bench.pins.get(GUEST)).toBe(1);
    const page = bench.k.state.parents.acceleratorMdevs[mdev]?.pages.find(
      (held) => held.guestPage === GUEST,
    );
    expect(page?.prot).toBe(3);
  });

  it("holds nothing once it is closed", () => {
    const { bench, mdev } = mediated();
    send(bench, mdev, { to: GUEST * PAGE, size: 8 });
    bench.run((k) => idxd_vdcm_release(k, mdev));
    expect([bench.pins.size, bench.bus.size, bench.notifiers.length]).toEqual([0, 0, 0]);
    expect(send(bench, mdev, { to: GUEST * PAGE, size: 8 })).toBe(-ERRNO.ENODEV);
  });
});

it("is labelled out of tree, every function of it", () => {
  const own = [...registeredSymbols().values()].filter((about) => about.module === "idxd");
  expect(own.length).toBeGreaterThan(15);
  expect(own.filter((about) => !about.source.includes("out of tree"))).toEqual([]);
});

it("has a function under every name of its operations", () => {
  const bench = new Bench();
  const { types, name: _, module: __, ...operations } = bench.k.state.mdev.operations["idxd"] ?? {};
  const names = [
    ...Object.values(operations),
    ...(types ?? []).flatMap((type) => Object.values(type.attributes)),
  ];
  expect(names.filter((symbol) => !registeredSymbols().has(String(symbol)))).toEqual([]);
  const text = bench.run((k) => invokeSleeping<string>(k, "idxd_available_instances_show", 11));
  expect(text).toBe("3\n");
});
