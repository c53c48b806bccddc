// The sample drivers through the real mdev core: what their type files say, and when their pools are empty.
import { describe, expect, it } from "vitest";
import { open } from "../../../hardware/platform/platform-fixture.ts";
import { load_module, unload_module } from "../../core/symbols.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { invoke, invokeSleeping, Kernel } from "../../kernel/kernel.ts";
import type { Sleep } from "../../kernel/scheduler.ts";
import { emptyState } from "../../kernel/state.ts";
import "../../mdev/bus.ts";
import { mdev_device_create } from "../../mdev/create.ts";
import { mdev_device_remove } from "../../mdev/remove.ts";
import "../modules.ts";

class Host {
  readonly k = new Kernel({
    machine: open(),
    state: emptyState(),
    replacements: new Map(),
    onEvent: () => undefined,
    onInterrupt: () => undefined,
  });
  #made = 0;

  constructor() {
    const { modules } = this.k.state.core;
    modules["vfio"] = { name: "vfio", parameters: {}, references: 0, state: "live" };
    for (const name of ["mdev", "mtty", "mdpy", "mbochs"]) {
      expect(this.run((k) => load_module(k, name, ""))).toBe(0);
    }
  }

  run<R>(body: (k: Kernel) => Sleep<R>): R {
    const steps = body(this.k);
    let step = steps.next();
    for (let i = 0; !step.done && i < 10_000; i++) step = steps.next();
    if (!step.done) throw new Error("It does not come back.");
    return step.value;
  }

  type(name: string): number {
    const { types } = this.k.state.mdev;
    return Object.values(types).find((type) => type.name === name)?.id ?? 0;
  }

  read(type: string, file: string): string {
    const parent = type.split("-")[0];
    const path = `/sys/devices/virtual/${parent}/${parent}/mdev_supported_types/${type}/${file}`;
    const node = this.k.state.core.nodes[path];
    return node?.kind === "attribute" ? invoke<string>(this.k, node.show, node.argument) : "";
  }

  create(type: string): number {
    const uuid = `83b8f4f2-509f-382f-3c1e-${String(++this.#made).padStart(12, "0")}`;
    return this.run((k) => mdev_device_create(k, this.type(type), uuid));
  }

  removeAll(): void {
    for (const mdev of Object.values(this.k.state.mdev.devices)) {
      expect(this.run((k) => mdev_device_remove(k, mdev.device))).toBe(0);
    }
  }
}

/** As a real machine showed them. */
const TYPES: readonly (readonly [string, string, string, number])[] = [
  ["mbochs-large", "mbochs-large", "virtual display, 64 MB video memory", 4],
  ["mbochs-medium", "mbochs-medium", "virtual display, 16 MB video memory", 16],
  ["mbochs-small", "mbochs-small", "virtual display, 4 MB video memory", 64],
  ["mdpy-hd", "mdpy-hd", "virtual display, 1920x1080 framebuffer", 4],
  ["mdpy-vga", "mdpy-vga", "virtual display, 640x480 framebuffer", 4],
  ["mdpy-xga", "mdpy-xga", "virtual display, 1024x768 framebuffer", 4],
  ["mtty-1", "Single port serial", "", 24],
  ["mtty-2", "Dual port serial", "", 12],
];

describe("the type files of the samples", () => {
  for (const [type, name, description, instances] of TYPES) {
    it(`of ${type} are those of a real machine`, () => {
      const host = new Host();
      expect(host.read(type, "name")).toBe(`${name}\n`);
      expect(host.read(type, "description")).toBe(description === "" ? "" : `${description}\n`);
      expect(host.read(type, "device_api")).toBe("vfio-pci\n");
      expect(host.read(type, "available_instances")).toBe(`${instances}\n`);
    });
  }

  it("count one pool for all types", () => {
    const host = new Host();
    for (const [type] of TYPES) expect(host.create(type)).toBe(0);
    const left = TYPES.map(([type]) => Number(host.read(type, "available_instances")));
    expect(left).toEqual([2, 10, 43, 1, 1, 1, 21, 10]);
    host.removeAll();
    for (const [type, , , instances] of TYPES) {
      expect(host.read(type, "available_instances")).toBe(`${instances}\n`);
    }
  });
});

describe("an empty pool", () => {
  for (const [type, many, error] of [
    ["mtty-2", 12, ERRNO.ENOSPC],
    ["mdpy-vga", 4, ERRNO.ENOMEM],
    ["mbochs-large", 4, ERRNO.ENOMEM],
  ] as const) {
    it(`refuses another ${type}`, () => {
      const host = new Host();
      for (let i = 0; i < many; i++) expect(host.create(type)).toBe(0);
      expect(host.create(type)).toBe(-error);
      expect(Object.keys(host.k.state.mdev.devices)).toHaveLength(many);
    });
  }
});

it("gives back on a serial port what was sent to it, in order, and says when there is more", () => {
  const host = new Host();
  expect(host.create("mtty-2")).toBe(0);
  const mdev = Object.values(host.k.state.mdev.devices)[0]?.id ?? 0;
  const port = 2 ** 40;
  const write = (offset: number, byte: number) =>
    host.run((k) => invokeSleeping(k, "mtty_write", mdev, offset, Uint8Array.of(byte)));
  const read = (offset: number) =>
    host.run((k) => invokeSleeping<Uint8Array>(k, "mtty_read", mdev, offset, 1))[0];
  expect([write(port, 0x41), write(port, 0x42)]).toEqual([1, 1]);
  expect(read(port + 5)).toBe(0x61);
  expect(read(0 + 5)).toBe(0x60);
  expect([read(port), read(port)]).toEqual([0x41, 0x42]);
  expect(read(port + 5)).toBe(0x60);
  expect(write(2 * port, 0)).toBe(-ERRNO.EFAULT);
});

it("leaves nothing when it is unloaded", () => {
  const host = new Host();
  expect(host.create("mtty-1")).toBe(0);
  for (const name of ["mtty", "mdpy", "mbochs"]) {
    expect(host.run((k) => unload_module(k, name))).toBe(0);
  }
  const { mdev, parents, core } = host.k.state;
  expect([mdev.devices, mdev.parents, mdev.types, mdev.operations]).toEqual([{}, {}, {}, {}]);
  expect([parents.samples, parents.sampleMdevs]).toEqual([{}, {}]);
  expect(Object.values(core.devices).map((device) => device.name)).toEqual([]);
  expect(host.k.state.log.map((line) => line.text)).toContain("mtty_dev: Unloaded!");
});
