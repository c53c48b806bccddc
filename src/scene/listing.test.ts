import { beforeEach, describe, expect, it } from "vitest";
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import { hardwareEvents } from "../session/event-kinds.ts";
import { exampleMachine } from "../session/example-machines.ts";
import { Session } from "../session/session.ts";
import type { Operation } from "../session/types.ts";
import { cacheTables } from "./listing-caches.ts";
import { countMoments, eventLine, nextFault } from "./listing-events.ts";
import { mappingsOf, memoryLines, pageWords, tableAt, tableWords } from "./listing-memory.ts";
import { queueView, registerRows } from "./listing-registers.ts";
import { unitOf, walkOf } from "./walk.ts";
import { resultWords } from "./walk-story.ts";

const PASID_ENTRY = hpa(0x1_06c0_5040n);

let session: Session;
beforeEach(() => {
  const { store, registers, info } = exampleMachine();
  const opened = Session.open({ store, registers, info, profile: "spec" });
  if (!opened.ok) throw new Error(opened.problem.message);
  session = opened.value;
});

const dma = (
  tag: number | null,
  access: "read" | "write",
  address = 0x1_4a3c_5d48n,
): Operation => ({
  op: "dma",
  requester: requesterId(0x6a08),
  pasid: tag === null ? null : pasid(tag),
  access,
  address: iova(address),
  length: 4,
});

function run(operation: Operation) {
  const moment = session.run(operation);
  if (!moment.ok) throw new Error(moment.problem.message);
  return moment.value;
}
const walk = (operation: Operation) => {
  const { events, outcome } = run(operation);
  const found = walkOf(hardwareEvents(events), unitOf(session), outcome?.mask ?? 0n);
  if (!found) throw new Error("no walk");
  return found;
};

describe("walks of a real session", () => {
  it("read eight entries when cold and none of the paging tables when warm", () => {
    const cold = walk(dma(0x41, "write"));
    expect(
      cold.hops.map((hop) => `${hop.title} [${hop.digits}] ${hop.state}, ${hop.decision}`),
    ).toEqual([
      "Root entry [6a] read, lower half present",
      "Context entry [08] read, PASIDE 1, PDTS 0",
      "Directory entry [001] read, present",
      "PASID entry [01] read, second-stage, DID 7",
      "Level 4 [000] read, R W",
      "Level 3 [005] read, R W",
      "Level 2 [051] read, R W",
      "Level 1 [1c5] read, page 0x2_245d_9000, R W",
    ]);
    expect(cold.hops[3]?.arithmetic).toBe("0x1_06c0_5000 + 0x01 × 64 = 0x1_06c0_5040");
    const warm = walk(dma(0x41, "write"));
    expect(warm.hops.every((hop) => hop.state === "cached")).toBe(true);
    expect(warm.hops.at(-1)?.address).toBe(cold.hops.at(-1)?.address);
    expect(resultWords(warm)).toBe(
      "Reached 0x2_245d_9d48 through the IOTLB. No paging table was read.",
    );
  });

  it("stop at the PASID entry that is not present, with a record", () => {
    const refused = walk(dma(0x43, "read"));
    expect(refused.hops.map((hop) => hop.state)).toEqual(["read", "read", "read", "refused"]);
    expect(refused.hops[3]?.decision).toBe("refused: P = 0");
    expect(refused.result).toMatchObject({ kind: "fault", reason: 0x59, record: { pasid: 0x43 } });
  });

  it("stop at the page without the right", () => {
    const refused = walk(dma(0x41, "write", 0x1_4a3c_7000n));
    expect(refused.hops.at(-1)).toMatchObject({ level: 1, state: "refused" });
    expect(refused.result).toMatchObject({ kind: "fault", reason: 0x85 });
  });

  it("use RID_PASID for requests without PASID", () => {
    const own = walk(dma(null, "read", 0xffff_e000n));
    expect(own.pasidInUse).toBe(0);
    expect(own.split.pasid.map((part) => part.digits)).toEqual(["000", "00"]);
    expect(own.result.kind).toBe("reached");
  });

  it("pass-through has four hops and an address that no table splits", () => {
    const through = walk({
      ...dma(null, "read", 0x2_245d_9000n),
      requester: requesterId(0x6a10),
    } as Operation);
    expect(through.hops).toHaveLength(4);
    expect(through.stage).toBe("pass-through");
    expect(through.split.address.map((part) => part.hop)).toEqual([null, null]);
  });
});

describe("caches", () => {
  const tables = () =>
    cacheTables(
      session.cacheEntries(),
      session.cacheSizes(),
      session.stale(),
      hardwareEvents(session.moments.at(-1)?.events ?? []),
      unitOf(session),
    );
  const row = (cache: string) => tables().find((one) => one.cache === cache)?.rows[0];

  it("list tags and answers, mark hits, and say what the tables say once they part", () => {
    run(dma(0x41, "write"));
    run(dma(0x41, "write"));
    expect(row("iotlb")?.hit).toBe(true);
    expect(row("iotlb")?.cells).toContain("0x1_4a3c_5000");
    expect(row("pasid")?.cells.at(-1)).toBe("second-stage, DID 7");
    expect(
      tables()
        .flatMap((table) => table.rows)
        .some((one) => one.stale !== null),
    ).toBe(false);

    run({ op: "edit", address: PASID_ENTRY, value: session.memory.readWord(PASID_ENTRY) & ~1n });
    expect(row("pasid")?.stale).toMatch(/\S/);
    session.undo();
    expect(row("pasid")?.stale).toBeNull();
  });
});

