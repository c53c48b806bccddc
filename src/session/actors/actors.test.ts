// Programs against a scripted kernel: which calls they make, and what they undo when one fails.
import { describe, expect, it } from "vitest";
import type { CallResult, SystemCall } from "../../linux/calls.ts";
import type { Demand } from "../document.ts";
import { expand } from "./expand.ts";
import { type ActorResult, type ActorState, newActor } from "./state.ts";

const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
const OTHER = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002";

/** A kernel that says yes; `mapped`: the portal can be mapped. It keeps which descriptors and mappings are open. */
class Scripted {
  readonly calls: SystemCall[] = [];
  readonly open = new Set<number>();
  readonly maps = new Set<number>();
  #next = 3;
  readonly #mapped: boolean;
  /** Name of the call or ioctl that fails, with what. */
  readonly #fail: { readonly what: string; readonly error: number } | null;

  constructor(mapped: boolean, fail: { readonly what: string; readonly error: number } | null) {
    this.#mapped = mapped;
    this.#fail = fail;
  }

  answer(call: SystemCall): CallResult {
    this.calls.push(call);
    const what = call.call === "ioctl" ? call.request : call.call;
    if (this.#fail?.what === what) return { result: this.#fail.error, value: null };
    switch (call.call) {
      case "open":
        return { result: this.#descriptor(), value: null };
      case "close":
        this.open.delete(call.fd);
        return { result: 0, value: null };
      case "mmap": {
        const address = 0x7f00_0000_0000 + this.maps.size * 0x100_0000;
        this.maps.add(address);
        return { result: address, value: null };
      }
      case "munmap":
        this.maps.delete(call.address);
        return { result: 0, value: null };
      case "readlink":
        return { result: 20, value: "../../../kernel/iommu_groups/7" };
      case "load":
        return { result: call.count, value: `01${"00".repeat(31)}` };
      case "ioctl":
        return this.#ioctl(call.request);
      default:
        return { result: 0, value: null };
    }
  }

  #ioctl(request: string): CallResult {
    if (request === "VFIO_GROUP_GET_DEVICE_FD") {
      return { result: this.#descriptor(), value: null };
    }
    if (request !== "VFIO_DEVICE_GET_REGION_INFO") return { result: 0, value: null };
    const flags = this.#mapped ? 7 : 3;
    return { result: 0, value: { index: 2, flags, size: 4096, offset: 2 * 2 ** 40 } };
  }

  #descriptor(): number {
    this.open.add(this.#next);
    return this.#next++;
  }
}

function run(kernel: Scripted, demand: Demand, memory: ActorState): ActorResult {
  const program = expand(demand, "vm-a", memory);
  let step = program.next();
  while (!step.done) step = program.next(kernel.answer(step.value));
  return step.value;
}

function play(
  demands: readonly Demand[],
  mapped = true,
  fail: { readonly what: string; readonly error: number } | null = null,
) {
  const kernel = new Scripted(mapped, fail);
  let memory = newActor();
  const results: ActorResult[] = [];
  for (const demand of demands) {
    const result = run(kernel, demand, memory);
    memory = result.memory;
    results.push(result);
  }
  return { kernel, results, memory };
}

const START: Demand = { want: "start VM", pages: 16 };
const ASSIGN: Demand = { want: "assign device", device: UUID, at: "0x100000" };
const FILL: Demand = { want: "device fill", device: UUID, to: "0x100000", length: 64 };

const named = (kernel: Scripted) =>
  kernel.calls.map((call) => (call.call === "ioctl" ? call.request : call.call));

describe("a VMM", () => {
  it("goes group, container, IOMMU, memory, device, portal", () => {
    const { kernel, results, memory } = play([START, ASSIGN]);
    expect(results.map((r) => r.problem)).toEqual([null, null]);
    expect(named(kernel)).toEqual([
      "mmap",
      "readlink",
      "open",
      "open",
      "VFIO_GET_API_VERSION",
      "VFIO_CHECK_EXTENSION",
      "VFIO_GROUP_SET_CONTAINER",
      "VFIO_SET_IOMMU",
      "VFIO_IOMMU_MAP_DMA",
      "VFIO_GROUP_GET_DEVICE_FD",
      "VFIO_DEVICE_GET_INFO",
      "VFIO_DEVICE_GET_REGION_INFO",
      "mmap",
    ]);
    const map = kernel.calls.find((c) => c.call === "ioctl" && c.request === "VFIO_IOMMU_MAP_DMA");
    expect(map).toMatchObject({ argument: { iova: "0x100000", size: 16 * 4096, flags: 3 } });
    expect(Object.keys(memory.devices)).toEqual([UUID]);
  });

  it("puts a second device into the same container without mapping again", () => {
    const { kernel, memory } = play([START, ASSIGN, { want: "assign device", device: OTHER }]);
    expect(named(kernel).filter((name) => name === "VFIO_IOMMU_MAP_DMA")).toHaveLength(1);
    expect(named(kernel).filter((name) => name === "VFIO_SET_IOMMU")).toHaveLength(1);
    expect(Object.keys(memory.devices)).toEqual([UUID, OTHER]);
  });

  it("gives everything back when it stops", () => {
    const { kernel, memory } = play([START, ASSIGN, { want: "stop VM" }]);
    expect([...kernel.open]).toEqual([]);
    expect([...kernel.maps]).toEqual([]);
    expect(memory).toEqual(newActor());
  });

  for (const what of [
    "VFIO_GROUP_SET_CONTAINER",
    "VFIO_SET_IOMMU",
    "VFIO_IOMMU_MAP_DMA",
    "VFIO_GROUP_GET_DEVICE_FD",
    "VFIO_DEVICE_GET_INFO",
  ]) {
    it(`closes what it opened when ${what} fails`, () => {
      const { kernel, results, memory } = play([START, ASSIGN], true, { what, error: -22 });
      expect(results[1]?.result).toBe(-22);
      expect(results[1]?.problem).toContain("EINVAL");
      expect([...kernel.open]).toEqual([]);
      expect(memory.devices).toEqual({});
      expect(memory.container).toBe(-1);
      expect(memory.mapped).toEqual([]);
    });
  }

  it("says what is missing instead of making calls that cannot work", () => {
    const { kernel, results } = play([ASSIGN, { want: "unmap", iova: "0x0", pages: 1 }]);
    expect(kernel.calls).toEqual([]);
    expect(results.map((r) => r.result < 0 && r.problem !== null)).toEqual([true, true]);
  });

  it("forgets a mapping that it took away", () => {
    const { memory, results } = play([
      START,
      ASSIGN,
      { want: "map", iova: "0x800000", page: 2, pages: 3 },
      { want: "unmap", iova: "0x800000", pages: 3 },
    ]);
    expect(results[3]?.result).toBe(3 * 4096);
    expect(memory.mapped).toEqual([{ iova: 0x100000, page: 0, pages: 16 }]);
  });
});

describe("a guest's driver", () => {
  it("stores 64 bytes to a portal that is mapped", () => {
    const { kernel, results } = play([START, ASSIGN, FILL]);
    const call = kernel.calls.find((c) => c.call === "movdir64b");
    expect(call && "bytes" in call ? call.bytes.length : 0).toBe(128);
    expect(results[2]).toMatchObject({ result: 64, problem: null });
  });

  it("writes to the region where it is emulated: only that call and the portal's mapping differ", () => {
    const direct = play([START, ASSIGN, FILL]).kernel.calls;
    const emulated = play([START, ASSIGN, FILL], false).kernel.calls;
    const both = (calls: readonly SystemCall[]) =>
      calls
        .filter((c) => c.call !== "movdir64b" && c.call !== "pwrite")
        .filter((c) => c.call !== "mmap" || c.fd === undefined);
    expect(JSON.stringify(both(emulated))).toBe(JSON.stringify(both(direct)));
    const sent = (calls: readonly SystemCall[]) =>
      calls.flatMap((c) => (c.call === "movdir64b" || c.call === "pwrite" ? [c.bytes] : []));
    expect(sent(emulated)).toEqual(sent(direct));
  });

  it("asks for a completion record at the last page of the VM", () => {
    const { kernel } = play([START, ASSIGN, FILL]);
    const call = kernel.calls.find((c) => c.call === "movdir64b");
    const bytes = call && "bytes" in call ? call.bytes : "";
    expect(bytes.slice(14, 16)).toBe("04");
    expect(bytes.slice(16, 32)).toBe("00f0100000000000");
    expect(bytes.slice(48, 64)).toBe("0000100000000000");
    expect(bytes.slice(64, 72)).toBe("40000000");
  });

  it("fails with the status that the device wrote", () => {
    const kernel = new Scripted(true, null);
    let memory = run(kernel, START, newActor()).memory;
    memory = run(kernel, ASSIGN, memory).memory;
    const program = expand(FILL, "vm-a", memory);
    let step = program.next();
    while (!step.done) {
      const { value } = step;
      const faulted = { result: 32, value: `03${"00".repeat(31)}` };
      step = program.next(value.call === "load" ? faulted : kernel.answer(value));
    }
    expect(step.value.result).toBe(-5);
    expect(step.value.problem).toContain("0x03");
  });
});

describe("the shell", () => {
  it("writes to sysfs as a user would, and closes the file", () => {
    const { kernel, results } = play([
      { want: "create mdev", parent: "mtty", type: "mtty-1", uuid: UUID },
    ]);
    expect(kernel.calls[0]).toEqual({
      call: "open",
      path: "/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create",
    });
    expect(kernel.calls[1]).toMatchObject({ call: "write", text: UUID });
    expect([...kernel.open]).toEqual([]);
    expect(results[0]?.result).toBe(0);
  });

  it("reports the error of the write, not of the close", () => {
    const fail = { what: "write", error: -17 };
    const { kernel, results } = play(
      [{ want: "create mdev", parent: "mtty", type: "mtty-1", uuid: UUID }],
      true,
      fail,
    );
    expect(results[0]?.result).toBe(-17);
    expect(results[0]?.problem).toContain("File exists");
    expect([...kernel.open]).toEqual([]);
  });

  it("takes a device from its driver before it gives it to another", () => {
    const { kernel } = play([{ want: "bind driver", device: "0000:5e:00.0", driver: "vfio-pci" }]);
    const paths = kernel.calls.flatMap((c) => (c.call === "open" ? [c.path] : []));
    expect(paths).toEqual([
      "/sys/bus/pci/devices/0000:5e:00.0/driver/unbind",
      "/sys/bus/pci/devices/0000:5e:00.0/driver_override",
      "/sys/bus/pci/drivers/vfio-pci/bind",
    ]);
  });
});
