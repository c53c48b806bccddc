import { expect, test } from "vitest";
import { domainId, hpa, iova, pasid } from "../base/brand.ts";
import { type OutlineNode, outlineOf } from "./outline.ts";
import { sceneOf } from "./scene.ts";
import { fixtureInput } from "./scene-fixture.ts";
import { selectionKey } from "./selection.ts";
import { tableCaption, tableOf } from "./table.ts";

const flat = (nodes: readonly OutlineNode[]): OutlineNode[] =>
  nodes.flatMap((one) => [one, ...flat(one.children)]);

const print = (nodes: readonly OutlineNode[], depth = 0): string =>
  nodes
    .map(
      (one) =>
        `${"  ".repeat(depth)}${one.label} | ${one.note}${one.refused ? " !" : ""}\n${print(one.children, depth + 1)}`,
    )
    .join("");

const entry = {
  cache: "iotlb",
  slot: 5,
  requester: null,
  pasid: pasid(0x41),
  domain: domainId(7),
  stage: "second-stage",
  address: iova(0x1_4a3c_5000n),
  mask: 0xfffn,
  target: hpa(0x3_4a3c_5000n),
  read: true,
  write: true,
  dirty: false,
} as const;
const input = fixtureInput({
  cacheEntries: [entry],
  stale: [{ cache: "iotlb", slot: 5, now: "not present" }],
});

test("the outline says what the stage draws, with exact counts", async () => {
  await expect(print(outlineOf(input))).toMatchFileSnapshot("golden/outline.txt");
});

test("whatever can be selected on the stage can be selected in the outline", () => {
  const listed = new Set(flat(outlineOf(input)).map((one) => selectionKey(one.selection)));
  const drawn = sceneOf(input).items.flatMap((item) => item.target?.selection ?? []);
  // The root table and the directory stand for a way, not for a thing in the list.
  const missing = drawn
    .map(selectionKey)
    .filter((key) => !listed.has(key) && !/root entry|directory entry/.test(key));
  expect(missing).toEqual([]);
});

test("ids are unique", () => {
  const ids = flat(outlineOf(input)).map((one) => one.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("the table has a row for each way to send", () => {
  const rows = tableOf(input);
  expect(rows.map((row) => [row.requester, row.pasid, row.entry, row.domain, row.mapped])).toEqual([
    ["5e:00.1", "none, uses 0x000", "second-stage", "8", "4 GiB in 2 ranges"],
    ["6a:01.0", "none, uses 0x000", "second-stage", "2", "8 KiB in 1 range"],
    ["6a:01.0", "0x041", "second-stage", "7", "8 GiB in 2 ranges"],
    ["6a:01.0", "0x042", "second-stage", "8", "4 GiB in 2 ranges"],
    ["6a:01.0", "0x043", "not usable", "0", ""],
  ]);
  expect(rows.at(-1)?.problem).toBe("PASID table entry is not present");
  expect(tableCaption(input)).toBe("2 functions, 5 entries in use, 3 address spaces");
});
