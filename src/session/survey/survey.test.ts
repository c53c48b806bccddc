import { describe, expect, test } from "vitest";
import { hpa } from "../../base/brand.ts";
import { encode } from "../../hardware/layout/codec.ts";
import { SECOND_STAGE_ENTRY } from "../../hardware/layout/paging.ts";
import { PASID_DIRECTORY_ENTRY, PASID_ENTRY } from "../../hardware/layout/pasid.ts";
import { decodeCapabilities } from "../../hardware/vtd/capabilities.ts";
import { environmentOf } from "../../hardware/vtd/environment.ts";
import { switchesOf } from "../../hardware/vtd/profile.ts";
import { exampleMachine, firstStageMachine, type Machine } from "../example-machines.ts";
import { surveyTables } from "./survey.ts";

const register = (machine: Machine, offset: number): bigint =>
  (BigInt(machine.registers.get(offset + 4) ?? 0) << 32n) |
  BigInt((machine.registers.get(offset) ?? 0) >>> 0);

const inputOf = (machine: Machine, profile: "spec" | "qemu" = "spec") => ({
  memory: machine.store,
  capabilities: decodeCapabilities(machine.identification),
  haw: machine.info.haw,
  switches: switchesOf(profile),
  translating: true,
  rootPointer: register(machine, 0x20),
  queue: { enabled: true, base: register(machine, 0x90), head: 0n, tail: 64n },
});

describe("the computed machine", () => {
  const machine = exampleMachine();
  const survey = surveyTables(inputOf(machine));

  test("has the words that its drawing states", () => {
    const word = (address: bigint) => machine.store.readWord(hpa(address));
    expect(word(0x1_06b3_b100n)).toBe(0x1_06c0_0009n);
    expect(word(0x1_06c0_5040n)).toBe(0x1_1000_0089n);
    expect(word(0x1_06c0_5048n)).toBe(0x80_0007n);
    expect(word(0x1_06c0_5050n)).toBe(1n);
  });

  test("lists requesters and the entries in use", () => {
    expect(survey.mode).toBe("scalable");
    expect(survey.rootTable).toBe(0x1_06a0_0000n);
    expect(survey.requesters.map((r) => r.requester)).toEqual([0x6a08, 0x6a10]);
    const [card, other] = survey.requesters;
    expect(
      card?.entries.map((e) => [e.pasid, e.stage, e.domain, e.forRequestsWithoutPasid]),
    ).toEqual([
      [0, "second-stage", 6, true],
      [0x41, "second-stage", 7, false],
      [0x42, "second-stage", 8, false],
    ]);
    expect(other?.entries.map((e) => [e.stage, e.space])).toEqual([
      ["pass-through", "pass-through"],
    ]);
    expect(card?.entries.every((e) => e.problem === null)).toBe(true);
  });

  test("coalesces ranges and keeps rights apart", () => {
    const vm = survey.spaces.find((s) => s.id === "second-stage@0x110000000");
    expect(vm).toMatchObject({ levels: 4, domains: [7], mapped: 0x3000n });
    expect(vm?.users).toEqual([{ requester: 0x6a08, pasid: 0x41 }]);
    expect(vm?.ranges).toEqual([
      {
        start: 0x1_4a3c_5000n,
        length: 0x2000n,
        target: 0x2_245d_9000n,
        read: true,
        write: true,
        pageSize: 4096,
      },
      {
        start: 0x1_4a3c_7000n,
        length: 0x1000n,
        target: 0x2_245d_d000n,
        read: true,
        write: false,
        pageSize: 4096,
      },
    ]);
  });

  test("lists spaces in order of first appearance and every table page with its count", () => {
    expect(survey.spaces.map((s) => s.id)).toEqual([
      "second-stage@0x112000000",
      "second-stage@0x110000000",
      "second-stage@0x111000000",
      "pass-through",
    ]);
    const page = (address: bigint) => survey.tables.find((t) => t.address === address);
    expect(page(0x1_06a0_0000n)).toMatchObject({ role: "root table", present: 1 });
    expect(page(0x1_06b3_b000n)).toMatchObject({ role: "context table", present: 2 });
    expect(page(0x1_06c0_5000n)).toMatchObject({ role: "PASID table", present: 2 });
    expect(page(0x1_1000_3000n)).toMatchObject({
      role: "second-stage table",
      level: 1,
      present: 3,
    });
    expect(page(0x1_06d0_0000n)).toMatchObject({ role: "invalidation queue", present: 2 });
    expect(survey.limits).toEqual([]);
  });

  test("changes nothing", () => {
    const fresh = exampleMachine();
    const before = fresh.store.digest();
    surveyTables(inputOf(fresh));
    expect(fresh.store.digest()).toBe(before);
  });
});

test("a first-stage space", () => {
  const survey = surveyTables(inputOf(firstStageMachine()));
  expect(survey.spaces).toMatchObject([
    {
      id: "first-stage@0x107000000",
      levels: 4,
      users: [{ requester: 0x3b01, pasid: 0x25 }],
      ranges: [{ start: 0x7f3a_9c5e_2000n, target: 0x2_245d_9000n, length: 0x1000n }],
    },
  ]);
});

