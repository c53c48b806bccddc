// The host's own use of the accelerator: pages arrive, a device that cannot reach them is noticed, nothing stays behind.
import { describe, expect, it } from "vitest";
import { ERRNO } from "../kernel/errno.ts";
import type { Replacements } from "../kernel/kernel.ts";
import { dmatest_chan_set, dmatest_init, dmatest_run_set } from "./dmatest.ts";
import { Bench, PARENT } from "./idxd/idxd-fixture.ts";
import { idxd_wq_enable, KERNEL_QUEUE } from "./idxd/queues.ts";

function host(more: Replacements = new Map()): Bench {
  const bench = new Bench(more);
  const { core } = bench.k.state;
  core.modules["dmatest"] = { name: "dmatest", parameters: {}, references: 0, state: "live" };
  core.nextFrame = 0x100;
  idxd_wq_enable(bench.k, PARENT, KERNEL_QUEUE, 0);
  return bench;
}

const lastLine = (bench: Bench) => bench.k.state.log.at(-1)?.text;
const owned = (bench: Bench) =>
  bench.events.reduce((count, event) => {
    if (event.kind !== "page owner") return count;
    return count + (event.owner === "free" ? -1 : 1);
  }, 0);

describe("a run of dmatest", () => {
  it("copies pages through the DMA API and gives everything back", () => {
    const bench = host();
    expect(dmatest_run_set(bench.k, 0, "3\n")).toBe(2);
    expect(lastLine(bench)).toBe("dmatest: 0000:6a:01.0-copy0: summary 3 tests, 0 failures");
    expect([bench.bus.size, owned(bench)]).toEqual([0, 0]);
  });

  it("counts a page that did not arrive", () => {
    // The device is told an address where there is no memory.
    const bench = host(new Map([["dma_map_page_attrs", () => 0x4000_0000]]));
    expect(dmatest_run_set(bench.k, 0, "2")).toBe(1);
    expect(lastLine(bench)).toContain("summary 2 tests, 2 failures");
  });

  it("stops when memory is short, or when there is no bus address, without keeping a page", () => {
    const short = host();
    short.k.beginOperation([{ point: "allocation", ordinal: 3 }]);
    expect(dmatest_run_set(short.k, 0, "1")).toBe(-ERRNO.ENOMEM);
    expect([short.bus.size, owned(short)]).toEqual([0, 0]);
    const unmapped = host(new Map([["dma_map_page_attrs", () => 0]]));
    expect(dmatest_run_set(unmapped.k, 0, "1")).toBe(-ERRNO.ENOMEM);
    expect(owned(unmapped)).toBe(0);
  });

  it("refuses what is no number of pages, and a device that is no accelerator", () => {
    const bench = host();
    for (const text of ["", "0", "257", "-1", "0x2", "many"]) {
      expect(dmatest_run_set(bench.k, 0, text)).toBe(-ERRNO.EINVAL);
    }
    expect(dmatest_chan_set(bench.k, 0, "0000:5e:00.0")).toBe(-ERRNO.ENODEV);
    expect(dmatest_chan_set(bench.k, 0, "0000:6a:01.0\n")).toBe(13);
    delete bench.k.state.parents.accelerators[PARENT];
    expect(dmatest_run_set(bench.k, 0, "1")).toBe(-ERRNO.ENODEV);
  });

  it("is started by a file that only root may write", () => {
    const bench = host();
    expect(dmatest_init(bench.k)).toBe(0);
    const node = bench.k.state.core.nodes["/sys/module/dmatest/parameters/run"];
    expect(node).toMatchObject({ mode: "0200", store: "dmatest_run_set", show: "" });
  });
});
