// Hardware checks read memory, registers and caches: whatever is altered in the kernel's records, they say the same, and
// whichever bit of a paging entry that leads to a page of a VM is turned, they say so.
import { beforeAll, describe, expect, it } from "vitest";
import { hpa } from "../base/brand.ts";
import { CHECKS, HARDWARE_CHECKS } from "../session/checks/registry.ts";
import { SERVER } from "../session/presets/server.ts";
import { Session } from "../session/session.ts";
import type { Operation } from "../session/types.ts";
import { Random } from "./call-sequences-random.ts";

const DEEP = Boolean(process.env["DEEP"]);
const ALTERATIONS = DEEP ? 2000 : 150;
const BITS = DEEP ? 2000 : 150;

/** Bits of a word of a PASID entry that are tried. */
const BITS_OF_ENTRY = [0, 6, 13, 20, 27, 34, 41];

const PAGES = 16;
const UUIDS = ["83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002"];
const VMS = ["vm-a", "vm-b"];
const TYPE = { parent: "0000:6a:01.0", type: "idxd-1dwq-v1" };

const STORY: readonly Operation[] = [
  { op: "demand", actor: "root", demand: { want: "load module", module: "idxd" } },
  ...UUIDS.flatMap((uuid, index): Operation[] => {
    const actor = VMS[index] ?? "";
    return [
      { op: "demand", actor: "root", demand: { want: "create mdev", ...TYPE, uuid } },
      { op: "demand", actor, demand: { want: "start VM", pages: PAGES } },
      { op: "demand", actor, demand: { want: "assign device", device: uuid } },
      {
        op: "demand",
        actor,
        demand: { want: "device fill", device: uuid, to: "0x2000", length: 64 },
      },
    ];
  }),
];

let session: Session;

beforeAll(() => {
  const opened = Session.openWorld({ machine: SERVER, design: "D1", seed: 1 });
  if (!opened.ok) throw new Error(opened.problem.message);
  session = opened.value;
  for (const operation of STORY) {
    const done = session.run(operation);
    if (!done.ok) throw new Error(done.problem.message);
    expect(done.value.answers?.every(({ result }) => result >= 0)).toBe(true);
  }
});

/** What every hardware check without arguments says, to the word. */
const findings = (): string =>
  JSON.stringify(
    HARDWARE_CHECKS.filter(({ takes }) => takes.length === 0).map(({ id }) => session.check(id)),
  );

type Place = readonly [record: Record<string, unknown>, field: string];

/** Every number, text and flag below a record. */
function leaves(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return found;
  const record = value as Record<string, unknown>;
  for (const [field, held] of Object.entries(record)) {
    if (typeof held === "object") leaves(held, found);
    else found.push([record, field]);
  }
  return found;
}

const altered = (value: unknown, random: Random): unknown => {
  if (typeof value === "number") return value + 1 + random.below(100);
  if (typeof value === "boolean") return !value;
  return `${value}x`;
};

