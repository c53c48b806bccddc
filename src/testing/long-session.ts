// A session as long as one likes: two VMs at work with their slices of an accelerator. Every operation does something.
import { requesterId } from "../base/brand.ts";
import type { NamedOperation, Scenario } from "../session/scenario.ts";

const SLICES = [
  { actor: "vm-a", uuid: "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" },
  { actor: "vm-b", uuid: "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002" },
] as const;

const SET_UP: readonly object[] = [
  { op: "demand", actor: "root", demand: { want: "load module", module: "idxd" } },
  ...SLICES.flatMap(({ actor, uuid }) => [
    {
      op: "demand",
      actor: "root",
      demand: { want: "create mdev", parent: "0000:6a:01.0", type: "idxd-1dwq-v1", uuid },
    },
    { op: "demand", actor, demand: { want: "start VM", pages: 16 } },
    { op: "demand", actor, demand: { want: "assign device", device: uuid } },
  ]),
];

/** Copies, maps and unmaps of both VMs in turns, a refused request and a little time now and then. */
function work(turn: number): object {
  const round = Math.floor(turn / 12);
  const { actor, uuid: device } = SLICES[turn % 2 === 0 ? 0 : 1];
  const by = { op: "demand", actor } as const;
  switch (turn % 12) {
    case 2:
    case 3:
      return { ...by, demand: { want: "map", iova: "0x100000", page: round % 16, pages: 1 } };
    case 6:
    case 7:
      return { ...by, demand: { want: "unmap", iova: "0x100000", pages: 1 } };
    case 8: {
      const at = { requester: requesterId(0x6a08), address: 0x1000n };
      return { op: "dma", ...at, pasid: 7, access: "read", length: 4 };
    }
    case 9:
      return { op: "wait", microseconds: 500 };
    default: {
      const [from, to] = ["0x1000", `0x${(2 + (round % 8)).toString(16)}000`];
      return { ...by, demand: { want: "device copy", device, from, to, length: 64 } };
    }
  }
}

export function longScenario(operations: number): Scenario {
  const count = operations - SET_UP.length;
  const all = [...SET_UP, ...Array.from({ length: count }, (_, turn) => work(turn))];
  return {
    format: "iommu-playground scenario",
    version: 1,
    id: "long",
    title: `${operations} operations`,
    summary: "Two VMs at work for a long time.",
    machine: "server",
    design: "D1",
    seed: 1,
    operations: all.map((operation, i) => ({ id: `o${i}`, ...operation })) as NamedOperation[],
    checks: [],
  };
}

/** Whole numbers below `below`, the same ones every time. */
export function placesOf(count: number, below: number): readonly number[] {
  let state = 20_210_427;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  });
}

export const middle = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