test("the upper half of a first-stage space is sign-extended", () => {
  const machine = firstStageMachine();
  const low = machine.store.readWord(hpa(0x1_0700_07f0n));
  machine.store.writeWord(hpa(0x1_0700_07f0n), 0n);
  machine.store.writeWord(hpa(0x1_0700_0ff0n), low);
  const [space] = surveyTables(inputOf(machine)).spaces;
  expect(space?.ranges[0]?.start).toBe(0xffff_ff3a_9c5e_2000n);
});

test("says what is wrong with an entry, by its fields", () => {
  const machine = exampleMachine();
  machine.store.writeWord(hpa(0x1_06c0_5040n), 0x1_1000_0009n);
  machine.store.writeWord(hpa(0x1_06c0_5098n), 4n);
  const entries = surveyTables(inputOf(machine)).requesters[0]?.entries;
  expect(entries?.map((e) => e.problem)).toEqual([
    null,
    "PGTT is 0x0, which this unit does not know",
    "bits 63:0 of word 3 must be 0",
  ]);
  const qemu = surveyTables(inputOf(machine, "qemu")).requesters[0]?.entries;
  expect(qemu?.[2]?.problem).toBe(null);
});

test("nested: first-stage pages are cut along the second-stage ranges", () => {
  const machine = firstStageMachine();
  const { store } = machine;
  const environment = environmentOf(inputOf(machine));
  const second = (address: bigint, target: bigint, level: number, leaf = false) =>
    store.writeWord(
      hpa(address),
      encode(
        SECOND_STAGE_ENTRY,
        { R: 1n, W: 1n, ADDR: target, ...(leaf && level > 1 ? { PS: 1n } : {}) },
        { ...environment, level, leaf },
      )[0] ?? 0n,
    );
  store.addRange(hpa(0x1_1000_0000n), 0x4000n);
  // Guest 1 GiB from 4 GiB on lies one to one, and 8 GiB + 2 MiB page maps elsewhere.
  second(0x1_1000_0000n, 0x1_1000_1000n, 4);
  second(0x1_1000_1000n + 4n * 8n, 0x1_0000_0000n, 3, true);
  second(0x1_1000_1000n + 8n * 8n, 0x1_1000_2000n, 3);
  second(0x1_1000_2000n + 0x122n * 8n, 0x3_0000_0000n, 2, true);
  const entry = encode(
    PASID_ENTRY,
    {
      P: 1n,
      AW: 2n,
      PGTT: 3n,
      DID: 0x12n,
      PWSNP: 1n,
      SSPTPTR: 0x1_1000_0000n,
      FSPTPTR: 0x1_0700_0000n,
    },
    environment,
  );
  entry.forEach((word, i) => {
    store.writeWord(hpa(0x1_06c0_4940n + BigInt(8 * i)), word);
  });
  const [space] = surveyTables(inputOf(machine)).spaces;
  expect(space).toMatchObject({
    stage: "nested",
    id: "nested@0x107000000/0x110000000",
    mapped: 0x1000n,
  });
  expect(space?.ranges).toMatchObject([{ start: 0x7f3a_9c5e_2000n, target: 0x3_001d_9000n }]);
});

test("hostile tables end within the limits", () => {
  const machine = exampleMachine();
  const { store } = machine;
  // Every entry of the top table leads to the table itself, at every level.
  for (let i = 0n; i < 512n; i++) store.writeWord(hpa(0x1_1000_0000n + 8n * i), 0x1_1000_0003n);
  // A directory whose entries all lead to one full PASID table.
  for (let i = 0n; i < 128n; i++) {
    const words = encode(
      PASID_DIRECTORY_ENTRY,
      { P: 1n, SMPTBLPTR: 0x1_06c0_5000n },
      environmentOf(inputOf(machine)),
    );
    store.writeWord(hpa(0x1_06c0_0000n + 8n * i), words[0] ?? 0n);
  }
  for (let i = 0n; i < 64n; i++) {
    store.writeWord(hpa(0x1_06c0_5000n + 64n * i), 0x1_1000_0089n);
    store.writeWord(hpa(0x1_06c0_5008n + 64n * i), 0x80_0007n);
  }
  const survey = surveyTables(inputOf(machine));
  const space = survey.spaces.find((s) => s.root === 0x1_1000_0000n);
  expect(space?.mapped).toBe(1n << 48n);
  expect(space?.ranges.length).toBe(8192);
  expect(survey.limits.join(" ")).toContain("At most 8192 mapped ranges");
});

test("without remapping, and in modes without tables, there is nothing to list", () => {
  const input = inputOf(exampleMachine());
  expect(surveyTables({ ...input, translating: false })).toMatchObject({
    mode: "remapping off",
    spaces: [],
  });
  const reserved = { ...input, rootPointer: (input.rootPointer & ~0xc00n) | 0x800n };
  expect(surveyTables(reserved)).toMatchObject({ mode: "reserved", requesters: [] });
});
