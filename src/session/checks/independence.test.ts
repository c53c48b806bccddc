// Hardware checks do not listen to the kernel: wrong bookkeeping leaves them true, one wrong bit in a table does not escape them.
import { describe, expect, it } from "vitest";
import { hpa } from "../../base/brand.ts";
import { SERVER } from "../presets/server.ts";
import { Session } from "../session.ts";
import type { Operation } from "../types.ts";
import { reachOf } from "./reach.ts";
import { HARDWARE_CHECKS } from "./registry.ts";

const FIRST = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
const SECOND = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002";
const TYPE = { parent: "0000:6a:01.0", type: "idxd-1dwq-v1" };

const STORY: readonly Operation[] = [
  { op: "demand", actor: "root", demand: { want: "load module", module: "idxd" } },
  { op: "demand", actor: "root", demand: { want: "create mdev", ...TYPE, uuid: FIRST } },
  { op: "demand", actor: "root", demand: { want: "create mdev", ...TYPE, uuid: SECOND } },
  { op: "demand", actor: "vm-a", demand: { want: "start VM", pages: 16 } },
  { op: "demand", actor: "vm-a", demand: { want: "assign device", device: FIRST } },
  { op: "demand", actor: "vm-b", demand: { want: "start VM", pages: 16 } },
  { op: "demand", actor: "vm-b", demand: { want: "assign device", device: SECOND } },
];

function story(): Session {
  const opened = Session.openWorld({ machine: SERVER, design: "D1", seed: 1 });
  if (!opened.ok) throw new Error(opened.problem.message);
  for (const operation of STORY) expect(opened.value.run(operation).ok).toBe(true);
  return opened.value;
}

/** Outcome of each hardware check that takes no arguments. */
const outcomes = (session: Session): Readonly<Record<string, string>> =>
  Object.fromEntries(
    HARDWARE_CHECKS.filter(({ takes }) => takes.length === 0).map(({ id }) => {
      const found = session.check(id);
      return [id, found.ok ? found.value.outcome : found.problem.message];
    }),
  );

/** Where the table entry for an I/O address of a PASID lies, and what it holds. */
function leafOf(session: Session, pasid: number, iova: number): { address: bigint; value: bigint } {
  const survey = session.survey();
  const entry = survey.requesters
    .flatMap(({ entries }) => entries)
    .find((one) => one.pasid === pasid);
  const space = survey.spaces.find(({ id }) => id === entry?.space);
  let table = space?.root ?? 0n;
  for (let level = space?.levels ?? 0; ; level--) {
    const index = Math.floor(iova / 2 ** (12 + 9 * (level - 1))) % 512;
    const address = (table as bigint) + BigInt(8 * index);
    const value = session.memory.readWord(hpa(address));
    if (level === 1) return { address, value };
    table = (value & 0x000f_ffff_ffff_f000n) as typeof table;
  }
}

describe("hardware checks", () => {
  it("tell the same when only the kernel's records are wrong", () => {
    const session = story();
    const before = outcomes(session);
    expect(before["pasid-reaches-its-owner"]).toBe("holds");
    const kernel = session.world?.kernel;
    if (!kernel) throw new Error("no kernel");
    for (const domain of Object.values(kernel.iommu.domains)) {
      domain.pgd = 0;
      domain.defaultPasid = 77;
      domain.mappedPages = 0;
    }
    for (const device of Object.values(kernel.mdev.devices)) device.iommuDevice = 0;
    for (const mdev of Object.values(kernel.parents.acceleratorMdevs)) mdev.pasid = 99;
    kernel.vfio.containers = {};
    kernel.vfio.type1 = {};
    kernel.core.pins = {};
    expect(outcomes(session)).toEqual(before);
  });

  it.each([
    ["another page, by one bit", 0x10_0000n, "pasid-reaches-its-owner"],
    ["nothing: the entry is not present", null, "pasid-reaches-its-owner"],
  ])("say so when one entry leads to %s", (_, turned, check) => {
    const session = story();
    const { address, value } = leafOf(session, 1, 0x1000);
    const now = turned === null ? value & ~3n : value ^ turned;
    expect(session.run({ op: "edit", address: hpa(address), value: now }).ok).toBe(true);
    expect(outcomes(session)[check]).toBe("breaks");
    session.undo();
    expect(outcomes(session)[check]).toBe("holds");
  });

  it("say so when an entry leads to a page of tables", () => {
    const session = story();
    const { address, value } = leafOf(session, 2, 0x1000);
    const root = session.survey().rootTable;
    const now = (value & 0xfffn) | root;
    expect(session.run({ op: "edit", address: hpa(address), value: now }).ok).toBe(true);
    expect(outcomes(session)).toMatchObject({ "tables-out-of-reach": "breaks" });
  });
});

describe("reach", () => {
  it("is worked out once for the same tables and caches", () => {
    const session = story();
    const view = () => ({
      survey: session.survey(),
      caches: session.cacheEntries(),
      memory: session.memory,
      capabilities: session.capabilities,
      readRegister: () => 0n,
      ledger: {
        ownerOf: () => "",
        mapped: () => new Set<number>(),
        writable: () => new Set<number>(),
        tenants: [],
        unmapped: [],
      },
      platform: null,
    });
    const before = reachOf(view());
    expect(reachOf(view())).toBe(before);
    const pages = before.get("6a:01.0 0x001")?.reaches.map((reach) => reach.pages) ?? [];
    expect(pages.reduce((sum, some) => sum + some, 0)).toBe(16);
    session.run({
      op: "demand",
      actor: "vm-a",
      demand: { want: "device fill", device: FIRST, to: "0x1000", length: 64 },
    });
    expect(reachOf(view())).not.toBe(before);
  });
});
