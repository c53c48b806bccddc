// Random trees of bridges: what the unit sees of each function, and that every register range lies inside all bridges above.
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatBdf } from "../../base/bdf.ts";
import { iova } from "../../base/brand.ts";
import type { FunctionDescription, FunctionKind } from "./description.ts";
import { bdf, enable, open } from "./platform-fixture.ts";

interface Tree {
  readonly functions: FunctionDescription[];
  /** Requester that the unit is expected to see, by address. */
  readonly seen: Map<string, string>;
}

/** Kinds that can be on a bus, by the kind of what leads there; null: a root bus. */
const CHILDREN: Readonly<Record<string, readonly FunctionKind[]>> = {
  root: ["root port", "root complex integrated endpoint", "PCI to PCI bridge", "conventional"],
  "root port": ["endpoint", "upstream port", "PCIe to PCI bridge"],
  "upstream port": ["downstream port"],
  "downstream port": ["endpoint", "upstream port", "PCIe to PCI bridge"],
  "PCIe to PCI bridge": ["conventional", "PCI to PCI bridge"],
  "PCI to PCI bridge": ["conventional", "PCI to PCI bridge"],
};
const BRIDGES = new Set([
  "root port",
  "upstream port",
  "downstream port",
  "PCIe to PCI bridge",
  "PCI to PCI bridge",
]);

/** Grows a tree from choices; bus numbers in the order of depth-first enumeration, as firmware gives them. */
function grow(choices: readonly number[]): Tree {
  const tree: Tree = { functions: [], seen: new Map() };
  let next = 0;
  let bus = 0;
  const choose = (limit: number): number => (choices[next++ % choices.length] ?? 0) % limit;
  /** `spoken`: the requester that a bridge above puts in place of the function's own. */
  const fill = (kind: string, on: number, depth: number, spoken: string | null): void => {
    const lone = kind === "root port" || kind === "downstream port";
    const count = lone ? 1 : 1 + choose(3);
    for (let device = 0; device < count; device++) {
      const kinds = CHILDREN[kind] ?? [];
      const one = kinds[choose(kinds.length)] as FunctionKind;
      const leaf = depth >= 5 && BRIDGES.has(one);
      if (leaf) continue;
      const address = formatBdf(bdf(`${on.toString(16)}:${(device + 1).toString(16)}.0`));
      const base = { name: one, address, kind: one, vendor: 0x8086, device: 1, class: 0x020000 };
      if (!BRIDGES.has(one)) {
        tree.functions.push(base);
        tree.seen.set(address, spoken ?? address);
        continue;
      }
      const at = tree.functions.length;
      const secondary = ++bus;
      tree.functions.push(base);
      let below = spoken;
      if (one === "PCI to PCI bridge") below ??= address;
      if (one === "PCIe to PCI bridge") below ??= formatBdf(bdf(`${secondary.toString(16)}:0.0`));
      fill(one, secondary, depth + 1, below);
      tree.functions[at] = { ...base, secondary, subordinate: bus };
    }
  };
  fill("root", 0, 0, null);
  return tree;
}

test("the unit sees what the bridge nearest to it says", () => {
  let bridged = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 10, maxLength: 60 }), (choices) => {
      const { functions, seen } = grow(choices);
      const p = open({ functions, reserved: [] });
      enable(p, ...functions.map(({ address }) => address));
      for (const [address, requester] of seen) {
        p.takeEvents();
        const address_ = iova(0x1000n);
        p.send(bdf(address), { pasid: null, access: "read", address: address_, length: 4 });
        const asked = p.takeEvents().flatMap((e) => (e.kind === "request" ? [e.requester] : []));
        expect(asked.map(formatBdf)).toEqual([requester]);
        if (requester !== address) bridged++;
      }
      for (const one of p.functions) {
        for (const { start, length } of one.configuration.windows) {
          for (const { configuration } of one.above) {
            const word = (at: number) => {
              const [a = 0, b = 0, c = 0, d = 0] = configuration.bytes.subarray(at, at + 4);
              return BigInt(((d << 24) | (c << 16) | (b << 8) | a) >>> 0);
            };
            const first = (word(0x28) << 32n) | ((word(0x24) & 0xfff0n) << 16n);
            const last = (word(0x2c) << 32n) | ((word(0x24) >> 16n) << 16n) | 0xf_ffffn;
            expect(start).toBeGreaterThanOrEqual(first);
            expect(start + length - 1n).toBeLessThanOrEqual(last);
          }
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(bridged).toBeGreaterThan(50);
});
