import { describe, expect, it } from "vitest";
import { emptyLedger, type LedgerState, ledgerOf, noteCall, notePage } from "./ledger.ts";

const MEMORY = 0x10_0000;
const BASE = 0x1_0000;
const FRAMES = [7, 8, 9, 10];

function ioctl(state: LedgerState, fd: number, request: string, argument: unknown): void {
  const call = { call: "ioctl", fd, request, argument } as Parameters<typeof noteCall>[2];
  noteCall(state, "vm-a", call, { result: 0, value: "" });
}

const unmap = (state: LedgerState, flags: number, iova: number, size: number): void =>
  ioctl(state, 3, "VFIO_IOMMU_UNMAP_DMA", { flags, iova, size });

const map = (state: LedgerState, flags: number): void =>
  ioctl(state, 3, "VFIO_IOMMU_MAP_DMA", {
    flags,
    vaddr: MEMORY,
    iova: BASE,
    size: 4096 * FRAMES.length,
  });

/** Four pages of vm-a, mapped in one call. */
function granted(flags: number): LedgerState {
  const state = emptyLedger();
  noteCall(state, "vm-a", { call: "open", path: "/dev/vfio/vfio" }, { result: 3, value: "" });
  for (const frame of FRAMES) notePage(state, frame, "vm-a");
  const result = { result: MEMORY, value: "" };
  noteCall(state, "vm-a", { call: "mmap", length: 4096 * FRAMES.length }, result);
  map(state, flags);
  return state;
}

const read = (state: LedgerState) =>
  ledgerOf(state, { ownerOf: () => "vm-a", queues: () => [], requesterOf: () => undefined });
const mapped = (state: LedgerState) => [...read(state).mapped("vm-a")];
const gone = (state: LedgerState) => read(state).unmapped.flatMap(({ frames }) => frames);

describe("what calls granted", () => {
  it("tells writing from reading", () => {
    expect([...read(granted(3)).writable("vm-a")]).toEqual(FRAMES);
    expect(mapped(granted(1))).toEqual(FRAMES);
    expect([...read(granted(1)).writable("vm-a")]).toEqual([]);
  });

  it.each([
    ["the same range", 0, BASE, 4 * 4096],
    ["everything", 2, 0, 0],
    ["its beginning, which takes all of it in type1 v1", 0, BASE, 4096],
    ["more than it", 0, 0, 0x10_0000],
  ])("an unmap of %s ends it", (_what, flags, iova, size) => {
    const state = granted(3);
    unmap(state, flags, iova, size);
    expect(mapped(state)).toEqual([]);
    expect(gone(state)).toEqual(FRAMES);
  });

  it("an unmap from its middle on does not", () => {
    const state = granted(3);
    unmap(state, 0, BASE + 4096, 4096);
    expect(mapped(state)).toEqual(FRAMES);
  });

  it("taking the address behind a mapping away, and giving a new one, changes nothing", () => {
    const state = granted(3);
    unmap(state, 4, BASE, 4 * 4096);
    map(state, 4);
    expect(mapped(state)).toEqual(FRAMES);
    expect(gone(state)).toEqual([]);
    unmap(state, 0, BASE, 4 * 4096);
    expect(mapped(state)).toEqual([]);
  });
});