describe("registers and queue", () => {
  it("are rows with their fields in words", () => {
    const rows = registerRows(session, unitOf(session));
    const byName = (name: string) => rows.find((one) => one.name === name);
    expect(byName("GSTS")?.says).toBe("QIES, RTPS, TES");
    expect(byName("RTADDR")?.says).toBe("TTM 1, RTA 0x1_06a0_0000");
    expect(rows.filter((one) => one.register.id === "FRCD").map((one) => one.name)).toHaveLength(8);
    const offsets = rows.map((one) => one.offset);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  });

  it("show descriptors that are done, decoded", () => {
    expect(queueView(session, unitOf(session))).toMatchObject({
      enabled: true,
      head: 0,
      tail: 0,
      descriptors: [],
    });
    run({ op: "invalidate", descriptors: [[0x12n, 0n, 0n, 0n]] });
    const queue = queueView(session, unitOf(session));
    const first = queue?.descriptors.find((one) => one.name.startsWith("IOTLB"));
    expect(first).toMatchObject({ name: "IOTLB invalidate", says: "G global", state: "done" });
    expect(queue?.head).toBe(queue?.tail);
  });
});

describe("memory", () => {
  it("is named by the tables that lead to it", () => {
    const survey = session.survey();
    const words = (address: bigint) => pageWords(session, survey, hpa(address));
    expect(words(0x1_06c0_5040n)).toMatch(
      /^The page 0x1_06c0_5000 holds a table\. PASID table, \d+ present\.$/,
    );
    expect(words(0x2_245d_9000n)).toMatch(
      / is mapped at 0x1_4a3c_5000 of a second-stage, 4 levels address space/,
    );
    expect(words(0x9_0000_0000n)).toMatch(/^No memory backs the page/);
    const table = tableAt(survey, hpa(0x1_1000_3e28n));
    expect(table && tableWords(table)).toBe("Second-stage table, level 1, 3 present");
    expect(mappingsOf(survey, hpa(0x2_245d_9000n))[0]?.rights).toBe("R W");
  });

  it("comes in lines that know their entries", () => {
    const survey = session.survey();
    const lines = memoryLines(session, survey, hpa(0x1_06c0_5047n), 3, 16);
    expect(lines[0]?.address).toBe(0x1_06c0_5040n);
    expect(lines[0]?.bytes.slice(0, 5)).toEqual([0x89, 0, 0, 0x10, 1]);
    expect(lines[0]?.notes).toEqual(["PASID table, entry 0x01"]);
    expect(lines[1]?.notes).toEqual(["entry 0x01, word 2"]);
    const leaf = memoryLines(session, survey, hpa(0x1_1000_3e20n), 1, 16)[0];
    expect(leaf?.notes).toEqual(["level 1, entry 0x1c4", "level 1, entry 0x1c5"]);
    expect(leaf?.entries[1]?.address).toBe(0x1_1000_3e28n);
    const absent = memoryLines(session, survey, hpa(0x9_0000_0000n), 4, 16);
    expect(absent.map((line) => [line.bytes.length, line.last])).toEqual([[0, 0x9_0000_003fn]]);
  });
});

describe("the log", () => {
  it("says every event of a walk, a fault and an invalidation", () => {
    const all = [
      run(dma(0x41, "write")),
      run(dma(0x43, "read")),
      run({ op: "invalidate", descriptors: [[0x12n, 0n, 0n, 0n]] }),
    ].flatMap((moment) => hardwareEvents(moment.events));
    const lines = all.map((event) => eventLine(event, unitOf(session)));
    expect(lines.every(({ words }) => words.length > 8 && !/undefined|\[object/.test(words))).toBe(
      true,
    );
    expect(lines.map(({ words }) => words)).toContain(
      "Read PASID table entry at 0x1_06c0_50c0: P = 0, refused",
    );
    expect(
      lines.some(({ tone, words }) => tone === "fault" && words.startsWith("Fault 0x59, SPT.2.")),
    ).toBe(true);
  });

  it("counts and finds the next fault going round", () => {
    run(dma(0x43, "read"));
    run(dma(0x41, "write"));
    run({ op: "edit", address: PASID_ENTRY, value: 0n });
    expect(countMoments(session.moments)).toEqual({
      operations: 3,
      requests: 2,
      faults: 1,
      edits: 1,
      invalidations: 0,
    });
    expect(nextFault(session.moments, 2)).toBe(0);
    expect(nextFault(session.moments, 0)).toBe(0);
    expect(nextFault([], null)).toBeNull();
  });
});
