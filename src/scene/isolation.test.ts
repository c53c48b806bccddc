import { describe, expect, it } from "vitest";
import type { Pasid } from "../base/brand.ts";
import { type Reach, type Tag, tagName } from "../session/checks/reach.ts";
import { cellWords, isolationMatrix, type MatrixInput, wayWords } from "./isolation.ts";
import { ACCELERATOR, fixtureSurvey, NAMES } from "./scene-fixture.ts";

const reach = (frame: number, pages: number, change: Partial<Reach> = {}): Reach => ({
  iova: BigInt(frame) * 4096n,
  frame,
  pages,
  read: true,
  write: true,
  through: "tables",
  ...change,
});
const survey = fixtureSurvey();
const [, accelerator] = survey.requesters;
const tag = (pasid: number | null, reaches: readonly Reach[], everything = false): Tag => ({
  requester: ACCELERATOR,
  pasid,
  entry: accelerator?.entries[0] ?? null,
  space: null,
  everything,
  reaches,
});
const tagsOf = (...list: readonly Tag[]) =>
  new Map(list.map((one) => [tagName(one.requester, one.pasid), one]));

/** Pages 0 .. 9 are the kernel's, 10 .. 19 of VM-A, 20 .. 29 of VM-B, the rest free. */
const input = (change: Partial<MatrixInput> = {}): MatrixInput => ({
  tags: tagsOf(
    tag(null, [reach(0, 2)]),
    tag(0x41, [reach(10, 3), reach(13, 1, { write: false })]),
    tag(0x42, [reach(20, 2), reach(30, 1, { through: "IOTLB", iova: 0x3f20_1000n })]),
  ),
  tenants: [
    { requester: ACCELERATOR, pasid: 0x41, process: "vm-a", mdev: "a297db4a-0000" },
    { requester: ACCELERATOR, pasid: null, process: "vm-c", mdev: "c1f05a3e-0000" },
    { requester: ACCELERATOR, pasid: 0x43, process: "vm-b", mdev: null },
  ],
  queues: [],
  names: NAMES,
  ownerOf: (page) => ["kernel", "vm-a", "vm-b"][Math.floor(page / 10)] ?? "free",
  processes: ["vm-a", "vm-b"],
  filter: "both",
  ...change,
});

const words = (change: Partial<MatrixInput> = {}) => {
  const matrix = isolationMatrix(input(change));
  return Object.fromEntries(
    matrix.rows.map(({ row, cells }) => [
      row.title,
      cells.flatMap((cell, at) =>
        cell ? [`${matrix.columns[at]?.title}: ${cellWords(cell)}`] : [],
      ),
    ]),
  );
};

describe("isolation matrix", () => {
  it("counts the pages of each owner that each row reaches", () => {
    expect(words()).toEqual({
      "6a:01.0, no PASID": ["Kernel: 2 pages, read, write"],
      "mdev c1f05a3e": ["Kernel: 2 pages, read, write"],
      "mdev a297db4a": ["VM-A: 4 pages, read, write"],
      "6a:01.0, PASID 0x042": ["VM-B: 2 pages, read, write", "Free: 1 page by a cache only"],
      "6a:01.0, PASID 0x043": [],
    });
  });

  it("says which rows hardware does not tell apart", () => {
    const matrix = isolationMatrix(input());
    const riding = matrix.rows.find(({ row }) => row.rides !== null);
    expect(riding?.row).toMatchObject({ rides: "6a:01.0", mdev: "c1f05a3e-0000", tenant: "vm-c" });
    expect(matrix.notes[0]?.text).toContain("c1f05a3e has no PASID");
  });

  it("keeps to reads or writes when asked", () => {
    expect(words({ filter: "write" })["mdev a297db4a"]).toEqual(["VM-A: 3 pages, read, write"]);
  });

  it("empties a cell when the entry is gone", () => {
    const tags = new Map(input().tags);
    tags.delete(tagName(ACCELERATOR, 0x41 as Pasid));
    const matrix = isolationMatrix(input({ tags }));
    const row = matrix.rows.find((one) => one.row.mdev === "a297db4a-0000");
    expect(row?.row.note).toContain("no PASID entry");
    expect(row?.cells.every((cell) => cell === null)).toBe(true);
  });

  it("lets a function without translation reach everything", () => {
    const tags = tagsOf(tag(null, [], true));
    expect(words({ tags })["6a:01.0, no PASID"]).toHaveLength(5);
  });

  it("shows the way in, the stale one first", () => {
    const matrix = isolationMatrix(input());
    const row = matrix.rows.find((one) => one.row.pasid === 0x42);
    const cell = row?.cells.at(-1);
    expect(cell?.ways.map(wayWords)).toEqual([
      "0x3f20_1000 leads to 0x1_e000, read, write, by the IOTLB",
    ]);
  });

  it("has a column for processes whose pages nobody reaches", () => {
    const matrix = isolationMatrix(input({ processes: ["vm-a", "vm-z"] }));
    expect(matrix.columns.map((column) => column.title)).toEqual([
      "Kernel",
      "Tables",
      "VM-A",
      "VM-Z",
      "VM-B",
      "Free",
    ]);
  });
});