describe("hardware checks", () => {
  it(`say the same whichever of the kernel's records is wrong, ${ALTERATIONS} alterations`, () => {
    const kernel = session.world?.kernel;
    if (!kernel) throw new Error("There is no kernel.");
    const before = findings();
    const random = new Random(5);
    const { iommu, vfio, mdev, parents, core } = kernel;
    const places = [iommu, vfio, mdev, parents, core.devices, core.pins, core.processes].flatMap(
      (table) => leaves(table),
    );
    expect(places.length).toBeGreaterThan(500);
    for (let i = 0; i < ALTERATIONS; i++) {
      const [record, field] = random.pick(places) ?? [{}, ""];
      const held = record[field];
      record[field] = altered(held, random);
      expect(findings(), `${field} was ${held}`).toBe(before);
      record[field] = held;
    }
  });

  it("say the same when whole tables of the kernel are gone", () => {
    const { kernel } = session.world ?? {};
    if (!kernel) throw new Error("There is no kernel.");
    const before = findings();
    const kept = { iommu: { ...kernel.iommu }, vfio: { ...kernel.vfio }, mdev: { ...kernel.mdev } };
    Object.assign(kernel.iommu, { domains: {}, groups: {}, devices: {}, pasids: {} });
    Object.assign(kernel.vfio, { containers: {}, type1: {}, groups: {} });
    Object.assign(kernel.mdev, { devices: {}, parents: {} });
    expect(findings()).toBe(before);
    Object.assign(kernel.iommu, kept.iommu);
    Object.assign(kernel.vfio, kept.vfio);
    Object.assign(kernel.mdev, kept.mdev);
  });

  it(`say so when one bit of one table is wrong, ${BITS} bits`, () => {
    const random = new Random(6);
    const before = outcome();
    expect(before).toBe("holds");
    const seen = new Set<number>();
    for (let i = 0; i < BITS; i++) {
      const pasid = 1 + random.below(2);
      const level = 1 + random.below(4);
      const { address, value } = entryOf(pasid, random.below(PAGES) * 4096, level);
      // Present, or one of the address bits that this machine has.
      const bit = random.once(10) ? 0 : 12 + random.below(34);
      seen.add(bit);
      const turned = value ^ (1n << BigInt(bit));
      expect(session.run({ op: "edit", address: hpa(address), value: turned }).ok).toBe(true);
      expect(outcome(), `PASID ${pasid}, level ${level}, bit ${bit}`).toBe("breaks");
      session.undo();
    }
    expect(seen.size).toBeGreaterThan(25);
    expect(outcome()).toBe("holds");
  });

  it("say so when one bit of a PASID entry is wrong, in either of the words that are used", () => {
    const entry = session
      .survey()
      .requesters.flatMap(({ entries }) => entries)
      .find(({ pasid }) => pasid === 1);
    const start = (entry?.address as bigint | undefined) ?? 0n;
    expect(outcome()).toBe("holds");
    const words = [0, 16].map((offset) => ({
      address: start + BigInt(offset),
      value: session.memory.readWord(hpa(start + BigInt(offset))),
    }));
    let told = 0;
    for (const { address, value } of words) {
      for (const bit of BITS_OF_ENTRY) {
        const turned = value ^ (1n << BigInt(bit));
        session.run({ op: "edit", address: hpa(address), value: turned });
        if (outcome() === "breaks") told++;
        session.undo();
      }
    }
    // Of either word: the cached copy differs from it even where the bit leads nowhere else.
    expect(told).toBe(words.length * BITS_OF_ENTRY.length);
  });
});

/** Whether any isolation check breaks. A stale cache may still lead to the right pages: then that is what breaks. */
function outcome(): "holds" | "breaks" {
  const ids = [
    "pasid-reaches-its-owner",
    "tables-out-of-reach",
    "free-pages-out-of-reach",
    "caches-agree-with-tables",
  ];
  const broken = ids.some((id) => {
    expect(CHECKS.get(id)?.kind).toBe("hardware");
    const found = session.check(id);
    return found.ok && found.value.outcome === "breaks";
  });
  return broken ? "breaks" : "holds";
}

/** The paging entry of a level on the way to an I/O address of a PASID. */
function entryOf(
  pasid: number,
  iova: number,
  wanted: number,
): { readonly address: bigint; readonly value: bigint } {
  const survey = session.survey();
  const entry = survey.requesters
    .flatMap(({ entries }) => entries)
    .find((one) => one.pasid === pasid);
  const space = survey.spaces.find(({ id }) => id === entry?.space);
  let table = (space?.root as bigint | null | undefined) ?? 0n;
  for (let level = space?.levels ?? 0; level > 0; level--) {
    const index = Math.floor(iova / 2 ** (12 + 9 * (level - 1))) % 512;
    const address = table + BigInt(8 * index);
    const value = session.memory.readWord(hpa(address));
    if (level === wanted) return { address, value };
    table = value & 0x000f_ffff_ffff_f000n;
  }
  throw new Error(`PASID ${pasid} has no level ${wanted}.`);
}
